"""Rows of pools and reductions on MVE; those without are in ``channel_words.py``."""

from __future__ import annotations

from functools import partial
from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import MVE, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.kernels.mve.clamp import FUNCTION as CLAMP
from fwgen.kernels.mve.clamp import OF_S16 as CLAMP_S16
from fwgen.kernels.pools import channel_rows, channel_words
from fwgen.model.element import S8_ALL, S16_ALL, Element
from fwgen.ops.parts import extreme_place
from fwgen.ops.parts.reduction import calls, multiplier, nests, reduced, types_of


def _runs(node: Node) -> bool:
    """Whether what is reduced is dense, so that elements of one output follow one another."""
    return nests(node)[1].strides[0][-1] == 1


def _calls_reduction(name: str, node: Node) -> tuple[Call, ...]:
    """The reference's call, of a kernel with the same arguments."""
    (call,) = calls(name, node)
    return (call,)


def _cycles_runs(node: Node) -> float:
    kept, over = nests(node)
    outer, run = prod(over.sizes[:-1]), over.sizes[-1]
    return prod(kept.sizes) * (30.0 + outer * (15.0 + 4.0 * -(-run // 16)))


def _cycles_extreme(node: Node) -> float:
    kept, over = nests(node)
    if kept.strides[0][-1] != 1:
        return _cycles_runs(node)
    outer, channels = prod(kept.sizes[:-1]), kept.sizes[-1]
    vectors = -(-channels // 16)
    runs = prod(over.sizes[:-1]) * vectors * (25.0 + 5.0 * over.sizes[-1])
    return outer * (3.0 * channels + 30.0 + runs)


def _holds_mean(node: Node) -> bool:
    return not _runs(node)


def _calls_mean(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    kept, over = nests(node)
    output_multiplier, output_shift = multiplier(node)
    params = Params(
        "fw_mean_s8_mve_params",
        (
            ("outer", kept.sizes[:2]),
            ("outer_stride", kept.strides[0][:2]),
            ("channels", kept.sizes[2]),
            ("reduced", over.sizes),
            ("reduced_stride", over.strides[0]),
            ("offset", -x.zero_point * reduced(node)),
            ("left", max(output_shift, 0)),
            ("output_multiplier", output_multiplier),
            ("right", min(output_shift, 0)),
            ("output_zero_point", y.zero_point),
        ),
    )
    return (Call("fw_mean_s8_mve", (params, Ref(x.index), Ref(y.index))),)


def _cycles_mean(node: Node) -> float:
    kept, over = nests(node)
    channels, last = kept.sizes[2], over.sizes[2]
    wide = channels >= 16
    vectors = -(-channels // 16) if wide else -(-channels // 8)
    parts = prod(over.sizes[:-1]) * (-(-last // 256) * 75.0 + (7.0 if wide else 5.0) * last)
    return prod(kept.sizes[:2]) * vectors * (130.0 + parts)


def _is_last_axis(node: Node) -> bool:
    """Whether the elements among which a place is looked for follow one another."""
    return prod(node.x.shape[extreme_place.axis_of(node) + 1 :]) == 1


def _cycles_place(node: Node) -> float:
    """4 cycles for 16 elements, and more as far as they are compared again; 30 for a row."""
    axis = node.x.elements // node.y.elements
    return node.y.elements * (30.0 + 5.5 * -(-axis // 16)) + 20.0


KERNELS = (
    *(
        Kernel(
            op,
            f"{op.lower()}_s8_mve",
            "fwgen",
            one_form(partial(extreme_place.calls, f"{op.lower()}_s8_mve"), _cycles_place),
            MVE,
            _is_last_axis,
            types=((Element.S8, Element.S32, Element.S32),),
        )
        for op in ("ARG_MAX", "ARG_MIN")
    ),
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
    *(
        Kernel(
            "AVERAGE_POOL_2D",
            name,
            "fwgen",
            partial(channel_rows.of_any, name),
            MVE,
            channel_rows.holds_any_average,
            functions=(name, clamp),
            types=(types,),
        )
        for name, clamp, types in (
            ("average_pool_2d_any_s8_mve", CLAMP, S8_ALL),
            ("average_pool_2d_s16_mve", CLAMP_S16, S16_ALL),
        )
    ),
    Kernel(
        "MAX_POOL_2D",
        "max_pool_2d_s16_mve",
        "fwgen",
        channel_rows.MAX_S16,
        MVE,
        functions=("max_pool_2d_s16_mve", CLAMP_S16),
        types=(S16_ALL,),
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
        Kernel(op, name, "fwgen", form, MVE, holds, types=(types_of(Element.S8),))
        for op in ("MEAN", "SUM")
        for name, form, holds in (
            ("mean_s8_mve", one_form(_calls_mean, _cycles_mean), _holds_mean),
            (
                "mean_runs_s8_mve",
                one_form(partial(_calls_reduction, "mean_runs_s8_mve"), _cycles_runs),
                _runs,
            ),
        )
    ),
    *(
        Kernel(
            op,
            f"{op.lower()}_s8_mve",
            "fwgen",
            one_form(partial(_calls_reduction, f"{op.lower()}_s8_mve"), _cycles_extreme),
            MVE,
            types=(types_of(Element.S8),),
        )
        for op in ("REDUCE_MAX", "REDUCE_MIN")
    ),
    *channel_words.KERNELS,
)
