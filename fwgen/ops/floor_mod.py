"""FLOOR_MOD: remainder of float32 with the sign of the divisor, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.ops.parts import broadcast, by_type, checks, pairs


def check(node: Node) -> None:
    """What is divided by a 0 that is no constant leaves no number."""
    broadcast.check_shapes(node)
    checks.require_divisor(node, node.w)


def remainder(a: Array, b: Array) -> Array:
    """Source: TFLite ``reference/floor_mod.h``."""
    with np.errstate(all="ignore"):
        rest = np.fmod(a, b)
        turned = (np.greater(rest, 0) & np.less(b, 0)) | (np.less(rest, 0) & np.greater(b, 0))
        found: Array = np.where(turned, np.add(rest, b), rest)
    return found


OPERATOR = by_type.operator(
    95,
    "FLOOR_MOD",
    check,
    pairs.raw("FLOOR_MOD", Element.F32, remainder, cycles=120.0),
)
