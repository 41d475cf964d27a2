"""Convolutions and FULLY_CONNECTED on MVE as products of pixels with a packed matrix.

A pixel is what an output position sees: a position of a 1x1 convolution, a window of another, a row
of FULLY_CONNECTED. ``mve_matrix.h`` describes the kernels and the layout of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.model.graph import Graph, Op
from fwgen.ops import weights
from fwgen.ops.channels import bias_of
from fwgen.ops.operator import Call, Constant, Function, Params, Ref

LANES = 16
BLOCK = 8
"""Channels that the kernels compute at a time."""

PAIRS = {1: (75, 67), 2: (115, 103), 3: (142, 134), 4: (168, 163), 8: (290,), 9: (315,)}
"""Estimated cycles of two pixels and a block by vectors of depth; without the fix-up if possible.

There is a kernel for each of these; for others there are two that loop from 4 and 8 vectors on.
"""

REST = Function("fw_matrix_row_s8_mve")
"""The kernel for single pixels, of any depth."""


SINGLE = Function("fw_matrix_single_s8_mve")
"""The kernel for one pixel of a multiple of 32 inputs, 128 or more."""

Words = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Pixels:
    """Where pixels are: ``count`` of them, ``input_pitch`` and ``output_pitch`` bytes apart."""

    count: int
    input_pitch: int
    output_pitch: int


def vectors_of(depth: int) -> int:
    """Vectors of 16 values that ``depth`` inputs take."""
    return -(-depth // LANES)


def holds(graph: Graph, op: Op) -> bool:
    """Whether every effective scale is below a half, as the rounding wants."""
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    multiplier, shift = weights.multipliers(x, w, y, w.shape[0])
    return bool(np.all((shift <= -1) | (multiplier == 0)))


def hides_rounding(graph: Graph, op: Op, clamp: tuple[int, int]) -> bool:
    """Whether results below the zero point are clamped, so that their rounding does not show."""
    return clamp[0] >= graph.output(op).zero_point


def kernel_of(depth: int, hidden: bool) -> Function:
    """The kernel for pairs of pixels of ``depth`` inputs."""
    vectors = vectors_of(depth)
    if vectors not in PAIRS:
        vectors = 5 if vectors < 10 else 10
    relu = "_relu" if hidden and vectors <= 4 else ""
    return Function(f"fw_matrix_{vectors}{relu}_s8_mve")


def is_single(depth: int, pixels: Pixels) -> bool:
    """Whether the kernel for one pixel of many inputs takes them."""
    return pixels.count == 1 and depth % (2 * LANES) == 0 and depth >= 8 * LANES


def tiles_of(graph: Graph, op: Op) -> tuple[Words, Words]:
    """(parameters, weights) of weights (channels, ...), contiguous per channel, by block and tile.

    int32 (blocks, 2, 12): bias, multiplier and shift of 4 channels each; int32 (blocks, 2, vectors,
    16): 16 weights of each of 4 channels. ``mve_matrix.h`` says which channels these are. Those
    that there are not, and inputs that there are not, have weights, bias and multiplier 0.
    """
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    channels, depth = w.shape[0], w.elements // w.shape[0]
    vectors, blocks = vectors_of(depth), -(-channels // BLOCK)
    matrix = w.constant.reshape(channels, depth)
    values = np.zeros((blocks * BLOCK, vectors * LANES), np.int8)
    values[:channels, :depth] = matrix
    # block, lane, tile, vector, value -> block, tile, vector, lane, value
    tiles = values.reshape(blocks, 4, 2, vectors, LANES).transpose(0, 2, 3, 1, 4)
    words = np.ascontiguousarray(tiles).view("<i4").reshape(blocks, 2, vectors, LANES)
    multiplier, shift = weights.multipliers(x, w, y, channels)
    sums = matrix.astype(np.int64).sum(axis=1)
    quads = np.zeros((blocks * BLOCK, 3), np.int64)
    quads[:channels, 0] = bias_of(graph, op, channels) - x.zero_point * sums
    quads[:channels, 1] = multiplier
    quads[:channels, 2] = shift
    lanes = quads.reshape(blocks, 4, 2, 3).transpose(0, 2, 3, 1)
    return lanes.reshape(blocks, 2, 12).astype(np.int32), words.astype(np.int32)


def pack(graph: Graph, op: Op) -> Constant:
    """Weights and parameters as ``mve_matrix.h`` has them: blocks from the last to the first."""
    quads, words = tiles_of(graph, op)
    flat = words.reshape(*words.shape[:2], -1)
    stream = np.concatenate([quads[:, 1], flat[:, 0], quads[:, 0], flat[:, 1]], axis=1)
    return Constant("weights", np.ascontiguousarray(stream[::-1]))


def pack_single(graph: Graph, op: Op) -> Constant:
    """Weights and parameters as ``matrix_single_s8_mve.h`` has them."""
    quads, words = tiles_of(graph, op)
    flat = words.transpose(0, 2, 1, 3).reshape(len(words), -1)
    before = np.roll(quads.reshape(len(quads), -1), 1, axis=0)
    return Constant("weights", np.concatenate([before, flat], axis=1))


def matrix_fields(
    graph: Graph, op: Op, input_pitch: int, output_pitch: int
) -> tuple[tuple[str, int], ...]:
    """The members of ``fw_matrix_params``."""
    w = graph.input(op, 1)
    return (
        ("depth", w.elements // w.shape[0]),
        ("channels", w.shape[0]),
        ("input_pitch", input_pitch),
        ("output_pitch", output_pitch),
        ("zero_point", graph.output(op).zero_point),
    )


def paired(graph: Graph, op: Op, pixels: Pixels) -> int:
    """How many pixels of the whole input and output the kernels for pairs can take.

    They read whole vectors, all of which must be in the input, and write whole blocks, all of which
    must be in the output.
    """
    x, w = graph.input(op, 0), graph.input(op, 1)
    reach = vectors_of(w.elements // w.shape[0]) * LANES
    count = min(pixels.count, (x.elements - reach) // pixels.input_pitch + 1)
    beyond = -w.shape[0] % BLOCK
    count = min(count, pixels.count - -(-beyond // w.shape[0]))
    return max(count, 0) // 2 * 2


def calls(graph: Graph, op: Op, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Call, ...]:
    """The calls on pixels that are contiguous in the input."""
    w = graph.input(op, 1)
    depth, pitches = w.elements // w.shape[0], (pixels.input_pitch, pixels.output_pitch)
    params = Params("fw_matrix_params", matrix_fields(graph, op, *pitches))
    if is_single(depth, pixels):
        packed, parts = pack_single(graph, op), [(SINGLE, 0, 1)]
    else:
        packed, pairs = pack(graph, op), paired(graph, op, pixels)
        kernel = kernel_of(depth, hides_rounding(graph, op, clamp))
        parts = [(kernel, 0, pairs), (REST, pairs, pixels.count - pairs)]
    return (
        *(
            Call(part.name, (params, Ref(op.inputs[0]), first, count, packed, Ref(op.outputs[0])))
            for part, first, count in parts
            if count
        ),
        *clamped(graph, op, clamp),
    )


def clamped(graph: Graph, op: Op, clamp: tuple[int, int]) -> tuple[Call, ...]:
    """The call that clamps the output, unless saturation has done so."""
    y = graph.output(op)
    if clamp == (-128, 127):
        return ()
    return (Call("fw_clamp_s8_mve", (Ref(y.index), *clamp, y.elements)),)


def cost_of_pairs(count: int, depth: int, channels: int, hidden: bool) -> float:
    """Estimated cycles for ``count`` pixels, an even number."""
    vectors, blocks = vectors_of(depth), -(-channels // BLOCK)
    if vectors in PAIRS:
        cycles = PAIRS[vectors][-1 if hidden else 0]
    else:
        cycles = 180 + 32 * (vectors - 4) if vectors < 10 else 302 + 32 * (vectors - 8)
    return blocks * (count / 2 * cycles + 110.0) + 60.0 if count else 0.0


def cost_of_rest(count: int, depth: int, channels: int) -> float:
    """Estimated cycles for ``count`` single pixels."""
    blocks = -(-channels // BLOCK)
    return count * (blocks * (20.0 * vectors_of(depth) + 56.0) + 40.0)


def cost(graph: Graph, op: Op, pixels: Pixels, clamp: tuple[int, int]) -> float:
    """Estimated cycles of ``calls``."""
    w = graph.input(op, 1)
    depth, channels = w.elements // w.shape[0], w.shape[0]
    if is_single(depth, pixels):
        blocks, beyond = -(-channels // BLOCK), vectors_of(depth) - 8
        return blocks * (178.0 + 19.0 * beyond) + 100.0 + cost_of_clamp(graph, op, clamp)
    pairs = paired(graph, op, pixels)
    hidden = hides_rounding(graph, op, clamp)
    total = cost_of_pairs(pairs, depth, channels, hidden)
    total += cost_of_rest(pixels.count - pairs, depth, channels)
    return total + cost_of_clamp(graph, op, clamp)


def cost_of_clamp(graph: Graph, op: Op, clamp: tuple[int, int]) -> float:
    """Estimated cycles of ``clamped``."""
    return 0.0 if clamp == (-128, 127) else 30.0 + 6.0 * vectors_of(graph.output(op).elements)
