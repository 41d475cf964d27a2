"""The ring of widened rows that windows share, in CONV_2D on cores with the DSP extension.

``dsp_rows.h`` describes rows and kernels. Each row of the input is widened once, where windows in
columns of their own would widen it for each of the kernel's rows and columns again.
"""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref, Scratch
from fwgen.contract.kernel import Form, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.matrix import paired_bytes, strips
from fwgen.kernels.matrix.columns import PIXELS, ColumnKernels, Columns
from fwgen.kernels.matrix.strips import Convolution
from fwgen.ops.parts.overlap import FAR, MOST_LINES, distance
from fwgen.ops.parts.windows import window_fields

PITCHES = (32, 64, 128)
"""Bytes from a pixel to the next for which there are kernels."""

UNROLLED = 6
"""Steps of 4 inputs that they unroll."""

MOST_KERNEL_ROWS = 8

_FIELDS = frozenset({"batches"})
"""Members of other convolutions' structs that the one here has not."""


def names(kernels: ColumnKernels) -> tuple[str, ...]:
    """All kernels for a kind of core."""
    return tuple(
        f"matrix_rows_{pitch}{relu}_s8_{kernels.suffix}"
        for pitch in PITCHES
        for relu in ("", "_relu")
    )


def holds(node: Node) -> bool:
    """Whether there is a kernel for the distance of pixels and the steps of a kernel row."""
    conv = strips.convolution_of(node)
    return (
        conv.batches == 1
        and conv.dilation == (1, 1)
        and conv.kernel[0] <= MOST_KERNEL_ROWS
        and conv.depth % 4 == 0
        and conv.line // 4 % UNROLLED == 0
        and _pitch(conv) in PITCHES
        and conv.output[0] <= MOST_LINES
        and paired_bytes.holds(node)
    )


def _pitch(conv: Convolution) -> int:
    return 2 * conv.stride[1] * conv.depth


def _row_words(conv: Convolution) -> int:
    """Of a widened row: for the windows of all pixels of an output row, rounded up to 4."""
    pixels = -(-conv.output[1] // PIXELS) * PIXELS
    return ((pixels - 1) * conv.stride[1] + conv.kernel[1]) * conv.depth // 2


def forms(node: Node, clamp: tuple[int, int], kernels: ColumnKernels) -> tuple[Form, ...]:
    """One form: rows of outputs one after the other."""
    conv, made = (
        strips.convolution_of(node),
        Columns(node, kernels, clamp, paired_bytes.pack(node)),
    )
    window = window_fields(node.x, node.y, conv.kernel, node.options)
    params = Params(
        "fw_conv_2d_rows_s8_dsp_params",
        (
            *((name, value) for name, value in window if name not in _FIELDS),
            ("input_zero_point", node.x.zero_point),
            ("row_words", _row_words(conv)),
        ),
    )
    relu = "_relu" if made.hidden else ""
    kernel = Function(f"fw_matrix_rows_{_pitch(conv)}{relu}_s8_{kernels.suffix}")
    args = (params, Ref(node.x.index), made.packed, kernel, Scratch(), Ref(node.y.index))
    spare = (4 * conv.channels + 1 + 3) // 4 * 4
    return (
        Form(
            calls=(Call("fw_conv_2d_rows_s8_dsp", args), *kernels.clamp.calls(node, clamp)),
            cycles=_cycles(conv, made),
            scratch_bytes=4 * conv.kernel[0] * _row_words(conv) + spare,
            overlap=OverlapLimit((apart_bytes(node, conv),)),
            reads=Reads(conv.output[0] * -(-conv.output[1] // PIXELS)),
        ),
    )


def _cycles(conv: Convolution, made: Columns) -> float:
    """Estimated cycles: rows are widened, groups of 4 pixels multiplied."""
    costs, steps = made.kernels.costs, conv.line // 4
    pair = costs.pair + (0.0 if made.hidden else costs.away) + 6.0
    pair += conv.kernel[0] * (steps * costs.step + steps // UNROLLED * costs.turn + 14.0)
    groups = conv.output[0] * -(-conv.output[1] // PIXELS)
    widened = conv.output[0] * min(conv.stride[0], conv.kernel[0]) * (_row_words(conv) // 2)
    spared = conv.output[0] * (conv.output[1] % PIXELS) * conv.channels * 6.0
    return (
        groups * (-(-conv.channels // 2) * pair + 60.0 + 12.0 * conv.kernel[0])
        + widened * costs.put
        + spared
        + made.clamping
    )


def apart_bytes(node: Node, conv: Convolution) -> int:
    """D of output rows: each is written when all rows that it needs have been widened.

    A pair of channels that reaches beyond a pixel is written there, but of less than 4 pixels and
    of the last ones. Rows of padding alone are not read.
    """
    x, y = node.x, node.y
    top = dict(window_fields(x, y, conv.kernel, node.options))["pad_top"]
    rows = np.arange(conv.output[0], dtype=np.int64)
    first = rows * conv.stride[0] - top  # of each window; those before have been widened
    before = np.concatenate([[first[0]], first[:-1] + conv.kernel[0]])
    fresh = np.maximum(np.maximum(first, before), 0)
    reads = np.where(fresh < x.shape[1], fresh * x.shape[2] * conv.depth, -FAR)
    beyond = conv.channels % 2 if conv.output[1] % PIXELS == 0 else 0
    return distance(reads, (rows + 1) * conv.output[1] * conv.channels + beyond)
