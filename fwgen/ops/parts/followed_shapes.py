"""The shapes that ops make whose stored shape is not compared: their operators do that themselves.

They are needed where a model's inputs get other shapes than in the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from fwgen.contract.operator import Fields
from fwgen.ops.parts.shapes import Inputs, Shape, Shapes, ints


def _reshaped(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    shape = [*(ints(x[1]) if len(x) > 1 else options.i32_vector(0))]
    if -1 in shape:
        shape[shape.index(-1)] = x[0].elements // -prod(shape)
    return [tuple(shape)]


def _squeezed(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    shape, gone = x[0].shape, options.i32_vector(0)
    axes = {axis % len(shape) for axis in gone} or {a for a, e in enumerate(shape) if e == 1}
    return [tuple(e for axis, e in enumerate(shape) if axis not in axes)]


def _expanded(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    shape = [*x[0].shape]
    shape.insert(ints(x[1])[0] % (len(shape) + 1), 1)
    return [tuple(shape)]


def _strided(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    if any(options.i32(slot) for slot in (2, 3)):
        return ()
    begins, ends, shrunk = (options.i32(slot) for slot in (0, 1, 4))
    shape = []
    cuts = zip(x[0].shape, *map(ints, x[1:4]), strict=True)
    for axis, (size, begin, end, step) in enumerate(cuts):
        first = None if begins >> axis & 1 else begin
        last = None if ends >> axis & 1 else end
        if not shrunk >> axis & 1:
            shape.append(len(range(size)[first:last:step]))
    return [tuple(shape)]


def _dense(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    units, depth = x[1].shape
    rows = x[0].shape[:-1] if options.flag(2) else (x[0].elements // depth,)
    return [(*rows, units)]


def _gathered(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    shape, batches = x[0].shape, options.i32(1)
    axis = options.i32(0) % len(shape)
    return [(*shape[:axis], *x[1].shape[batches:], *shape[axis + 1 :])]


def _gathered_nd(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    *places, depth = x[1].shape
    return [(*places, *x[0].shape[depth:])]


def _looked_up(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [(*x[0].shape, *x[1].shape[1:])]


def _chosen(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [np.broadcast_shapes(*(each.shape for each in x))]


def _stated(place: int) -> Shapes:
    """By the constant at a place."""

    def shapes(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
        return [ints(x[place])]

    return shapes


def _first(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [x[0].shape]


FOLLOWED: Mapping[str, Shapes] = {
    "RESHAPE": _reshaped,
    "SQUEEZE": _squeezed,
    "EXPAND_DIMS": _expanded,
    "STRIDED_SLICE": _strided,
    "FULLY_CONNECTED": _dense,
    "GATHER": _gathered,
    "GATHER_ND": _gathered_nd,
    "EMBEDDING_LOOKUP": _looked_up,
    "SELECT_V2": _chosen,
    "ADD_N": _first,
    "DYNAMIC_UPDATE_SLICE": _first,
    "BROADCAST_TO": _stated(1),
    "FILL": _stated(0),
}
"""By operator."""
