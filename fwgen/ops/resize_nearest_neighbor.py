"""RESIZE_NEAREST_NEIGHBOR: images of another size, each output pixel the nearest input pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import block_copies, checks, moves
from fwgen.ops.parts.loop_nest import row_major

TYPES = like_all((Element.S8, Element.S16, Element.F32), Element.S32)

MOST_LINES = 1 << 16
"""Rows or columns of which there are tables: no image has as many."""


@dataclass(frozen=True)
class Options:
    """The schema's ``ResizeNearestNeighborOptions``."""

    align_corners: bool
    half_pixel_centers: bool


def read_options(fields: Fields) -> Options:
    return Options(align_corners=fields.flag(0), half_pixel_centers=fields.flag(1))


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, y = node.x, node.y
    checks.require_rank(node, x, 4)
    checks.require_shape(node, node.w, (2,))
    size = moves.constant_ints(node, node.w, "size")
    node.require(
        max(size) <= MOST_LINES,
        f"RESIZE_NEAREST_NEIGHBOR to {list(size)}; at most {MOST_LINES:,} rows or columns are "
        "supported.",
    )
    checks.require_shape(node, y, (x.shape[0], *size, x.shape[3]))


def nearest(options: Options, source: int, target: int) -> npt.NDArray[np.int64]:
    """The input row or column, of ``source``, of each of ``target`` output rows or columns.

    Source: TFLite ``reference/resize_nearest_neighbor.h``, which calculates in float32.
    """
    aligned = options.align_corners and target > 1
    spans = (source - 1, target - 1) if aligned else (source, target)
    scale = np.float32(spans[0]) / np.float32(spans[1])
    offset = np.float32(0.5 if options.half_pixel_centers else 0.0)
    real = ((np.arange(target, dtype=np.float32) + offset) * scale).astype(np.float64)
    whole = np.floor(real + 0.5) if options.align_corners else np.floor(real)
    return np.clip(whole.astype(np.int64), 0, source - 1)


def tables(node: Node) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The input row of each output row, and the columns likewise."""
    (_, *sources, _), (_, *targets, _) = node.x.shape, node.y.shape
    rows, columns = (nearest(node.options, *pair) for pair in zip(sources, targets, strict=True))
    return rows, columns


def calls_reference(node: Node) -> tuple[Call, ...]:
    """Where each input pixel is so many rows and columns, by strides; else by tables."""
    x, y = node.x, node.y
    n, h, w, c = x.shape
    times = y.shape[1] // h, y.shape[2] // w
    rows, columns = tables(node)
    image, row, column, _ = row_major(x.shape)
    if all(
        len(taken) == extent * count and np.array_equal(taken, np.arange(len(taken)) // count)
        for taken, extent, count in zip((rows, columns), (h, w), times, strict=True)
    ):
        sizes = (n, h, times[0], w, times[1], c)
        layouts = (0, (image, row, 0, column, 0, 1)), moves.dense(sizes)
        return (moves.strided_copy(x, y, sizes, *layouts),)
    unit = x.dtype.bytes
    fields = (
        ("images", n),
        ("image_bytes", image * unit),
        ("rows", y.shape[1]),
        ("columns", y.shape[2]),
        ("pixel_bytes", c * unit),
    )
    places = (
        Constant("rows", (rows * row * unit).astype(np.int32)),
        Constant("columns", (columns * column * unit).astype(np.int32)),
    )
    arguments = (Params("fw_copy_grid_params", fields), *places, Ref(x.index), Ref(y.index))
    return (Call("fw_copy_grid", arguments),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    rows, columns = tables(node)
    return values[0][:, rows][:, :, columns]


OPERATOR = Operator(
    code=97,
    name="RESIZE_NEAREST_NEIGHBOR",
    options=read_options,
    types=TYPES,
    check=check,
    reference=(
        block_copies.row(
            "RESIZE_NEAREST_NEIGHBOR", "copy_grid", calls_reference, TYPES, "strided_copy"
        ),
    ),
    fold=fold,
)
