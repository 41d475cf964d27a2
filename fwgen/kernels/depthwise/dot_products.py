"""DEPTHWISE_CONV_2D on MVE by dot products over planes: packed weights and rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Arg, Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import MVE, Form, Kernel, OverlapLimit, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.depthwise.planes import (
    Int64Array,
    PlanesPlan,
    PlanesWindow,
    step_bytes,
    window_of,
)
from fwgen.kernels.depthwise.planes_of_image import flat_plans
from fwgen.kernels.depthwise.planes_of_rings import dense_rings, stride2_rings
from fwgen.kernels.depthwise.planes_of_rows import (
    rows_c8_plans,
    rows_plans,
    single_plans,
    wide_plans,
)
from fwgen.kernels.mve.clamp import FUNCTION as CLAMP
from fwgen.kernels.mve.clamp import clamped
from fwgen.model.fixed_point import requantize
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import Activation, activation_range

LEAST_SHIFT, LARGEST_BIAS = -31, (1 << 25) - 1
"""What the packed words hold: 6 bits of a shift, 26 of a bias."""

BLOCK = 16
"""Channels of a pixel that kernels of rows load at a time, also where there are fewer left."""

ALIGNED = 64
"""Arrays of so many bytes begin at a multiple of 16, smaller ones anywhere."""


def folded(node: Node) -> Int64Array:
    """Bias, multiplier and shift per channel, shape (3, channels).

    The bias has the input's zero point in it. A multiplier of 0 goes with any bias and any shift;
    it gets no bias, and the largest shift to the right.
    """
    x, w, y = node.x, node.w, node.y
    channels = w.shape[3]
    multiplier, shift = weights.multipliers(x, w, y, channels)
    bias = node.operand(2)
    total = -x.zero_point * w.constant.astype(np.int64).sum(axis=(0, 1, 2))
    if bias is not None:
        total = total + bias.constant.reshape(-1)
    total = np.where(multiplier == 0, 0, total)
    return np.stack([total, multiplier, np.where(multiplier == 0, -31, shift)])


def short(node: Node) -> tuple[npt.NDArray[np.int8], Int64Array]:
    """Weights, and what ``folded`` gives, with fewer biases that no packed word holds.

    A channel whose sums, from the least to the greatest, all give one output needs no weights. Its
    bias becomes 4 times (output - zero point), with the scale 1/4: that is exact, and short.
    """
    w, y = node.w, node.y
    taps = w.constant.astype(np.int8)
    scaling = folded(node)
    low, high = _limits(node)
    for channel in np.flatnonzero(np.abs(scaling[0]) > LARGEST_BIAS):
        bias, multiplier, shift = (int(value) for value in scaling[:, channel])
        values = taps[..., channel].astype(np.int64)
        ends = np.minimum(-128 * values, 127 * values), np.maximum(-128 * values, 127 * values)
        reach = np.array([bias + end.sum() for end in ends])
        outputs = np.clip(requantize(reach, multiplier, shift) + y.zero_point, low, high)
        if outputs[0] == outputs[1]:
            taps = taps.copy()
            taps[..., channel] = 0
            scaling[:, channel] = 4 * (outputs[0] - y.zero_point), 1 << 30, -1
    return taps, scaling


def records(node: Node, places: Int64Array) -> npt.NDArray[np.int8]:
    """What ``mve_records.h`` describes.

    ``places`` (..., kernel_h, kernel_w) says which byte of the window a tap multiplies.
    """
    weights, scaling = short(node)
    channels = weights.shape[3]
    bias, multiplier, shift = np.pad(scaling, ((0, 0), (0, -channels % 4)))
    # (4 channels, two words of each channel)
    words = np.stack([bias * 64 + (shift & 63), multiplier]).reshape(2, -1, 4).swapaxes(0, 1)
    bytes_ = np.concatenate([places.astype(np.int8).reshape(-1), weights.reshape(-1)])
    aligned = np.pad(bytes_, (0, -len(bytes_) % 4))
    packed = np.concatenate([aligned, words.astype("<i4").reshape(-1).view(np.int8)])
    return np.pad(packed, (0, max(0, ALIGNED - len(packed))))


def expand_cycles(window: PlanesWindow) -> float:
    """Cycles per channel from packed records to what the dot products read."""
    taps = window.kernel[0] * window.kernel[1]
    return (21 * taps + 25) / 16 + 4


def fits(parameters: Int64Array, largest_shift: int) -> bool:
    """Whether packed words hold these ``folded`` parameters."""
    bias, _, shift = parameters
    in_range = shift.min() >= LEAST_SHIFT and shift.max() <= largest_shift
    return bool(in_range and np.abs(bias).max() <= LARGEST_BIAS)


def _limits(node: Node) -> tuple[int, int]:
    """The (min, max) of outputs."""
    return activation_range(Activation(node.options.activation), node.y)


def clamp_calls(node: Node) -> tuple[Call, ...]:
    """The call that clamps the output of a kernel that only saturates, if need be."""
    return clamped(node, _limits(node))


class Outputs(Enum):
    """For which outputs a kernel rescales sums: at most shifts that it is exact for."""

    AT_LEAST = "of zero point -128"
    CLAMPED = "with a lower clamp at the zero point"
    ANY = "any"

    def holds(self, node: Node) -> bool:
        zero_point = node.y.zero_point
        if self is Outputs.AT_LEAST:
            return zero_point == -128
        return self is Outputs.ANY or _limits(node)[0] == zero_point

    def clamp_calls(self, node: Node) -> tuple[Call, ...]:
        """The calls for what the kernel does not clamp."""
        return () if self is Outputs.CLAMPED else clamp_calls(node)

    def zero_point(self, node: Node) -> int:
        """What records have for it: of clamped outputs, their limit comes above its byte."""
        zero_point = node.y.zero_point
        if self is not Outputs.CLAMPED:
            return zero_point
        return (zero_point & 0xFF) | (_limits(node)[1] - zero_point) << 8


@dataclass(frozen=True)
class DotKernel:
    """One of the kernels, for channels with shifts up to ``largest_shift``.

    ``outputs`` says which outputs it is for. ``dot`` is the kernel for the dot products that
    ``function`` is given, None if ``function`` has its own.
    """

    name: str
    function: str
    params: str
    dot: Function | None
    plans: Callable[[PlanesWindow], Sequence[PlanesPlan]]
    per_round: int
    largest_shift: int = 0
    outputs: Outputs = Outputs.AT_LEAST

    def holds(self, node: Node) -> bool:
        window = window_of(node)
        return (
            window is not None
            and window.meets_input
            and self.outputs.holds(node)
            and fits(short(node)[1], self.largest_shift)
            and bool(self.plans(window))
        )

    def forms(self, node: Node) -> tuple[Form, ...]:
        """The plans of which no other has fewer cycles, less scratch and a shorter distance."""
        window = window_of(node)
        assert window is not None
        clamp = 0.3 * node.y.elements if self.outputs.clamp_calls(node) else 0.0
        other = window.batches * window.channels * expand_cycles(window) + clamp + 150.0
        priced = [
            (
                window.batches * plan.cycles(self.per_round) + other,
                plan.scratch_bytes(),
                plan.pixels_apart(backwards=False),
                plan,
            )
            for plan in self.plans(window)
        ]
        packed: dict[bytes, Constant] = {}
        return tuple(
            self._form(node, window, plan, cycles, packed)
            for cycles, *_, plan in undominated(priced)
        )

    def _form(
        self,
        node: Node,
        window: PlanesWindow,
        plan: PlanesPlan,
        cycles: float,
        packed: dict[bytes, Constant],
    ) -> Form:
        x, y = node.x, node.y
        places = plan.places()
        key = places.tobytes()
        if key not in packed:
            stream = records(node, places)
            origin = weights.weights_and_bias(node)
            packed[key] = Constant("records", stream, "mve_records.h", origin)

        def calls(backwards: bool) -> tuple[Call, ...]:
            params = Params(
                self.params,
                (
                    *window.members(),
                    ("pad_value", x.zero_point),
                    ("taps", window.kernel[0] * window.kernel[1]),
                    ("output_zero_point", self.outputs.zero_point(node)),
                    *plan.members(),
                    ("backwards", int(backwards)),
                    *plan.last_members(),
                ),
            )
            arguments: tuple[Arg, ...] = (
                params,
                Ref(x.index),
                packed[key],
                Constant("units", plan.table, "mve_planes.h"),
                *([] if self.dot is None else [self.dot]),
                Ref(y.index),
                Scratch(),
            )
            return (Call(self.function, arguments), *self.outputs.clamp_calls(node))

        def overlap(backwards: bool) -> OverlapLimit:
            apart = plan.pixels_apart(backwards) * window.channels
            return OverlapLimit((apart,), step_bytes(window, plan.lanes))

        return Form(
            calls=calls(backwards=False),
            cycles=cycles,
            scratch_bytes=plan.scratch_bytes(),
            overlap=overlap(backwards=False),
            reversed=Reversed(calls(backwards=True), overlap(backwards=True))
            if plan.mirrors
            else None,
            reads_past_bytes=0 if self.dot is None else -window.channels % BLOCK,
        )

    @property
    def row(self) -> Kernel:
        """The row of DEPTHWISE_CONV_2D."""
        return Kernel(
            "DEPTHWISE_CONV_2D",
            self.name,
            "fwgen",
            self.forms,
            MVE,
            self.holds,
            functions=(
                self.function.removeprefix("fw_"),
                *([] if self.dot is None else [self.dot.name.removeprefix("fw_")]),
                CLAMP,
            ),
            types=weights.TYPES,
        )


def undominated(
    priced: Sequence[tuple[float, int, int, PlanesPlan]],
) -> list[tuple[float, int, int, PlanesPlan]]:
    """Those that no other is as good as in every way, cheapest first."""
    best: list[tuple[float, int, int, PlanesPlan]] = []
    for one in sorted(priced, key=lambda p: p[:3]):
        if not any(other[1] <= one[1] and other[2] <= one[2] for other in best):
            best.append(one)
    return best


_FLAT = "fw_mve_depthwise_flat_params"
_IN_ROWS = ("fw_depthwise_rows_s8_mve", "fw_depthwise_rows_s8_mve_params")
_DOT, _ROW, _WIDE, _PATCH = (
    (Function(f"fw_depthwise_{dot}_s8_mve"), Function(f"fw_depthwise_{dot}_clamped_s8_mve"))
    for dot in ("dot", "dot_row", "dot_wide", "patch")
)


def _either(
    kind: str,
    driver: tuple[str, str],
    dots: tuple[Function, Function],
    plans: Callable[[PlanesWindow], Sequence[PlanesPlan]],
    rounds: tuple[int, int],
) -> tuple[DotKernel, DotKernel]:
    """The kernels for outputs of zero point -128, and for clamped ones."""
    plain, clamped = (f"depthwise_{kind}_s8_mve", f"depthwise_{kind}_clamped_s8_mve")
    return (
        DotKernel(plain, *driver, dots[0], plans, rounds[0]),
        DotKernel(clamped, *driver, dots[1], plans, rounds[1], outputs=Outputs.CLAMPED),
    )


KERNELS = tuple(
    kernel.row
    for kernel in (
        DotKernel(
            "depthwise_flat_s8_mve", "fw_depthwise_flat_s8_mve", _FLAT, None, flat_plans, 140
        ),
        DotKernel(
            "depthwise_flat_any_s8_mve",
            "fw_depthwise_flat_any_s8_mve",
            _FLAT,
            None,
            flat_plans,
            153,
            largest_shift=-1,
            outputs=Outputs.ANY,
        ),
        *_either("rows", _IN_ROWS, _DOT, rows_plans, (140, 145)),
        DotKernel("depthwise_rows_c8_s8_mve", *_IN_ROWS, _DOT[0], rows_c8_plans, 140),
        *_either("rows_single", _IN_ROWS, _ROW, single_plans, (152, 157)),
        *_either("rows_stride2", _IN_ROWS, _WIDE, wide_plans, (152, 157)),
        *_either("rows_ring", _IN_ROWS, _PATCH, dense_rings, (140, 145)),
        *_either("rows_ring_stride2", _IN_ROWS, _WIDE, stride2_rings, (152, 157)),
    )
)
