"""Convolutions and FULLY_CONNECTED on MVE as products of columns with packed weights."""

from __future__ import annotations

import numpy as np

from fwgen.model.graph import Graph, Op
from fwgen.ops import weights
from fwgen.ops.channels import bias_of
from fwgen.ops.operator import Call, Constant, Params, Ref

LANES = 16
ORDER = (0, 2, 1, 3)
"""In which the channels of a block of four are summed, see ``mve_matrix.h``."""


def vectors_of(depth: int) -> int:
    """Vectors of 16 values that a column of ``depth`` takes."""
    return -(-depth // LANES)


def holds(graph: Graph, op: Op, clamp: tuple[int, int]) -> bool:
    """Whether saturation is the clamp, and every scale is below a half as the rounding wants."""
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    multiplier, shift = weights.multipliers(x, w, y, w.shape[0])
    return clamp == (-128, 127) and bool(np.all((shift <= -1) | (multiplier == 0)))


def pack(graph: Graph, op: Op) -> tuple[Constant, Constant]:
    """(weights, quads) of an op whose weights are (channels, ...), contiguous per channel.

    Weights: int8, blocks of four channels, in a block vector by vector of channels 0 and 2, then of
    1 and 3. Quads: int32 (blocks, 3, 4): folded bias in ORDER, multiplier, shift. Channels beyond
    the last have weights, bias and multiplier 0.
    """
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    channels, depth = w.shape[0], w.elements // w.shape[0]
    vectors, blocks = vectors_of(depth), -(-channels // 4)
    values = np.zeros((blocks * 4, vectors * LANES), np.int8)
    values[:channels, :depth] = w.constant.reshape(channels, depth)
    pairs = values.reshape(blocks, 2, 2, vectors, LANES)  # block, half, channel of it
    packed = pairs.transpose(0, 2, 3, 1, 4)  # channels (0, 2), then (1, 3), a vector of each
    quads = np.zeros((blocks * 4, 3), np.int64)
    multiplier, shift = weights.multipliers(x, w, y, channels)
    sums = w.constant.reshape(channels, depth).astype(np.int64).sum(axis=1)
    quads[:channels, 0] = bias_of(graph, op, channels) - x.zero_point * sums
    quads[:channels, 1] = multiplier
    quads[:channels, 2] = shift
    ordered = quads.reshape(blocks, 4, 3).transpose(0, 2, 1).copy()
    ordered[:, 0] = ordered[:, 0, ORDER]
    return (
        Constant("weights", np.ascontiguousarray(packed).reshape(-1)),
        Constant("quads", ordered.astype(np.int32).reshape(-1)),
    )


def calls(graph: Graph, op: Op, rows: int) -> tuple[Call, ...]:
    """The call on ``rows`` contiguous rows of an input whose depth is a multiple of 16."""
    w, y = graph.input(op, 1), graph.output(op)
    params = Params(
        "fw_matrix_s8_mve_params",
        (
            ("rows", rows),
            ("vectors", vectors_of(w.elements // w.shape[0])),
            ("units", w.shape[0]),
            ("output_zero_point", y.zero_point),
        ),
    )
    packed = pack(graph, op)
    return (Call("fw_matrix_s8_mve", (params, Ref(op.inputs[0]), *packed, Ref(y.index))),)


def cost(rows: int, depth: int, channels: int) -> float:
    """Estimated cycles of ``rows`` columns: 8 per vector and 4 outputs, and some per block."""
    pairs, blocks = -(-rows // 2), -(-channels // 4)
    return pairs * (blocks * (16.0 * vectors_of(depth) + 36.0) + 20.0)
