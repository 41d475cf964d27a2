"""CAST: numbers of one element type as those of another, whatever scales they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks
from fwgen.ops.parts.overlap import side_by_side

INTEGERS = (Element.S8, Element.S16, Element.S32, Element.U32, Element.BOOL)
"""With booleans, which are the numbers 0 and 1."""

F32 = Element.F32


@dataclass(frozen=True)
class Options:
    """The schema's ``CastOptions``: numbers of element types, of which tensors have their own."""

    codes: tuple[int, int]


def read_options(fields: Fields) -> Options:
    return Options((fields.i8(0), fields.i8(1)))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    checks.require_shape(node, node.y, node.x.shape)
    for code in node.options.codes:
        checks.require_type_code(node, code)


def fold(node: Node, values: Sequence[Array]) -> Array:
    """C's conversions, of which an integer loses its upper bits and a float its fraction.

    A float beyond the limits of an integer becomes the limit, and a NaN 0, as in the wheel of TFLM
    that fwgen compares with: C leaves them open. Source: TFLM ``cast.cc``.
    """
    y = node.y.dtype
    if node.x.dtype is F32 and y.is_integer:
        whole = np.trunc(np.nan_to_num(values[0].astype(np.float64)))
        return y.clamped(whole)
    return values[0].astype(y.numpy)


def _numbers(tensor: Tensor, side: str) -> tuple[tuple[str, int], ...]:
    """What ``fw_cast_params`` say of a tensor of integers."""
    dtype = tensor.dtype
    signed = int(dtype.is_integer and dtype.low < 0)
    return (f"{side}_bytes", dtype.bytes), (f"{side}_signed", signed)


def _calls(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    name, fields = "cast_integers", (*_numbers(x, "input"), *_numbers(y, "output"))
    if x.dtype is F32:
        name, fields = "cast_floats", _numbers(y, "output")
    elif y.dtype is F32:
        name, fields = "cast_to_floats", _numbers(x, "input")
    if (x.dtype, y.dtype) in RENAMED:
        return (Call("fw_copy", (Ref(x.index), Ref(y.index), y.bytes)),)
    told = ("elements", x.elements), *fields, ("to_bool", int(y.dtype is Element.BOOL))
    return (Call(f"fw_{name}", (Params("fw_cast_params", told), Ref(x.index), Ref(y.index))),)


def _row(name: str, cycles: float, *types: tuple[Element, Element]) -> Kernel:
    forms = one_form(_calls, lambda node: cycles * node.x.elements, side_by_side)
    return Kernel("CAST", name, "reference", forms, types=types)


SAME = tuple((element, element) for element in (*INTEGERS, F32))
RENAMED = (*SAME, (Element.S32, Element.U32), (Element.U32, Element.S32))
"""Types whose elements are the same bytes."""

TO_OTHERS = tuple(pair for pair in product(INTEGERS, INTEGERS) if pair not in RENAMED)
TO_FLOAT = tuple((element, F32) for element in INTEGERS)
FROM_FLOAT = tuple((F32, element) for element in INTEGERS)

OPERATOR = Operator(
    code=53,
    name="CAST",
    options=read_options,
    types=(*RENAMED, *TO_OTHERS, *TO_FLOAT, *FROM_FLOAT),
    check=check,
    reference=(
        Kernel(
            "CAST",
            "copy",
            "reference",
            one_form(_calls, lambda node: 0.5 * node.y.bytes),
            types=RENAMED,
        ),
        _row("cast_integers", 20.0, *TO_OTHERS),
        _row("cast_to_floats", 20.0, *TO_FLOAT),
        _row("cast_floats", 24.0, *FROM_FLOAT),
    ),
    fold=fold,
)
