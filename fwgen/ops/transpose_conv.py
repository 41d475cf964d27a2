"""TRANSPOSE_CONV: the convolution whose windows lie in the output, at a step for each input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Params
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves, weighted_sums, weights
from fwgen.ops.parts.windows import Padding, Window, window

S32, S64 = Element.S32, Element.S64
TYPES = {
    "s8": (S32, Element.S8, Element.S8, S32, Element.S8),
    "s16": (S32, Element.S8, Element.S16, S64, Element.S16),
    "f32": (S32, Element.F32, Element.F32, Element.F32, Element.F32),
}
"""Of the output's shape, the weights, the input, the bias and the output, by the kernels' names."""

MOST_SIZE = 1 << 15
"""Rows, columns and strides, so that their products stay inside 32 bits."""


@dataclass(frozen=True)
class Options:
    """The schema's ``TransposeConvOptions``; sizes in elements."""

    padding: int
    stride_h: int
    stride_w: int
    activation: int


def read_options(fields: Fields) -> Options:
    return Options(
        padding=fields.i8(0),
        stride_w=fields.i32(1),
        stride_h=fields.i32(2),
        activation=fields.i8(3),
    )


def as_weighted(node: Node) -> Node:
    """The op with its inputs in the order of a convolution: image, weights, bias."""
    inputs = node.inputs
    return Node(node.graph, replace(node.op, inputs=(inputs[2], inputs[1], *inputs[3:])))


def windows(node: Node) -> tuple[Window, Window]:
    """Rows and columns of the convolution that makes an image of the input's size of the output."""
    y, w, options = node.y, node.w, node.options
    padding = Padding(options.padding)
    return (
        window(padding, y.shape[1], w.shape[1], options.stride_h),
        window(padding, y.shape[2], w.shape[2], options.stride_w),
    )


def check(node: Node) -> None:
    checks.require_operands(node, least=3, most=4)
    options = node.options
    seen = as_weighted(node)
    x, w, y = seen.x, seen.w, seen.y
    for tensor in (x, w, y):
        checks.require_rank(node, tensor, 4)
    if node.x.data is not None:  # or else TFLM takes the shape that the file stores
        checks.require_shape(node, y, moves.constant_ints(node, node.x, "output shape"))
    channels = w.shape[0]
    weights.check_scales(seen, channels, 0)
    weights.require_bias(node, channels, 3)
    node.require(
        options.padding in tuple(Padding),
        f"Padding code {options.padding} is neither SAME nor VALID.",
    )
    sizes = (options.stride_h, options.stride_w, *x.shape[1:3], *y.shape[1:3], *w.shape[1:3])
    node.require(
        all(0 < size <= MOST_SIZE for size in sizes),
        f"Strides, rows and columns are {list(sizes)}, expected 1 to {MOST_SIZE}.",
    )
    node.require(
        (y.shape[0], y.shape[3], w.shape[3]) == (x.shape[0], channels, x.shape[3]),
        f"Weights of shape {list(w.shape)} do not turn an input of shape {list(x.shape)} into an "
        f"output of shape {list(y.shape)}.",
    )
    checks.check_activation_code(node, options.activation)
    weights.require_sums_fit(seen, w, 0)


def macs(node: Node) -> int:
    """Of all taps, those outside the output included."""
    return node.input(2).elements * (node.w.elements // node.w.shape[3])


def calls_reference(kernel: str, node: Node) -> tuple[Call, ...]:
    seen = as_weighted(node)
    x, w, y, options = seen.x, seen.w, seen.y, node.options
    (batches, *image), (*outputs,) = x.shape, y.shape[1:]
    rows, columns = windows(node)
    params = Params(
        "fw_transpose_conv_params",
        (
            ("batches", batches),
            *zip(("input_h", "input_w", "input_c"), image, strict=True),
            *zip(("output_h", "output_w", "output_c"), outputs, strict=True),
            ("kernel_h", w.shape[1]),
            ("kernel_w", w.shape[2]),
            ("stride_h", options.stride_h),
            ("stride_w", options.stride_w),
            ("pad_top", rows.before),
            ("pad_left", columns.before),
            *weights.integer_fields(seen),
        ),
    )
    return (Call(f"fw_{kernel}", (params, *weights.operands(seen, w.shape[0]))),)


def cost_reference(node: Node) -> float:
    return 8.0 * macs(node) + 150.0 * node.y.elements


def fold(node: Node, values: Sequence[Array]) -> Array:
    seen, options = as_weighted(node), node.options
    x, w = weighted_sums.centred(seen, values[2]), values[1].astype(weighted_sums.summed_in(seen))
    sums = np.zeros(node.y.shape, x.dtype)
    sources = [
        _sources(np.arange(size) + around.before, kernel, stride, extent)
        for size, around, kernel, stride, extent in zip(
            node.y.shape[1:3],
            windows(node),
            w.shape[1:3],
            (options.stride_h, options.stride_w),
            x.shape[1:3],
            strict=True,
        )
    ]
    # from the last tap on, inputs come in their order, which counts for floats
    for ky, (rows, row_inside) in reversed([*enumerate(sources[0])]):
        band = np.where(row_inside[:, None, None], x[:, rows], 0)
        for kx, (columns, inside) in reversed([*enumerate(sources[1])]):
            part = np.where(inside[:, None], band[:, :, columns], x.dtype.type(0))
            sums = weighted_sums.plus_products(sums, part, w[:, ky, kx].T)
    return weighted_sums.rescaled(seen, sums, *values[3:])


def _sources(
    at: npt.NDArray[np.int64], kernel: int, stride: int, extent: int
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]]:
    """For each tap, the input that it takes to each position, and whether there is one."""
    found = []
    for tap in range(kernel):
        place, rest = np.divmod(at - tap, stride)
        inside = (rest == 0) & (place >= 0) & (place < extent)
        found.append((np.where(inside, place, 0), inside))
    return found


def _row(suffix: str) -> Kernel:
    kernel = f"transpose_conv_{suffix}"
    form = one_form(partial(calls_reference, kernel), cost_reference)
    return Kernel("TRANSPOSE_CONV", kernel, "reference", form, types=(TYPES[suffix],))


OPERATOR = Operator(
    code=67,
    name="TRANSPOSE_CONV",
    options=read_options,
    types=tuple(TYPES.values()),
    check=check,
    reference=tuple(map(_row, TYPES)),
    macs=macs,
    fold=fold,
    clamps=True,
    still=(1, 3),
    misread={
        (S32, Element.S8, Element.S16, S32, Element.S16): "The bias is int32, but TFLM reads that "
        "of an int16 TRANSPOSE_CONV as int64, whatever its type.",
        (S32, Element.S8, Element.S8, Element.S16, Element.S8): weights.short_bias(S32),
        (S32, Element.S16, Element.S16, S64, Element.S16): "The weights are int16, but TFLM reads "
        "them as int8: quantize them to int8.",
    },
)
