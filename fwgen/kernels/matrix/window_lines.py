"""Lines of windows in rows of bytes, for CONV_2D of few channels on cores with the DSP extension.

``conv_2d_lines_s8_dsp.c`` describes them: windows of 4 pixels are widened at a time, none of which
reaches beyond a row.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fwgen.contract.call import Call, Params, Ref, Scratch
from fwgen.contract.kernel import Form, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.matrix import paired_bytes, row_ring, strips
from fwgen.kernels.matrix.columns import PIXELS, ColumnKernels, Columns
from fwgen.kernels.matrix.strips import Convolution
from fwgen.ops.parts.overlap import MOST_LINES
from fwgen.ops.parts.windows import window_fields

MOST_KERNEL_LINES = 16


def by_words(node: Node) -> Node:
    """A convolution with its weights in the order of columns: whole words of each row of the
    kernel, then what is left of each."""
    w = node.w
    channels, height = w.shape[:2]
    lines = w.constant.reshape(channels, height, -1)
    whole = lines.shape[2] // 4 * 4
    parts = (part.reshape(channels, -1) for part in (lines[:, :, :whole], lines[:, :, whole:]))
    tensors = list(node.graph.tensors)
    tensors[w.index] = replace(w, data=np.concatenate([*parts], axis=1).reshape(w.shape))
    return Node(replace(node.graph, tensors=tuple(tensors)), node.op)


def holds(node: Node) -> bool:
    """Whether pixels are not of whole words, which are widened where they are."""
    conv = strips.convolution_of(node)
    return (
        conv.batches == 1
        and conv.dilation == (1, 1)
        and conv.kernel[0] <= MOST_KERNEL_LINES
        and conv.depth % 4 > 0
        and conv.output[0] <= MOST_LINES
        and paired_bytes.holds(by_words(node))
    )


def _row_bytes(conv: Convolution) -> int:
    """Of a row: for the windows of all pixels of an output row, rounded up to 4."""
    pixels = -(-conv.output[1] // PIXELS) * PIXELS
    return ((pixels - 1) * conv.stride[1] + conv.kernel[1]) * conv.depth


def forms(node: Node, clamp: tuple[int, int], kernels: ColumnKernels) -> tuple[Form, ...]:
    """One form: rows of outputs one after the other."""
    conv, made = (
        strips.convolution_of(node),
        Columns(node, kernels, clamp, kernels.pack(by_words(node))),
    )
    window = window_fields(node.x, node.y, conv.kernel, node.options)
    params = Params(
        "fw_conv_2d_lines_s8_dsp_params",
        (
            *((name, value) for name, value in window if name != "batches"),
            ("input_zero_point", node.x.zero_point),
            ("row_bytes", _row_bytes(conv)),
            *((f"matrix.{name}", value) for name, value in made.fields(0)),
        ),
    )
    args = (params, Ref(node.x.index), made.packed, made.kernel, Scratch(), Ref(node.y.index))
    return (
        Form(
            calls=(Call("fw_conv_2d_lines_s8_dsp", args), *kernels.clamp.calls(node, clamp)),
            cycles=_cycles(conv, made),
            scratch_bytes=made.scratch_bytes + conv.kernel[0] * _row_bytes(conv),
            overlap=OverlapLimit((row_ring.apart_bytes(node, conv),)),
            reads=Reads(
                conv.output[0] * -(-conv.output[1] // PIXELS), 1.0, node.x.shape[2] * conv.depth
            ),
        ),
    )


def _cycles(conv: Convolution, made: Columns) -> float:
    """Estimated cycles: rows are copied, windows of 4 pixels widened and multiplied."""
    costs, groups = made.kernels.costs, conv.output[0] * -(-conv.output[1] // PIXELS)
    pixels, rows = groups * PIXELS, conv.output[0] * min(conv.stride[0], conv.kernel[0])
    widened = conv.kernel[0] * ((conv.line // 4 + conv.line % 4) * costs.put + 4.0)
    return (
        made.kernels.cost(pixels, made.depth, conv.channels, made.hidden)
        + pixels * (widened - costs.put * made.kernels.columns(made.depth))
        + rows * (2.0 * _row_bytes(conv) + 60.0)
        + made.clamping
    )
