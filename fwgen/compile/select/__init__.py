"""The selection: a kernel for each op."""
