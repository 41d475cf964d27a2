"""REDUCE_MIN: the least element over any axes, of raw values."""

import numpy as np

from fwgen.model.element import Element
from fwgen.ops.parts.reduction import extreme_operator

OPERATOR = extreme_operator(
    89, "REDUCE_MIN", (("reduce_min_s8", Element.S8), ("reduce_min_f32", Element.F32)), np.argmin
)
