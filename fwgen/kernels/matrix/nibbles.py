"""Nibbles: products with weights that fit 4 bits, which are kept two to a byte.

FULLY_CONNECTED multiplies them in place. Convolutions unpack them: some channels at a time
for all pixels where windows are contiguous, else all of them before the first window.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import Form, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.matrix import products, strips
from fwgen.kernels.matrix.costs import REST, cost_of, vectors_of
from fwgen.kernels.matrix.packing import BLOCK, LANES, matrix_of, pack, scaling_of
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.model.element import Element
from fwgen.ops.parts.overlap import borders, distance
from fwgen.ops.parts.weights import weights_and_bias

DENSE, BLOCKS, WHOLE = (
    f"{name}_s8_mve" for name in ("matrix_nibbles", "matrix_unpacked", "unpack_weights")
)

QUAD = 4
"""Channels that the kernel for single pixels computes at a time."""


def fits(node: Node) -> bool:
    """Whether all weights have 4 bits."""
    values = node.w.constant
    return bool(values.min() >= -8 and values.max() <= 7)


def holds_dense(node: Node) -> bool:
    return fits(node) and scaling_of(node).rounds


def pack_dense(node: Node) -> Constant:
    """Parameters and weights as ``matrix_nibbles_s8_mve.h`` has them."""
    scaling, matrix = scaling_of(node), matrix_of(node)
    channels, depth = matrix.shape
    missing, steps = -channels % QUAD, -(-depth // LANES)
    words = np.stack([scaling.bias, scaling.multiplier, scaling.shift])
    quads = np.pad(words, ((0, 0), (0, missing))).reshape(3, -1, QUAD).astype("<i4")
    fields = [np.ascontiguousarray(words).view(np.int8) for words in quads]
    even, odd = np.pad(matrix, ((0, missing), (0, 0))).reshape(-1, 2, depth).swapaxes(0, 1)
    both = np.pad(odd << 4 | even + 8, ((0, 0), (0, LANES * steps - depth)))
    # quad, pair, step, value -> quad, step, pair, value
    tiles = both.reshape(-1, 2, steps, LANES).swapaxes(1, 2).reshape(len(fields[0]), -1)
    stream = np.concatenate([*fields[:2], tiles, fields[2]], axis=1)
    return Constant("weights", stream, f"{DENSE}.h", weights_and_bias(node))


def forms_dense(node: Node, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """All rows, one by one."""
    units, depth = node.w.shape
    fields = products.matrix_fields(node, pixels.input_pitch, pixels.output_pitch)
    params, packed = Params("fw_matrix_params", fields), pack_dense(node)
    tensors = Ref(node.x.index), Ref(node.y.index)
    arguments = (params, tensors[0], pixels.count, packed, tensors[1])
    vectors = vectors_of(depth)
    before = (units - 1) // QUAD * QUAD
    ends = [before, units] if before else [units]
    walk = [(first, end) for first in borders(range(pixels.count)) for end in ends]
    reads, writes = np.array(walk, dtype=np.int64).T
    apart = distance(reads * pixels.input_pitch, reads * pixels.output_pitch + writes)
    cycles = -(-units // QUAD) * (9.0 * vectors + 38.0) + 3.0 * vectors + 60.0
    return (
        Form(
            calls=(Call(f"fw_{DENSE}", arguments), *clamped(node, clamp)),
            cycles=pixels.count * cycles + clamp_cycles(node, clamp),
            overlap=OverlapLimit((apart,)),
            reads_past_bytes=-depth % LANES,
        ),
    )


def halves(values: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """(..., 32 weights) as (..., 16 bytes): the first 16 in the low halves."""
    low, high = values[..., :LANES], values[..., LANES:]
    both: npt.NDArray[np.int8] = (low & 15) | (high << 4)
    return both


def pack_blocks(node: Node) -> Constant:
    """Blocks as ``mve_unpack.h`` has them."""
    whole = pack(node)
    words = np.ascontiguousarray(whole.data.astype("<i4"))
    # block, tile, parameters and weights
    tiles = words.view(np.int8).reshape(2 * len(words), -1)
    head = 2 * QUAD * 4
    weights = halves(tiles[:, head:].reshape(len(tiles), -1, 2 * LANES))
    stream = np.concatenate([tiles[:, :head], weights.reshape(len(tiles), -1)], axis=1)
    return replace(whole, data=stream.reshape(len(words), -1), layout="mve_unpack.h")


def unpacking_cycles(node: Node, blocks: int) -> float:
    """Estimated cycles to unpack blocks."""
    depth = node.w.elements // node.w.shape[0]
    return blocks * (2 * (16.0 * vectors_of(depth) + 12.0) + 10.0)


def forms_pixels(node: Node, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """All pixels of two blocks of channels, then those of the next."""
    x, w, y = node.x, node.w, node.y
    depth, channels, pairs = w.elements // w.shape[0], w.shape[0], products.paired(node, pixels)
    kernel = products.kernel_of(depth, products.hides_rounding(node, clamp))
    fields = products.matrix_fields(node, pixels.input_pitch, pixels.output_pitch)
    params, packed = Params("fw_matrix_params", fields), pack_blocks(node)
    numbers = (pairs, pixels.count, packed, kernel, REST, Scratch())
    blocks = -(-channels // BLOCK)
    each = cost_of(kernel, pairs, depth, BLOCK) + cost_of(REST, pixels.count - pairs, depth, BLOCK)
    return (
        Form(
            calls=(
                Call(f"fw_{BLOCKS}", (params, Ref(x.index), *numbers, Ref(y.index))),
                *clamped(node, clamp),
            ),
            cycles=blocks * (each + 10.0)
            + unpacking_cycles(node, blocks)
            + clamp_cycles(node, clamp),
            scratch_bytes=min(2, blocks) * (64 + 128 * vectors_of(depth)),
            overlap=OverlapLimit((_apart(pixels, pairs, channels),)),
        ),
    )


def _apart(pixels: Pixels, pairs: int, channels: int) -> int:
    """D. A kernel for pairs stores anything in the place of its first pixel before it reads it."""
    steps: list[tuple[int, int]] = []
    for channel in borders(range(0, channels, BLOCK))[::-1]:
        whole, there = channel + BLOCK, min(channel + BLOCK, channels)
        if pairs:
            steps.append((0, whole))
        ends = [(first, first + 1, whole) for first in borders(range(0, pairs, 2))]
        ends += [(first, first, there) for first in borders(range(pairs, pixels.count))]
        steps += [
            (first * pixels.input_pitch, last * pixels.output_pitch + written)
            for first, last, written in ends
        ]
    reads, writes = np.array(steps, dtype=np.int64).T
    return distance(reads, writes)


def forms_strips(node: Node, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """Strips of windows, once all weights are unpacked in scratch behind them."""
    packed, depth = pack_blocks(node), node.w.elements // node.w.shape[0]
    vectors, blocks = vectors_of(depth), len(packed.data)
    found = []
    for form in strips.forms(node, clamp):
        at = -(-form.scratch_bytes // LANES) * LANES
        behind = Scratch(at, Element.S32)
        unpack = Call(f"fw_{WHOLE}", (packed, blocks, vectors, Scratch(at)))
        (convolve, *rest) = form.calls
        assert isinstance(convolve, Call)
        args = tuple(behind if isinstance(arg, Constant) else arg for arg in convolve.args)
        found.append(
            replace(
                form,
                calls=(unpack, replace(convolve, args=args), *rest),
                cycles=form.cycles + unpacking_cycles(node, blocks) + 20.0,
                scratch_bytes=at + blocks * (64 + 128 * vectors),
            )
        )
    return tuple(found)
