"""AVERAGE_POOL_2D: the rounded mean of the values that a window covers."""

from __future__ import annotations

from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Operator
from fwgen.model.element import S8_ALL
from fwgen.ops.parts import pooling

OPERATOR = Operator(
    code=1,
    name="AVERAGE_POOL_2D",
    options=pooling.read_options,
    types=(S8_ALL,),
    check=pooling.check,
    channels=pooling.channels,
    clamps=True,
    window=pooling.kernel_of,
    reference=(
        Kernel(
            "AVERAGE_POOL_2D",
            "average_pool_2d_s8",
            "reference",
            one_form(
                pooling.calls_of("average_pool_2d_s8"),
                pooling.cost_reference,
                pooling.overlap_reference,
            ),
            types=(S8_ALL,),
        ),
    ),
)
