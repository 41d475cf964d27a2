"""The propagation of shapes: from the inputs of a model through its ops, by what each op makes.

A file gives way where it says itself that a size is open, and where an input gets another shape.
Other stored shapes that contradict their ops stay as they are, to be refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Operator, fields_of
from fwgen.errors import Fault, ModelError
from fwgen.model.graph import ABSENT, Graph, Op, Tensor
from fwgen.ops.parts.followed_shapes import FOLLOWED
from fwgen.ops.parts.shapes import SHAPES, Shape

MOST_ELEMENTS = 64
"""Of constants of which ops compute a shape."""

_RULES = {**FOLLOWED, **SHAPES}
_NO_ANSWER = (IndexError, ValueError, ArithmeticError, ModelError, AssertionError, TypeError)


@dataclass(frozen=True)
class Propagation:
    """The ``shapes`` of tensors that are not the file's, by index, and ops where it ended."""

    shapes: Mapping[int, Shape]
    faults: tuple[Fault, ...]


def propagate(
    graph: Graph, wanted: Mapping[int, Shape], operators: Mapping[str, Operator]
) -> Propagation:
    """Give the inputs the ``wanted`` shapes and all other tensors what follows.

    ``graph`` is sound, and as read: the options of its ops are the file's. An op without a rule for
    its output is a fault if one of its inputs changes.
    """
    before, after = [*graph.tensors], [*graph.tensors]
    for index, shape in wanted.items():
        after[index] = replace(after[index], shape=shape)
    faults = []
    for op in graph.ops:
        old, new = (_made(op, tensors) for tensors in (before, after))
        moved = any(after[t] is not before[t] for t in op.inputs if t != ABSENT)
        if moved and len(new) < len(op.outputs):
            faults.append(_fault(graph, op))
        for place, (index, shape) in enumerate(zip(op.outputs, new, strict=False)):
            stored = before[index].shape
            held = [*old[place : place + 1]] == [stored]
            follows = held or _is_open(graph, index, shape)
            if shape != stored and follows and _is_possible(stored, shape):
                after[index] = replace(after[index], shape=shape)
        for tensors in (before, after):
            _fold(op, tensors, operators)
    found = {t.index: t.shape for t in after if t.shape != graph.tensors[t.index].shape}
    return Propagation(found, tuple(faults))


def _made(op: Op, tensors: Sequence[Tensor]) -> Sequence[Shape]:
    """The shapes of the op's outputs, () if they are not known."""
    rule = _RULES.get(op.code)
    if rule is None:
        return ()
    try:
        return rule([tensors[t] for t in op.inputs if t != ABSENT], fields_of(op), len(op.outputs))
    except _NO_ANSWER:
        return ()


def _is_possible(stored: Shape, shape: Shape) -> bool:
    """Whether a file could hold the shape in the place of the stored one."""
    return len(shape) == len(stored) and all(0 < size < 1 << 31 for size in shape)


def _is_open(graph: Graph, index: int, shape: Shape) -> bool:
    """Whether the file leaves all sizes open in which its shape is another."""
    stored, axes = graph.tensors[index].shape, graph.loose.get(index, ())
    pairs = enumerate(zip(stored, shape, strict=False))
    return all(a == b or axis in axes for axis, (a, b) in pairs)


def _fold(op: Op, tensors: list[Tensor], operators: Mapping[str, Operator]) -> None:
    """Evaluate an op that computes a few integers from constants, or a shape."""
    operands = [tensors[t] for t in (*op.inputs, *op.outputs) if t != ABSENT]
    if len(op.outputs) != 1 or not all(t.dtype.is_integer for t in operands):
        return
    *given, y = operands
    if not given or y.elements > MOST_ELEMENTS:
        return
    if op.code == "SHAPE":
        made = np.array(given[0].shape)
    else:
        operator = operators.get(op.code)
        values = [t.data for t in given if t.data is not None and t.elements <= MOST_ELEMENTS]
        if operator is None or operator.fold is None or len(values) < len(op.inputs):
            return
        try:
            node = _alone(op, operands, operator)
            operator.examine(node)
            made = np.asarray(operator.fold(node, values))
        except _NO_ANSWER:
            return
    if made.size == y.elements:
        data = made.astype(y.dtype.numpy).reshape(y.shape)
        tensors[y.index] = replace(y, data=data)


def _alone(op: Op, operands: Sequence[Tensor], operator: Operator) -> Node:
    """The op in a graph of its own, with options as its operator has them."""
    places = range(len(operands))
    named = tuple(replace(t, index=i) for i, t in enumerate(operands))
    options = operator.options(fields_of(op))
    alone = replace(op, inputs=(*places[:-1],), outputs=(*places[-1:],), options=options)
    return Node(Graph("", "", named, (alone,), (), ()), alone)


def _fault(graph: Graph, op: Op) -> Fault:
    return Fault(
        op.index,
        op.code,
        f"The shape of what {op.code} makes is not known where an input has another shape than in "
        "the file.",
        Node(graph, op).place,
        ("convert the model again with the input shape that you want",),
    )
