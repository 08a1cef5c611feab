"""The commands of `standpoint`, a file a family: each adds its parsers and says what they do."""
