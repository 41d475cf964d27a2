"""The ops that only an NPU does and that move or compare numbers, and BATCH_MATMUL: their
meaning in NumPy.

Each function takes the op as it was read, and the values of all its inputs, None for one that is
absent. It returns the outputs, or None where the result of TFLM is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array, fields_of
from fwgen.model.element import Element
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.model.graph import ABSENT, Tensor

Values = Sequence[Array | None]
Meaning = Callable[[Node, Values], Sequence[Array] | None]


def _ints(value: Array | None) -> list[int]:
    return [] if value is None else [int(n) for n in np.asarray(value).reshape(-1)]


def _keeps_raw_values(node: Node) -> bool:
    """Whether all activations of the op have the same type and quantization."""
    tensors = [node.tensors[t] for t in (*node.inputs, *node.outputs) if t != ABSENT]
    moved = [t for t in tensors if t.data is None]
    return len({(t.dtype, _scale_of(t)) for t in moved}) == 1


def _scale_of(tensor: Tensor) -> tuple[object, object] | None:
    return None if tensor.quant is None else (tensor.quant.scales, tensor.quant.zero_points)


def _reduced(pick: np.ufunc) -> Meaning:
    """The greatest or the least along some axes."""

    def meaning(node: Node, values: Values) -> Sequence[Array] | None:
        x = values[0]
        if x is None or not _keeps_raw_values(node):
            return None
        axes = tuple(sorted({axis % x.ndim for axis in _ints(values[1])}))
        return [pick.reduce(x, axis=axes)]

    return meaning


def _greatest_place(node: Node, values: Values) -> Sequence[Array] | None:
    x, axis = values[0], _ints(values[1])
    if x is None or len(axis) != 1:
        return None
    return [np.argmax(x, axis=axis[0]).astype(node.y.dtype.numpy)]


def _product(node: Node, values: Values) -> Sequence[Array] | None:
    """BATCH_MATMUL of int8. Source: TFLM ``batch_matmul.cc``."""
    a, b = values
    x, w, y = node.x, node.w, node.y
    if a is None or b is None or any(not _is_s8(t) for t in (x, w, y)):
        return None
    first, second = (v.astype(np.float64) - t.zero_point for v, t in ((a, x), (b, w)))
    if fields_of(node.op).flag(0):
        first = first.swapaxes(-1, -2)
    if fields_of(node.op).flag(1):
        second = second.swapaxes(-1, -2)
    if first.shape[-1] > 1 << 15:
        return None  # its sum may have more than 32 bits
    sums = (first @ second).astype(np.int64)
    factor = quantize_multiplier(x.scale * w.scale / y.scale)
    return [y.dtype.clamped(requantize(sums, *factor) + y.zero_point)]


def _is_s8(tensor: Tensor) -> bool:
    quant = tensor.quant
    return tensor.dtype is Element.S8 and quant is not None and len(quant.scales) == 1


NPU_ONLY: dict[str, Meaning] = {
    "ARG_MAX": _greatest_place,
    "BATCH_MATMUL": _product,
    "REDUCE_MAX": _reduced(np.maximum),
    "REDUCE_MIN": _reduced(np.minimum),
}
"""By the ops' codes."""
