"""Element-wise ops of two operands on MVE, and the weights of sums for all cores.

For sums there is cheaper arithmetic than the reference's: a weight per input instead of the three
requantizations. Both inputs have 256 values, so that the op is a function on 65,536 pairs; the
weights are fitted here such that no pair differs. Where they cannot be, the kernels remain that
rescale as the reference does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Function, Null, Params, Ref, Scratch
from fwgen.contract.kernel import MVE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.mve.clamp import FUNCTION as CLAMP
from fwgen.kernels.mve.clamp import OF_S16 as CLAMP_S16
from fwgen.kernels.mve.clamp import clamped
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.ops.parts.add_sub import FRACTION_BITS
from fwgen.ops.parts.broadcast import Options
from fwgen.ops.parts.checks import Activation, activation_range
from fwgen.ops.parts.loop_nest import Loops, collapse
from fwgen.ops.parts.loop_nest import broadcast as strides_onto
from fwgen.ops.parts.overlap import in_place

FRACTION = 21
"""Fractional bits of the kernel's sums."""

UNIT = 1 << FRACTION

Int64Array = npt.NDArray[np.int64]

VALUES = Element.S8.values
FIRST, SECOND = VALUES[:, None], VALUES[None, :]
NEARBY = (0, 1, -1, 2, -2)

Fields = tuple[tuple[str, int], ...]
Scales = Sequence[tuple[int, int]]
Numbers = tuple[Fields, tuple[int, int]]
"""A kernel's own parameters, and the order in which it takes the inputs."""

Expected = Callable[[Node], npt.NDArray[np.generic]]
"""The reference's outputs (256, 256) for ``FIRST`` and ``SECOND``."""


