"""Rows of ADD and SUB of int8 for the DSP extension, where no operand is broadcast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import DSP, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import FUNCTION as CLAMP
from fwgen.kernels.dsp.byte_clamp import clamp_cycles, clamped
from fwgen.kernels.elementwise.two_operands import (
    FIRST,
    SECOND,
    Fields,
    Int64Array,
    clamp_of,
    fitted_sum_fields,
)
from fwgen.model.element import S8_ALL
from fwgen.ops.parts import add_sub
from fwgen.ops.parts.overlap import in_place

WEIGHT_LIMIT = 1 << 23
"""256 times a weight is in 32 bits below it."""


@dataclass(frozen=True)
class SameShape:
    """A kernel for operands of the output's shape: ``of_4`` are its cycles for 4 elements.

    ``numbers`` are its parameters; None if the kernel is not exact for an op.
    """

    op: str
    name: str
    of_4: float
    numbers: Callable[[Node], Fields | None]

    def holds(self, node: Node) -> bool:
        same = node.x.shape == node.w.shape == node.y.shape
        return same and node.y.elements > 0 and self.numbers(node) is not None

    def calls(self, node: Node) -> tuple[Call, ...]:
        found = self.numbers(node)
        assert found is not None, "the row holds"
        params = Params(f"fw_{self.name}_params", found)
        tensors = Ref(node.x.index), Ref(node.w.index), Ref(node.y.index)
        call = Call(f"fw_{self.name}", (params, *tensors, node.y.elements))
        return (call, *clamped(node, clamp_of(node)))

    def cycles(self, node: Node) -> float:
        """Estimate of them."""
        return self.of_4 / 4 * node.y.elements + 60.0 + clamp_cycles(node, clamp_of(node))

    @property
    def row(self) -> Kernel:
        """The row of its operator."""
        return Kernel(
            self.op,
            self.name,
            "fwgen",
            one_form(self.calls, self.cycles, in_place),
            DSP,
            self.holds,
            functions=(self.name, CLAMP),
            types=(S8_ALL,),
        )


def _sum(op: str, sign: int) -> SameShape:
    """The row of ADD (``sign`` 1) or SUB (-1)."""

    def every_pair(node: Node) -> Int64Array:
        return add_sub.result(node, sign, FIRST, SECOND)

    def numbers(node: Node) -> Fields | None:
        found = fitted_sum_fields(node, every_pair)
        if found is None:
            return None
        *weights, offset = found
        if any(not -WEIGHT_LIMIT <= weight < WEIGHT_LIMIT for _, weight in weights):
            return None
        return (*((name, 256 * weight) for name, weight in weights), offset)

    return SameShape(op, "sum_s8_dsp", 25.0, numbers)


KERNELS = (
    _sum("ADD", 1).row,
    _sum("SUB", -1).row,
)
