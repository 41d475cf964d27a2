"""The extremes MAXIMUM and MINIMUM: raw values of any type, whose quantization does not matter."""

from __future__ import annotations

from fwgen.contract.operator import Operator
from fwgen.model.element import Element
from fwgen.ops.parts import broadcast, by_type, pairs

ELEMENTS = (Element.S8, Element.S16, Element.S32, Element.S64, Element.F32)


def operator(code: int, name: str, function: pairs.Function) -> Operator:
    """The extreme that ``function`` takes of two values."""
    definitions = (pairs.raw(name, element, function) for element in ELEMENTS)
    return by_type.operator(code, name, broadcast.check_shapes, *definitions)
