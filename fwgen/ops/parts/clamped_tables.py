"""Clamps to 1 from above that TFLite has for int8 and TFLM lacks."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Operator
from fwgen.model.fixed_point import round_half_away
from fwgen.ops.parts import checks, tflite_tables, value_table


def check(node: Node) -> None:
    value_table.check(node)
    checks.require_factors(node, (node.x.scale / node.y.scale,))


def operator(code: int, name: str, least: float) -> Operator:
    """A clamp from ``least`` to 1."""

    def entries(node: Node) -> value_table.Entries:
        """Source: TFLite ``activations.cc``, ``QuantizedReluX``."""
        x, y = node.x, node.y
        low, high = (
            y.zero_point + round_half_away(float(np.float32(bound) / np.float32(y.scale)))
            for bound in (least, 1.0)
        )
        return y.dtype.clamped(np.clip(value_table.rescale(x, y), low, high))

    return tflite_tables.operator(value_table.lookup_operator(code, name, check, entries), entries)
