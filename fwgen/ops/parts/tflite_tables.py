"""Functions of int8 that TFLite has and TFLM lacks: tables by TFLite's formula, in float32.

TFLM cannot judge them: ``verify`` gives it look-ups in the same tables in their place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks, value_table

Floats = npt.NDArray[np.float32]
Function = Callable[[Node, Floats], Floats]
"""What the numbers of the input become."""

MOST_NUMBER = 1e12
"""Of the input: its cube is a float32."""


def numbers(node: Node) -> Floats:
    """What the 256 values of the input stand for."""
    x = node.x
    return np.float32(x.scale) * (value_table.VALUES - x.zero_point).astype(np.float32)


def results(node: Node, function: Function) -> Floats:
    with np.errstate(all="ignore"):
        return np.asarray(function(node, numbers(node)), np.float32)


def check(node: Node) -> None:
    """Require scales with which float32 computes the same on all machines."""
    value_table.check(node)
    for tensor in (node.x, node.y):
        checks.require_normal(node, tensor)
    most = 256 * node.x.scale
    node.require(
        most <= MOST_NUMBER,
        f"The input's values reach {most:g}, expected at most {MOST_NUMBER:g}.",
    )


def clamped(node: Node, steps: npt.NDArray[np.floating]) -> value_table.Entries:
    """Whole numbers of steps from the zero point, clamped before they become integers."""
    y = node.y
    made: value_table.Entries = np.clip(steps + y.zero_point, *y.dtype.limits).astype(y.dtype.numpy)
    return made


def entries(function: Function) -> value_table.EntriesOf:
    """Rounded halves away from zero. Source: TFLite ``internal/common.h``, ``LUTPopulate``."""

    def found(node: Node) -> value_table.Entries:
        with np.errstate(over="ignore"):
            steps = results(node, function) * (np.float32(1) / np.float32(node.y.scale))
        rounded = np.sign(steps) * np.floor(np.abs(steps).astype(np.float64) + 0.5)
        return clamped(node, rounded)

    return found


def by_value(made: value_table.EntriesOf) -> Callable[[Node], Array | None]:
    """``Operator.stand_in``: the entries from that of the least value on; None of floats."""

    def table(node: Node) -> Array | None:
        if node.x.dtype is not Element.S8:
            return None
        return np.roll(made(node), -Element.S8.low)

    return table


def operator(known: Operator, made: value_table.EntriesOf) -> Operator:
    """An operator that TFLM lacks for int8."""
    return replace(known, stand_in=by_value(made))
