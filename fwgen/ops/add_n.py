"""ADD_N: the sum of many tensors of one shape and quantization."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Params, Ref, Scratch
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import S8_ALL, Element
from fwgen.model.graph import ABSENT
from fwgen.ops.parts import checks, halved_sums

MOST_INPUTS = 255
"""Of which sums of int8 values fit 16 bits."""

F32_ALL = (Element.F32, Element.F32)


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=MOST_INPUTS)
    node.require(ABSENT not in node.inputs, "An input of ADD_N is absent.")
    for tensor in node.operands():
        checks.require_shape(node, tensor, node.y.shape)
    if node.y.dtype is Element.S8:
        checks.require_per_tensor(node, node.y)
        for tensor in node.operands():
            checks.require_per_tensor(node, tensor)
            checks.require_same_quant(node, node.x, tensor)
        halved_sums.require_factor(node)


def forms(node: Node) -> tuple[Form, ...]:
    """Input by input: of int8 into sums of 16 bits in scratch memory."""
    y, count = node.y, len(node.inputs)
    if y.dtype is Element.F32:
        steps = [
            Call("fw_add_n_f32", (Ref(t), Ref(y.index), y.elements, int(place == 0)))
            for place, t in enumerate(node.inputs)
        ]
        return (Form(tuple(steps), 12.0 * count * y.elements),)
    sums = Scratch(0, Element.S16)
    steps = [
        Call("fw_add_to_sums_s8", (Ref(t), sums, y.elements, int(place == 0)))
        for place, t in enumerate(node.inputs)
    ]
    start = ("start", -(count + 1) * node.x.zero_point)
    fields = (("elements", y.elements), start, *halved_sums.fields(node))
    last = Call("fw_add_n_s8", (Params("fw_add_n_s8_params", fields), sums, Ref(y.index)))
    cycles = (9.0 * count + 30.0) * y.elements
    return (Form((*steps, last), cycles, scratch_bytes=2 * y.elements),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    if node.y.dtype is Element.S8:
        zero_point = node.x.zero_point
        sums = sum((v.astype(np.int64) - zero_point for v in values), np.int64(0))
        return halved_sums.result(node, np.asarray(sums, np.int64))
    total: Array = np.zeros(node.y.shape, np.float32)
    with np.errstate(all="ignore"):
        for value in values:
            total = np.add(total, value)
    return total


OPERATOR = Operator(
    code=106,
    name="ADD_N",
    options=no_options,
    types=(S8_ALL, F32_ALL),
    check=check,
    reference=(
        Kernel(
            "ADD_N",
            "add_n_s8",
            "reference",
            forms,
            functions=("add_n_s8", "add_to_sums_s8"),
            types=(S8_ALL,),
        ),
        Kernel("ADD_N", "add_n_f32", "reference", forms, types=(F32_ALL,)),
    ),
    fold=fold,
)
