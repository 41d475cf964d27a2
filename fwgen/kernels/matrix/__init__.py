"""Kernels for products of pixels with a packed matrix."""
