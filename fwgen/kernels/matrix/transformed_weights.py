"""The transformed weights of 3x3 convolutions, in the order of ``dsp_winograd.h``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.dsp import one_shift
from fwgen.kernels.matrix.lesser_shifts import limited
from fwgen.kernels.matrix.packing import Scaling, Words, matrix_of, scaling_of
from fwgen.kernels.matrix.paired_bytes import wrapped
from fwgen.ops.parts import weights

SUM_BITS = 2
"""The kernels have 2**SUM_BITS times a sum."""

SUM_LIMIT = 1 << 29
"""A sum is in [-SUM_LIMIT, SUM_LIMIT)."""

MOST_SHIFT = 22
"""Beyond it the addend of a rescaled sum leaves 32 bits: see ``dsp_winograd.h``."""

G = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]], np.int64)
"""Twice the matrix that transforms weights, so that they stay whole."""

PAIRED = (0, 2, 1, 3)
"""The channels of each 4 in the order in which SXTB16 makes pairs of them."""


def holds(node: Node) -> bool:
    """Whether sums and scales are such as the kernels compute exactly."""
    return _scaling_of(node) is not None


def _scaling_of(node: Node) -> Scaling | None:
    """What the kernels rescale by; None if they have no room for sums or shifts."""
    return limited(scaling_of(node), matrix_of(node), SUM_LIMIT, MOST_SHIFT)


def transformed(matrix: npt.NDArray[np.int8], pairs: int) -> Words:
    """int32 (channels, 16, pairs): the words of ``pairs`` of input channels at each position.

    ``matrix`` is (channels, 9 * depth), in the order of the model. Input channels that there are
    not have 0. |U| is at most 9 * 128, so that two are halfwords of a word.
    """
    channels = len(matrix)
    windows = matrix.astype(np.int64).reshape(channels, 3, 3, -1)
    u = np.einsum("ia,jb,oabc->oijc", G, G, windows).reshape(channels, 16, -1)
    padded = np.pad(u, ((0, 0), (0, 0), (0, 2 * pairs - u.shape[2])))
    halves = padded.reshape(channels, 16, -1, 4)[:, :, :, PAIRED].astype("<i2")
    return np.ascontiguousarray(halves).view("<i4").reshape(channels, 16, pairs).astype(np.int32)


def constants_of(node: Node) -> Words:
    """Multiplier, addend, shift, and 4 times the bias of each channel: (channels, 4)."""
    scaling = _scaling_of(node)
    assert scaling is not None, "the row holds"
    e = -scaling.shift.astype(np.int64)
    shift, addend = one_shift.right(SUM_BITS, e), one_shift.addend(SUM_BITS, e, node.y.zero_point)
    words = [scaling.multiplier.astype(np.int64), addend, shift, scaling.bias << SUM_BITS]
    return wrapped(np.stack(words, axis=1))


def pack(node: Node, pairs: int) -> Constant:
    """Weights and constants of pairs of channels, from the last pair to the first.

    ``pairs`` of input channels are an even number.
    """
    words, constants = transformed(matrix_of(node), pairs), constants_of(node)
    if len(words) % 2:
        words = np.pad(words, ((0, 1), (0, 0), (0, 0)))
        constants = np.pad(constants, ((0, 1), (0, 0)))
    # pair, channel, position, inputs -> pair, position, inputs, channel
    streams = words.reshape(-1, 2, 16, pairs).transpose(0, 2, 3, 1).reshape(len(words) // 2, -1)
    both = np.concatenate([streams, constants.reshape(-1, 8)], axis=1)
    flat = np.ascontiguousarray(both[::-1], dtype=np.int32)
    return Constant("weights", flat, "dsp_winograd.h", weights.weights_and_bias(node))
