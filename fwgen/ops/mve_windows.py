"""CONV_2D on MVE: windows that are contiguous in the input, and strips of windows in scratch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fwgen.model.graph import Graph, Op
from fwgen.ops import mve_matrix
from fwgen.ops.channels import outside_taps
from fwgen.ops.mve_matrix import Pixels, cost_of_pairs, cost_of_rest, vectors_of
from fwgen.ops.mve_packing import BLOCK, LANES, pack
from fwgen.ops.operator import Call, Params, Ref, Scratch
from fwgen.ops.windows import WindowOptions, window_fields

SLACK = 32
"""Bytes after the windows in scratch, which copying writes and multiplying reads."""

MOST_SCRATCH = 2048
"""Bytes of scratch that a strip may take, unless two windows need more."""


@dataclass(frozen=True)
class Convolution:
    """What strips depend on: sizes and steps (h, w), input and output channels."""

    batches: int
    output: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    depth: int
    channels: int

    @property
    def line(self) -> int:
        """Input values under a row of the kernel."""
        return self.kernel[1] * self.depth

    @property
    def edges(self) -> int:
        """Windows of a row that go beyond the input on the left or right, at most."""
        return min(self.output[1], -(-(self.kernel[1] - 1) * self.dilation[1] // self.stride[1]))


@dataclass(frozen=True)
class Strips:
    """At most ``most`` pixels at a time, down columns of the output or along its rows."""

    most: int
    down: bool

    def lines(self, conv: Convolution) -> int:
        """Lines of a full strip: below one another, windows share lines."""
        if not self.down:
            return self.most * conv.kernel[0]
        return (self.most - 1) * self.step(conv) + conv.kernel[0]

    def step(self, conv: Convolution) -> int:
        """Lines from one window to the next."""
        if conv.kernel[0] == 1:
            return 1
        return conv.stride[0] if self.down else conv.kernel[0]

    def scratch_bytes(self, conv: Convolution) -> int:
        return -(-(self.lines(conv) * conv.line + SLACK) // LANES) * LANES

    def cost(self, conv: Convolution, hidden: bool) -> float:
        """Estimated cycles of the convolution; see ``conv_2d_s8_mve.c``."""
        height, width = conv.output
        length, others = (height, width) if self.down else (width, height)
        pieces = 1 if conv.dilation[1] == 1 else conv.kernel[1]
        vectors = pieces * vectors_of(conv.line // pieces)
        apart = int(self.down and conv.channels % BLOCK > 0)  # of the last column, see the kernel
        total = 0.0
        for count, times in ((self.most, length // self.most), (length % self.most, 1)):
            if not count * times:
                continue
            # copies of a vector of each line: of all lines together, or of those of a kernel row
            copies = vectors * (1 if self.down else conv.kernel[0])
            lines = Strips(count, self.down).lines(conv)
            gather = 130.0 + copies * 14.0 + vectors * 4.2 * lines
            if not self.down:
                gather += 170.0 * conv.edges * count / width + 30.0 * conv.kernel[0]
            pairs, depth = count // 2 * 2, conv.kernel[0] * conv.line
            matrix = cost_of_pairs(pairs, depth, conv.channels, hidden)
            matrix += cost_of_rest(count - pairs, depth, conv.channels)
            total += times * (gather + matrix) * (others - apart)
            total += times * (gather + cost_of_rest(count, depth, conv.channels)) * apart
        return conv.batches * total


def convolution_of(graph: Graph, op: Op, options: WindowOptions) -> Convolution:
    w, y = graph.input(op, 1), graph.output(op)
    return Convolution(
        batches=y.shape[0],
        output=(y.shape[1], y.shape[2]),
        kernel=(w.shape[1], w.shape[2]),
        stride=(options.stride_h, options.stride_w),
        dilation=(options.dilation_h, options.dilation_w),
        depth=w.shape[3],
        channels=w.shape[0],
    )


@cache
def strips_of(conv: Convolution, hidden: bool) -> Strips:
    """The cheapest strips that fit in MOST_SCRATCH, or two pixels."""
    candidates = []
    for down, length in ((True, conv.output[0]), (False, conv.output[1])):
        if down and conv.kernel[0] > 1 and conv.dilation[0] > 1:
            continue  # windows below one another share no lines
        lengths = {length, *range(2, min(length, 65), 2)}
        fitting = [Strips(n, down) for n in lengths]
        candidates += [s for s in fitting if s.scratch_bytes(conv) <= MOST_SCRATCH or s.most <= 2]
    return min(candidates, key=lambda s: (s.cost(conv, hidden), s.most, s.down))


def contiguous(graph: Graph, op: Op, options: WindowOptions) -> Pixels | None:
    """The output positions as pixels, if their windows are contiguous and evenly spaced."""
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    (_, height, width, depth), (batches, rows, columns, channels) = x.shape, y.shape
    kernel = w.shape[1], w.shape[2]
    tight = [
        size == 1 or dilation == 1
        for size, dilation in zip(kernel, (options.dilation_h, options.dilation_w), strict=True)
    ]
    if not all(tight) or outside_taps(x, kernel, options).any():
        return None
    count = batches * rows * columns
    if kernel == (1, 1) and (rows, columns) == (height, width):
        return Pixels(count, depth, channels)
    if kernel == (height, width):
        return Pixels(count, height * width * depth, channels)
    if batches == 1 and kernel[1] == width:
        return Pixels(count, options.stride_h * width * depth, channels)
    if batches == 1 and height == 1:
        return Pixels(count, options.stride_w * depth, channels)
    return None


def calls(graph: Graph, op: Op, options: WindowOptions, clamp: tuple[int, int]) -> tuple[Call, ...]:
    """The calls that gather windows in scratch and multiply them."""
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    conv = convolution_of(graph, op, options)
    hidden = mve_matrix.hides_rounding(graph, op, clamp)
    strips = strips_of(conv, hidden)
    pitches = strips.step(conv) * conv.line, (y.shape[2] if strips.down else 1) * y.shape[3]
    matrix = mve_matrix.matrix_fields(graph, op, *pitches)
    params = Params(
        "fw_conv_2d_s8_mve_params",
        (
            *window_fields(x, y, conv.kernel, options),
            ("dilation_h", options.dilation_h),
            ("dilation_w", options.dilation_w),
            ("input_zero_point", x.zero_point),
            ("strip", strips.most),
            ("down", int(strips.down)),
            ("matrix", tuple(value for _, value in matrix)),
        ),
    )
    pairs = mve_matrix.kernel_of(w.elements // w.shape[0], hidden)
    packed = pack(graph, op)
    args = (params, Ref(x.index), packed, pairs, mve_matrix.REST, Scratch(), Ref(y.index))
    return (Call("fw_conv_2d_s8_mve", args), *mve_matrix.clamped(graph, op, clamp))


def scratch_bytes(graph: Graph, op: Op, options: WindowOptions, clamp: tuple[int, int]) -> int:
    conv = convolution_of(graph, op, options)
    return strips_of(conv, mve_matrix.hides_rounding(graph, op, clamp)).scratch_bytes(conv)


def cost(graph: Graph, op: Op, options: WindowOptions, clamp: tuple[int, int]) -> float:
    """Estimated cycles of ``calls``."""
    conv = convolution_of(graph, op, options)
    hidden = mve_matrix.hides_rounding(graph, op, clamp)
    total = strips_of(conv, hidden).cost(conv, hidden)
    return total + mve_matrix.cost_of_clamp(graph, op, clamp)
