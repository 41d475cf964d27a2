"""Kernels of resizing: RESIZE_BILINEAR."""
