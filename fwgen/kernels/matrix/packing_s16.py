"""The packing of weights and parameters for int16 products: ``mve_matrix_s16.h``."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.matrix.packing import Scaling, matrix_of
from fwgen.kernels.mve.rescaling_s16 import Int64Array, fits, wide_scaling
from fwgen.model.element import Element
from fwgen.ops.parts import weights
from fwgen.ops.parts.reach import bias_of

QUAD = 4
"""Channels that the kernels compute at a time."""

STEP = 8
"""Inputs that the kernels take at a time."""


def is_narrow(node: Node) -> bool:
    """Whether the reference's sums have 32 bits."""
    return weights.accumulator(node) is Element.S32


def parameters(node: Node) -> Int64Array | None:
    """(fields, channels): bias and multiplier, by the rule of 32 bits a shift, too.

    None if the kernels do not compute the op exactly.
    """
    taps = matrix_of(node).astype(np.int64)
    channels = len(taps)
    bias = bias_of(node, channels)
    found = weights.multipliers(node.x, node.w, node.y, channels)
    multiplier, shift = (values.astype(np.int64) for values in found)
    if not is_narrow(node):
        scaling = wide_scaling(taps, bias, multiplier, shift)
        return None if scaling is None else np.stack(scaling)
    if not (fits(taps, bias) and Scaling(bias, *found).rounds):
        return None
    return np.stack([bias, multiplier, np.where(multiplier == 0, -31, shift)])


def steps_of(depth: int) -> int:
    """Steps for ``depth`` inputs: always an even number."""
    return -(-depth // (2 * STEP)) * 2


def pack_s16(node: Node) -> Constant:
    """Weights and parameters of an op for which there are ``parameters``."""
    words, matrix = parameters(node), matrix_of(node)
    assert words is not None
    channels, depth = matrix.shape
    quads, steps = -(-channels // QUAD), steps_of(depth)
    missing = quads * QUAD - channels
    padded = np.pad(words, ((0, 0), (0, missing))).astype("<i4")
    heads = np.ascontiguousarray(padded.reshape(-1, quads, QUAD).swapaxes(0, 1))
    values = np.pad(matrix, ((0, missing), (0, steps * STEP - depth)))
    # quad, lane, step, input -> quad, step, lane, input
    taps = np.ascontiguousarray(values.reshape(quads, QUAD, steps, STEP).swapaxes(1, 2))
    stream = [heads.reshape(quads, -1).view(np.int8), taps.reshape(quads, -1)]
    origin = weights.weights_and_bias(node)
    return Constant("weights", np.concatenate(stream, axis=1), "mve_matrix_s16.h", origin)
