"""The clamp of bytes on cores without vectors, after a kernel that only saturates."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.call import Call, Ref
from fwgen.contract.node import Node


@dataclass(frozen=True)
class ByteClamp:
    """A kernel that clamps int8 values in place.

    ``block`` of them take ``cycles_of_block`` for each side that is clamped, ``single`` each of
    those that are left: estimated cycles.
    """

    function: str
    block: int
    cycles_of_block: float
    single: float

    def calls(self, node: Node, limits: tuple[int, int]) -> tuple[Call, ...]:
        """The call that clamps an output to (min, max), unless saturation has done so."""
        y = node.y
        if limits == y.dtype.limits:
            return ()
        return (Call(f"fw_{self.function}", (Ref(y.index), *limits, y.elements)),)

    def cycles(self, node: Node, limits: tuple[int, int]) -> float:
        """Estimated cycles of ``calls``."""
        whole, left = divmod(node.y.bytes, self.block)
        sides = sum(map(int.__ne__, limits, node.y.dtype.limits))
        return sides * (30.0 + self.cycles_of_block * whole + self.single * left)


OF_DSP = ByteClamp("clamp_s8_dsp", 16, 22.0, 10.0)
OF_V7M = ByteClamp("clamp_s8_v7m", 1, 5.0, 0.0)
OF_V6M = ByteClamp("clamp_s8_v6m", 1, 8.0, 0.0)
