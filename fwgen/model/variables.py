"""The variables of a model file: tensors that keep their values, and what they begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph, Op, Tensor, Variable

CIRCULAR_BUFFER = "CIRCULAR_BUFFER"
"""The operator whose output is a variable, of which it makes the new value of the old one."""


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


def with_old_windows(graph: Graph) -> Graph:
    """The graph in which what a CIRCULAR_BUFFER kept before is its input 0, a tensor of its own.

    Ops before it read that tensor, too.
    """
    if not any(op.code == CIRCULAR_BUFFER for op in graph.ops):
        return graph
    tensors, variables = list(graph.tensors), {v.after: v for v in graph.variables}
    old: dict[int, int] = {}
    for op in graph.ops:
        kept = op.outputs[0] if op.outputs else ABSENT
        if op.code == CIRCULAR_BUFFER and kept in variables and kept not in old:
            old[kept] = len(tensors)
            tensors.append(replace(tensors[kept], index=old[kept], source=None))
            variables[kept] = replace(variables[kept], before=old[kept])
    ops: list[Op] = []
    current = dict(old)
    for op in graph.ops:
        inputs = tuple(current.get(t, t) for t in op.inputs)
        if op.code == CIRCULAR_BUFFER:
            window = current.pop(op.outputs[0], ABSENT) if op.outputs else ABSENT
            inputs = (window, *inputs)
        ops.append(replace(op, inputs=inputs))
    return replace(
        graph, tensors=tuple(tensors), ops=tuple(ops), variables=tuple(variables.values())
    )
