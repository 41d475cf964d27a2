"""CUMSUM: running sums along an axis, from either end, with or without the element itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, Types
from fwgen.ops.parts import checks, halved_sums
from fwgen.ops.parts.broadcast import ParamFields

TYPES: tuple[Types, ...] = tuple((each, Element.S32, each) for each in (Element.S8, Element.F32))


@dataclass(frozen=True)
class Options:
    """The schema's ``CumsumOptions``."""

    exclusive: bool
    reverse: bool


def read_options(fields: Fields) -> Options:
    return Options(exclusive=fields.flag(0), reverse=fields.flag(1))


def axis_of(node: Node) -> int:
    """The axis, counted from the first one."""
    return int(node.w.constant.reshape(-1)[0]) % len(node.x.shape)


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, axis = node.x, node.w
    node.require(
        axis.data is not None and axis.elements == 1,
        f"The axis of CUMSUM, tensor {axis.index}, is not one constant number.",
        ("give the axis in the model, not as what it computes or is given",),
    )
    rank, given = len(x.shape), int(axis.constant.reshape(-1)[0])
    node.require(
        -rank <= given < rank, f"CUMSUM is along axis {given} of a tensor with {rank} dimensions."
    )
    checks.require_shape(node, node.y, x.shape)
    if x.dtype is Element.S8:
        for tensor in (x, node.y):
            checks.require_per_tensor(node, tensor)
        halved_sums.require_factor(node)


def fields(node: Node) -> ParamFields:
    shape, axis = node.x.shape, axis_of(node)
    return (
        ("outer", math.prod(shape[:axis])),
        ("depth", shape[axis]),
        ("inner", math.prod(shape[axis + 1 :])),
        ("exclusive", int(node.options.exclusive)),
        ("reverse", int(node.options.reverse)),
    )


def calls(node: Node) -> tuple[Call, ...]:
    kernel, made = f"fw_cumsum_{node.y.dtype.suffix}", fields(node)
    if node.y.dtype is Element.S8:
        zero_point = (("input_zero_point", node.x.zero_point),)
        made = (*made, *zero_point, *halved_sums.fields(node))
    return (Call(kernel, (Params(f"{kernel}_params", made), Ref(node.x.index), Ref(node.y.index))),)


def cost(node: Node) -> float:
    each = 35.0 if node.y.dtype is Element.S8 else 14.0
    return each * node.y.elements + 40.0


def fold(node: Node, values: Sequence[Array]) -> Array:
    """One element after the other, as sums of float32 are rounded."""
    options, axis = node.options, axis_of(node)
    quantized = node.y.dtype is Element.S8
    given = values[0].astype(np.int64) - node.x.zero_point if quantized else values[0]
    along = np.moveaxis(given, axis, 0)[:: -1 if options.reverse else 1]
    total, sums = np.zeros(along.shape[1:], along.dtype), []
    with np.errstate(all="ignore"):
        for each in along:
            after = np.add(total, each)
            sums.append(total if options.exclusive else after)
            total = after
    found = np.moveaxis(np.stack(sums)[:: -1 if options.reverse else 1], 0, axis)
    return halved_sums.result(node, found) if quantized else found.astype(np.float32)


def row(types: Types) -> Kernel:
    name = f"cumsum_{(types[0] or Element.S8).suffix}"
    return Kernel("CUMSUM", name, "reference", one_form(calls, cost), types=(types,))


OPERATOR = Operator(
    code=128,
    name="CUMSUM",
    options=read_options,
    types=TYPES,
    check=check,
    reference=tuple(map(row, TYPES)),
    fold=fold,
)
