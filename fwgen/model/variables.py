"""The variables of a model file: tensors that keep their values, and what they begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from fwgen.model.element import Element
from fwgen.model.graph import Tensor, Variable


def kept(tensors: Sequence[Tensor], flags: Iterable[bool]) -> tuple[Variable, ...]:
    """A variable for each tensor that has its flag ``is_variable`` set."""
    return tuple(_variable(tensor) for tensor, flag in zip(tensors, flags, strict=True) if flag)


def _variable(tensor: Tensor) -> Variable:
    """A tensor that keeps its value, which is 0 at first; of int8 it is the byte of the zero point.

    What data the file has for it does not matter. Source: TFLM's ``micro_interpreter_graph.cc``,
    ``ResetTensorData``.
    """
    zero = tensor.quant.zero_points[0] if tensor.quant and tensor.quant.zero_points else 0
    # in range or not, and however large: ``check`` comes later
    value = np.int64(zero if tensor.dtype is Element.S8 else 0).astype(tensor.dtype.numpy)
    initial = np.broadcast_to(value, tensor.shape)
    return Variable(tensor.index, tensor.index, initial)
