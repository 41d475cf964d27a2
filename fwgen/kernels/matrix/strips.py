"""CONV_2D on MVE: windows that are contiguous in the input, and strips of windows in scratch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import Form, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.matrix import products
from fwgen.kernels.matrix.costs import ANY, REST, cost_of, vectors_of
from fwgen.kernels.matrix.packing import BLOCK, LANES, pack, pack_any
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.ops.parts.overlap import Int64Array, borders, nested_distance, window_starts
from fwgen.ops.parts.reach import outside_taps
from fwgen.ops.parts.windows import window_fields

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
class Multipliers:
    """The kernels that multiply gathered windows: ``pairs`` an even number of them, ``rest`` any.

    They write whole blocks of ``block`` channels.
    """

    pairs: Function
    rest: Function
    block: int

    def cost(self, paired: int, single: int, conv: Convolution) -> float:
        """Estimated cycles for ``paired`` pixels and ``single`` ones."""
        depth = conv.kernel[0] * conv.line
        cycles = cost_of(self.pairs, paired, depth, conv.channels)
        return cycles + cost_of(self.rest, single, depth, conv.channels)


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

    def count(self, conv: Convolution) -> int:
        """Of all strips, each of which is multiplied by all weights."""
        length, others = conv.output if self.down else conv.output[::-1]
        return conv.batches * others * -(-length // self.most)

    def step(self, conv: Convolution) -> int:
        """Lines from one window to the next."""
        if conv.kernel[0] == 1:
            return 1
        return conv.stride[0] if self.down else conv.kernel[0]

    def scratch_bytes(self, conv: Convolution) -> int:
        return -(-(self.lines(conv) * conv.line + SLACK) // LANES) * LANES

    def cost(self, conv: Convolution, multipliers: Multipliers) -> float:
        """Estimated cycles of the convolution; see ``conv_2d_s8_mve.c``."""
        height, width = conv.output
        length, others = (height, width) if self.down else (width, height)
        pieces = 1 if conv.dilation[1] == 1 else conv.kernel[1]
        vectors = pieces * vectors_of(conv.line // pieces)
        apart = int(
            self.down and conv.channels % multipliers.block > 0
        )  # of the last column, see the kernel
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
            pairs = count // 2 * 2
            matrix = multipliers.cost(pairs, count - pairs, conv)
            total += times * (gather + matrix) * (others - apart)
            total += times * (gather + multipliers.cost(0, count, conv)) * apart
        return conv.batches * total

    def distance(self, conv: Convolution, starts: Sequence[Int64Array], block: int) -> int:
        """D of strips, each gathered before it is written; ``starts`` are ``window_starts``.

        Whole blocks of ``block`` channels are written.
        """
        (height, width), unit = conv.output, conv.channels
        images = np.array(borders(range(conv.batches)), dtype=np.int64) * (height * width * unit)
        rows, columns = np.arange(height), np.arange(width)
        reads, writes = [*starts], [images, rows * width * unit, columns * unit]
        axis, length = (1, height) if self.down else (2, width)
        firsts = np.arange(0, length, self.most)
        reads[axis] = np.minimum.reduceat(starts[axis], firsts)
        writes[axis] = writes[axis][np.minimum(firsts + self.most, length) - 1]
        written = unit + -unit % block
        return nested_distance(*zip(reads, writes, strict=True), ((0,), (written,)))


def convolution_of(node: Node) -> Convolution:
    w, y, options = node.w, node.y, node.options
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
def strips_of(conv: Convolution, multipliers: Multipliers) -> tuple[tuple[Strips, float], ...]:
    """Strips in both directions and what they cost, the cheapest first, scratch falling in each.

    Scratch is MOST_SCRATCH at most, or that of two pixels.
    """
    found = []
    for down, length in ((True, conv.output[0]), (False, conv.output[1])):
        if down and conv.kernel[0] > 1 and conv.dilation[0] > 1:
            continue  # windows below one another share no lines
        sizes = {length, *range(2, min(length, 65), 2)}
        every = [Strips(n, down) for n in sizes]
        fitting = [s for s in every if s.scratch_bytes(conv) <= MOST_SCRATCH or s.most <= 2]
        costs = sorted(
            ((s, s.cost(conv, multipliers)) for s in fitting), key=lambda f: (f[1], f[0].most)
        )
        least = None
        for strips, cost in costs:
            if least is None or strips.scratch_bytes(conv) < least:
                least = strips.scratch_bytes(conv)
                found.append((strips, cost))
    return tuple(sorted(found, key=lambda f: (f[1], f[0].most, f[0].down)))


def contiguous(node: Node) -> Pixels | None:
    """The output positions as pixels, if their windows are contiguous and evenly spaced."""
    x, w, y = node.x, node.w, node.y
    (_, height, width, depth), (batches, rows, columns, channels) = x.shape, y.shape
    kernel = w.shape[1], w.shape[2]
    tight = [
        size == 1 or dilation == 1
        for size, dilation in zip(
            kernel, (node.options.dilation_h, node.options.dilation_w), strict=True
        )
    ]
    if not all(tight) or outside_taps(x, kernel, node.options).any():
        return None
    count = batches * rows * columns
    if kernel == (1, 1) and (rows, columns) == (height, width):
        return Pixels(count, depth, channels)
    if kernel == (height, width):
        return Pixels(count, height * width * depth, channels)
    if batches == 1 and kernel[1] == width:
        return Pixels(count, node.options.stride_h * width * depth, channels)
    if batches == 1 and height == 1:
        return Pixels(count, node.options.stride_w * depth, channels)
    return None


def forms(node: Node, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """Strips that are multiplied by the kernels for pairs of pixels and for single ones."""
    packed = pack(node)
    found = [
        form
        for pairs in products.kernels_of(node, clamp)
        for form in forms_by(Multipliers(pairs, REST, BLOCK), packed, node, clamp)
    ]
    return tuple(sorted(found, key=lambda form: form.cycles))


def forms_of_any(node: Node, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """Strips that are multiplied by the kernel for any scales and biases."""
    return forms_by(Multipliers(ANY, ANY, 1), pack_any(node), node, clamp)


def forms_by(
    multipliers: Multipliers, packed: Constant, node: Node, clamp: tuple[int, int]
) -> tuple[Form, ...]:
    """Strips of several sizes that are gathered in scratch and multiplied."""
    conv, clamping = convolution_of(node), clamp_cycles(node, clamp)
    starts = window_starts(node.x, conv.kernel, node.options)
    return tuple(
        Form(
            calls=_calls(node, clamp, strips, multipliers, packed),
            cycles=cost + clamping,
            scratch_bytes=strips.scratch_bytes(conv),
            overlap=OverlapLimit(
                (None if starts is None else strips.distance(conv, starts, multipliers.block),)
            ),
            reads=Reads(strips.count(conv)),
        )
        for strips, cost in strips_of(conv, multipliers)
    )


def walk_fields(
    node: Node, strips: Strips, channels: tuple[int, int]
) -> tuple[tuple[str, int], ...]:
    """The members of ``fw_conv_2d_s8_mve_params`` before ``matrix``, with ``channels`` of the input
    and the output."""
    x, y, kernel = node.x, node.y, (node.w.shape[1], node.w.shape[2])
    window = dict(window_fields(x, y, kernel, node.options))
    window["input_c"], window["output_c"] = channels
    return (
        *window.items(),
        ("dilation_h", node.options.dilation_h),
        ("dilation_w", node.options.dilation_w),
        ("input_zero_point", x.zero_point),
        ("strip", strips.most),
        ("down", int(strips.down)),
    )


def _calls(
    node: Node,
    clamp: tuple[int, int],
    strips: Strips,
    multipliers: Multipliers,
    packed: Constant,
) -> tuple[Call, ...]:
    x, y = node.x, node.y
    conv = convolution_of(node)
    pitches = strips.step(conv) * conv.line, (y.shape[2] if strips.down else 1) * y.shape[3]
    matrix = products.matrix_fields(node, *pitches)
    walk = walk_fields(node, strips, (x.shape[3], y.shape[3]))
    params = Params(
        "fw_conv_2d_s8_mve_params",
        (*walk, *((f"matrix.{name}", value) for name, value in matrix)),
    )
    kernels = multipliers.pairs, multipliers.rest
    args = (params, Ref(x.index), packed, *kernels, Scratch(), Ref(y.index))
    return (Call("fw_conv_2d_s8_mve", args), *clamped(node, clamp))
