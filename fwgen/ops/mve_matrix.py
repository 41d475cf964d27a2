"""Convolutions and FULLY_CONNECTED on MVE as products of pixels with a packed matrix.

A pixel is what an output position sees: a position of a 1x1 convolution, a window of another, a row
of FULLY_CONNECTED. ``mve_matrix.h`` describes the kernels and the layout of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.model.graph import Graph, Op
from fwgen.ops.mve_packing import (
    BLOCK,
    LANES,
    pack,
    pack_single,
    pack_single_uniform,
    pack_thin,
    scaling_of,
    short_scaling,
)
from fwgen.ops.operator import Call, Function, Params, Ref

PAIRS = {1: (77, 69), 2: (115, 105), 3: (143, 135), 4: (168, 163), 8: (290,), 9: (316,)}
"""Estimated cycles of two pixels and a block by vectors of depth; without the fix-up if possible.

There is a kernel for each of these; for others there are two that loop from 4 and 8 vectors on.
"""

REST = Function("fw_matrix_row_s8_mve")
"""The kernel for single pixels, of any depth."""


SINGLE = Function("fw_matrix_single_s8_mve")
SINGLE_UNIFORM = Function("fw_matrix_single_uniform_s8_mve")
"""Kernels for one pixel of a multiple of 32 inputs, 128 or more; the other for one scale of all
channels."""

THIN = Function("fw_matrix_thin_s8_mve")
"""The kernel for single pixels of few inputs and one scale of all channels."""


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
    """Whether every kernel can rescale the sums and has room for their bias."""
    return scaling_of(graph, op).rounds and short_scaling(graph, op) is not None


def holds_pixels(graph: Graph, op: Op, pixels: Pixels) -> bool:
    """Whether ``calls`` is possible: a kernel for one scale has room for any bias."""
    if uniform_kernel(graph, op, pixels) is not None:
        return scaling_of(graph, op).rounds
    return holds(graph, op)


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


def uniform_kernel(graph: Graph, op: Op, pixels: Pixels) -> Function | None:
    """The kernel for one scale of all channels, if there is one and it is the best choice."""
    w = graph.input(op, 1)
    if not scaling_of(graph, op).uniform:
        return None
    depth, channels = w.elements // w.shape[0], w.shape[0]
    if is_single(depth, pixels):
        return SINGLE_UNIFORM
    thin = cost_of_thin(pixels.count, depth, channels)
    return THIN if thin <= cost_of_parts(graph, op, pixels, False) else None


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
    parts = [(uniform_kernel(graph, op, pixels), 0, pixels.count)]
    if parts[0][0] == SINGLE_UNIFORM:
        packed = pack_single_uniform(graph, op)
    elif parts[0][0] == THIN:
        packed = pack_thin(graph, op)
    elif is_single(depth, pixels):
        packed, parts = pack_single(graph, op), [(SINGLE, 0, 1)]
    else:
        packed, pairs = pack(graph, op), paired(graph, op, pixels)
        kernel = kernel_of(depth, hides_rounding(graph, op, clamp))
        parts = [(kernel, 0, pairs), (REST, pairs, pixels.count - pairs)]
    return (
        *(
            Call(part.name, (params, Ref(op.inputs[0]), first, count, packed, Ref(op.outputs[0])))
            for part, first, count in parts
            if part is not None and count
        ),
        *clamped(graph, op, clamp),
    )


def calls_one_by_one(
    graph: Graph, op: Op, pixels: Pixels, clamp: tuple[int, int]
) -> tuple[Call, ...]:
    """The calls with the kernel for single pixels alone, the smallest there is."""
    fields = matrix_fields(graph, op, pixels.input_pitch, pixels.output_pitch)
    params, packed = Params("fw_matrix_params", fields), pack(graph, op)
    x, y = Ref(op.inputs[0]), Ref(op.outputs[0])
    call = Call(REST.name, (params, x, 0, pixels.count, packed, y))
    return (call, *clamped(graph, op, clamp))


def cost_one_by_one(graph: Graph, op: Op, pixels: Pixels, clamp: tuple[int, int]) -> float:
    """Estimated cycles of ``calls_one_by_one``."""
    w = graph.input(op, 1)
    rest = cost_of_rest(pixels.count, w.elements // w.shape[0], w.shape[0])
    return rest + cost_of_clamp(graph, op, clamp)


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
        cycles = 180 + 32 * (vectors - 4) if vectors < 10 else 301 + 32 * (vectors - 8)
    return blocks * (count / 2 * cycles + 110.0) + 60.0 if count else 0.0


def cost_of_rest(count: int, depth: int, channels: int) -> float:
    """Estimated cycles for ``count`` single pixels."""
    blocks = -(-channels // BLOCK)
    return count * (blocks * (20.0 * vectors_of(depth) + 56.0) + 40.0)


def cost_of_single(depth: int, channels: int, uniform: bool) -> float:
    """Estimated cycles for one pixel of a multiple of 32 inputs, 128 or more."""
    blocks, beyond = -(-channels // BLOCK), vectors_of(depth) - 8
    return blocks * ((172.0 if uniform else 179.0) + 19.0 * beyond) + 100.0


def cost_of_thin(count: int, depth: int, channels: int) -> float:
    """Estimated cycles for ``count`` pixels of few inputs."""
    return count * (-(-channels // BLOCK) * (5.0 * depth + 36.0) + 40.0)


def cost_of_parts(graph: Graph, op: Op, pixels: Pixels, hidden: bool) -> float:
    """Estimated cycles for pairs of pixels and the rest."""
    w = graph.input(op, 1)
    depth, channels, pairs = w.elements // w.shape[0], w.shape[0], paired(graph, op, pixels)
    rest = cost_of_rest(pixels.count - pairs, depth, channels)
    return cost_of_pairs(pairs, depth, channels, hidden) + rest


def cost(graph: Graph, op: Op, pixels: Pixels, clamp: tuple[int, int]) -> float:
    """Estimated cycles of ``calls``."""
    w = graph.input(op, 1)
    depth, channels = w.elements // w.shape[0], w.shape[0]
    total = cost_of_clamp(graph, op, clamp)
    kernel = uniform_kernel(graph, op, pixels)
    if kernel == THIN:
        return total + cost_of_thin(pixels.count, depth, channels)
    if is_single(depth, pixels):
        return total + cost_of_single(depth, channels, kernel is not None)
    return total + cost_of_parts(graph, op, pixels, hides_rounding(graph, op, clamp))


def cost_of_clamp(graph: Graph, op: Op, clamp: tuple[int, int]) -> float:
    """Estimated cycles of ``clamped``."""
    return 0.0 if clamp == (-128, 127) else 30.0 + 6.0 * vectors_of(graph.output(op).elements)
