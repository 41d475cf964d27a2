"""Inputs for models under test, extremes included."""

from __future__ import annotations

import numpy as np
import tflite

DTYPES = {
    tflite.TensorType.FLOAT32: np.dtype(np.float32),
    tflite.TensorType.INT8: np.dtype(np.int8),
    tflite.TensorType.UINT8: np.dtype(np.uint8),
    tflite.TensorType.INT16: np.dtype(np.int16),
    tflite.TensorType.INT32: np.dtype(np.int32),
    tflite.TensorType.INT64: np.dtype(np.int64),
    tflite.TensorType.UINT32: np.dtype(np.uint32),
    tflite.TensorType.UINT64: np.dtype(np.uint64),
    tflite.TensorType.BOOL: np.dtype(np.bool_),
}


def random_inputs(model: bytes, rng: np.random.Generator) -> list[np.ndarray]:
    """One array for each input of ``model``: random, an extreme everywhere, or zero points."""
    graph = tflite.Model.GetRootAs(model).Subgraphs(0)
    tensors = [graph.Tensors(graph.Inputs(i)) for i in range(graph.InputsLength())]
    return [_values(tensor, rng) for tensor in tensors]


def _values(tensor: tflite.Tensor, rng: np.random.Generator) -> np.ndarray:
    shape = tuple(tensor.Shape(i) for i in range(tensor.ShapeLength()))
    dtype = DTYPES[tensor.Type()]
    kind = int(rng.integers(0, 12))
    if dtype.kind == "f":
        spread = (1e-6, 1e9)[kind] if kind < 2 else 2.0
        return np.asarray(rng.normal(scale=spread, size=shape), dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    wide = dtype if dtype.itemsize == 8 else np.int64  # as drawn ever since, by seed
    if kind == 0:
        return np.full(shape, low, dtype)
    if kind == 1:
        return np.full(shape, high, dtype)
    if kind == 2:
        quant = tensor.Quantization()
        zero = quant.ZeroPoint(0) if quant is not None and quant.ZeroPointLength() else 0
        return np.full(shape, zero, dtype)
    if kind == 3:
        return rng.choice(np.array([low, high], dtype), shape)
    return np.asarray(rng.integers(low, high, shape, wide, endpoint=True), dtype)
