"""Kernels of pools: means and maxima over windows and rows."""
