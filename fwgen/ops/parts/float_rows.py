"""Rows of float32 along the last axis: sums of exponentials and of squares, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.ops.parts.overlap import in_place

Floats = npt.NDArray[np.float32]

F32_ALL = (Element.F32, Element.F32)


def row(
    op: str, calls: Callable[[Node], tuple[Call, ...]], of_element: float, of_row: float
) -> Kernel:
    """The reference row of an op on rows, by its calls and cycles of an element and of a row."""

    def cost(node: Node) -> float:
        x = node.x
        return of_element * x.elements + of_row * (x.elements // x.shape[-1])

    kernel = f"{op.lower()}_f32"
    return Kernel(op, kernel, "reference", one_form(calls, cost, in_place), types=(F32_ALL,))


def fold(function: Callable[[Node, Floats], Floats]) -> Callable[[Node, Sequence[Array]], Array]:
    """``Operator.fold`` by a function of an array (rows, depth)."""

    def folded(node: Node, values: Sequence[Array]) -> Array:
        rows = values[0].astype(np.float32).reshape(-1, node.x.shape[-1])
        with np.errstate(all="ignore"):
            found = function(node, rows)
        return np.asarray(found, np.float32).reshape(node.y.shape)

    return folded


def less_most(rows: Floats) -> Floats:
    """What rows exceed their greatest number by; NaNs are left out of it."""
    lowest = np.finfo(np.float32).min
    most = np.where(np.isnan(rows), lowest, rows).max(axis=1, keepdims=True)
    below: Floats = rows - np.maximum(most, lowest)
    return below


def sums(rows: Floats) -> Floats:
    """The sum of each row, added up one by one from the first, (rows, 1)."""
    added: Floats = np.add.accumulate(rows, axis=1, dtype=np.float32)
    return added[:, -1:]
