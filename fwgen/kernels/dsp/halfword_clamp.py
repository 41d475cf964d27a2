"""The clamp of halfwords on cores with the DSP extension, after a kernel that only saturates."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.call import Call, Ref
from fwgen.contract.node import Node


def is_relu(limits: tuple[int, int]) -> bool:
    """Whether outputs are not negative: kernels saturate them so."""
    return limits[0] == 0


@dataclass(frozen=True)
class HalfwordClamp:
    """A kernel that clamps int16 values in place, to what other kernels leave to it.

    ``block`` of them take ``cycles_of_block`` for each side that is clamped, ``single`` each of
    those that are left: estimated cycles.
    """

    function: str
    block: int
    cycles_of_block: float
    single: float

    def calls(self, node: Node, limits: tuple[int, int]) -> tuple[Call, ...]:
        """The call that clamps an output to (min, max), unless the kernel has done so."""
        y, rest = node.y, self._rest(node, limits)
        if rest == y.dtype.limits:
            return ()
        return (Call(f"fw_{self.function}", (Ref(y.index), *rest, y.elements)),)

    def cycles(self, node: Node, limits: tuple[int, int]) -> float:
        """Estimated cycles of ``calls``."""
        whole, left = divmod(node.y.elements, self.block)
        sides = sum(map(int.__ne__, self._rest(node, limits), node.y.dtype.limits))
        return sides * (30.0 + self.cycles_of_block * whole + self.single * left)

    def _rest(self, node: Node, limits: tuple[int, int]) -> tuple[int, int]:
        least, _ = node.y.dtype.limits
        return (least, limits[1]) if is_relu(limits) else limits


CLAMP_S16 = HalfwordClamp("clamp_s16_dsp", 8, 22.0, 10.0)
