"""REDUCE_MAX: the largest element over any axes, of raw values."""

import numpy as np

from fwgen.model.element import Element
from fwgen.ops.parts.reduction import extreme_operator

OPERATOR = extreme_operator(
    82, "REDUCE_MAX", (("reduce_max_s8", Element.S8), ("reduce_max_f32", Element.F32)), np.argmax
)
