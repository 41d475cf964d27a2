"""Kernels for SOFTMAX."""
