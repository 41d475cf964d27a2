"""DEPTHWISE_CONV_2D on cores of Armv6-M by planes of words: ``v6m_depthwise.h``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, ARMV6M, Form, Kernel, OverlapLimit, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.depthwise.planes import PlanesWindow, pixels_apart, step_bytes, window_of
from fwgen.kernels.depthwise.word_records import (
    Threes,
    WordChannels,
    channels_of,
    records_of,
    threes_of,
)
from fwgen.ops.parts.weights import TYPES, weights_and_bias

DRIVER = "depthwise_words_s8_v6m"
SOME = {
    (5, 1): "depthwise_fives_s8_v6m",
    (5, 2): "depthwise_fives_stride2_s8_v6m",
    (6, 1): "depthwise_sixes_s8_v6m",
    (6, 2): "depthwise_sixes_stride2_s8_v6m",
}
"""Kernels by how many outputs they compute at a time, and by the stride along lines."""

OF_SIXES = 3
"""Threes of the windows that sixes of outputs have a kernel for."""

THREE_CYCLES = {(5, 1): 59.0, (5, 2): 61.0, (6, 1): 65.0, (6, 2): 68.0}
SOME_CYCLES = {5: 32.0, 6: 35.0}
"""What a kernel takes for three taps of so many outputs, and beside all."""

RESCALES = ("outputs_relu_s8_v6m", "outputs_s8_v6m")

WORD = 4


@dataclass(frozen=True)
class WordsPlan:
    """Lines of outputs along columns if ``upright``, else along rows; ``strip`` of them at a time.

    If ``joined``, the lines of a strip are computed like one, with what is between them in the
    plane. ``some`` outputs are computed at a time. ``multiplier`` is how many outputs an input
    channel has.
    """

    window: PlanesWindow
    multiplier: int
    upright: bool
    strip: int
    joined: bool
    some: int

    @property
    def axes(self) -> tuple[int, int]:
        """Those across lines and along them."""
        return (1, 0) if self.upright else (0, 1)

    @property
    def stride(self) -> int:
        return self.window.stride[self.axes[1]]

    @property
    def threes(self) -> Threes:
        across, along = (self.window.kernel[axis] for axis in self.axes)
        return threes_of(across, along, self.window.dilation[self.axes[1]])

    @property
    def reads(self) -> int:
        """Words that a three of taps reads."""
        return (self.some - 1) * self.stride + 3

    def span(self, axis: int, outputs: int) -> int:
        """Inputs of the windows of so many outputs."""
        return (outputs - 1) * self.window.stride[axis] + self.window.span[axis]

    @property
    def line(self) -> int:
        """Words of a line."""
        along = self.axes[1]
        return self.span(along, self.window.output[along])

    @property
    def lines(self) -> int:
        return self.span(self.axes[0], self.strip)

    @property
    def rows(self) -> int:
        """In which sums are computed: lines of outputs, or one for all."""
        return 1 if self.joined else self.strip

    @property
    def row_sums(self) -> int:
        """Sums of a row, with those that only make a number of some whole."""
        count = self.window.output[self.axes[1]]
        if self.joined:
            count += (self.strip - 1) * self.line
        return -(-count // self.some) * self.some

    @property
    def row_words(self) -> int:
        """In the plane from a row of windows to the next."""
        return self.line * self.window.stride[self.axes[0]]

    @property
    def line_sums(self) -> int:
        """From the first sum of a line to that of the next."""
        return self.line if self.joined else self.row_sums

    @property
    def places(self) -> list[int]:
        """Words from the first input of a window to that of each three."""
        across, along = (self.window.dilation[axis] for axis in self.axes)
        return [i * across * self.line + k * along for i, k in self.threes]

    @property
    def steps(self) -> list[int]:
        """Bytes from behind a three's inputs to the next three's, at last of the next outputs."""
        places = [*self.places, self.some * self.stride]
        return [WORD * (b - a - self.reads) for a, b in pairwise(places)]

    @property
    def plane_words(self) -> int:
        last = (self.rows - 1) * self.row_words + (self.row_sums - self.some) * self.stride
        return max(self.lines * self.line, last + max(self.places) + self.reads)

    @property
    def scratch_bytes(self) -> int:
        return WORD * (self.plane_words + 1 + 4 * len(self.threes) + self.rows * self.row_sums)

    @property
    def strips(self) -> int:
        return -(-self.window.output[self.axes[0]] // self.strip)

    @property
    def strip_shape(self) -> tuple[int, int]:
        """(h, w) of the outputs of a strip."""
        h, w = self.window.output
        return (h, self.strip) if self.upright else (self.strip, w)

    def cycles(self, bent: bool) -> float:
        """Estimate for all images."""
        across, along = self.axes
        window, count = self.window, self.window.output[along]
        inside = min(self.lines, window.input[across])
        filling = inside * (4.8 * min(self.line, window.input[along]) + 14.0) + 60.0
        three = THREE_CYCLES[self.some, self.stride] * len(self.threes)
        row = self.row_sums / self.some * (SOME_CYCLES[self.some] + three) + 15.0
        line = (19.5 if bent else 16.5) * count + 25.0
        channel = self.rows * row + self.strip * line + 210.0 + 26.0 * len(self.threes)
        inputs = window.channels // self.multiplier
        strip = inputs * filling + window.channels * channel + 6.0 * self.lines * self.line
        return window.batches * self.strips * strip + 200.0


def plans_of(window: PlanesWindow, multiplier: int) -> Iterator[WordsPlan]:
    """Plans along either axis, of strips of all lines and of parts of them."""
    for upright in (False, True):
        across, along = (1, 0) if upright else (0, 1)
        threes = len(threes_of(window.kernel[across], window.kernel[along], window.dilation[along]))
        kinds = [
            (some, joined)
            for some, stride in SOME
            for joined in (False, True)
            if stride == window.stride[along]
            and (some == 5 or threes == OF_SIXES)
            and (not joined or window.stride == (1, 1))
        ]
        strips = [window.output[across]]
        while strips[-1] > 1:
            strips.append(-(-strips[-1] // 2))
        for strip, (some, joined) in product(strips, kinds):
            if strip > 1 or not joined:
                yield WordsPlan(window, multiplier, upright, strip, joined, some)


def multiplier_of(node: Node) -> int:
    """Output channels of an input channel."""
    return node.y.shape[3] // node.x.shape[3]


def window_in_planes(node: Node) -> PlanesWindow | None:
    """The op's window, with all output channels."""
    return window_of(node, multiplies=multiplier_of(node) > 1)


