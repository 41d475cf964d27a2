"""Rows of CONV_2D and FULLY_CONNECTED by blocks of 8 channels, one row after the other, for
Armv6-M: ``v6m_row.h``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import ARMV6M, Form, Kernel, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.matrix.few_rows import MOST_ROWS, rows_of
from fwgen.kernels.matrix.lesser_shifts import reach
from fwgen.kernels.matrix.packing import matrix_of, scaling_of
from fwgen.kernels.matrix.paired_bytes import BLOCK, SUM_LIMIT, fit_pairs, paired, wrapped
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.matrix.thirds import scale_words, scales_for
from fwgen.kernels.v6m.scales import Scale, Sums, scale_of
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import distance
from fwgen.ops.parts.weights import TYPES

FUNCTION, KERNEL = "matrix_row_s8_v6m", "matrix_single_s8_v6m"

LACKS = frozenset({"v7m"})
"""What cores with faster kernels have."""

SIGN = 128
"""What inputs are more in scratch."""


def _scales(node: Node) -> tuple[Scale, ...] | None:
    """The scale of all channels if they can have the same, or else of each; None if one has none.

    What suits the sums of all channels suits those of each.
    """
    scaling = scaling_of(node)
    if scaling.uniform:
        low, high = reach(matrix_of(node), scaling)
        scale = int(scaling.multiplier[0]), int(scaling.shift[0])
        sums = Sums(int(low.min()), int(high.max()), *scale)
        common = scale_of(sums, node.y.zero_point, clamp_of(node))
        if common is not None:
            return (common,)
    return scales_for(node)


def _holds(node: Node) -> bool:
    """Whether there are few rows, and weights, sums and scales are such as the kernel computes
    exactly."""
    rows = rows_of(node)
    if rows is None or rows.count > MOST_ROWS or not np.all(fit_pairs(_by_input(node))):
        return False
    scales = _scales(node)
    return scales is not None and _fit(node, scales)


def _fit(node: Node, scales: tuple[Scale, ...]) -> bool:
    """Whether each sum, less what the bias has subtracted, has room for its 256 times."""
    starts = [scale.start for scale in scales]
    low, high = (ends - starts for ends in reach(matrix_of(node), scaling_of(node)))
    return bool(low.min() >= -SUM_LIMIT and high.max() < SUM_LIMIT)


def _by_input(node: Node) -> npt.NDArray[np.int8]:
    """(words, 4): the weights of a block of channels input by input."""
    matrix = matrix_of(node)
    padded = np.pad(matrix, ((0, -len(matrix) % BLOCK), (0, -matrix.shape[1] % 4)))
    # block, channel, input -> block, input, channel
    return padded.reshape(-1, BLOCK, padded.shape[1]).swapaxes(1, 2).reshape(-1, 4)


def _pack(node: Node, scales: tuple[Scale, ...]) -> Constant:
    """Scales, then biases and weights of blocks of channels."""
    matrix = matrix_of(node)
    starts = np.array([scale.start for scale in scales], np.int64)
    bias = scaling_of(node).bias - starts - SIGN * matrix.sum(axis=1, dtype=np.int64)
    biases = np.pad(bias, (0, -len(matrix) % BLOCK)).reshape(-1, BLOCK)
    biases[:, 1::2] = 256 * biases[:, 1::2] + biases[:, 0::2]
    words = paired(_by_input(node)).reshape(len(biases), -1).astype(np.int64)
    ends = np.array([scale_words(scale) for scale in scales], np.int64)
    stream = np.concatenate([biases, words], axis=1)
    flat = wrapped(np.concatenate([ends.reshape(-1), stream.reshape(-1)]))
    return Constant("weights", flat, "v6m_row.h", weights.weights_and_bias(node))


def _forms(node: Node) -> tuple[Form, ...]:
    """The only form of an op that the row holds for."""
    rows, scales = rows_of(node), _scales(node)
    assert rows is not None and scales is not None, "the row holds"
    channels = node.w.shape[0]
    depth = node.w.elements // channels
    params = Params(
        "fw_row_params",
        (
            ("count", rows.count),
            ("depth", depth),
            ("channels", channels),
            ("input_pitch", rows.input_pitch),
            ("scales", len(scale_words(scales[0])) * len(scales)),
        ),
    )
    kernel = Function(f"fw_{KERNEL}")
    args = (params, Ref(node.x.index), _pack(node, scales), kernel, Scratch(), Ref(node.y.index))
    form = Form(
        calls=(Call(f"fw_{FUNCTION}", args),),
        cycles=_cycles(rows, depth, channels),
        scratch_bytes=(depth + 3) // 4 * 4 + 8,
        overlap=_overlap(rows, channels),
    )
    return (form,)


def _cycles(rows: Pixels, depth: int, channels: int) -> float:
    """Estimated cycles of all rows."""
    block = 30.0 * ((depth + 3) // 4 * 4) + 85.0
    return (
        rows.count * (-(-channels // BLOCK) * block + 45.0 * channels + 9.0 * depth + 60.0) + 30.0
    )


def _overlap(rows: Pixels, channels: int) -> OverlapLimit:
    """A row is read whole before its outputs are written."""
    each = np.arange(rows.count)
    return OverlapLimit((distance(each * rows.input_pitch, (each + 1) * channels),))


KERNELS = tuple(
    Kernel(
        *(op, FUNCTION, "fwgen", _forms, ARMV6M, _holds),
        lacks=LACKS,
        functions=(FUNCTION, KERNEL),
        types=TYPES,
    )
    for op in ("CONV_2D", "FULLY_CONNECTED")
)
