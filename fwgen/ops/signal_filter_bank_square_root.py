"""SIGNAL_FILTER_BANK_SQUARE_ROOT: square roots of energies, shifted to the right."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

import numpy as np

from fwgen.contract.call import Arg
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import checks
from fwgen.ops.parts.signal import (
    forms_of,
    refs,
    require_counts,
    require_vector,
    signal_operator,
)


def check(node: Node) -> None:
    require_counts(node, 2, 1)
    require_vector(node, node.x)
    require_vector(node, node.y, node.x.elements)
    checks.require_shape(node, node.w, ())


def root_of(number: int) -> int:
    """The nearest integer to the root, but at most 2**16 - 1 of a number of 32 bits.

    Source: TFLM ``signal/src/square_root_32.cc`` and ``square_root_64.cc``.
    """
    root = isqrt(number)
    most = Element.U32.high if number >> 32 else Element.U16.high
    return min(root + (number - root * root > root), most)


def fold(node: Node, values: Sequence[Array]) -> Array:
    roots = [root_of(int(number)) for number in values[0]]
    return np.array(roots, np.uint32) >> np.uint32(int(values[1]) & 31)


def arguments(node: Node) -> tuple[Arg, ...]:
    return (*refs((node.x, node.w, node.y)), node.x.elements)


OPERATOR = signal_operator(
    "signal_filter_bank_square_root_u64",
    (Element.U64, Element.S32, Element.U32),
    no_options,
    check,
    fold,
    forms_of("signal_filter_bank_square_root_u64", arguments, 100.0),
)
