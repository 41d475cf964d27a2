"""The selection of kernels: Graph -> the kernel of each op among its candidates, and the reason."""
