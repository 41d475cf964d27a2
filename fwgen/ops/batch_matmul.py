"""BATCH_MATMUL: products of matrices, either of which may be transposed; batches broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops.parts import checks, weights
from fwgen.ops.parts.loop_nest import Ints, broadcast, collapse

ELEMENTS = (Element.S8, Element.S16, Element.F32)
RANKS = range(2, 6)
"""Dimensions of an operand, as TFLM takes them."""


@dataclass(frozen=True)
class Options:
    """The schema's ``BatchMatMulOptions``: whether an operand is transposed."""

    left: bool
    right: bool


def read_options(fields: Fields) -> Options:
    return Options(left=fields.flag(0), right=fields.flag(1))


def sizes(node: Node) -> tuple[int, int, int]:
    """Rows, depth and columns."""
    options, (*_, rows, depth), (*_, other, columns) = node.options, node.x.shape, node.w.shape
    if options.left:
        rows, depth = depth, rows
    return rows, depth, other if options.right else columns


def factor(node: Node) -> float:
    """Real multiplier of a sum. Source: TFLM ``batch_matmul.cc``, in double."""
    return node.x.scale * node.w.scale / node.y.scale


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, w, y, options = node.x, node.w, node.y, node.options
    for tensor in (x, w):
        node.require(
            len(tensor.shape) in RANKS,
            f"Tensor {tensor.index} has {len(tensor.shape)} dimensions, expected 2 to 5.",
        )
    rows, depth, columns = sizes(node)
    node.require(
        w.shape[-1 if options.right else -2] == depth,
        f"Matrices of shapes {list(x.shape)} and {list(w.shape)} cannot be multiplied.",
    )
    try:
        batches = np.broadcast_shapes(x.shape[:-2], w.shape[:-2])
    except ValueError:
        batches = ()
        node.require(False, f"Batches {list(x.shape)} and {list(w.shape)} do not broadcast.")
    checks.require_shape(node, y, (*batches, rows, columns))
    if x.dtype is Element.F32:
        return
    for tensor in (x, w, y):
        checks.require_per_tensor(node, tensor)
        checks.require_symmetric(node, tensor)
    _require_sums_fit(node, depth)


def _require_sums_fit(node: Node, depth: int) -> None:
    """Prove that no sum can overflow, nor what rescales it."""
    low, high = node.x.dtype.limits
    reach = depth
    for tensor in (node.x, node.w):
        reach *= max(high - tensor.zero_point, tensor.zero_point - low)
    most = weights.MOST_SUM[node.x.dtype.accumulator]
    node.require(reach <= most, f"Sums of {depth} products can reach {reach}, more than {most}.")
    checks.require_factors(node, (factor(node),))
    node.require(
        node.x.dtype is Element.S8
        or quantize_multiplier(factor(node))[1] <= weights.MOST_LEFT_OF_WIDE,
        f"By its scales BATCH_MATMUL multiplies by {factor(node):g}, more than the 2**7 that sums "
        "of 64 bits can be multiplied by.",
    )


def macs(node: Node) -> int:
    return node.y.elements * sizes(node)[1]


def batch_strides(node: Node, shape: Ints) -> Ints:
    """Strides of the matrices of an operand along the output's batches."""
    batches = node.y.shape[:-2]
    unit = shape[-2] * shape[-1]
    return tuple(unit * stride for stride in broadcast(shape[:-2], batches))


def calls_reference(kernel: str, node: Node) -> tuple[Call, ...]:
    x, w, y, options = node.x, node.w, node.y, node.options
    rows, depth, columns = sizes(node)
    left = (1, x.shape[-1]) if options.left else (x.shape[-1], 1)
    right = (1, w.shape[-1]) if options.right else (w.shape[-1], 1)
    nest = collapse(
        y.shape[:-2], batch_strides(node, x.shape), batch_strides(node, w.shape), levels=3
    )
    integers: tuple[int, ...] = (0, 0, 0, 0, 0)
    if x.dtype is not Element.F32:
        points = x.zero_point, w.zero_point, y.zero_point
        integers = (*points, *quantize_multiplier(factor(node)))
    names = "left_zero_point", "right_zero_point", "output_zero_point"
    params = Params(
        "fw_batch_matmul_params",
        (
            ("batch_size", nest.sizes),
            ("left_batch_stride", nest.strides[0]),
            ("right_batch_stride", nest.strides[1]),
            ("rows", rows),
            ("columns", columns),
            ("depth", depth),
            ("left_row_stride", left[0]),
            ("left_depth_stride", left[1]),
            ("right_depth_stride", right[0]),
            ("right_column_stride", right[1]),
            *zip((*names, "output_multiplier", "output_shift"), integers, strict=True),
        ),
    )
    return (Call(f"fw_{kernel}", (params, Ref(x.index), Ref(w.index), Ref(y.index))),)


def cost_reference(node: Node) -> float:
    return 9.0 * macs(node) + 80.0 * node.y.elements


def fold(node: Node, values: Sequence[Array]) -> Array:
    x, w, y, options = node.x, node.w, node.y, node.options
    flags = options.left, options.right
    swapped = [v.swapaxes(-1, -2) if f else v for v, f in zip(values, flags, strict=True)]
    left: npt.NDArray[Any] = swapped[0]
    right: npt.NDArray[Any] = swapped[1]
    if x.dtype is Element.F32:
        total = np.zeros(y.shape, np.float32)
        for d in range(left.shape[-1]):  # in the order of the kernels
            total += np.asarray(left[..., :, d, None] * right[..., d, None, :], np.float32)
        return total
    # exact in any order: below 2**47
    sums = (left.astype(np.float64) - x.zero_point) @ (right.astype(np.float64) - w.zero_point)
    rescale = x.dtype.accumulator.rescale
    raw = rescale(sums.astype(np.int64), *quantize_multiplier(factor(node))) + y.zero_point
    return y.dtype.clamped(raw)


def _row(element: Element) -> Kernel:
    kernel = f"batch_matmul_{element.suffix}"
    form = one_form(partial(calls_reference, kernel), cost_reference)
    return Kernel("BATCH_MATMUL", kernel, "reference", form, types=((element, element),))


OPERATOR = Operator(
    code=126,
    name="BATCH_MATMUL",
    options=read_options,
    types=tuple((element, element) for element in ELEMENTS),
    check=check,
    reference=tuple(map(_row, ELEMENTS)),
    macs=macs,
    fold=fold,
)
