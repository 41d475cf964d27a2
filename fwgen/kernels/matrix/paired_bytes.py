"""The packing of weights as paired bytes for cores with the DSP extension: ``dsp_matrix.h``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.dsp import one_shift
from fwgen.kernels.matrix.lesser_shifts import limited
from fwgen.kernels.matrix.packing import Scaling, Words, matrix_of, short_scaling
from fwgen.ops.parts import weights

SUM_BITS = 8
"""The kernels have 2**SUM_BITS times a sum."""

SUM_LIMIT = 1 << 23
"""A sum is in [-SUM_LIMIT, SUM_LIMIT)."""

MOST_SHIFT = 16
"""Beyond it the addend of a rescaled sum leaves 32 bits: see ``dsp_matrix.h``."""


def holds(node: Node) -> bool:
    """Whether weights, sums and scales are such as the kernels compute exactly."""
    return bool(fit_pairs(matrix_of(node)).all()) and _scaling_of(node) is not None


def _scaling_of(node: Node) -> Scaling | None:
    """What the kernels rescale by; None if they have no room for bias, sums or shifts."""
    scaling = short_scaling(node)
    return scaling and limited(scaling, matrix_of(node), SUM_LIMIT, MOST_SHIFT)


def fit_pairs(matrix: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Whether each odd weight of a channel has room for the borrow of the even one before it."""
    quads = _quads(matrix)
    fitting: npt.NDArray[np.bool_] = (quads[:, :, 1::2] != -128) | (quads[:, :, 0::2] >= 0)
    return np.asarray(fitting.all(axis=(1, 2)))


def steps_of(depth: int) -> int:
    """Words of 4 inputs."""
    return -(-depth // 4)


def _quads(matrix: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """(channels, steps, 4), with zeros after the last input."""
    channels, depth = matrix.shape
    padded = np.pad(matrix, ((0, 0), (0, 4 * steps_of(depth) - depth)))
    return padded.reshape(channels, -1, 4)


def paired(matrix: npt.NDArray[np.int8]) -> Words:
    """int32 (channels, steps): four weights a word, the odd ones less 1 after a negative one."""
    quads = _quads(matrix).astype(np.int16)
    quads[:, :, 1::2] -= quads[:, :, 0::2] < 0
    return np.ascontiguousarray(quads.astype(np.int8)).view("<i4")[:, :, 0].astype(np.int32)


def constants_of(node: Node) -> tuple[Words, Words]:
    """256 times the bias, (channels,), and multiplier, addend and shift, (channels, 3)."""
    scaling = _scaling_of(node)
    assert scaling is not None, "the row holds"
    evens = _quads(matrix_of(node))[:, :, 0::2].sum(axis=(1, 2), dtype=np.int64)
    bias = (scaling.bias << SUM_BITS) - 127 * evens
    e = -scaling.shift.astype(np.int64)
    shift, addend = one_shift.right(SUM_BITS, e), one_shift.addend(SUM_BITS, e, node.y.zero_point)
    words = np.stack([scaling.multiplier.astype(np.int64), addend, shift], axis=1)
    return wrapped(bias), wrapped(words)


def wrapped(values: npt.NDArray[np.int64]) -> Words:
    """Modulo 2^32, as int32."""
    return (values & 0xFFFF_FFFF).astype(np.uint32).view(np.int32)


BLOCK = 8
"""Channels that the kernels for a row compute at a time."""


def is_uniform(node: Node) -> bool:
    """Whether all channels have one multiplier and one shift."""
    _, scale = constants_of(node)
    return bool(np.all(scale == scale[0]))


def pack_rows(node: Node) -> Constant:
    """Weights and constants of blocks of 8 channels: ``dsp_single.h``."""
    words = paired(matrix_of(node))
    bias, scale = constants_of(node)
    missing = -len(words) % BLOCK
    biases = np.pad(bias, (0, missing)).reshape(-1, BLOCK)
    # block, channel, step -> block, step, channel
    padded = np.pad(words, ((0, missing), (0, 0))).reshape(len(biases), BLOCK, -1)
    parts = [biases, padded.swapaxes(1, 2).reshape(len(biases), -1)]
    if not is_uniform(node):
        parts.append(np.pad(scale, ((0, missing), (0, 0))).reshape(len(biases), -1))
    before = scale[0] if is_uniform(node) else scale[:0].reshape(-1)
    flat = np.concatenate([before, np.concatenate(parts, axis=1).reshape(-1)]).astype(np.int32)
    return Constant("weights", flat, "dsp_single.h", weights.weights_and_bias(node))


def pack(node: Node) -> Constant:
    """Weights and constants of pairs of channels, from the last pair to the first."""
    words = paired(matrix_of(node))
    bias, scale = constants_of(node)
    if len(words) % 2:
        words, scale = (np.pad(each, ((0, 1), (0, 0))) for each in (words, scale))
        bias = np.pad(bias, (0, 1))
    # pair, channel, step -> pair, step, channel
    by_step = words.reshape(-1, 2, words.shape[1]).swapaxes(1, 2).reshape(len(words) // 2, -1)
    stream = np.concatenate([bias.reshape(-1, 2), by_step, scale.reshape(-1, 6)], axis=1)
    flat = np.ascontiguousarray(stream[::-1], dtype=np.int32)
    return Constant("weights", flat, "dsp_matrix.h", weights.weights_and_bias(node))
