"""RESIZE_NEAREST_NEIGHBOR: images of another size, each output pixel the nearest input pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.model.fixed_point import round_half_away
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.checks import require

TYPES = like_all((Element.S8,), Element.S32)


@dataclass(frozen=True)
class Options:
    """The schema's ``ResizeNearestNeighborOptions``."""

    align_corners: bool
    half_pixel_centers: bool


def read_options(fields: Fields) -> Options:
    return Options(align_corners=fields.flag(0), half_pixel_centers=fields.flag(1))


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=2, most=2)
    x, y = graph.input(op), graph.output(op)
    checks.require_rank(x, 4, graph, op)
    checks.require_rank(graph.input(op, 1), 1, graph, op)
    size = moves.constant_ints(graph.input(op, 1), "size", graph, op)
    require(
        len(size) == 2 and min(size) > 0,
        f"The size (tensor {op.inputs[1]}) is {list(size[:8])}, expected rows and columns.",
        graph,
        op,
    )
    checks.require_shape(y, (x.shape[0], *size, x.shape[3]), graph, op)


def nearest(op: Op, source: int, target: int) -> npt.NDArray[np.int32]:
    """The input row or column, of ``source``, of each of ``target`` output rows or columns.

    Source: TFLite ``reference/resize_nearest_neighbor.h``, which calculates in float32.
    """
    options = op.options
    assert isinstance(options, Options)
    if options.align_corners and target > 1:
        scale = np.float32(source - 1) / np.float32(target - 1)
    else:
        scale = np.float32(source) / np.float32(target)
    offset = np.float32(0.5 if options.half_pixel_centers else 0.0)
    places = (np.arange(target, dtype=np.float32) + offset) * scale
    whole = map(round_half_away, places.tolist()) if options.align_corners else np.floor(places)
    return np.clip(np.array([int(place) for place in whole]), 0, source - 1).astype(np.int32)


def tables(graph: Graph, op: Op) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The input row of each output row, and the columns likewise."""
    x, y = graph.input(op), graph.output(op)
    return nearest(op, x.shape[1], y.shape[1]), nearest(op, x.shape[2], y.shape[2])


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    x, y = graph.input(op), graph.output(op)
    rows, columns = tables(graph, op)
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


def cost_reference(graph: Graph, op: Op) -> float:
    y = graph.output(op)
    return 4.0 * y.elements + 20.0 * (y.elements // y.shape[3])


def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
    rows, columns = tables(graph, op)
    return values[0][:, rows][:, :, columns]


REFERENCE = Kernel(
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
    variants=(REFERENCE,),
    fold=fold,
)
