"""Grouped CONV_2D and TRANSPOSE_CONV on MVE: convolutions of parts of an image.

A part is an op of its own: a CONV_2D in a graph that differs in the tensors' shapes. What packs
weights and looks for strips takes it like any other. Its output lies among those of other parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.matrix import products, strips
from fwgen.kernels.matrix.costs import ANY, REST
from fwgen.kernels.matrix.packing import BLOCK, pack, pack_any
from fwgen.kernels.matrix.strips import Multipliers, Strips
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.model.graph import ABSENT, Tensor
from fwgen.ops import conv_2d, transpose_conv
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.windows import ExplicitPadding, windows

Ints = tuple[int, int]

KERNEL = "conv_2d_parts_s8_mve"


@dataclass(frozen=True)
class Axis:
    """The windows of a part along an axis: as in ``windows.window``, with explicit padding."""

    before: int
    kernel: int
    size: int
    stride: int = 1
    dilation: int = 1

    def padding(self, extent: int) -> Ints:
        """Positions before and after an axis of ``extent``; negative where none are seen."""
        span = (self.kernel - 1) * self.dilation + 1
        return self.before, (self.size - 1) * self.stride + span - self.before - extent


@dataclass(frozen=True)
class ImageParts:
    """ImageParts of an op that differ in weights and place alone.

    ``nodes`` are their convolutions. ``first`` is the byte of the output at which the first one's
    begins. ``steps`` are the bytes of input and output from one to the next. ``pitches`` are
    those of the output from one row to the next, and from one pixel to the next.
    """

    nodes: tuple[Node, ...]
    first: int
    steps: Ints
    pitches: Ints


def as_part(
    node: Node, taps: Tensor, bias: Tensor | None, x_shape: tuple[int, ...], axes: tuple[Axis, Axis]
) -> Node:
    """The convolution of an op's image, seen with rows of ``x_shape``: (columns, channels)."""
    x, y, (rows, columns) = node.x, node.y, axes
    image = replace(x, shape=(*x.shape[:2], *x_shape))
    made = replace(y, shape=(y.shape[0], rows.size, columns.size, taps.shape[0]))
    tensors = list(node.graph.tensors)
    inputs = [t for t in node.inputs[:3] if t != ABSENT]
    for tensor in (image, taps, made, *(() if bias is None else (bias,))):
        tensors[tensor.index] = tensor
    options = conv_2d.Options(
        padding=ExplicitPadding(rows.padding(x.shape[1]), columns.padding(x_shape[0])),
        stride_h=rows.stride,
        stride_w=columns.stride,
        activation=node.options.activation,
        dilation_h=rows.dilation,
        dilation_w=columns.dilation,
        bias_type=getattr(node.options, "bias_type", 0),
    )
    graph = replace(node.graph, tensors=tuple(tensors))
    return Node(graph, replace(node.op, code="CONV_2D", inputs=tuple(inputs), options=options))


def groups_of(node: Node) -> ImageParts:
    """The groups of a CONV_2D; ``conv_2d_parts_s8_mve.c`` says how they see the image."""
    x, w, y, options = node.x, node.w, node.y, node.options
    depth, groups = w.shape[3], x.shape[3] // w.shape[3]
    channels = w.shape[0] // groups
    rows, columns = windows(x, conv_2d.kernel_of(w), options)
    axes = (
        Axis(rows.before, w.shape[1], rows.size, options.stride_h, options.dilation_h),
        Axis(
            columns.before * groups,
            w.shape[2],
            columns.size,
            options.stride_w * groups,
            options.dilation_w * groups,
        ),
    )
    nodes = []
    for first in range(0, w.shape[0], channels):
        taps, bias = _channels_of(node, first, channels)
        nodes.append(as_part(node, taps, bias, (x.shape[2] * groups, depth), axes))
    pitches = y.shape[2] * y.shape[3], y.shape[3]
    return ImageParts(tuple(nodes), 0, (depth, channels), pitches)


def _channels_of(node: Node, first: int, count: int) -> tuple[Tensor, Tensor | None]:
    """Weights and bias of some of the output's channels."""
    w, bias = node.w, node.operand(2)
    some = slice(first, first + count)
    data = w.constant[some]
    quant = w.quant
    assert quant is not None
    if quant.per_channel:
        quant = replace(quant, scales=quant.scales[some], zero_points=(0,) * count)
    taps = replace(w, shape=data.shape, data=data, quant=quant)
    if bias is None:
        return taps, None
    values = bias.constant.reshape(-1)[some]
    return taps, replace(bias, shape=values.shape, data=values)


