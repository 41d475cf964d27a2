"""Convolutions and FULLY_CONNECTED on MVE as products of pixels with a packed matrix.

A pixel is what an output position sees: a position of a 1x1 convolution, a window of another, a row
of FULLY_CONNECTED. ``mve_matrix.h`` describes the kernels and the layout of the weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Calls, Constant, Each, Function, Params, Ref, Repeat
from fwgen.contract.kernel import Form, OverlapLimit, Reads, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.matrix.costs import (
    ANY,
    PAIRS,
    RELU,
    REST,
    SINGLE,
    SINGLE_UNIFORM,
    THIN,
    cost_of,
    cost_of_pairs,
    cost_of_rest,
    cost_of_thin,
    vectors_of,
)
from fwgen.kernels.matrix.packing import (
    BLOCK,
    LANES,
    pack,
    pack_any,
    pack_single,
    pack_single_uniform,
    pack_thin,
    scaling_of,
    short_scaling,
)
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.ops.parts.overlap import borders, distance


@dataclass(frozen=True)
class Pixels:
    """Where pixels are: ``count`` of them, ``input_pitch`` and ``output_pitch`` bytes apart."""

    count: int
    input_pitch: int
    output_pitch: int


def holds(node: Node) -> bool:
    """Whether every kernel can rescale the sums and has room for their bias."""
    return scaling_of(node).rounds and short_scaling(node) is not None


def holds_pixels(node: Node, pixels: Pixels) -> bool:
    """Whether ``calls`` is possible: a kernel for one scale has room for any bias."""
    if uniform_kernel(node, pixels) is not None:
        return scaling_of(node).rounds
    return holds(node)


def hides_rounding(node: Node, clamp: tuple[int, int]) -> bool:
    """Whether results below the zero point are clamped, so that their rounding does not show."""
    return clamp[0] >= node.y.zero_point


def kernel_of(depth: int, hidden: bool) -> Function:
    """The kernel for pairs of pixels of ``depth`` inputs."""
    vectors = vectors_of(depth)
    if vectors not in PAIRS:
        vectors = 5 if vectors < 10 else 10
    relu = "_relu" if hidden and vectors in RELU else ""
    return Function(f"fw_matrix_{vectors}{relu}_s8_mve")


def kernels_of(node: Node, clamp: tuple[int, int]) -> tuple[Function, ...]:
    """The kernels for pairs of the op's pixels, the fastest first.

    One without the rounding fix-up is faster, if outputs hide it; the other may serve other ops,
    too, which saves its code.
    """
    depth = node.w.elements // node.w.shape[0]
    kinds = (True, False) if hides_rounding(node, clamp) else (False,)
    return tuple(dict.fromkeys(kernel_of(depth, hidden) for hidden in kinds))


def is_single(depth: int, pixels: Pixels) -> bool:
    """Whether the kernel for one pixel of many inputs takes them."""
    return pixels.count == 1 and depth % (2 * LANES) == 0 and depth >= 8 * LANES


def uniform_kernel(node: Node, pixels: Pixels) -> Function | None:
    """The kernel for one scale of all channels, None if no such kernel suits or another is
    faster."""
    w = node.w
    if not scaling_of(node).uniform:
        return None
    depth, channels = w.elements // w.shape[0], w.shape[0]
    if is_single(depth, pixels):
        return SINGLE_UNIFORM
    thin = cost_of_thin(pixels.count, depth, channels)
    return THIN if thin <= cost_of_parts(node, pixels, False) else None


def matrix_fields(node: Node, input_pitch: int, output_pitch: int) -> tuple[tuple[str, int], ...]:
    """The members of ``fw_matrix_params``."""
    w = node.w
    return (
        ("depth", w.elements // w.shape[0]),
        ("channels", w.shape[0]),
        ("input_pitch", input_pitch),
        ("output_pitch", output_pitch),
        ("zero_point", node.y.zero_point),
    )


def paired(node: Node, pixels: Pixels) -> int:
    """How many pixels of the whole input and output the kernels for pairs can take.

    They read whole vectors, all of which must be in the input, and write whole blocks, all of which
    must be in the output.
    """
    x, w = node.x, node.w
    reach = vectors_of(w.elements // w.shape[0]) * LANES
    count = min(pixels.count, (x.elements - reach) // pixels.input_pitch + 1)
    beyond = -w.shape[0] % BLOCK
    count = min(count, pixels.count - -(-beyond // w.shape[0]))
    return max(count, 0) // 2 * 2


@dataclass(frozen=True)
class MatrixPart:
    """Calls of a kernel: for ``count`` pixels from ``first`` on, then the next, ``times`` times."""

    kernel: Function
    first: int
    count: int
    times: int = 1

    @property
    def end(self) -> int:
        return self.first + self.count * self.times

    def firsts(self, backwards: bool) -> range:
        """The first pixel of each call, in the order of the calls."""
        firsts = range(self.first, self.end, self.count)
        return firsts[::-1] if backwards else firsts


@dataclass(frozen=True)
class Product:
    """The product of an op: pixels of ``depth`` inputs each, to ``channels`` outputs."""

    node: Node
    pixels: Pixels
    clamp: tuple[int, int]
    packed: Constant

    @property
    def depth(self) -> int:
        w = self.node.w
        return w.elements // w.shape[0]

    @property
    def channels(self) -> int:
        return self.node.w.shape[0]

    @property
    def quads(self) -> tuple[int, ...]:
        """Channels that are written before the last 4 of a pixel, and after them."""
        before = (self.channels - 1) // 4 * 4
        return (before, self.channels) if before else (self.channels,)

    def calls(self, parts: list[MatrixPart], backwards: bool = False) -> Calls:
        """The parts one after the other, or the last first."""
        pitches = self.pixels.input_pitch, self.pixels.output_pitch
        params = Params("fw_matrix_params", matrix_fields(self.node, *pitches))
        x, y = Ref(self.node.inputs[0]), Ref(self.node.outputs[0])
        made: list[Call | Repeat] = []
        for part in parts[::-1] if backwards else parts:
            firsts = part.firsts(backwards)
            first = Each(firsts[0], firsts.step) if part.times > 1 else firsts[0]
            call = Call(part.kernel.name, (params, x, first, part.count, self.packed, y))
            made.append(Repeat(part.times, (call,)) if part.times > 1 else call)
        return (*made, *clamped(self.node, self.clamp))

    def cost(self, parts: list[MatrixPart]) -> float:
        """Estimated cycles of ``calls``."""
        total = clamp_cycles(self.node, self.clamp)
        for part in parts:
            cycles = cost_of(part.kernel, part.count, self.depth, self.channels)
            total += part.times * (cycles + 10.0)
        return total

    def forwards(self, parts: list[MatrixPart]) -> int:
        """D of ``calls``, see ``overlap.py``."""
        steps = np.array([s for part in parts for s in self._steps(part)], dtype=np.int64)
        single = all(part.kernel in (REST, THIN) for part in parts)  # these end with the channels
        return distance(
            steps[:, 0] * self.pixels.input_pitch,
            steps[:, 1] * self.pixels.output_pitch + (0 if single else self.over),
        )

    def _steps(self, part: MatrixPart) -> Iterator[tuple[int, int]]:
        """(pixel read from, pixel written to) of each step.

        All pixels of a call pass for each block of channels; only one by one if there is one block,
        or if the kernel has a loop over pixels outside. The kernels for pairs store anything in
        the place of the first pair before they have read all of it.
        """
        single = part.kernel in (REST, THIN)
        each = 1 if single else 2 if self.channels <= BLOCK else part.count
        again = 1 if single and self.channels <= BLOCK else 2
        for first in borders(range(part.first, part.end, each)):
            yield from [(first, first + each)] * again

    @property
    def over(self) -> int:
        """Bytes that the last block of a pixel reaches beyond its channels."""
        return -self.channels % BLOCK

    def backwards(self, parts: list[MatrixPart]) -> int | None:
        """The same for calls from the last to the first; None if blocks reach beyond pixels."""
        if self.over:
            return None
        x, y = self.node.x, self.node.y
        ends = [
            (first + part.count - 1) * self.pixels.input_pitch
            + self.depth
            - first * self.pixels.output_pitch
            for part in parts
            for first in borders(part.firsts(True))
        ]
        return max(ends) + y.bytes - x.bytes


def whole(node: Node, pixels: Pixels, kernel: Function) -> list[MatrixPart]:
    """The fastest parts for pixels that are contiguous in the input, with ``kernel`` for pairs."""
    w = node.w
    depth = w.elements // w.shape[0]
    uniform = uniform_kernel(node, pixels)
    if uniform is not None:
        return [MatrixPart(uniform, 0, pixels.count)]
    if is_single(depth, pixels):
        return [MatrixPart(SINGLE, 0, 1)]
    return bands(node, pixels, kernel, paired(node, pixels))


def bands(node: Node, pixels: Pixels, kernel: Function, most: int) -> list[MatrixPart]:
    """Pairs of pixels, at most ``most`` pixels in a call, an even number, and the rest."""
    pairs = paired(node, pixels)
    times, left = divmod(pairs, most) if pairs else (0, 0)
    parts = [
        MatrixPart(kernel, 0, most, times),
        MatrixPart(kernel, pairs - left, left),
        MatrixPart(REST, pairs, pixels.count - pairs),
    ]
    return [part for part in parts if part.count * part.times]


def product(node: Node, pixels: Pixels, clamp: tuple[int, int], parts: list[MatrixPart]) -> Product:
    """The op with its weights as the kernels of ``parts`` want them."""
    packing = {SINGLE_UNIFORM: pack_single_uniform, THIN: pack_thin, SINGLE: pack_single}
    packed = packing.get(parts[0].kernel, pack)(node)
    return Product(node, pixels, clamp, packed)


MOST_BANDS = 64
"""Bands that pixels are divided into at most; each costs a call and the start of its loops."""


def forms(node: Node, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """All pixels in one call, and in more and more bands, each done before the next."""
    found = [
        form
        for kernel in kernels_of(node, clamp)
        for form in _forms_by(kernel, node, pixels, clamp)
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda form: form.cycles))


def _forms_by(
    kernel: Function, node: Node, pixels: Pixels, clamp: tuple[int, int]
) -> tuple[Form, ...]:
    parts = whole(node, pixels, kernel)
    made = product(node, pixels, clamp, parts)
    found = [_form(made, parts)]
    if parts[0].kernel in (SINGLE, SINGLE_UNIFORM, THIN, REST):
        return tuple(found)
    divisors, pairs = [k for n in range(1, 7) for k in (1 << n, 3 << n - 1)], parts[0].count
    sizes = sorted({-(-pairs // (2 * k)) * 2 for k in divisors if k <= MOST_BANDS}, reverse=True)
    for most in sizes:
        if most < pairs:
            found.append(_form(made, bands(node, pixels, kernel, most)))
    return tuple(found)


def _form(made: Product, parts: list[MatrixPart]) -> Form:
    backwards = made.backwards(parts)
    return Form(
        calls=made.calls(parts),
        cycles=made.cost(parts),
        overlap=OverlapLimit((made.forwards(parts),)),
        reversed=None
        if backwards is None
        else Reversed(made.calls(parts, True), OverlapLimit((backwards,))),
        reads=_reads(made, parts),
    )


def _reads(made: Product, parts: list[MatrixPart]) -> Reads:
    """A call goes through its pixels for each block of channels."""
    blocks = -(-made.node.w.shape[0] // BLOCK)
    most = max(part.count for part in parts)
    return Reads(sum(part.times for part in parts), blocks, most * made.pixels.input_pitch)


def forms_one_by_one(node: Node, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """The kernel for single pixels alone, the smallest there is."""
    parts = [MatrixPart(REST, 0, pixels.count)]
    made = product(node, pixels, clamp, parts)
    return (
        Form(made.calls(parts), made.cost(parts), overlap=OverlapLimit((made.forwards(parts),))),
    )


def forms_of_any(node: Node, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """The kernel for any scales and biases, which writes the channels that there are."""
    made = Product(node, pixels, clamp, pack_any(node))
    parts = [MatrixPart(ANY, 0, pixels.count)]
    steps = [(first, end) for first in borders(range(pixels.count)) for end in made.quads]
    reads, writes = np.array(steps, dtype=np.int64).T
    apart = distance(reads * pixels.input_pitch, reads * pixels.output_pitch + writes)
    return (Form(made.calls(parts), made.cost(parts), overlap=OverlapLimit((apart,))),)


def cost_of_parts(node: Node, pixels: Pixels, hidden: bool) -> float:
    """Estimated cycles for pairs of pixels and the rest."""
    w = node.w
    depth, channels, pairs = w.elements // w.shape[0], w.shape[0], paired(node, pixels)
    rest = cost_of_rest(pixels.count - pairs, depth, channels)
    return cost_of_pairs(pairs, depth, channels, hidden) + rest
