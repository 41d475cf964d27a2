"""The clamp of an int8 output on MVE, after a kernel that only saturates."""

from __future__ import annotations

from fwgen.contract.call import Call, Ref
from fwgen.contract.node import Node
from fwgen.model.element import Element

FUNCTION = "clamp_s8_mve"


def clamped(node: Node, limits: tuple[int, int]) -> tuple[Call, ...]:
    """The call that clamps the output to (min, max), unless saturation has done so."""
    y = node.y
    if limits == Element.S8.limits:
        return ()
    return (Call(f"fw_{FUNCTION}", (Ref(y.index), *limits, y.elements)),)


def clamp_cycles(node: Node, limits: tuple[int, int]) -> float:
    """Estimated cycles of ``clamped``: 6 for 16 outputs."""
    return 0.0 if limits == Element.S8.limits else 30.0 + 6.0 * -(-node.y.elements // 16)
