"""The packing of weights as bytes for Armv7-M: ``v7m_matrix.h`` and ``v7m_single.h``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.dsp import one_shift
from fwgen.kernels.matrix.lesser_shifts import limited
from fwgen.kernels.matrix.packing import Scaling, matrix_of, scaling_of
from fwgen.kernels.matrix.paired_bytes import wrapped
from fwgen.ops.parts import weights

MOST_SHIFT = 22
"""Beyond it the addend of a rescaled sum leaves 32 bits: see ``v7m_matrix.h``."""

SUM_BITS = 2
"""The kernels take 2**SUM_BITS times a sum."""

SUM_LIMIT = 1 << 29
"""A sum is in [-SUM_LIMIT, SUM_LIMIT)."""


BLOCK = 8
"""Channels that the kernel for a row computes at a time."""

Int64Array = npt.NDArray[np.int64]


def holds(node: Node) -> bool:
    """Whether sums and scales are such as the kernels compute exactly."""
    return _scaling_of(node) is not None


def _scaling_of(node: Node) -> Scaling | None:
    """What the kernels rescale by; None if they have no room for sums or shifts."""
    return limited(scaling_of(node), matrix_of(node), SUM_LIMIT, MOST_SHIFT)


def _scales(node: Node, scaling: Scaling) -> Int64Array:
    """Multiplier, addend and shift, (channels, 3)."""
    e = -scaling.shift.astype(np.int64)
    shift, addend = one_shift.right(SUM_BITS, e), one_shift.addend(SUM_BITS, e, node.y.zero_point)
    return np.stack([scaling.multiplier.astype(np.int64), addend, shift], axis=1)


def is_uniform(node: Node) -> bool:
    """Whether all channels have one multiplier and one shift."""
    scaling = _scaling_of(node)
    assert scaling is not None, "the row holds"
    return scaling.uniform


def pack_rows(node: Node) -> Constant:
    """Scales, and weights of blocks of 8 channels: ``v7m_single.h``."""
    matrix, scaling = matrix_of(node), _scaling_of(node)
    assert scaling is not None, "the row holds"
    missing = -len(matrix) % BLOCK
    scales = _scales(node, scaling)
    scales = scales[:1] if scaling.uniform else np.pad(scales, ((0, missing), (0, 0)))
    bias = wrapped(np.pad(scaling.bias, (0, missing))).reshape(-1, BLOCK)
    # block, channel, input -> block, input, channel
    padded = np.pad(matrix, ((0, missing), (0, 0))).reshape(len(bias), BLOCK, -1)
    bytes_ = np.ascontiguousarray(padded.swapaxes(1, 2)).reshape(len(bias), -1)
    blocks = np.concatenate([bias, bytes_.view("<i4").astype(np.int32)], axis=1)
    flat = np.concatenate([wrapped(scales).reshape(-1), blocks.reshape(-1)])
    return Constant("weights", flat, "v7m_single.h", weights.weights_and_bias(node))


def pack(node: Node) -> Constant:
    """Biases, weights and constants of pairs of channels, from the last pair to the first."""
    matrix, scaling = matrix_of(node), _scaling_of(node)
    assert scaling is not None, "the row holds"
    odd, depth = len(matrix) % 2, matrix.shape[1]
    values = np.pad(matrix, ((0, odd), (0, depth % 2)))
    # pair, channel, input -> pair, input, channel
    bytes_ = np.ascontiguousarray(values.reshape(-1, 2, values.shape[1]).swapaxes(1, 2))
    words = bytes_.reshape(len(bytes_), -1).view("<i4").astype(np.int32)
    bias = wrapped(np.pad(scaling.bias, (0, odd))).reshape(-1, 2)
    constants = wrapped(np.pad(_scales(node, scaling), ((0, odd), (0, 0)))).reshape(-1, 6)
    stream = np.concatenate([bias, words, constants], axis=1)
    flat = np.ascontiguousarray(stream[::-1], dtype=np.int32)
    return Constant("weights", flat, "v7m_matrix.h", weights.weights_and_bias(node))
