"""Rows of AVERAGE_POOL_2D, MAX_POOL_2D, MEAN and SUM on MVE."""

from __future__ import annotations

from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import MVE, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.kernels.mve.clamp import FUNCTION as CLAMP
from fwgen.kernels.pools import channel_rows
from fwgen.model.element import S8_ALL, Element
from fwgen.ops.parts.reduction import axes_of, multiplier, types_of


def rows_of(node: Node) -> tuple[int, int, int] | None:
    """The input as (batches, averaged, channels), None if it is not of this form."""
    shape, axes = node.x.shape, axes_of(node)
    first, last = min(axes, default=0), max(axes, default=-1)
    if frozenset(range(first, last + 1)) != axes or not axes:
        return None
    return prod(shape[:first]), prod(shape[first : last + 1]), prod(shape[last + 1 :])


def _holds_mean(node: Node) -> bool:
    return rows_of(node) is not None and -31 <= multiplier(node)[1] <= -1


def _calls_mean(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    rows = rows_of(node)
    assert rows is not None
    output_multiplier, output_shift = multiplier(node)
    params = Params(
        "fw_mean_s8_mve_params",
        (
            *zip(("batches", "count", "channels"), rows, strict=True),
            ("offset", -x.zero_point * rows[1]),
            ("output_multiplier", output_multiplier),
            ("output_shift", output_shift),
            ("output_zero_point", y.zero_point),
        ),
    )
    return (Call("fw_mean_s8_mve", (params, Ref(x.index), Ref(y.index))),)


def _cycles_mean(node: Node) -> float:
    rows = rows_of(node)
    assert rows is not None
    return rows[0] * -(-rows[2] // 4) * (4.0 * rows[1] + 45.0)


KERNELS = (
    Kernel(
        "AVERAGE_POOL_2D",
        "average_pool_2d_s8_mve",
        "fwgen",
        channel_rows.AVERAGE,
        MVE,
        channel_rows.holds_average,
        functions=("average_pool_2d_s8_mve", CLAMP),
        types=(S8_ALL,),
    ),
    Kernel(
        "MAX_POOL_2D",
        "max_pool_2d_s8_mve",
        "fwgen",
        channel_rows.MAX,
        MVE,
        functions=("max_pool_2d_s8_mve", CLAMP),
        types=(S8_ALL,),
    ),
    *(
        Kernel(
            op,
            "mean_s8_mve",
            "fwgen",
            one_form(_calls_mean, _cycles_mean),
            MVE,
            _holds_mean,
            types=(types_of(Element.S8),),
        )
        for op in ("MEAN", "SUM")
    ),
)
