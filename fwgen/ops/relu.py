"""RELU: max(x, 0) in the scale of the output."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.model.fixed_point import Int64Array
from fwgen.model.graph import Tensor
from fwgen.ops import lookup
from fwgen.ops.parts import checks


def check(node: Node) -> None:
    lookup.check(node)
    checks.require_factors(node, (node.x.scale / node.y.scale,))


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Source: TFLM ``activations.h``, ``ReluQuantized``."""
    return np.maximum(lookup.rescale(x, y), y.zero_point)


OPERATOR = lookup.lookup_operator(19, "RELU", check, lookup.entries_by(table))
