"""DEPTHWISE_CONV_2D on MVE by dot products over planes: packed weights and variants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from fwgen.model.graph import Graph, Op
from fwgen.ops import weights
from fwgen.ops.checks import Activation, activation_range
from fwgen.ops.mve_planes import (
    Int64Array,
    Plan,
    Window,
    flat_plan,
    rows_c8_plan,
    rows_plan,
    wide_plan,
    window_of,
)
from fwgen.ops.operator import Arg, Call, Constant, Function, Params, Ref, Scratch, Variant
from fwgen.ops.windows import WindowOptions

LEAST_SHIFT, LARGEST_BIAS = -31, (1 << 25) - 1
"""What the packed words hold: 6 bits of a shift, 26 of a bias."""


ALIGNED = 64
"""Arrays of so many bytes begin at a multiple of 16, smaller ones anywhere."""


def folded(graph: Graph, op: Op) -> Int64Array:
    """Bias, multiplier and shift per channel, shape (3, channels).

    The bias has the input's zero point in it. A multiplier of 0 goes with any shift; it gets the
    largest to the right.
    """
    x, w, y = graph.input(op), graph.input(op, 1), graph.output(op)
    channels = w.shape[3]
    multiplier, shift = weights.multipliers(x, w, y, channels)
    bias = graph.operand(op, 2)
    total = -x.zero_point * w.constant.astype(np.int64).sum(axis=(0, 1, 2))
    if bias is not None:
        total = total + bias.constant.reshape(-1)
    return np.stack([total, multiplier, np.where(multiplier == 0, -31, shift)])


def records(graph: Graph, op: Op, places: Int64Array) -> npt.NDArray[np.int8]:
    """What ``mve_records.h`` describes.

    ``places`` (kernel_h, kernel_w) says which byte of the window a tap multiplies.
    """
    weights = graph.input(op, 1).constant.astype(np.int8)
    channels = weights.shape[3]
    bias, multiplier, shift = np.pad(folded(graph, op), ((0, 0), (0, -channels % 4)))
    # (4 channels, two words of each channel)
    words = np.stack([bias * 64 + (shift & 63), multiplier]).reshape(2, -1, 4).swapaxes(0, 1)
    bytes_ = np.concatenate([places.astype(np.int8).reshape(-1), weights.reshape(-1)])
    aligned = np.pad(bytes_, (0, -len(bytes_) % 4))
    packed = np.concatenate([aligned, words.astype("<i4").reshape(-1).view(np.int8)])
    return np.pad(packed, (0, max(0, ALIGNED - len(packed))))


def expand_cycles(window: Window) -> float:
    """Cycles per channel from packed records to what the dot products read."""
    taps = window.kernel[0] * window.kernel[1]
    return (21 * taps + 25) / 16 + 4


def fits(parameters: Int64Array, largest_shift: int) -> bool:
    """Whether packed words hold these ``folded`` parameters."""
    bias, _, shift = parameters
    in_range = shift.min() >= LEAST_SHIFT and shift.max() <= largest_shift
    return bool(in_range and np.abs(bias).max() <= LARGEST_BIAS)


def clamp_calls(graph: Graph, op: Op) -> tuple[Call, ...]:
    """The call that clamps the output of a kernel that only saturates, if need be."""
    y = graph.output(op)
    options = cast(WindowOptions, op.options)
    low, high = activation_range(Activation(options.activation), y)
    if (low, high) == (-128, 127):
        return ()
    return (Call("fw_clamp_s8_mve", (Ref(y.index), low, high, y.elements)),)


# Variants


@dataclass(frozen=True)
class Kernel:
    """One of the kernels, for channels with shifts up to ``largest_shift``.

    ``zero_point`` is that of the output, None for any. ``dot`` is the kernel that ``function``
    is given for the dot products, if it is not its own.
    """

    name: str
    function: str
    params: str
    dot: Function | None
    plan: Callable[[Window], Plan | None]
    per_round: int
    largest_shift: int = 0
    zero_point: int | None = -128

    def planned(self, graph: Graph, op: Op) -> tuple[Window, Plan]:
        """The window and plan of an op for which ``holds`` is true."""
        window = window_of(graph, op)
        assert window is not None
        plan = self.plan(window)
        assert plan is not None
        return window, plan

    def holds(self, graph: Graph, op: Op) -> bool:
        window = window_of(graph, op)
        return (
            window is not None
            and self.zero_point in (None, graph.output(op).zero_point)
            and fits(folded(graph, op), self.largest_shift)
            and self.plan(window) is not None
        )

    def calls(self, graph: Graph, op: Op) -> tuple[Call, ...]:
        x, y = graph.input(op), graph.output(op)
        window, plan = self.planned(graph, op)
        params = Params(
            self.params,
            (
                *window.members(),
                ("pad_value", x.zero_point),
                ("taps", window.kernel[0] * window.kernel[1]),
                ("output_zero_point", y.zero_point),
                *plan.members(),
                ("units", len(plan.table)),
            ),
        )
        arguments: tuple[Arg, ...] = (
            params,
            Ref(x.index),
            Constant("records", records(graph, op, plan.places())),
            Constant("units", plan.table),
            *([] if self.dot is None else [self.dot]),
            Ref(y.index),
            Scratch(),
        )
        return (Call(self.function, arguments), *clamp_calls(graph, op))

    def cost(self, graph: Graph, op: Op) -> float:
        window, plan = self.planned(graph, op)
        clamp = 0.3 * graph.output(op).elements if clamp_calls(graph, op) else 0.0
        expand = window.channels * expand_cycles(window)
        return window.batches * (plan.cycles(self.per_round) + expand) + clamp + 150.0

    def scratch_bytes(self, graph: Graph, op: Op) -> int:
        return self.planned(graph, op)[1].scratch_bytes()

    @property
    def variant(self) -> Variant:
        return Variant(
            self.name,
            "fwgen",
            self.calls,
            self.cost,
            needs=frozenset({"mve"}),
            holds=self.holds,
            scratch_bytes=self.scratch_bytes,
        )


_FLAT, _ROWS = "fw_mve_depthwise_flat_params", "fw_depthwise_rows_s8_mve_params"
_IN_ROWS = ("fw_depthwise_rows_s8_mve", _ROWS)
_DOT, _WIDE = Function("fw_depthwise_dot_s8_mve"), Function("fw_depthwise_dot_wide_s8_mve")

VARIANTS = tuple(
    kernel.variant
    for kernel in (
        Kernel("depthwise_flat_s8_mve", "fw_depthwise_flat_s8_mve", _FLAT, None, flat_plan, 137),
        Kernel(
            *("depthwise_flat_any_s8_mve", "fw_depthwise_flat_any_s8_mve", _FLAT, None),
            *(flat_plan, 151, -1, None),
        ),
        Kernel("depthwise_rows_s8_mve", *_IN_ROWS, _DOT, rows_plan, 137),
        Kernel("depthwise_rows_c8_s8_mve", *_IN_ROWS, _DOT, rows_c8_plan, 137),
        Kernel("depthwise_rows_stride2_s8_mve", *_IN_ROWS, _WIDE, wide_plan, 150),
    )
)
