"""Kernels: one folder for each family, with its C files."""
