"""Lets convolutions pad for themselves: PAD before one becomes its explicit padding.

Exact because a PAD of one scale and zero point adds zero points, and a tap outside the input adds
to a convolution's sum what a zero point does: nothing.
"""

from __future__ import annotations

from dataclasses import replace

from fwgen.compile.passes.merge_pairs import join
from fwgen.contract.node import Node
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops import conv_2d, depthwise_conv_2d
from fwgen.ops.parts import paddings
from fwgen.ops.parts.checks import same_quant
from fwgen.ops.parts.windows import ExplicitPadding, windows


def fold_pads(graph: Graph) -> Graph:
    """The graph with each PAD of rows and columns in the convolution that alone reads it."""
    return join(graph, _merge)


def _merge(graph: Graph, writer: Op, reader: Op) -> tuple[Op, Tensor] | None:
    options = reader.options
    if writer.code != "PAD" or not isinstance(options, conv_2d.Options | depthwise_conv_2d.Options):
        return None
    x, padded = graph.input(writer), graph.output(writer)
    if padded.index != reader.inputs[0]:
        return None  # it makes the weights
    batches, rows, columns, channels = paddings.sides(Node(graph, writer))
    if any((*batches, *channels)) or not same_quant(x, padded):
        return None
    kernel = conv_2d.kernel_of(graph.input(reader, 1))
    strides = (options.stride_h, options.stride_w)
    dilations = (options.dilation_h, options.dilation_w)
    explicit = []
    for axis, window in enumerate(windows(padded, kernel, options)):
        before = (rows, columns)[axis][0] + window.before
        end = (window.size - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
        explicit.append((before, max(0, end - before - x.shape[1 + axis])))
    options = replace(options, padding=ExplicitPadding(*explicit))
    inputs = (x.index, *reader.inputs[1:])
    return replace(reader, inputs=inputs, options=options), graph.output(reader)
