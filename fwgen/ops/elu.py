"""ELU: x where it is not negative, else exp(x) - 1."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.fixed_point import Int64Array
from fwgen.model.graph import Tensor
from fwgen.ops.parts import by_type, checks, reals, value_table

MOST_STEPS = 2.0**30
"""Of the output in the greatest value of the input: TFLM converts to 32 bits before it clamps."""


def check(node: Node) -> None:
    value_table.check(node)
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_normal(node, tensor)
    steps = max(255 * x.scale, 1.0) / y.scale
    node.require(
        steps <= MOST_STEPS,
        f"By its scales ELU has values of {steps:g} steps of the output, expected at most 2**30.",
    )


def table(x: Tensor, y: Tensor) -> Int64Array:
    """In float32, halves rounded away from zero. Source: TFLM ``elu.cc``."""
    values = np.float32(x.scale) * (value_table.VALUES - x.zero_point).astype(np.float32)
    # exp in double: NumPy's of float32 is not the same on all machines
    powers = np.exp(np.minimum(values, 0).astype(np.float64)).astype(np.float32)
    curved = np.where(values < 0, powers - np.float32(1), values)
    steps = curved * (np.float32(1) / np.float32(y.scale))
    rounded = np.sign(steps) * np.floor(np.abs(steps).astype(np.float64) + 0.5)
    return rounded.astype(np.int64) + y.zero_point


LN2_HIGH, LN2_LOW = np.float32(6.9313812256e-01), np.float32(9.0580006145e-06)
COEFFICIENTS = np.array(
    [
        1,
        -3.3333335072e-02,
        1.5873016091e-03,
        -7.9365076090e-05,
        4.0082177293e-06,
        -2.0109921195e-07,
    ],
    np.float32,
)


def exp_less_1(x: Array) -> Array:
    """exp(x) - 1 of float32 below 0, as the C library that TFLM was compared with has it.

    x is k times ln(2) and a rest r - c; exp(r) - 1 is a quotient of polynomials, all in float32.
    Other libraries may round some results to a neighbour. Source: Sun's ``s_expm1f.c``, 1993, as
    in glibc up to 2.40.
    """
    half, one = np.float32(0.5), np.float32(1)
    values = np.asarray(x, np.float32)
    steps = np.trunc(np.float32(1.4426950216) * values - half)
    near = np.abs(values).view(np.uint32) < 0x3F851592
    k = np.where(np.abs(values).view(np.uint32) <= 0x3EB17218, 0, np.where(near, -1, steps))
    k = np.clip(k, -30, 0).astype(np.float32)
    high, low = values - k * LN2_HIGH, k * LN2_LOW
    r = np.where(k == 0, values, high - low)
    c = np.where(k == 0, np.float32(0), (high - r) - low)
    r_half = half * r
    square = r * r_half
    series = COEFFICIENTS[-1]
    for coefficient in COEFFICIENTS[-2::-1]:
        series = coefficient + square * series
    t = np.float32(3) - series * r_half
    e = square * ((series - t) / (np.float32(6) - r * t))
    rest = (r * (e - c) - c) - square
    scaled = (one - (rest - r)) * np.exp2(k).astype(np.float32) - one
    halved = half * (r - rest) - half
    found = np.where(k == 0, r - (r * e - square), np.where(k == -1, halved, scaled))
    tiny = np.abs(values).view(np.uint32) < 0x33000000
    far = np.abs(values).view(np.uint32) >= 0x4195B844
    result: Array = np.where(tiny, values, np.where(far, -one, found)).astype(np.float32)
    return result


def real(node: Node, x: Array) -> Array:
    """Of float32. Source: TFLite ``reference/elu.h``."""
    below = np.minimum(x, np.float32(0))
    return np.where(np.less(x, 0), exp_less_1(below), x)


OPERATOR = by_type.operator(
    111,
    "ELU",
    reals.or_quantized(check),
    value_table.definition("ELU", value_table.entries_by(table)),
    reals.definition("ELU", real, cycles=60.0),
)
