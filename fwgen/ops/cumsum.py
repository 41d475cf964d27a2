"""CUMSUM: running sums along an axis, from either end, with or without the element itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, Types
from fwgen.ops.parts import checks, halved_sums
from fwgen.ops.parts.broadcast import ParamFields
from fwgen.ops.parts.loop_nest import LEVELS

TYPES: tuple[Types, ...] = tuple((each, Element.S32, each) for each in (Element.S8, Element.F32))


@dataclass(frozen=True)
class Options:
    """The schema's ``CumsumOptions``."""

    exclusive: bool
    reverse: bool


def read_options(fields: Fields) -> Options:
    return Options(exclusive=fields.flag(0), reverse=fields.flag(1))


def check(node: Node) -> None:
    """The axis may be computed: one out of range then counts as the nearest in range."""
    checks.require_operands(node, least=2, most=2)
    x, axis, rank = node.x, node.w, len(node.x.shape)
    node.require(1 <= rank <= LEVELS, f"CUMSUM of {rank} dimensions; 1 to {LEVELS} are supported.")
    node.require(axis.elements == 1, f"The axis of CUMSUM, tensor {axis.index}, is not one number.")
    given = 0 if axis.data is None else int(axis.data.reshape(-1)[0])
    node.require(
        -rank <= given < rank, f"CUMSUM is along axis {given} of a tensor with {rank} dimensions."
    )
    checks.require_shape(node, node.y, x.shape)
    if x.dtype is Element.S8:
        for tensor in (x, node.y):
            checks.require_per_tensor(node, tensor)
        halved_sums.require_factor(node)


def fields(node: Node) -> ParamFields:
    """The members of the kernels' parameters after those of the axis."""
    options = node.options
    flags = ("exclusive", int(options.exclusive)), ("reverse", int(options.reverse))
    if node.y.dtype is not Element.S8:
        return flags
    return (*flags, ("input_zero_point", node.x.zero_point), *halved_sums.fields(node))


def calls(node: Node) -> tuple[Call, ...]:
    x, axis, y, shape = node.x, node.w, node.y, node.x.shape
    kernel = f"fw_cumsum_{y.dtype.suffix}"
    if axis.data is not None:
        at = int(axis.data.reshape(-1)[0]) % len(shape)
        sizes = (shape[:at], shape[at : at + 1], shape[at + 1 :])
        names = ("outer", "depth", "inner")
        along = tuple(zip(names, map(math.prod, sizes), strict=True))
        params = Params(f"{kernel}_params", (*along, *fields(node)))
        return (Call(kernel, (params, Ref(x.index), Ref(y.index))),)
    size = (*shape, *(1,) * (LEVELS - len(shape)))
    given: ParamFields = (("dimensions", len(shape)), ("size", size), *fields(node))
    computed = f"fw_cumsum_along_{y.dtype.suffix}"
    tensors = map(Ref, (x.index, axis.index, y.index))
    return (Call(computed, (Params(f"{computed}_params", given), *tensors, Function(kernel))),)


def cost(node: Node) -> float:
    each = 35.0 if node.y.dtype is Element.S8 else 14.0
    return each * node.y.elements + 40.0


def fold(node: Node, values: Sequence[Array]) -> Array:
    """One element after the other, as sums of float32 are rounded."""
    rank, options = len(node.x.shape), node.options
    axis = int(np.clip(values[1].reshape(-1)[0], -rank, rank - 1))
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


def indices(node: Node) -> dict[int, tuple[range, ...]]:
    rank = len(node.x.shape)
    return {1: (range(-rank, rank),)}


def is_computed(node: Node) -> bool:
    """Whether the axis is known at run time alone."""
    return node.w.data is None


def rows_of(types: Types) -> tuple[Kernel, ...]:
    """The row of a constant axis, and that of a computed one."""
    suffix = (types[0] or Element.S8).suffix
    fixed, computed = f"cumsum_{suffix}", f"cumsum_along_{suffix}"
    form = one_form(calls, cost)
    return (
        Kernel(
            "CUMSUM",
            fixed,
            "reference",
            form,
            holds=lambda node: not is_computed(node),
            types=(types,),
        ),
        Kernel(
            "CUMSUM",
            computed,
            "reference",
            form,
            holds=is_computed,
            functions=(computed, fixed),
            types=(types,),
        ),
    )


OPERATOR = Operator(
    code=128,
    name="CUMSUM",
    options=read_options,
    types=TYPES,
    check=check,
    reference=tuple(row for types in TYPES for row in rows_of(types)),
    fold=fold,
    indices=indices,
)