def holds(node: Node) -> bool:
    """Whether windows and scales are such as the kernels compute exactly."""
    window = window_in_planes(node)
    if window is None or not window.meets_input:
        return False
    plan = next(plans_of(window, multiplier_of(node)), None)
    return plan is not None and channels_of(node) is not None


def forms(node: Node) -> tuple[Form, ...]:
    """The plans of which no other has fewer cycles, less scratch and a shorter distance."""
    window, channels = window_in_planes(node), channels_of(node)
    assert window is not None and channels is not None, "the row holds"
    priced = sorted(
        (
            plan.cycles(channels.bent),
            plan.scratch_bytes,
            pixels_apart(window, plan.strip_shape, backwards=False),
            number,
            plan,
        )
        for number, plan in enumerate(plans_of(window, multiplier_of(node)))
    )
    best: list[tuple[float, int, int, int, WordsPlan]] = []
    for one in priced:
        if not any(other[1] <= one[1] and other[2] <= one[2] for other in best):
            best.append(one)
    packed = {
        upright: Constant(
            "records",
            records_of(channels, upright, plan.threes),
            f"{DRIVER}.h",
            weights_and_bias(node),
        )
        for upright, plan in {plan.upright: plan for *_, plan in best}.items()
    }
    return tuple(_form(node, channels, plan, packed[plan.upright]) for *_, plan in best)


def _params(node: Node, channels: WordChannels, plan: WordsPlan, backwards: bool) -> Params:
    window = plan.window
    pixel = node.x.shape[3], node.y.shape[3]
    axes = []
    for name, axis in zip(("across", "along"), plan.axes, strict=True):
        bytes_of = tuple(
            c if axis else c * w
            for c, w in zip(pixel, (window.input[1], window.output[1]), strict=True)
        )
        axes += [
            (f"{name}.inputs", window.input[axis]),
            (f"{name}.outputs", window.output[axis]),
            (f"{name}.stride", window.stride[axis]),
            (f"{name}.before", window.before[axis]),
            (f"{name}.input_bytes", bytes_of[0]),
            (f"{name}.output_bytes", bytes_of[1]),
        ]
    scale_words = 6 if channels.bent else 4
    return Params(
        f"fw_{DRIVER}_params",
        (
            ("batches", window.batches),
            ("channels", pixel[0]),
            ("input_bytes", node.x.bytes // window.batches),
            ("output_bytes", node.y.bytes // window.batches),
            ("multiplier", plan.multiplier),
            ("pad_value", node.x.zero_point),
            *axes,
            ("strip", plan.strip),
            ("backwards", int(backwards)),
            ("lines", plan.lines),
            ("line", plan.line),
            ("rows", plan.rows),
            ("row_sums", plan.row_sums),
            ("row_skip", WORD * (plan.row_words - plan.row_sums * plan.stride)),
            ("line_sums", plan.line_sums),
            ("plane_words", plan.plane_words),
            ("threes", len(plan.threes)),
            ("record_words", 1 + scale_words + (3 * len(plan.threes) + 3) // 4),
            ("scale_words", scale_words),
        ),
    )


def _form(node: Node, channels: WordChannels, plan: WordsPlan, packed: Constant) -> Form:
    window = plan.window
    kernel = Function(f"fw_{SOME[plan.some, plan.stride]}")
    rescale = Function(f"fw_{RESCALES[channels.bent]}")
    steps = Constant("steps", np.array(plan.steps, np.int32), "v6m_depthwise.h")

    def calls(backwards: bool) -> tuple[Call, ...]:
        params = _params(node, channels, plan, backwards)
        functions = (steps, kernel, rescale, Scratch())
        return (
            Call(
                f"fw_{DRIVER}",
                (params, Ref(node.x.index), packed, *functions, Ref(node.y.index)),
            ),
        )

    def overlap(backwards: bool) -> OverlapLimit:
        if plan.multiplier > 1:
            return APART
        apart = pixels_apart(window, plan.strip_shape, backwards) * window.channels
        return OverlapLimit((apart,), step_bytes(window, 1) if window.channels > 1 else 1)

    mirrors = window.batches == plan.multiplier == 1
    return Form(
        calls=calls(backwards=False),
        cycles=plan.cycles(channels.bent),
        scratch_bytes=plan.scratch_bytes,
        overlap=overlap(backwards=False),
        reversed=Reversed(calls(backwards=True), overlap(backwards=True)) if mirrors else None,
    )


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        DRIVER,
        "fwgen",
        forms,
        ARMV6M,
        holds,
        lacks=frozenset({"v7m"}),
        functions=(DRIVER, *SOME.values(), *RESCALES),
        types=TYPES,
    ),
)
