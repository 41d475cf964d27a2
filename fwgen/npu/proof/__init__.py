"""Proof of what Vela made: NPU command streams against what the model's ops mean, in NumPy."""
