"""The clamp of halfwords on cores with the DSP extension, after a kernel that only saturates."""

from __future__ import annotations

from fwgen.contract.call import Call, Ref
from fwgen.contract.node import Node

FUNCTION = "clamp_s16_dsp"

BLOCK = 8
"""Values that the function clamps at a time."""


def is_relu(limits: tuple[int, int]) -> bool:
    """Whether outputs are not negative: kernels saturate them so."""
    return limits[0] == 0


def rest_of(node: Node, limits: tuple[int, int]) -> tuple[int, int]:
    """What a kernel leaves to be clamped."""
    least, _ = node.y.dtype.limits
    return (least, limits[1]) if is_relu(limits) else limits


def calls(node: Node, limits: tuple[int, int]) -> tuple[Call, ...]:
    """The call that clamps an output to (min, max), unless the kernel has done so."""
    y, rest = node.y, rest_of(node, limits)
    if rest == y.dtype.limits:
        return ()
    return (Call(f"fw_{FUNCTION}", (Ref(y.index), *rest, y.elements)),)


def cycles(node: Node, limits: tuple[int, int]) -> float:
    """Estimated cycles of ``calls``."""
    whole, left = divmod(node.y.elements, BLOCK)
    sides = sum(map(int.__ne__, rest_of(node, limits), node.y.dtype.limits))
    return sides * (30.0 + 22.0 * whole + 10.0 * left)
