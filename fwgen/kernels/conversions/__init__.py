"""Kernels of conversions: QUANTIZE and DEQUANTIZE, between integers and from and to float32."""
