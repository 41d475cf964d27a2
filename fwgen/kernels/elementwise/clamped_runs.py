"""Rows of element-wise ops of two int8 operands for Armv6-M, whose kernels clamp before they scale.

``v6m_sums.h`` has the arithmetic of sums, ``v6m_rescale.h`` that of products.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fwgen.contract.call import Constant
from fwgen.contract.kernel import ARMV6M, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.elementwise.element_runs import InRuns, Numbers, RunCosts, RunKernels
from fwgen.kernels.elementwise.two_operands import (
    FIRST,
    FRACTION,
    SECOND,
    UNIT,
    VALUES,
    Fields,
    Int64Array,
    clamp_of,
    fitted_sum_fields,
    offset_between,
)
from fwgen.kernels.v6m.scales import Sums, scale_of
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.mul import factor
from fwgen.ops.parts import add_sub
from fwgen.ops.parts.broadcast import Options
from fwgen.ops.parts.checks import Activation

COSTS = RunCosts(fitted=73.0, by_table=89.0, product=184.0, extreme=0.0)

KERNELS_OF_V6M = RunKernels("v6m", ARMV6M, frozenset({"v7m"}), None, 1, COSTS)

TABLE_LIMIT = 1 << 29
"""Sums of two entries and an offset stay in 32 bits below it."""


def _sum_fields(node: Node, raw: Int64Array, offset: int) -> Fields | None:
    """The members of ``fw_v6m_sum``; None if a sum leaves 32 bits."""
    low, high = clamp_of(node)
    moved = offset - low * UNIT
    if int(raw.min()) + moved < -(1 << 31) or int(raw.max()) + moved >= 1 << 31:
        return None
    most = (high - low + 1) * UNIT - 1
    return ("sum.offset", moved), ("sum.most", most), ("sum.base", low)


def _fitted(op: str, sign: int) -> InRuns:
    """Of ADD (``sign`` 1) or SUB (-1), where weights can be fitted."""

    def every_pair(node: Node) -> Int64Array:
        return add_sub.result(node, sign, FIRST, SECOND)

    def numbers(node: Node) -> Numbers | None:
        found = fitted_sum_fields(node, every_pair)
        if found is None:
            return None
        (_, weight1), (_, weight2), (_, offset) = found
        fields = _sum_fields(node, FIRST * weight1 + SECOND * weight2, offset)
        return None if fields is None else Numbers((*found[:2], *fields))

    return InRuns(op, "sum", KERNELS_OF_V6M, COSTS.fitted, numbers)


def _by_tables(op: str, sign: int) -> InRuns:
    """Of ADD (``sign`` 1) or SUB (-1), of nearly any scales: what an operand adds is in a table."""

    def numbers(node: Node) -> Numbers | None:
        tables = _tables(node, sign)
        raw = tables[0][:, None] + tables[1]
        unclamped = replace(node.op, options=Options(activation=Activation.NONE))
        expected = add_sub.result(Node(node.graph, unclamped), sign, FIRST, SECOND)
        offset = offset_between(raw, expected)
        fields = None if offset is None else _sum_fields(node, raw, offset)
        if fields is None:
            return None
        by_byte = np.roll(tables, 128, axis=1).astype(np.int32)  # from the value 0 on
        return Numbers(fields, (Constant("tables", by_byte, "sum_tables_s8_v6m.h"),))

    return InRuns(op, "sum_tables", KERNELS_OF_V6M, COSTS.by_table, numbers)


def _tables(node: Node, sign: int) -> Int64Array:
    """What each value of both operands adds to a sum, (2, 256), as the reference rounds it.

    Beyond ``TABLE_LIMIT`` an entry is wrong: the comparison of all pairs says whether it matters.
    """
    *operands, (multiplier, shift) = add_sub.scales(node)
    bits = add_sub.fraction_bits(node)
    found = []
    for i, by in enumerate(operands):
        value = requantize((VALUES - node.input(i).zero_point) << bits, *by)
        right = 31 - FRACTION - shift
        exact = [int(v) * multiplier for v in value * (sign if i else 1)]
        units = [v + (1 << right >> 1) >> right if right > 0 else v << -right for v in exact]
        found.append(np.clip(np.array(units, dtype=object), -TABLE_LIMIT, TABLE_LIMIT))
    return np.array(found).astype(np.int64)


def _product(node: Node) -> Numbers | None:
    points = node.x.zero_point, node.w.zero_point
    every = (FIRST - points[0]) * (SECOND - points[1])
    by = quantize_multiplier(factor(node))
    scale = scale_of(
        Sums(int(every.min()), int(every.max()), *by), node.y.zero_point, clamp_of(node)
    )
    if scale is None:
        return None
    names = "most", "high", "low", "addend", "bend", "below"
    members = ((f"scale.{name}", word) for name, word in zip(names, scale.words, strict=True))
    zero_points = ("input1_zero_point", points[0]), ("input2_zero_point", points[1])
    return Numbers((*zero_points, ("start", scale.start), *members))


def _rows() -> Iterator[Kernel]:
    for op, sign in (("ADD", 1), ("SUB", -1)):
        yield _fitted(op, sign).row
        yield _by_tables(op, sign).row
    yield InRuns("MUL", "mul", KERNELS_OF_V6M, COSTS.product, _product).row


KERNELS = tuple(_rows())
