"""DEPTHWISE_CONV_2D on MVE by dot products over planes: packed weights and rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Arg, Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import MVE, Form, Kernel, OverlapLimit, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.depthwise.planes import (
    Int64Array,
    PlanesPlan,
    PlanesWindow,
    pixels_apart,
    step_bytes,
    window_of,
)
from fwgen.kernels.depthwise.planes_of_image import flat_plans
from fwgen.kernels.depthwise.planes_of_rows import rows_c8_plans, rows_plans, wide_plans
from fwgen.kernels.mve.clamp import FUNCTION as CLAMP
from fwgen.kernels.mve.clamp import clamped
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import Activation, activation_range

LEAST_SHIFT, LARGEST_BIAS = -31, (1 << 25) - 1
"""What the packed words hold: 6 bits of a shift, 26 of a bias."""

OVER = 15
"""Bytes after the input that kernels of rows may read."""

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


def records(node: Node, places: Int64Array) -> npt.NDArray[np.int8]:
    """What ``mve_records.h`` describes.

    ``places`` (kernel_h, kernel_w) says which byte of the window a tap multiplies.
    """
    weights = node.w.constant.astype(np.int8)
    channels = weights.shape[3]
    bias, multiplier, shift = np.pad(folded(node), ((0, 0), (0, -channels % 4)))
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


def clamp_calls(node: Node) -> tuple[Call, ...]:
    """The call that clamps the output of a kernel that only saturates, if need be."""
    return clamped(node, activation_range(Activation(node.options.activation), node.y))


@dataclass(frozen=True)
class DotKernel:
    """One of the kernels, for channels with shifts up to ``largest_shift``.

    ``zero_point`` is the output's, None for any. ``dot`` is the kernel for the dot products that
    ``function`` is given, None if ``function`` has its own. It takes ``lanes`` channels at a time.
    """

    name: str
    function: str
    params: str
    dot: Function | None
    plans: Callable[[PlanesWindow], Sequence[PlanesPlan]]
    per_round: int
    lanes: int = 16
    largest_shift: int = 0
    zero_point: int | None = -128

    def holds(self, node: Node) -> bool:
        window = window_of(node)
        return (
            window is not None
            and window.meets_input
            and self.zero_point in (None, node.y.zero_point)
            and fits(folded(node), self.largest_shift)
            and bool(self.plans(window))
        )

    def forms(self, node: Node) -> tuple[Form, ...]:
        """The plans of which no other has fewer cycles, less scratch and a shorter distance."""
        window = window_of(node)
        assert window is not None
        clamp = 0.3 * node.y.elements if clamp_calls(node) else 0.0
        other = window.batches * window.channels * expand_cycles(window) + clamp + 150.0
        priced = [
            (
                window.batches * plan.cycles(self.per_round) + other,
                plan.scratch_bytes(),
                pixels_apart(window, plan.strip, backwards=False),
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
                    ("output_zero_point", y.zero_point),
                    *plan.members(),
                    ("backwards", int(backwards)),
                    ("units", len(plan.table)),
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
            return (Call(self.function, arguments), *clamp_calls(node))

        # images follow one another forwards; a strip beyond the image has no mirror
        mirrors = window.batches == 1 and plan.strip[0] <= window.output[0]

        def overlap(backwards: bool) -> OverlapLimit:
            apart = pixels_apart(window, plan.strip, backwards) * window.channels
            return OverlapLimit((apart,), step_bytes(window, self.lanes))

        return Form(
            calls=calls(backwards=False),
            cycles=cycles,
            scratch_bytes=plan.scratch_bytes(),
            overlap=overlap(backwards=False),
            reversed=Reversed(calls(backwards=True), overlap(backwards=True)) if mirrors else None,
            reads_past_bytes=0 if self.dot is None else OVER,
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


_FLAT, _ROWS = "fw_mve_depthwise_flat_params", "fw_depthwise_rows_s8_mve_params"
_IN_ROWS = ("fw_depthwise_rows_s8_mve", _ROWS)
_DOT, _WIDE = Function("fw_depthwise_dot_s8_mve"), Function("fw_depthwise_dot_wide_s8_mve")

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
            zero_point=None,
        ),
        DotKernel("depthwise_rows_s8_mve", *_IN_ROWS, _DOT, rows_plans, 140),
        DotKernel("depthwise_rows_c8_s8_mve", *_IN_ROWS, _DOT, rows_c8_plans, 140, 8),
        DotKernel("depthwise_rows_stride2_s8_mve", *_IN_ROWS, _WIDE, wide_plans, 152),
    )
)
