"""The arithmetic of ops that only an NPU does: their meaning in NumPy, for ``S8``.

Sources: the reference kernels of TFLM by the ops' names. Each function returns the outputs, or None
where the result of TFLM is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields
from fwgen.errors import ModelError
from fwgen.model.element import Element
from fwgen.model.fixed_point import (
    Int64Array,
    requantize,
)
from fwgen.model.graph import ABSENT, Tensor
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import Activation, activation_range
from fwgen.ops.parts.windows import Padding, window

Values = Sequence[Array | None]
Meaning = Callable[[Node, Fields, Values], Array | None]


def _are_s8(node: Node, places: Sequence[int]) -> bool:
    """Whether the inputs at some places and the output are, with one scale each."""
    given = [node.inputs[i] for i in places if i < len(node.inputs)]
    tensors = [node.tensors[t] for t in (*given, *node.outputs) if t != ABSENT]
    return all(t.dtype is Element.S8 and t.quant and len(t.quant.scales) == 1 for t in tensors)


def _less_zero(value: Array | None, tensor: Tensor) -> Int64Array:
    assert value is not None
    return value.astype(np.int64) - tensor.zero_point


def _as_output(values: Int64Array, y: Tensor, activation: int = 0) -> Array:
    low, high = activation_range(Activation(activation), y)
    return np.clip(values + y.zero_point, low, high).astype(y.dtype.numpy)


def _bilinear(node: Node, fields: Fields, values: Values) -> Array | None:
    x, size = values[0], values[1]
    if x is None or size is None or not _are_s8(node, (0,)):
        return None
    rows, columns = (
        _places(int(count), extent, fields.flag(2), fields.flag(3))
        for count, extent in zip(np.asarray(size).reshape(-1), x.shape[1:3], strict=True)
    )
    total = np.zeros(node.y.shape, np.int64)
    for row, height in ((rows[0], 1024 - rows[2]), (rows[1], rows[2])):
        for column, width in ((columns[0], 1024 - columns[2]), (columns[1], columns[2])):
            seen = x[:, row][:, :, column].astype(np.int64)
            total += seen * height[:, None, None] * width[:, None]
    total += np.where(total > 0, 1 << 19, -(1 << 19))
    found: Array = (np.sign(total) * (np.abs(total) >> 20)).astype(x.dtype)
    return found


def _places(
    count: int, extent: int, corners: bool, half: bool
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Per output the two inputs that it is between, and how far from the first, in 1/1024."""
    spans = (extent - 1, count - 1) if corners and count > 1 else (extent, count)
    scale = (1024 * spans[0] + spans[1] // 2) // spans[1]
    at = np.arange(count, dtype=np.int64) * scale + (scale // 2 - 512 if half else 0)
    first = np.maximum(at >> 10, 0)
    second = np.minimum((at + 1023) // 1024, extent - 1)
    return first, second, at - 1024 * first


def _transposed(node: Node, fields: Fields, values: Values) -> Array | None:
    """TRANSPOSE_CONV: each input spreads over a window of the output."""
    x, w, y = node.input(2), node.w, node.y
    filters, given = values[1], values[2]
    if filters is None or given is None or w.data is None or not _are_s8(node, (2,)):
        return None
    if (node.types[1], *node.types[3:-1]) not in _TAPS:
        return None
    try:
        weights.require_weights(node, x, w, y, w.shape[0], 0)
        weights.require_bias(node, w.shape[0], 3)
    except ModelError:
        return None
    _, height, width, channels = y.shape
    strides, kernel = (fields.i32(2), fields.i32(1)), w.shape[1:3]
    pads = [
        window(Padding(fields.i8(0)), n, k, s).before
        for n, k, s in zip((height, width), kernel, strides, strict=True)
    ]
    taps = filters.astype(np.float64)
    over = [(n - 1) * s + k for n, s, k in zip(x.shape[1:3], strides, kernel, strict=True)]
    size = [max(o, p + n) for o, p, n in zip(over, pads, (height, width), strict=True)]
    sums = np.zeros((x.shape[0], *size, channels))
    values_above = given.astype(np.float64) - x.zero_point
    for ky in range(kernel[0]):
        for kx in range(kernel[1]):
            rows = slice(ky, ky + (x.shape[1] - 1) * strides[0] + 1, strides[0])
            columns = slice(kx, kx + (x.shape[2] - 1) * strides[1] + 1, strides[1])
            sums[:, rows, columns] += values_above @ taps[:, ky, kx].T
    inside = sums[:, pads[0] : pads[0] + height, pads[1] : pads[1] + width].astype(np.int64)
    if len(values) > 3 and values[3] is not None:
        inside += np.asarray(values[3]).astype(np.int64).reshape(-1)
    multipliers, shifts = weights.multipliers(x, w, y, channels)
    found = requantize(inside, multipliers.astype(np.int64), shifts.astype(np.int64))
    return _as_output(found, y, fields.i8(3))


_TAPS = ((Element.S8,), (Element.S8, None), (Element.S8, Element.S32))
"""Types of TRANSPOSE_CONV's filters and of its bias, which may be absent."""

NPU_ARITHMETIC: dict[str, Meaning] = {
    "RESIZE_BILINEAR": _bilinear,
    "TRANSPOSE_CONV": _transposed,
}
"""By the ops' codes."""
