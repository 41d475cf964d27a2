"""Rows of element-wise ops of two int8 operands for cores without vectors.

One operand may be repeated, as one value per channel is: then there is a call for each repetition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Arg, Call, Calls, Constant, Each, Params, Ref, Repeat
from fwgen.contract.kernel import ARMV7M, DSP, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.kernels.dsp import one_shift
from fwgen.kernels.dsp.byte_clamp import OF_DSP, OF_V7M, ByteClamp
from fwgen.kernels.elementwise.two_operands import (
    FIRST,
    SECOND,
    VALUES,
    Fields,
    Int64Array,
    clamp_of,
    fitted_sum_fields,
    loops_of,
)
from fwgen.model.element import S8_ALL
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.mul import factor
from fwgen.ops.parts import add_sub
from fwgen.ops.parts.overlap import in_place

WEIGHT_LIMIT = 1 << 23
"""256 times a weight is in 32 bits below it."""


@dataclass(frozen=True)
class RunCosts:
    """Estimated cycles of 4 elements, by what a kernel does."""

    fitted: float
    by_table: float
    product: float
    extreme: float


@dataclass(frozen=True)
class RunKernels:
    """The kernels for a kind of core, which take weights of sums ``factor`` times.

    ``clamp`` is None if they clamp their outputs by themselves.
    """

    suffix: str
    needs: frozenset[str]
    lacks: frozenset[str]
    clamp: ByteClamp | None
    factor: int
    costs: RunCosts


WORDS = RunKernels("dsp", DSP, frozenset(), OF_DSP, 256, RunCosts(25.0, 48.0, 44.0, 9.0))
"""For the DSP extension."""

SINGLY = RunKernels("v7m", ARMV7M, frozenset({"dsp"}), OF_V7M, 1, RunCosts(38.0, 70.0, 66.0, 32.0))
"""For Armv7-M without it."""

VALUE_BITS = 2
"""The kernels that rescale have 2**VALUE_BITS times a value."""

SHIFTS = range(-22, 0)
"""Shifts of a multiplier that the kernels which rescale take: see ``rescaling.h``."""


@dataclass(frozen=True)
class Numbers:
    """A kernel's own parameters, what it takes beside them before the operands, and their order."""

    fields: Fields
    more: tuple[Arg, ...] = ()
    order: tuple[int, int] = (0, 1)


@dataclass(frozen=True)
class Runs:
    """Elements that follow one another in both operands: ``count`` of them, ``times`` times.

    ``steps`` are the bytes from the beginning of a run to that of the next, 0 if it is the same.
    """

    count: int
    times: int
    steps: tuple[int, int]


def runs_of(node: Node, order: tuple[int, int]) -> Runs | None:
    """The runs of an op, for its operands in an ``order``; None if there are no such."""
    y = node.y
    if node.x.shape == node.w.shape == y.shape:
        return Runs(y.elements, 1, (0, 0))
    loops = loops_of(node, order)
    first, second = loops.strides
    if any(size > 1 for size in loops.sizes[:-2]) or (first[-1], second[-1]) != (1, 1):
        return None
    return Runs(loops.sizes[-1], loops.sizes[-2], (first[-2], second[-2]))


