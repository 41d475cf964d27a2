"""Pairs of truth values: LOGICAL_AND and LOGICAL_OR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fwgen.contract.operator import Operator
from fwgen.model.element import Element, Types
from fwgen.ops.parts import broadcast, by_type, pairs

MISREAD: Mapping[Types, str] = {
    (
        element,
        element,
        Element.BOOL,
    ): "TFLM takes the bytes of numbers for truth values: make these "
    "of the numbers first, by NOT_EQUAL to 0."
    for element in Element
    if element is not Element.BOOL
}
"""Source: TFLM ``logical_common.cc``, which reads bytes whatever the type of the tensors is."""


def operator(code: int, name: str, function: pairs.Function) -> Operator:
    """What ``function`` makes of two truth values, with broadcasting."""
    made = pairs.raw(name, Element.BOOL, function)
    return replace(by_type.operator(code, name, broadcast.check_shapes, made), misread=MISREAD)
