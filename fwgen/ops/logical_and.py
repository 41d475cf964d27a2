"""LOGICAL_AND: of two truth values, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.model.element import Element
from fwgen.ops.parts import broadcast, by_type, pairs

OPERATOR = by_type.operator(
    86,
    "LOGICAL_AND",
    broadcast.check_shapes,
    pairs.raw("LOGICAL_AND", Element.BOOL, np.logical_and),
)
