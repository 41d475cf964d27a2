"""RESIZE_BILINEAR: an image of another size, each element between four of the input's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves

ELEMENTS = (Element.S8, Element.F32)
ONE = 1 << 10
"""A step of the input, in the units of its fractions for int8."""

MOST_SIZE = 1 << 20
"""Rows and columns of the input: TFLM counts its fractions in 32 bits."""

MOST_OUTPUT = 1 << 16
"""Rows and columns of the output, for each of which there are constants."""

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Options:
    """The schema's ``ResizeBilinearOptions``."""

    align_corners: bool
    half_pixel_centers: bool


def read_options(fields: Fields) -> Options:
    return Options(align_corners=fields.flag(2), half_pixel_centers=fields.flag(3))


@dataclass(frozen=True)
class Between:
    """For each position of the output, along one axis: ``places`` (n, 2) of the input around it,
    and its ``fractions`` (n): how far it is from the first."""

    places: Ints
    fractions: npt.NDArray[Any]


def _in_units(options: Options, extent: int, size: int) -> Between:
    """For int8. Source: TFLite ``resize_bilinear.h``, ``ComputeInterpolationValuesInteger``."""
    corners = options.align_corners and size > 1
    whole, parts = (extent - 1, size - 1) if corners else (extent, size)
    step = (ONE * whole + parts // 2) // parts
    at = np.arange(size, dtype=np.int64) * step
    if options.half_pixel_centers:
        at += step // 2 - ONE // 2
    # TFLM's quotients truncate, but what is below 0 becomes 0
    lower = np.maximum(at // ONE, 0)
    upper = np.minimum((at + ONE - 1) // ONE, extent - 1)
    places = np.stack((lower, upper), axis=1).astype(np.int32)
    return Between(places, (at - ONE * lower).astype(np.int32))


def _in_floats(options: Options, extent: int, size: int) -> Between:
    """Source: TFLite ``resize_bilinear.h``, ``ComputeInterpolationValues``; all in float32."""
    corners = options.align_corners and size > 1
    whole, parts = (extent - 1, size - 1) if corners else (extent, size)
    step = np.float32(whole) / np.float32(parts)
    at = np.arange(size, dtype=np.float32)
    half = np.float32(0.5)
    at = (at + half) * step - half if options.half_pixel_centers else at * step
    lower = np.maximum(np.floor(at), np.float32(0))
    upper = np.minimum(np.ceil(at), np.float32(extent - 1))
    places = np.stack((lower, upper), axis=1).astype(np.int32)
    return Between(places, (at - lower).astype(np.float32))


def between(node: Node) -> tuple[Between, Between]:
    """Of rows and of columns."""
    x, y = node.x, node.y
    made = _in_floats if x.dtype is Element.F32 else _in_units
    rows, columns = (made(node.options, x.shape[i], y.shape[i]) for i in (1, 2))
    return rows, columns


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, y, options = node.x, node.y, node.options
    checks.require_rank(node, x, 4)
    checks.require_rank(node, node.w, 1)
    size = moves.constant_ints(node, node.w, "size")
    node.require(len(size) == 2, f"The size has {len(size)} numbers, expected 2.")
    checks.require_shape(node, y, (x.shape[0], *size, x.shape[3]))
    node.require(
        not (options.align_corners and options.half_pixel_centers),
        "Aligned corners and centers of half pixels contradict each other.",
    )
    node.require(
        max(x.shape[1:3]) <= MOST_SIZE and max(size) <= MOST_OUTPUT,
        f"An image of {list(x.shape[1:3])} becomes one of {list(size)}; at most {MOST_SIZE} and "
        f"{MOST_OUTPUT} rows or columns are supported.",
    )
    for axis, places in zip((1, 2), between(node), strict=True):
        node.require(
            int(places.places.max()) < x.shape[axis],
            f"By TFLM's rounding, the last of {y.shape[axis]} positions lies beyond the input's "
            f"{x.shape[axis]}.",
        )


def calls_reference(kernel: str, node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    rows, columns = between(node)
    params = Params(
        "fw_resize_bilinear_params",
        (
            ("batches", x.shape[0]),
            ("input_h", x.shape[1]),
            ("input_w", x.shape[2]),
            ("channels", x.shape[3]),
            ("output_h", y.shape[1]),
            ("output_w", y.shape[2]),
        ),
    )
    constants = (
        Constant("rows", rows.places),
        Constant("row_fractions", rows.fractions),
        Constant("columns", columns.places),
        Constant("column_fractions", columns.fractions),
    )
    return (Call(f"fw_{kernel}", (params, *constants, Ref(x.index), Ref(y.index))),)


def cost_reference(node: Node) -> float:
    return 35.0 * node.y.elements


def fold(node: Node, values: Sequence[Array]) -> Array:
    rows, columns = between(node)
    is_float = node.x.dtype is Element.F32
    x: npt.NDArray[Any] = values[0] if is_float else values[0].astype(np.int64)
    one: Any = np.float32(1) if is_float else ONE
    fy = rows.fractions[:, None, None].astype(x.dtype)
    fx = columns.fractions[:, None].astype(x.dtype)
    above, below = (x[:, rows.places[:, k]] for k in (0, 1))
    left, right = columns.places[:, 0], columns.places[:, 1]
    total = above[:, :, left] * (one - fy) * (one - fx)
    total = total + below[:, :, left] * fy * (one - fx)
    total = total + above[:, :, right] * (one - fy) * fx
    total = total + below[:, :, right] * fy * fx
    if is_float:
        return np.asarray(total + np.float32(0), np.float32)
    halves = np.where(total > 0, 1 << 19, -(1 << 19))
    return np.asarray(np.trunc((total + halves) / (1 << 20)), node.y.dtype.numpy)


def _row(element: Element) -> Kernel:
    kernel = f"resize_bilinear_{element.suffix}"
    form = one_form(partial(calls_reference, kernel), cost_reference)
    types = (element, Element.S32, element)
    return Kernel("RESIZE_BILINEAR", kernel, "reference", form, types=(types,))


OPERATOR = Operator(
    code=23,
    name="RESIZE_BILINEAR",
    options=read_options,
    types=tuple((element, Element.S32, element) for element in ELEMENTS),
    check=check,
    reference=tuple(map(_row, ELEMENTS)),
    fold=fold,
)
