"""The clamp of bytes on cores with the DSP extension, after a kernel that only saturates."""

from __future__ import annotations

from fwgen.contract.call import Call, Ref
from fwgen.contract.node import Node

FUNCTION = "clamp_s8_dsp"


def clamped(node: Node, limits: tuple[int, int]) -> tuple[Call, ...]:
    """The call that clamps an int8 output to (min, max), unless saturation has done so."""
    y = node.y
    if limits == y.dtype.limits:
        return ()
    return (Call(f"fw_{FUNCTION}", (Ref(y.index), *limits, y.elements)),)


def clamp_cycles(node: Node, limits: tuple[int, int]) -> float:
    """Estimated cycles of ``clamped``: 22 for 16 outputs and a side, 10 for each that is left."""
    whole, left = divmod(node.y.bytes, 16)
    sides = sum(map(int.__ne__, limits, node.y.dtype.limits))
    return sides * (30.0 + 22.0 * whole + 10.0 * left)