def offset_between(raw: Int64Array, expected: Int64Array) -> int | None:
    """What to add to ``raw`` so that it rounds down to units of ``expected``; None if nothing does.

    ``raw`` is in units of 2**-21. Where ``expected`` is -128 or 127, anything beyond is as good.
    """
    low = np.where(expected == -128, -(1 << 40), expected * UNIT - raw)
    high = np.where(expected == 127, 1 << 40, (expected + 1) * UNIT - 1 - raw)
    least, most = int(low.max()), int(high.min())
    return None if least > most else min(max((least + most) // 2, -(1 << 31)), (1 << 31) - 1)


def fit_sum(node: Node, expected: Int64Array) -> Fields | None:
    """Weights and offset for ``fw_sum_s8_mve`` and its like, None if there are none.

    The sign of the second weight is that which fits.
    """
    y = node.y
    best1, best2 = (round(node.input(i).scale / y.scale * UNIT) for i in range(2))
    if 255 * (best1 + best2 + 8) >= 1 << 31:
        return None  # sums would leave 32 bits
    rises = bool(expected[-1, -1] >= expected[-1, 0])
    for near1, near2 in itertools.product(NEARBY, NEARBY):
        weight1 = best1 + near1
        weight2 = best2 + near2 if rises else -best2 + near2
        raw = FIRST * weight1 + SECOND * weight2
        offset = offset_between(raw, expected)
        if offset is not None and max(-int(raw.min()) - offset, int(raw.max()) + offset) < 1 << 31:
            return (("weight1", weight1), ("weight2", weight2), ("offset", offset))
    return None


PART = 256
"""Elements at most of a value that a row of the output has repeated in scratch memory."""

ROW_CYCLES = 75.0
"""Of a row beside its elements, where something is broadcast."""


def loops_of(node: Node, order: tuple[int, int]) -> Loops:
    """The nest over the output and the strides of its inputs, in an ``order`` of these."""
    y = node.y
    return collapse(y.shape, *(strides_onto(node.input(i).shape, y.shape) for i in order))


def is_one_row(loops: Loops) -> bool:
    """Whether nothing is broadcast."""
    return all(size == 1 for size in loops.sizes[:-1]) and all(s[-1] for s in loops.strides)


def part_of(loops: Loops) -> int:
    """Elements in scratch memory of a value that is repeated in rows; 0 if they have none."""
    return 0 if all(s[-1] for s in loops.strides) else min(loops.sizes[-1], PART)


@dataclass(frozen=True)
class Elementwise:
    """A kernel for rows of values: ``of_16`` are its cycles for 16 of them.

    ``params`` is the C type of the parameters, and ``numbers`` their values; ``numbers`` gives None
    if the kernel is not exact for an op.
    """

    op: str
    name: str
    params: str
    of_16: float
    numbers: Callable[[Node], Numbers | None]
    types: Types = S8_ALL

    @property
    def broadcast(self) -> str:
        """The kernel that calls it row by row."""
        return "broadcast_s8_mve" if self.types == S8_ALL else "broadcast_s16_mve"

    def holds(self, node: Node) -> bool:
        return node.y.elements > 0 and self.numbers(node) is not None

    def forms(self, node: Node) -> tuple[Form, ...]:
        """The only form of the kernel."""
        form = Form(
            calls=self._calls(node),
            cycles=self._cycles(node),
            scratch_bytes=part_of(loops_of(node, (0, 1))) * node.y.dtype.bytes,
            overlap=in_place(node),
        )
        return (form,)

    def _calls(self, node: Node) -> tuple[Call, ...]:
        """The call for all elements, or for each row, followed by the call that clamps, if one
        is needed."""
        found = self.numbers(node)
        assert found is not None
        fields, order = found
        loops, y = loops_of(node, order), node.y
        numbers = Params(self.params, fields) if fields else Null()
        tensors = (*(Ref(node.inputs[i]) for i in order), Ref(y.index))
        if y.elements == 1 or is_one_row(loops):
            call = Call(f"fw_{self.name}", (numbers, *tensors, y.elements))
        else:
            part = part_of(loops)
            walk = Params(
                "fw_broadcast_s8_mve_params",
                (
                    ("size", loops.sizes),
                    ("input1_stride", loops.strides[0]),
                    ("input2_stride", loops.strides[1]),
                    ("part", part),
                ),
            )
            where = Scratch() if part else Null()
            call = Call(
                f"fw_{self.broadcast}",
                (walk, Function(f"fw_{self.name}"), numbers, *tensors, where),
            )
        return (call, *clamped(node, clamp_of(node)))

    def _cycles(self, node: Node) -> float:
        """Estimate of them."""
        loops, y = loops_of(node, (0, 1)), node.y
        clamp = 4.0 * y.dtype.bytes if clamp_of(node) != y.dtype.limits else 0.0
        cycles = (self.of_16 + clamp) / 16 * y.elements + 40.0
        if y.elements == 1 or is_one_row(loops):
            return cycles
        row, part = loops.sizes[-1], part_of(loops)
        fill = 30.0 + part / 8 if part else 0.0
        parts = -(-row // part) if part else 1
        return cycles + y.elements / row * (ROW_CYCLES + fill + 35.0 * (parts - 1)) + 40.0

    @property
    def row(self) -> Kernel:
        """The row of its operator."""
        return Kernel(
            self.op,
            self.name,
            "fwgen",
            self.forms,
            MVE,
            self.holds,
            functions=(self.name, self.broadcast, CLAMP if self.types == S8_ALL else CLAMP_S16),
            types=(self.types,),
        )


def clamp_of(node: Node) -> tuple[int, int]:
    """The range of a fused activation; all of int8 for an op that has none."""
    if not isinstance(node.options, Options):
        return node.y.dtype.limits
    return activation_range(Activation(node.options.activation), node.y)


def fitted_sum_fields(node: Node, expected: Expected) -> Fields | None:
    """``fit_sum`` of an op whose activation is left to the clamp."""
    unclamped = replace(node.op, options=Options(activation=Activation.NONE))
    return fit_sum(node, expected(Node(node.graph, unclamped)).astype(np.int64))


def fitted_sum(op: str, expected: Expected) -> Kernel:
    """The row of an op that adds its inputs, or subtracts the second, by fitted weights."""

    def numbers(node: Node) -> Numbers | None:
        found = fitted_sum_fields(node, expected)
        return None if found is None else (found, (0, 1))

    return Elementwise(op, "sum_s8_mve", "fw_sum_s8_mve_params", 29.0, numbers).row


RESCALED = "fw_mve_rescaled_params"

SHIFTS = range(-24, 0)
"""Last shifts that the kernels which rescale take."""


def rescaled(node: Node, sign: int, scales: Scales) -> tuple[Fields, tuple[int, int], bool] | None:
    """What is in ``mve_rescaled.h``, the order (near, far), and whether far is subtracted.

    None if the last shift is none of ``SHIFTS``, or if int16 has zero points: their products with
    the weights would leave 32 bits.
    """
    bits = FRACTION_BITS[node.y.dtype]
    *operands, (multiplier, shift) = scales
    near = 1 if operands[0] != (1 << 30, 0) or (sign < 0 and operands[1] == operands[0]) else 0
    far = 1 - near
    assert operands[near] == (1 << 30, 0)
    far_multiplier, far_shift = operands[far]
    far_weight = 1 << bits
    if far_shift == 0:  # 1/2 as well, or nothing
        far_weight, far_shift = 2 << bits, -1
    zero_points = [node.input(i).zero_point for i in (near, far)]
    shifted = node.y.dtype is Element.S16 and any((*zero_points, node.y.zero_point))
    if shift not in SHIFTS or shifted:
        return None
    near_weight = (sign if near == 1 else 1) << bits - 1
    fields = (
        ("near_weight", near_weight),
        ("far_weight", far_weight),
        ("far_multiplier", far_multiplier),
        ("output_multiplier", multiplier),
        ("near_offset", -zero_points[0] * near_weight),
        ("far_offset", -zero_points[1] * far_weight),
        ("far_shift", far_shift),
        ("output_offset", (2 * node.y.zero_point + 1) << (-shift - 1)),
        ("up", 32 - 8 * node.y.dtype.bytes + shift),
    )
    return fields, (near, far), sign < 0 and near == 0


def rescaled_sums(op: str, scales: Callable[[Node], Scales], sign: int) -> tuple[Kernel, ...]:
    """The rows for any scales: ``scales`` are the multiplier and shift of inputs and output."""

    def numbers(subtracts: bool) -> Callable[[Node], Numbers | None]:
        def of(node: Node) -> Numbers | None:
            found = rescaled(node, sign, scales(node))
            return found[:2] if found is not None and found[2] == subtracts else None

        return of

    names = ["rescaled_sum"] if sign > 0 else ["rescaled_sum", "rescaled_difference"]
    return tuple(
        Elementwise(
            op,
            f"{name}_{suffix}_mve",
            RESCALED,
            60.0,
            numbers(subtracts=name == "rescaled_difference"),
            types,
        ).row
        for suffix, types in (("s8", S8_ALL), ("s16", S16_ALL))
        for name in names
    )
