"""SELECT_V2: elements of one of two tensors by truth values, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, Types
from fwgen.ops.parts import checks
from fwgen.ops.parts.loop_nest import broadcast, collapse
from fwgen.ops.parts.overlap import in_place

MOST_DIMENSIONS = 5
"""That TFLM takes."""

ELEMENTS = (Element.S8, Element.S16, Element.F32)
TYPES: tuple[Types, ...] = tuple((Element.BOOL, each, each) for each in ELEMENTS)


def check(node: Node) -> None:
    """Values are moved as they are: TFLM does not look at scales."""
    checks.require_operands(node, least=3, most=3)
    shapes = [tensor.shape for tensor in node.operands()]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        shape = ()
        node.require(False, f"Shapes {', '.join(map(str, map(list, shapes)))} do not broadcast.")
    node.require(
        len(shape) <= MOST_DIMENSIONS,
        f"SELECT_V2 of {len(shape)} dimensions; at most {MOST_DIMENSIONS} are supported.",
    )
    checks.require_shape(node, node.y, shape)


def calls(node: Node) -> tuple[Call, ...]:
    y = node.y
    loops = collapse(y.shape, *(broadcast(x.shape, y.shape) for x in node.operands()))
    names = ("condition_stride", "input1_stride", "input2_stride")
    fields = (("size", loops.sizes), *zip(names, loops.strides, strict=True))
    tensors = map(Ref, (*node.inputs, y.index))
    return (Call(f"fw_select_{y.dtype.suffix}", (Params("fw_select_params", fields), *tensors)),)


def cost(node: Node) -> float:
    return 16.0 * node.y.elements + 60.0


def fold(node: Node, values: Sequence[Array]) -> Array:
    found: Array = np.where(*values)
    return found


def row(types: Types) -> Kernel:
    name = f"select_{(types[1] or Element.S8).suffix}"
    return Kernel("SELECT_V2", name, "reference", one_form(calls, cost, in_place), types=(types,))


OPERATOR = Operator(
    code=123,
    name="SELECT_V2",
    options=no_options,
    types=TYPES,
    check=check,
    reference=tuple(map(row, TYPES)),
    fold=fold,
)
