"""Kernels from listings: the order and the registers of their instructions."""
