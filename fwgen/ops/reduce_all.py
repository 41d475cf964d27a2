"""REDUCE_ALL: whether all elements over any axes are true, which is the least of 0 and 1."""

from dataclasses import replace

import numpy as np

from fwgen.model.element import Element
from fwgen.ops.parts import reduction

OPERATOR = replace(
    reduction.extreme_operator(140, "REDUCE_ALL", (("reduce_all_bool", Element.BOOL),), np.argmin),
    check=reduction.check,
)
