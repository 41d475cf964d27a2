"""Tables of 256 entries, and the ops that are nothing else."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.ops import operators
from fwgen.ops.parts.value_table import VALUES, Entries


def table_of(node: Node) -> tuple[int, Entries] | None:
    """The tensor that the op reads, and the op's output for each of ``VALUES``; None if the op
    is no such table.

    It is one if it has a table of its own, or is element-wise with one number as the other operand.
    """
    operator = operators()[node.code]
    if not operator.elementwise or operator.fold is None:
        return None
    y = node.y
    if y.dtype is not Element.S8:
        return None
    source = None
    values: list[Array] = []
    for tensor in node.operands():
        computed = tensor.data is None and tensor.dtype is y.dtype
        if computed and source is None and tensor.shape == y.shape:
            source = tensor
            values.append(VALUES.astype(y.dtype.numpy))
        elif tensor.data is not None and (tensor.data == tensor.data.flat[0]).all():
            values.append(tensor.data.reshape(-1)[:1])
        else:
            return None
    return None if source is None else (source.index, operator.evaluate(node, values)[0])


def clamp_of(entries: Entries) -> tuple[int, int] | None:
    """(min, max) if the table just clamps, else None."""
    rising = np.roll(entries, -Element.S8.low)  # of the least value to the greatest
    low, high = int(rising[0]), int(rising[-1])
    return (low, high) if np.array_equal(rising, np.clip(Element.S8.values, low, high)) else None
