"""The clamp of an output on MVE, after a kernel that only saturates."""

from __future__ import annotations

from fwgen.contract.call import Call, Ref
from fwgen.contract.node import Node
from fwgen.model.element import Element

FUNCTION, OF_S16 = "clamp_s8_mve", "clamp_s16_mve"
"""Kernels for outputs of int8 and of int16."""


def clamped(node: Node, limits: tuple[int, int]) -> tuple[Call, ...]:
    """The call that clamps the output to (min, max), unless saturation has done so."""
    y = node.y
    if limits == y.dtype.limits:
        return ()
    function = FUNCTION if y.dtype is Element.S8 else OF_S16
    return (Call(f"fw_{function}", (Ref(y.index), *limits, y.elements)),)


def clamp_cycles(node: Node, limits: tuple[int, int]) -> float:
    """Estimated cycles of ``clamped``: 6 for 16 bytes of outputs."""
    return 0.0 if limits == node.y.dtype.limits else 30.0 + 6.0 * -(-node.y.bytes // 16)
