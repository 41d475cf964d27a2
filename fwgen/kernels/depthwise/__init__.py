"""Kernels for depthwise convolutions."""
