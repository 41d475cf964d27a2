"""RELU: max(x, 0) in the scale of the output."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.model.fixed_point import Int64Array
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks, value_table


def check(node: Node) -> None:
    value_table.check(node)
    checks.require_factors(node, (node.x.scale / node.y.scale,))


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Source: TFLM ``activations.h``, ``ReluQuantized``."""
    return np.maximum(value_table.rescale(x, y), y.zero_point)


OPERATOR = value_table.lookup_operator(19, "RELU", check, value_table.entries_by(table))
