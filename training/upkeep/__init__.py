"""What takes disk here, and what of it nothing needs any more."""
