"""Annotations on their way to other tools and back; `formats.py` lists them, one file a tool."""
