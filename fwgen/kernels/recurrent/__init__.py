"""Kernels of recurrent: LSTM and SVDF by products of matrices and pointwise kernels."""