def phases_of(node: Node) -> tuple[ImageParts, ...]:
    """The phases of a TRANSPOSE_CONV, each a convolution of its own; ``node`` is ``as_weighted``.

    With ``p`` positions before the output, output ``y`` is seen by tap ``k`` from the input ``i``
    where ``y + p = i * stride + k``. In a phase ``y + p`` has one remainder ``r``, so that it is
    seen by each ``stride``-th tap from ``r`` on.
    """
    x, w, y, options = node.x, node.w, node.y, node.options
    around = transpose_conv.windows(node)
    strides = options.stride_h, options.stride_w
    found = []
    for firsts in product(*(range(min(s, n)) for s, n in zip(strides, y.shape[1:3], strict=True))):
        axes, taps = [], w.constant
        for axis, (first, window, stride) in enumerate(zip(firsts, around, strides, strict=True)):
            rest, at = (first + window.before) % stride, (first + window.before) // stride
            seen = range(rest, w.shape[1 + axis], stride)[::-1]
            taps = taps.take(seen, axis=1 + axis) if seen else 0 * taps.take([0], axis=1 + axis)
            count = len(range(first, y.shape[1 + axis], stride))
            axes.append(Axis(max(len(seen), 1) - 1 - at, max(len(seen), 1), count))
        weights_of = replace(w, shape=taps.shape, data=taps)
        part = as_part(node, weights_of, node.operand(2), x.shape[2:], (axes[0], axes[1]))
        row, pixel = y.shape[2] * y.shape[3], y.shape[3]
        pitches = strides[0] * row, strides[1] * pixel
        found.append(ImageParts((part,), firsts[0] * row + firsts[1] * pixel, (0, 0), pitches))
    return tuple(found)


def multipliers_of(parts: ImageParts, clamp: Ints) -> tuple[Multipliers, bool]:
    """The kernels for the windows of parts, and whether they are those for any scales and biases.

    The outputs of a part have others around them, so that no kernel may write whole blocks.
    """
    any_scales = not all(map(products.holds, parts.nodes))
    w = parts.nodes[0].w
    if any_scales or w.shape[0] <= BLOCK // 2:
        return Multipliers(ANY, ANY, 1), True
    if w.shape[0] % BLOCK:
        return Multipliers(REST, REST, 1), False
    hidden = products.hides_rounding(parts.nodes[0], clamp)
    return Multipliers(products.kernel_of(w.elements // w.shape[0], hidden), REST, 1), False


def _call(
    node: Node, parts: ImageParts, strip: Strips, multipliers: Multipliers, packed: Constant
) -> Call:
    part, count = parts.nodes[0], len(parts.nodes)
    conv = strips.convolution_of(part)
    pitches = strip.step(conv) * conv.line, parts.pitches[0 if strip.down else 1]
    matrix = products.matrix_fields(part, *pitches)
    walk = strips.walk_fields(part, strip, (part.x.shape[3], part.y.shape[3]))
    fields = (
        *((f"conv.{name}", value) for name, value in walk),
        *((f"conv.matrix.{name}", value) for name, value in matrix),
        ("parts", count),
        ("input_step", parts.steps[0]),
        ("weights_step", packed.data.size // count),
        ("output_step", parts.steps[1]),
        ("output_image", node.y.elements // node.y.shape[0]),
        ("output_row", parts.pitches[0]),
        ("output_pixel", parts.pitches[1]),
    )
    params = Params(f"fw_{KERNEL}_params", fields)
    x, y = Ref(node.x.index), Ref(node.y.index, parts.first)
    args = (params, x, packed, multipliers.pairs, multipliers.rest, Scratch(), y)
    return Call(f"fw_{KERNEL}", args)


def _forms(node: Node, of: tuple[ImageParts, ...]) -> tuple[Form, ...]:
    """The fastest strips, and the smallest ones."""
    clamp = clamp_of(node)
    found: list[Form] = []
    made = weights.weights_and_bias(node)
    packs = []
    for number, parts in enumerate(of):
        multipliers, any_scales = multipliers_of(parts, clamp)
        streams = [(pack_any if any_scales else pack)(part) for part in parts.nodes]
        data = np.stack([stream.data.reshape(-1) for stream in streams])
        role = f"weights_{number}" if len(of) > 1 else "weights"
        packed = Constant(role, data, streams[0].layout, made)
        conv = strips.convolution_of(parts.nodes[0])
        packs.append((parts, multipliers, packed, conv, strips.strips_of(conv, multipliers)))
    for place in (0, -1):
        calls, cycles, scratch = [], clamp_cycles(node, clamp), 0
        for parts, multipliers, packed, conv, some in packs:
            strip, cost = some[place]
            calls.append(_call(node, parts, strip, multipliers, packed))
            cycles += len(parts.nodes) * (cost + 20.0) + 40.0
            scratch = max(scratch, strip.scratch_bytes(conv))
        made_calls = (*calls, *clamped(node, clamp))
        if not found or scratch < found[0].scratch_bytes:
            found.append(Form(made_calls, cycles, scratch))
    return tuple(found)


def forms_grouped(node: Node) -> tuple[Form, ...]:
    """Forms of a grouped CONV_2D."""
    return _forms(node, (groups_of(node),))


def holds_transposed(node: Node) -> bool:
    """Whether weights and bias of a TRANSPOSE_CONV are known."""
    return weights.are_plain(transpose_conv.as_weighted(node))


def forms_transposed(node: Node) -> tuple[Form, ...]:
    """Forms of a TRANSPOSE_CONV."""
    seen = transpose_conv.as_weighted(node)
    return _forms(seen, phases_of(seen))
