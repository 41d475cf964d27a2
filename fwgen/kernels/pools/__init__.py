"""Kernels for means and maxima over windows and rows."""
