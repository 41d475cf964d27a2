"""The contract of operators and kernels: the pages that an author of one reads."""
