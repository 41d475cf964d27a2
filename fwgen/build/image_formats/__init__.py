"""Formats of images: the segments of an ELF file, as programmers and drives take them."""
