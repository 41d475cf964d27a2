"""AVERAGE_POOL_2D, MAX_POOL_2D, MEAN and SUM by words of 4 channels, for the DSP extension."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import DSP, Form, Kernel, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import OF_DSP
from fwgen.kernels.pools.channel_rows import mean_window
from fwgen.model.element import S8_ALL, Element
from fwgen.ops.parts import pooling, reduction
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import borders
from fwgen.ops.parts.windows import window_fields


def _together(channels: int) -> Iterator[tuple[int, int]]:
    """(times, channels) that go together: 8, then 4, then one by one."""
    yield channels // 8, 8
    yield channels % 8 // 4, 4
    yield channels % 4, 1


def _cycles(pixels: float, rows: float, channels: int, output: float) -> float:
    """Of all channels of an output: what a pixel, a row of them and each output takes."""
    return sum(
        times * ({8: 12.0, 4: 9.0, 1: 6.0}[some] * pixels + 8.0 * rows + output * some + 25.0)
        for times, some in _together(channels)
    )


def _pool_forms(name: str, output: float, node: Node) -> tuple[Form, ...]:
    """The form of a pool; ``output`` are the cycles of one beside those of its pixels."""
    kernel, clamp, channels = pooling.kernel_of(node), clamp_of(node), node.y.shape[3]
    params = Params("fw_pool_2d_dsp_params", window_fields(node.x, node.y, kernel, node.options))
    call = Call(f"fw_{name}", (params, Ref(node.x.index), Ref(node.y.index)))
    height, width = mean_window(node)
    each = 70.0 + _cycles(height * width, height, channels, output)
    cycles = node.y.elements / channels * each + OF_DSP.cycles(node, clamp)
    return (Form((call, *OF_DSP.calls(node, clamp)), cycles, overlap=_overlap(node)),)


def _overlap(node: Node) -> OverlapLimit:
    """All channels that go together are read before any is written."""
    steps, first = [], 0
    for times, some in _together(node.y.shape[3]):
        steps += [(first + some * t, first + some * (t + 1)) for t in borders(range(times))]
        first += some * times
    return pooling.overlap_of(node, steps)


def _has_channels(node: Node) -> bool:
    """Whether elements of one output do not follow one another."""
    return reduction.nests(node)[1].strides[0][-1] != 1


def _mean_cycles(node: Node) -> float:
    kept, over = reduction.nests(node)
    pixels, rows = prod(over.sizes), prod(over.sizes[:2])
    each = 40.0 + _cycles(pixels, rows, kept.sizes[2], 30.0)
    return prod(kept.sizes[:2]) * each


_MEAN_CALLS: Callable[[Node], tuple[Call, ...]] = partial(reduction.calls, "mean_s8_dsp")

KERNELS = (
    *(
        Kernel(
            op,
            name,
            "fwgen",
            partial(_pool_forms, name, output),
            DSP,
            functions=(name, OF_DSP.function),
            types=(S8_ALL,),
        )
        for op, name, output in (
            ("AVERAGE_POOL_2D", "average_pool_2d_s8_dsp", 16.0),
            ("MAX_POOL_2D", "max_pool_2d_s8_dsp", 1.0),
        )
    ),
    *(
        Kernel(
            op,
            "mean_s8_dsp",
            "fwgen",
            one_form(_MEAN_CALLS, _mean_cycles),
            DSP,
            _has_channels,
            types=(reduction.types_of(Element.S8),),
        )
        for op in ("MEAN", "SUM")
    ),
)
