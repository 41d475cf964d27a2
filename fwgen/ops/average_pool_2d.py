"""AVERAGE_POOL_2D: the rounded mean of the values that a window covers."""

from __future__ import annotations

from fwgen.model.element import S8_ALL
from fwgen.ops import cmsis_pools, mve_pools, pools
from fwgen.ops.operator import Operator, Variant

OPERATOR = Operator(
    code=1,
    name="AVERAGE_POOL_2D",
    options=pools.read_options,
    types=(S8_ALL,),
    check=pools.check,
    channels=pools.channels,
    clamps=True,
    kernel=pools.kernel_of,
    variants=(
        Variant(
            "average_pool_2d_s8",
            "reference",
            pools.calls_of("average_pool_2d_s8"),
            pools.cost_reference,
            overlaps=pools.overlaps_reference,
            types=(S8_ALL,),
        ),
        mve_pools.AVERAGE,
        *cmsis_pools.AVERAGE,
    ),
)
