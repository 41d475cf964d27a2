"""Kernels that move bytes or look them up."""
