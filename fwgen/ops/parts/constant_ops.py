"""The outputs of ops that do not depend on the model's inputs, evaluated at build."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from math import prod

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.graph import ABSENT, Graph, Op

MOST_BYTES = 16 << 20
"""Bytes that all constants made at build may have, so that no small file asks for gigabytes."""


MOST_MACS = 1 << 28
"""Multiply-accumulates of an op that is evaluated at build, so that no small file takes hours."""


class Folding:
    """A graph whose ops give way, in their order, to the constants that they compute."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._room = MOST_BYTES

    def fold(self, op: Op, operator: Operator) -> None:
        """Put a constant in the place of the op, if all that it reads is constant.

        An op stays if an output is one of the model's or a variable, which firmware must write,
        and if there is no room or no time for the constants. It also stays if ``operator`` has no
        ``fold``.
        """
        node, values = Node(self.graph, op), self._values(op, operator.unread)
        if operator.fold is None or values is None:
            return
        room = self._room - sum(y.bytes for y in node.ys)
        if room < 0 or set(op.outputs) & set(self.graph.kept):
            return
        if _work(node, operator) > MOST_MACS:
            return
        self._room = room
        tensors = list(self.graph.tensors)
        for y, made in zip(node.ys, operator.evaluate(node, values), strict=True):
            data = np.ascontiguousarray(made, y.dtype.numpy).reshape(y.shape)
            data.setflags(write=False)
            tensors[y.index] = replace(y, data=data)
        ops = tuple(other for other in self.graph.ops if other is not op)
        self.graph = replace(self.graph, tensors=tuple(tensors), ops=ops)

    def _values(self, op: Op, unread: Container[int]) -> list[Array] | None:
        """The values of all inputs, zeros of those ``unread``; None if another is not constant."""
        if ABSENT in op.inputs:
            return None
        values: list[Array] = []
        for place, tensor in enumerate(self.graph.tensors[t] for t in op.inputs):
            if place in unread:
                values.append(np.broadcast_to(np.zeros((), tensor.dtype.numpy), tensor.shape))
            elif tensor.data is None:
                return None
            else:
                values.append(tensor.data)
        return values


def _work(node: Node, operator: Operator) -> int:
    """Multiply-accumulates of an op, or elements that its windows cover."""
    if operator.window is None:
        return operator.macs(node)
    extents = zip(operator.window(node), node.x.shape[1:3], strict=True)
    return max(operator.macs(node), node.y.elements * prod(min(pair) for pair in extents))