@dataclass(frozen=True)
class InRuns:
    """A kernel for runs of elements: ``of_4`` are its cycles for 4 elements.

    ``numbers`` gives None if the kernel is not exact for an op.
    """

    op: str
    kind: str
    kernels: RunKernels
    of_4: float
    numbers: Callable[[Node], Numbers | None]

    @property
    def name(self) -> str:
        return f"{self.kind}_s8_{self.kernels.suffix}"

    def holds(self, node: Node) -> bool:
        if not node.y.elements or runs_of(node, (0, 1)) is None:
            return False
        return self.numbers(node) is not None

    def calls(self, node: Node) -> Calls:
        found = self.numbers(node)
        assert found is not None, "the row holds"
        runs = runs_of(node, found.order)
        assert runs is not None, "the row holds"
        params = (Params(f"fw_{self.name}_params", found.fields),) if found.fields else ()
        inputs = [node.inputs[i] for i in found.order]
        if runs.times == 1:
            tensors = tuple(map(Ref, (*inputs, node.y.index)))
        else:
            pairs = zip((*inputs, node.y.index), (*runs.steps, runs.count), strict=True)
            tensors = tuple(Ref(i, Each(0, step) if step else 0) for i, step in pairs)
        call = Call(f"fw_{self.name}", (*params, *found.more, *tensors, runs.count))
        made: Calls = (Repeat(runs.times, (call,)),) if runs.times > 1 else (call,)
        clamp = self.kernels.clamp
        return made if clamp is None else (*made, *clamp.calls(node, clamp_of(node)))

    def cycles(self, node: Node) -> float:
        """Estimate of them."""
        runs = runs_of(node, (0, 1))
        assert runs is not None, "the row holds"
        each = self.of_4 * (runs.count // 4) + 12.0 * (runs.count % 4) + 80.0
        clamp = self.kernels.clamp
        return runs.times * each + (clamp.cycles(node, clamp_of(node)) if clamp else 0.0)

    @property
    def row(self) -> Kernel:
        """The row of its operator."""
        clamp = self.kernels.clamp
        return Kernel(
            self.op,
            self.name,
            "fwgen",
            one_form(self.calls, self.cycles, in_place),
            self.kernels.needs,
            self.holds,
            lacks=self.kernels.lacks,
            functions=(self.name, *((clamp.function,) if clamp else ())),
            types=(S8_ALL,),
        )


def rescaling(multiplier: int, shift: int, zero_point: int) -> Fields | None:
    """The members of ``fw_rescaling``; None if the shift is none of ``SHIFTS``."""
    if shift not in SHIFTS:
        return None
    addend = one_shift.addend(VALUE_BITS, -shift, zero_point)
    right = one_shift.right(VALUE_BITS, -shift)
    values = {"multiplier": multiplier, "addend": addend, "shift": right}
    return tuple((f"rescaling.{name}", value) for name, value in values.items())


def _fitted(op: str, sign: int, kernels: RunKernels) -> InRuns:
    """Of ADD (``sign`` 1) or SUB (-1), where weights can be fitted."""

    def every_pair(node: Node) -> Int64Array:
        return add_sub.result(node, sign, FIRST, SECOND)

    def numbers(node: Node) -> Numbers | None:
        found = fitted_sum_fields(node, every_pair)
        if found is None:
            return None
        *weights, offset = found
        if any(not -WEIGHT_LIMIT <= weight < WEIGHT_LIMIT for _, weight in weights):
            return None
        return Numbers((*((name, kernels.factor * weight) for name, weight in weights), offset))

    return InRuns(op, "sum", kernels, kernels.costs.fitted, numbers)


def _by_table(op: str, sign: int, kernels: RunKernels) -> InRuns:
    """Of ADD (``sign`` 1) or SUB (-1), of any scales."""

    def numbers(node: Node) -> Numbers | None:
        *operands, output = add_sub.scales(node)
        scaled = rescaling(*output, node.y.zero_point)
        near = 0 if operands[0] == (1 << 30, 0) else 1
        if scaled is None:
            return None
        far, signs = 1 - near, (1, sign)
        bits = add_sub.fraction_bits(node)
        values = (VALUES - node.input(far).zero_point) << bits
        table = signs[far] * 4 * requantize(values, *operands[far])
        weight = signs[near] * 2 << bits
        table -= weight * node.input(near).zero_point
        by_byte = np.roll(table, 128).astype(np.int32)  # from the value 0 on
        fields = (("near_weight", weight), *scaled)
        return Numbers(
            fields, (Constant("far", by_byte, f"sum_table_s8_{kernels.suffix}.h"),), (near, far)
        )

    return InRuns(op, "sum_table", kernels, kernels.costs.by_table, numbers)


def _nothing(node: Node) -> Numbers:
    """Of kernels that need nothing but the operands."""
    return Numbers(())


def _product(node: Node) -> Numbers | None:
    scaled = rescaling(*quantize_multiplier(factor(node)), node.y.zero_point)
    if scaled is None:
        return None
    points = ("input1_zero_point", node.x.zero_point), ("input2_zero_point", node.w.zero_point)
    return Numbers((*points, *scaled))


def _rows(kernels: RunKernels) -> Iterator[Kernel]:
    for op, sign in (("ADD", 1), ("SUB", -1)):
        yield _fitted(op, sign, kernels).row
        yield _by_table(op, sign, kernels).row
    yield InRuns("MUL", "mul", kernels, kernels.costs.product, _product).row
    yield InRuns("MAXIMUM", "maximum", kernels, kernels.costs.extreme, _nothing).row
    yield InRuns("MINIMUM", "minimum", kernels, kernels.costs.extreme, _nothing).row


KERNELS = (*_rows(WORDS), *_rows(SINGLY))
