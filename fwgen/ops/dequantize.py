"""DEQUANTIZE: int8, uint8 or int16 to float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import checks

ELEMENTS = (Element.S8, Element.U8, Element.S16)


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    checks.require_per_tensor(node, x)
    checks.require_shape(node, y, x.shape)
    checks.require_normal(node, x)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    params = Params(
        "fw_dequantize_params", (("elements", x.elements), ("zero_point", x.zero_point))
    )
    scale = Constant("scale", np.array([x.scale], np.float32))
    function = f"fw_dequantize_{x.dtype.suffix}_f32"
    return (Call(function, (params, scale, Ref(x.index), Ref(y.index))),)


def cost_reference(node: Node) -> float:
    return 10.0 * node.x.elements


def fold(node: Node, values: Sequence[Array]) -> Array:
    steps = (values[0].astype(np.int32) - node.x.zero_point).astype(np.float32)
    with np.errstate(over="ignore"):  # an infinity, as on a core
        real: Array = np.float32(node.x.scale) * steps
    return real


OPERATOR = Operator(
    code=6,
    name="DEQUANTIZE",
    options=no_options,
    types=tuple((element, Element.F32) for element in ELEMENTS),
    check=check,
    reference=tuple(
        Kernel(
            "DEQUANTIZE",
            f"dequantize_{element.suffix}_f32",
            "reference",
            one_form(calls_reference, cost_reference),
            types=((element, Element.F32),),
        )
        for element in ELEMENTS
    ),
    fold=fold,
)
