"""SHAPE: the dimensions of a tensor, known at build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves

ELEMENTS = (*moves.NUMBERS, Element.S64, Element.BOOL, Element.U8, Element.U32, Element.U64)


@dataclass(frozen=True)
class Options:
    """The schema's ``ShapeOptions``: the number of an element type, 0 where it is left out."""

    out_type: int


def read_options(fields: Fields) -> Options:
    return Options(out_type=fields.i8(0))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    node.require(
        node.options.out_type in (0, Element.S32.code),
        f"SHAPE has output type {node.options.out_type} by its option, expected int32.",
    )
    node.require(node.x.shape != (), "SHAPE of a scalar has no elements.")
    checks.require_shape(node, node.y, (len(node.x.shape),))


def calls_reference(node: Node) -> tuple[Call, ...]:
    """For a shape that is an output of the model."""
    y = node.y
    shape = Constant("shape", np.asarray(node.x.shape, y.dtype.numpy))
    return (moves.strided_copy(shape, y, y.shape, moves.dense(y.shape), moves.dense(y.shape)),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.asarray(node.x.shape, node.y.dtype.numpy)


TYPES = tuple((element, Element.S32) for element in ELEMENTS)

OPERATOR = Operator(
    code=77,
    name="SHAPE",
    options=read_options,
    types=TYPES,
    check=check,
    reference=(moves.copies("SHAPE", calls_reference, types=TYPES),),
    fold=fold,
    unread=(0,),
)
