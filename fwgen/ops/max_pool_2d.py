"""MAX_POOL_2D: the largest of the values that a window covers."""

from __future__ import annotations

from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Operator
from fwgen.model.element import S8_ALL
from fwgen.ops.parts import pooling

OPERATOR = Operator(
    code=17,
    name="MAX_POOL_2D",
    options=pooling.read_options,
    types=(S8_ALL,),
    check=pooling.check,
    channels=pooling.channels,
    clamps=True,
    window=pooling.kernel_of,
    reference=(
        Kernel(
            "MAX_POOL_2D",
            "max_pool_2d_s8",
            "reference",
            one_form(
                pooling.calls_of("max_pool_2d_s8"),
                pooling.cost_reference,
                pooling.overlap_reference,
            ),
            types=(S8_ALL,),
        ),
    ),
)
