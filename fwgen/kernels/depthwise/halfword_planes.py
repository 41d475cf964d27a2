"""DEPTHWISE_CONV_2D on cores with the DSP extension by planes of halfwords, for windows up to 3x3.

``dsp_depthwise.h`` describes arithmetic and layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import DSP, Form, Kernel, OverlapLimit, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.depthwise.halfword_records import channels_of, lines_of, scale_of
from fwgen.kernels.depthwise.planes import PlanesWindow, pixels_apart, step_bytes, window_of
from fwgen.kernels.dsp.byte_clamp import FUNCTION as CLAMP
from fwgen.kernels.dsp.byte_clamp import clamp_cycles, clamped
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.weights import TYPES, weights_and_bias

DRIVER = "depthwise_planes_s8_dsp"

LINES = 16
"""Lines of inputs that the planes have, ``FW_PLANE_LINES``."""

LANES = 4
"""Channels at a time."""

STRIDES = {1: "depthwise_3x3", 2: "depthwise_3x3_stride2"}
"""Kernels by the stride along lines, less their endings."""

KERNELS_3X3 = tuple(f"{name}{relu}_s8_dsp" for name in STRIDES.values() for relu in ("", "_relu"))


@dataclass(frozen=True)
class LinesPlan:
    """Strips of (h, w) outputs, computed along columns if ``upright``, else along rows."""

    window: PlanesWindow
    upright: bool
    strip: tuple[int, int]

    @property
    def along(self) -> int:
        """The axis of lines."""
        return 0 if self.upright else 1

    @property
    def stride(self) -> int:
        return self.window.stride[self.along]

    @property
    def fours(self) -> int:
        return self.strip[self.along] // 4

    @property
    def pairs(self) -> int:
        return (self.strip[self.along] % 4 + 1) // 2

    @property
    def scratch_bytes(self) -> int:
        words = (2 * self.fours + self.pairs) * self.stride + 1
        return 4 * LANES * LINES * words

    def span(self, axis: int) -> int:
        """Inputs of the windows of a strip."""
        return (self.strip[axis] - 1) * self.window.stride[axis] + self.window.kernel[axis]

    def cycles(self, hidden: bool) -> float:
        """Estimate for all images, less the clamp."""
        window, across = self.window, 1 - self.along
        strips = np.prod([-(-n // s) for n, s in zip(window.output, self.strip, strict=True)])
        filling = self.span(across) * (9.5 * self.span(self.along) + 40.0) + 60.0
        four, pair = (62.0, 42.0) if hidden else (73.0, 48.0)
        line = self.fours * four + self.pairs * pair + 22.0
        blocks = -(-window.channels // LANES)
        channel = self.strip[across] * line + 60.0
        return float(
            window.batches * strips * (blocks * filling + window.channels * channel) + 100.0
        )


def plans_of(window: PlanesWindow) -> Iterator[LinesPlan]:
    """Plans along either axis, of whole lines and of parts."""
    for upright in (False, True):
        along, across = (0, 1) if upright else (1, 0)
        if window.stride[along] not in STRIDES or window.stride[across] > LINES - 2:
            continue
        most = min((LINES - 3) // window.stride[across] + 1, window.output[across])
        for height in _parts(window.output[across], most):
            for length in _parts(window.output[along], window.output[along]):
                strip = (length, height) if upright else (height, length)
                yield LinesPlan(window, upright, strip)


def _parts(size: int, most: int) -> list[int]:
    """Parts of up to ``most``, each about a half of the one before."""
    found = []
    while most > 1:
        part = -(-size // -(-size // most))  # as few, but of one size
        found.append(part)
        most = part // 2
    return found or [1]


def hides_rounding(node: Node) -> bool:
    """Whether results below the zero point are clamped, so that their rounding does not show."""
    return clamp_of(node)[0] >= node.y.zero_point


def holds(node: Node) -> bool:
    """Whether windows, sums and scales are such as the kernels compute exactly."""
    window = window_of(node)
    if window is None or not window.meets_input or max(window.kernel) > 3:
        return False
    if window.dilation != (1, 1) or channels_of(node) is None:
        return False
    return next(plans_of(window), None) is not None


def forms(node: Node) -> tuple[Form, ...]:
    """The plans of which no other has fewer cycles, less scratch and a shorter distance."""
    window = window_of(node)
    assert window is not None
    hidden = hides_rounding(node)
    priced = sorted(
        (
            plan.cycles(hidden),
            plan.scratch_bytes,
            pixels_apart(window, plan.strip, backwards=False),
            number,
            plan,
        )
        for number, plan in enumerate(plans_of(window))
    )
    best: list[tuple[float, int, int, int, LinesPlan]] = []
    for one in priced:
        if not any(other[1] <= one[1] and other[2] <= one[2] for other in best):
            best.append(one)
    packed = {upright: _packed(node, upright) for upright in {one[-1].upright for one in best}}
    return tuple(_form(node, plan, packed[plan.upright], cycles) for cycles, *_, plan in best)


def _packed(node: Node, upright: bool) -> Constant:
    channels = channels_of(node)
    assert channels is not None
    taps = channels.taps.swapaxes(1, 2) if upright else channels.taps
    words = np.concatenate([lines_of(taps), scale_of(node, channels)], axis=1)
    return Constant("records", words, "dsp_depthwise.h", weights_and_bias(node))


def _form(node: Node, plan: LinesPlan, packed: Constant, cycles: float) -> Form:
    window, clamp = plan.window, clamp_of(node)
    relu = "_relu" if hides_rounding(node) else ""
    kernel = Function(f"fw_{STRIDES[plan.stride]}{relu}_s8_dsp")

    def calls(backwards: bool) -> tuple[Call, ...]:
        params = Params(
            f"fw_{DRIVER}_params",
            (
                *window.members(),
                ("pad_value", node.x.zero_point),
                ("kernel_h", window.kernel[0]),
                ("kernel_w", window.kernel[1]),
                ("stride_h", window.stride[0]),
                ("stride_w", window.stride[1]),
                ("strip_h", plan.strip[0]),
                ("strip_w", plan.strip[1]),
                ("upright", int(plan.upright)),
                ("backwards", int(backwards)),
            ),
        )
        args = (params, Ref(node.x.index), packed, kernel, Scratch(), Ref(node.y.index))
        return (Call(f"fw_{DRIVER}", args), *clamped(node, clamp))

    def overlap(backwards: bool) -> OverlapLimit:
        apart = pixels_apart(window, plan.strip, backwards) * window.channels
        return OverlapLimit((apart,), step_bytes(window, LANES))

    return Form(
        calls=calls(backwards=False),
        cycles=cycles + clamp_cycles(node, clamp),
        scratch_bytes=plan.scratch_bytes,
        overlap=overlap(backwards=False),
        reversed=Reversed(calls(backwards=True), overlap(backwards=True))
        if window.batches == 1
        else None,
        reads_past_bytes=-window.channels % LANES,
    )


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        DRIVER,
        "fwgen",
        forms,
        DSP,
        holds,
        functions=(DRIVER, *KERNELS_3X3, CLAMP),
        types=TYPES,
    ),
)
