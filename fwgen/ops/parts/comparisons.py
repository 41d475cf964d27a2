"""Comparisons of two operands, which broadcast, to truth values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import Element
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.model.graph import Tensor
from fwgen.ops.parts import broadcast, by_type, checks, pairs

LESS, EQUAL, GREATER, NEITHER = 1, 2, 4, 8
"""Bits of a comparison's ``holds``: of which results it is true. Neither is a comparison with what
is no number."""

FRACTION_BITS = 8
"""Of the units of int8 values in which they are compared."""

ELEMENTS = (Element.S32, Element.S64, Element.F32)
"""Those that all comparisons take beside int8."""


def check(node: Node) -> None:
    """Of int8, require scales below 1, on others of which TFLM aborts.

    Source: TFLM ``comparisons.cc``, ``ComparisonsPrepare``.
    """
    broadcast.check_shapes(node)
    if node.x.dtype is Element.S8:
        for tensor in (node.x, node.w):
            checks.require_per_tensor(node, tensor)
            node.require(
                tensor.scale < 1.0,
                f"The scale {tensor.scale:g} of tensor {tensor.index} is 1 or more, on which TFLM "
                f"stops in {node.code}.",
                ("divide both scales by a power of 2 if only their ratio matters",),
            )


def scaled(tensor: Tensor, values: Array) -> Array:
    """int8 values as real numbers in units of 2**-8, rounded."""
    raw = (values.astype(np.int64) - tensor.zero_point) << FRACTION_BITS
    return requantize(raw, *quantize_multiplier(tensor.scale))


def operator(
    code: int, name: str, holds: int, function: Callable[[Array, Array], Array], *more: Element
) -> Operator:
    """A comparison, in NumPy ``function``, which also takes ``more`` elements."""

    def fold(node: Node, values: Sequence[Array]) -> Array:
        return np.asarray(function(*values), np.bool_)

    def fold_scaled(node: Node, values: Sequence[Array]) -> Array:
        both = (scaled(node.input(i), v) for i, v in enumerate(values))
        return np.asarray(function(*both), np.bool_)

    def fields(node: Node) -> broadcast.ParamFields:
        return (("holds", holds),)

    def scaled_fields(node: Node) -> broadcast.ParamFields:
        found: list[tuple[str, int | tuple[int, ...]]] = []
        for i in (0, 1):
            tensor = node.input(i)
            multiplier, shift = quantize_multiplier(tensor.scale)
            members = (tensor.zero_point, multiplier, shift)
            names = (f"input{i + 1}_{each}" for each in ("zero_point", "multiplier", "shift"))
            found += zip(names, members, strict=True)
        return (*found, *fields(node))

    def raw(element: Element) -> by_type.Definition:
        types = (element, Element.BOOL)
        kernel = f"compare_{element.suffix}"
        made = pairs.PairKernel(kernel, types, "fw_compared_pairs", fields)
        return pairs.definition(name, made, fold)

    types, params = (Element.S8, Element.BOOL), "fw_compare_s8_params"
    scaling = pairs.PairKernel("compare_s8", types, params, scaled_fields, cycles=45.0)
    of_int8 = pairs.definition(name, scaling, fold_scaled)
    return by_type.operator(code, name, check, of_int8, *map(raw, (*ELEMENTS, *more)))
