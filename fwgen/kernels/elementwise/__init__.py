"""Element-wise kernels (elementwise) for two operands."""
