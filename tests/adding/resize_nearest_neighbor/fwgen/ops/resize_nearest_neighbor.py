"""RESIZE_NEAREST_NEIGHBOR: images of another size, each output pixel the nearest input pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.model.fixed_point import round_half_away
from fwgen.ops.parts import checks, moves

TYPES = like_all((Element.S8,), Element.S32)


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
    checks.require_rank(node, node.w, 1)
    size = moves.constant_ints(node, node.w, "size")
    node.require(
        len(size) == 2 and min(size) > 0,
        f"The size (tensor {node.inputs[1]}) is {list(size[:8])}, expected rows and columns.",
    )
    checks.require_shape(node, y, (x.shape[0], *size, x.shape[3]))


def nearest(options: Options, source: int, target: int) -> npt.NDArray[np.int32]:
    """The input row or column, of ``source``, of each of ``target`` output rows or columns.

    Source: TFLite ``reference/resize_nearest_neighbor.h``, which calculates in float32.
    """
    if options.align_corners and target > 1:
        scale = np.float32(source - 1) / np.float32(target - 1)
    else:
        scale = np.float32(source) / np.float32(target)
    offset = np.float32(0.5 if options.half_pixel_centers else 0.0)
    places = (np.arange(target, dtype=np.float32) + offset) * scale
    whole = map(round_half_away, places.tolist()) if options.align_corners else np.floor(places)
    return np.clip(np.array([int(place) for place in whole]), 0, source - 1).astype(np.int32)


def tables(node: Node) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The input row of each output row, and the columns likewise."""
    x, y = node.x, node.y
    return nearest(node.options, x.shape[1], y.shape[1]), nearest(
        node.options, x.shape[2], y.shape[2]
    )


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    rows, columns = tables(node)
    sizes = (
        ("batches", x.shape[0]),
        ("input_h", x.shape[1]),
        ("input_w", x.shape[2]),
        ("output_h", y.shape[1]),
        ("output_w", y.shape[2]),
        ("channels", x.shape[3]),
    )
    params = Params("fw_resize_nearest_neighbor_s8_params", sizes)
    places = (Constant("rows", rows), Constant("columns", columns))
    arguments = (params, *places, Ref(x.index), Ref(y.index))
    return (Call("fw_resize_nearest_neighbor_s8", arguments),)


def cost_reference(node: Node) -> float:
    y = node.y
    return 4.0 * y.elements + 20.0 * (y.elements // y.shape[3])


def fold(node: Node, values: Sequence[Array]) -> Array:
    rows, columns = tables(node)
    return values[0][:, rows][:, :, columns]


REFERENCE = Kernel(
    "RESIZE_NEAREST_NEIGHBOR",
    "resize_nearest_neighbor_s8",
    "reference",
    one_form(calls_reference, cost_reference),
    types=TYPES,
)

OPERATOR = Operator(
    code=97,
    name="RESIZE_NEAREST_NEIGHBOR",
    options=read_options,
    types=TYPES,
    check=check,
    reference=(REFERENCE,),
    fold=fold,
)
