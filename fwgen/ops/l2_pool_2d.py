"""L2_POOL_2D: the root of the mean square of the values that a window covers."""

from fwgen.model.element import Element
from fwgen.ops.parts import pooling

OPERATOR = pooling.operator(12, "L2_POOL_2D", (Element.F32,), pooling.fold_l2, last_cycles=250.0)
