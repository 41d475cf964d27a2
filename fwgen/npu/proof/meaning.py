"""The meaning of a model: its ops -> the values of its tensors, in NumPy, whoever computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, fields_of
from fwgen.errors import ModelError
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph
from fwgen.npu.proof import sums
from fwgen.npu.proof.npu_arithmetic import NPU_ARITHMETIC
from fwgen.npu.proof.npu_only import NPU_ONLY
from fwgen.ops import operators

Values = Sequence[Array | None]
Evaluation = Callable[[Values], Sequence[Array] | None]

_SUMS: Mapping[str, Callable[[Node, Values], Array]] = {
    "AVERAGE_POOL_2D": sums.average,
    "CONV_2D": sums.convolution,
    "DEPTHWISE_CONV_2D": sums.depthwise,
    "FULLY_CONNECTED": sums.dense,
    "MAX_POOL_2D": sums.largest,
    "MEAN": sums.averaged,
    "SOFTMAX": sums.shares,
}
"""Ops of integers that are summed here apart from their ``Operator.fold``."""


class Meaning:
    """What the ops of a graph as read mean; of some nothing is known, ``without`` says why.

    ``except_for`` are ops (index -> why) of which nothing is to be claimed.
    """

    def __init__(self, graph: Graph, except_for: Mapping[int, str]) -> None:
        self._graph = graph
        self._ways: dict[int, Evaluation] = {}
        self.without = dict(except_for)
        for op in graph.ops:
            if op.index in self.without:
                continue
            way = _evaluation(Node(graph, op))
            if way is None:
                self.without[op.index] = "fwgen has no meaning of it"
            else:
                self._ways[op.index] = way

    def complete(self, values: dict[int, Array]) -> None:
        """Add the values of all tensors that can be computed from the values of some."""
        for op in self._graph.ops:
            way = self._ways.get(op.index)
            if way is None or all(t in values for t in op.outputs):
                continue
            given = [self._value(values, t) for t in op.inputs]
            if any(v is None and t != ABSENT for v, t in zip(given, op.inputs, strict=True)):
                continue
            found = way(given)
            if found is None:
                del self._ways[op.index]
                self.without[op.index] = "fwgen has no meaning of it"
                continue
            for t, value in zip(op.outputs, found, strict=True):
                tensor = self._graph.tensors[t]
                data = np.ascontiguousarray(value, tensor.dtype.numpy)
                values[t] = data.reshape(tensor.shape)

    def _value(self, values: Mapping[int, Array], t: int) -> Array | None:
        if t == ABSENT:
            return None
        tensor = self._graph.tensors[t]
        if tensor.data is not None:
            return tensor.data
        return values.get(t if tensor.source is None else tensor.source)


def is_of_core(node: Node) -> bool:
    """Whether the core has kernels for an op as read."""
    return _of_core(node) is not None


def _of_core(node: Node) -> tuple[Operator, Node] | None:
    """The operator and the op with its options, if the core can do it."""
    operator = operators().get(node.code)
    if operator is None or operator.code is None:
        return None
    try:
        typed = Node(node.graph, replace(node.op, options=operator.options(fields_of(node.op))))
        operator.examine(typed)
    except ModelError:
        return None
    if operator.stand_in(typed) is not None:
        return None  # TFLM lacks it, and Vela rounds in its own way
    return operator, typed


def _evaluation(node: Node) -> Evaluation | None:
    known = _of_core(node)
    if known is not None:
        operator, typed = known
        if node.code in _SUMS and typed.x.dtype is not Element.F32:
            way = _SUMS[node.code]
            return lambda values: [way(typed, values)]
        if operator.fold is not None:
            return lambda values: operator.evaluate(typed, cast(Sequence[Array], values))
        return None
    if node.code in NPU_ARITHMETIC:

        def calculated(values: Values) -> Sequence[Array] | None:
            found = NPU_ARITHMETIC[node.code](node, fields_of(node.op), values)
            return None if found is None else [found]

        return calculated
    if node.code in NPU_ONLY:
        return lambda values: NPU_ONLY[node.code](node, values)
    return None
