"""Kernels for two operands, element by element."""
