"""MAX_POOL_2D: the largest of the values that a window covers."""

from fwgen.model.element import Element
from fwgen.ops.parts import pooling

OPERATOR = pooling.operator(
    17, "MAX_POOL_2D", (Element.S8, Element.S16, Element.F32), pooling.fold_max
)
