"""CONV_2D on MVE: strips along rows of the output whose windows share the columns of the image.

What lies under a column of the kernel is a line. Windows side by side begin some lines after one
another, so each line is gathered once, and outputs come in the order in which they lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref, Scratch
from fwgen.contract.kernel import Form, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.matrix import products
from fwgen.kernels.matrix.costs import REST, vectors_of
from fwgen.kernels.matrix.packing import BLOCK, LANES, pack
from fwgen.kernels.matrix.strips import SLACK, Convolution, Multipliers, convolution_of
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.ops.parts.overlap import Int64Array, borders, nested_distance, window_starts
from fwgen.ops.parts.windows import window_fields

KERNEL = "conv_2d_across_s8_mve"

MOST_SCRATCH = 4096 + SLACK
"""Bytes of scratch that a strip may take, unless two windows need more."""


@dataclass(frozen=True)
class Across:
    """At most ``columns`` pixels of a row at a time, or ``rows`` full rows of windows of one
    column."""

    conv: Convolution
    rows: int
    columns: int

    @property
    def line(self) -> int:
        """Input values under a column of the kernel."""
        return self.conv.kernel[0] * self.conv.depth

    @property
    def pitch(self) -> int:
        """From a window to the next."""
        return self.line * (1 if self.conv.kernel[1] == 1 else self.conv.stride[1])

    def lines(self, columns: int) -> int:
        """Of a strip of a row."""
        return (columns - 1) * self.pitch // self.line + self.conv.kernel[1]

    @property
    def count(self) -> int:
        """Of all strips, each of which is multiplied by all weights."""
        height, width = self.conv.output
        return self.conv.batches * -(-height // self.rows) * -(-width // self.columns)

    @property
    def scratch_bytes(self) -> int:
        values = self.rows * self.lines(self.columns) * self.line
        return -(-(values + SLACK) // LANES) * LANES

    def cost(self, multipliers: Multipliers) -> float:
        """Estimated cycles of the convolution."""
        conv = self.conv
        vectors, rest = divmod(conv.depth, LANES)
        line = 4.2 * vectors + (6.2 if rest else 0.0)

        def gather(columns: int) -> float:
            pieces = 20.0 + 14.0 * vectors_of(conv.depth) + line * self.lines(columns)
            return 165.0 + conv.kernel[0] * pieces

        total = 0.0
        for rows, high in _parts(conv.output[0], self.rows):
            for columns, wide in _parts(conv.output[1], self.columns):
                count = rows * columns
                matrix = multipliers.cost(count // 2 * 2, count % 2, conv)
                total += high * wide * (rows * gather(columns) + 60.0 + matrix)
        return conv.batches * total

    def distance(self, starts: tuple[Int64Array, Int64Array, Int64Array]) -> int:
        """D of strips, each gathered before it is written; ``starts`` are ``window_starts``."""
        (height, width), unit = self.conv.output, self.conv.channels
        images = np.array(borders(range(self.conv.batches)), dtype=np.int64)
        reads, writes = [starts[0]], [images * (height * width * unit)]
        for start, length, most, size in (
            (starts[1], height, self.rows, width * unit),
            (starts[2], width, self.columns, unit),
        ):
            firsts = np.arange(0, length, most)
            reads.append(np.minimum.reduceat(start, firsts))
            writes.append((np.minimum(firsts + most, length) - 1) * size)
        written = unit + -unit % BLOCK
        return nested_distance(*zip(reads, writes, strict=True), ((0,), (written,)))


def _parts(length: int, most: int) -> Iterator[tuple[int, int]]:
    """(size, times) of the parts of a length."""
    for size, times in ((most, length // most), (length % most, 1)):
        if size * times:
            yield size, times


def holds(node: Node) -> bool:
    """Whether lines are side by side in the image."""
    conv = convolution_of(node)
    return 1 in (conv.kernel[1], conv.dilation[1])


def ways(conv: Convolution) -> Iterator[Across]:
    """Full rows, and parts of a row."""
    height, width = conv.output
    if conv.kernel[1] == 1:
        yield from (Across(conv, -(-height // n), width) for n in range(1, height))
    yield Across(conv, 1, width)
    yield from (Across(conv, 1, columns) for columns in range(2, min(width, 65), 2))


@cache
def priced(conv: Convolution, multipliers: Multipliers) -> tuple[tuple[float, Across], ...]:
    """Ways and what they cost, the cheapest first, scratch falling."""
    found: list[tuple[float, Across]] = []
    fitting = [w for w in ways(conv) if w.scratch_bytes <= MOST_SCRATCH or w.columns <= 2]
    costs = [(way.cost(multipliers), way) for way in fitting]
    for cost, way in sorted(costs, key=lambda f: (f[0], f[1].scratch_bytes)):
        if not found or way.scratch_bytes < found[-1][1].scratch_bytes:
            found.append((cost, way))
    return tuple(found)


def forms(node: Node, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """Strips that are multiplied by the kernels for pairs of pixels and for single ones."""
    conv = convolution_of(node)
    starts = window_starts(node.x, conv.kernel, node.options)
    packed = pack(_by_columns(node))
    found = []
    for pairs, cost, way in _each_way(node, clamp, conv):
        matrix = products.matrix_fields(node, way.pitch, conv.channels)
        fields = (
            *window_fields(node.x, node.y, conv.kernel, node.options),
            ("dilation_h", conv.dilation[0]),
            ("dilation_w", conv.dilation[1]),
            ("input_zero_point", node.x.zero_point),
            ("rows", way.rows),
            ("strip", way.columns),
            *((f"matrix.{name}", value) for name, value in matrix),
        )
        args = Params(f"fw_{KERNEL}_params", fields), Ref(node.x.index), packed, pairs, REST
        call = Call(f"fw_{KERNEL}", (*args, Scratch(), Ref(node.y.index)))
        apart = None if starts is None else way.distance(starts)
        form = Form(
            calls=(call, *clamped(node, clamp)),
            cycles=cost + clamp_cycles(node, clamp),
            scratch_bytes=way.scratch_bytes,
            overlap=OverlapLimit((apart,)),
            reads=Reads(way.count),
        )
        found.append(form)
    return tuple(found)


def _each_way(
    node: Node, clamp: tuple[int, int], conv: Convolution
) -> list[tuple[Function, float, Across]]:
    """(kernel for pairs, cost, way), the cheapest first."""
    found = [
        (pairs, cost, way)
        for pairs in products.kernels_of(node, clamp)
        for cost, way in priced(conv, Multipliers(pairs, REST, BLOCK))
    ]
    return sorted(found, key=lambda one: one[1])


def _by_columns(node: Node) -> Node:
    """The op with weights whose columns come before their rows."""
    w = node.w
    turned = np.ascontiguousarray(w.constant.transpose(0, 2, 1, 3))
    tensors = list(node.graph.tensors)
    tensors[w.index] = replace(w, shape=turned.shape, data=turned)
    return Node(replace(node.graph, tensors=tuple(tensors)), node.op)
