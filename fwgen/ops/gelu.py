"""GELU: x times the share of a normal distribution below x, or an approximation by tanh."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Fields
from fwgen.ops.parts import tflite_tables, value_table


@dataclass(frozen=True)
class Options:
    """The schema's ``GeluOptions``."""

    approximate: bool


def read_options(fields: Fields) -> Options:
    return Options(approximate=fields.flag(0))


def shares(node: Node, x: tflite_tables.Floats) -> tflite_tables.Floats:
    """Source: TFLite ``reference/gelu.h``, in float32."""
    half, one = np.float32(0.5), np.float32(1)
    if node.options.approximate:
        cubic = x + np.float32(0.044715) * (x * x * x)
        # in double: NumPy's of float32 is not the same on all machines
        inner = (np.float32(math.sqrt(2 / math.pi)) * cubic).astype(np.float64)
        return half * x * (one + np.tanh(inner).astype(np.float32))
    inner = (x * np.float32(math.sqrt(0.5))).astype(np.float64)
    errors = np.array([math.erf(each) for each in inner.tolist()]).astype(np.float32)
    return half * x * (one + errors)


ENTRIES = tflite_tables.entries(shares)

OPERATOR = replace(
    tflite_tables.operator(
        value_table.lookup_operator(150, "GELU", tflite_tables.check, ENTRIES), ENTRIES
    ),
    options=read_options,
)
