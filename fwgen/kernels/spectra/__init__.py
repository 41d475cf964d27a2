"""Kernels of spectra: Fourier transforms and what is done with their results."""
