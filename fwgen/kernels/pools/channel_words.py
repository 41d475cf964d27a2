"""AVERAGE_POOL_2D, MAX_POOL_2D, MEAN and SUM by words of 4 channels, without vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import ARMV6M, ARMV7M, DSP, Form, Kernel, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import OF_DSP, OF_V6M, OF_V7M, ByteClamp
from fwgen.kernels.pools.channel_rows import mean_window
from fwgen.model.element import S8_ALL, Element
from fwgen.ops.parts import pooling, reduction
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import borders
from fwgen.ops.parts.windows import window_fields


def _together(pixel: Mapping[int, float], channels: int) -> Iterator[tuple[int, int]]:
    """(times, channels) that go together: as many as a kernel has ways for."""
    left = channels
    for some in pixel:
        yield left // some, some
        left %= some


@dataclass(frozen=True)
class ChannelKernels:
    """The kernels for a kind of core, with estimated cycles of a pixel of so many channels as go
    together, most first. Where nothing is ``comparing``, there is no MAX_POOL_2D.

    ``unaligned`` are those of a channel if words must be aligned and are not; ``mean`` of a mean.
    """

    suffix: str
    needs: frozenset[str]
    lacks: frozenset[str]
    clamp: ByteClamp
    adding: Mapping[int, float]
    comparing: Mapping[int, float]
    unaligned: float | None = None
    mean: float = 30.0

    def costs(self, pixel: Mapping[int, float], channels: int) -> Mapping[int, float]:
        """What a pixel takes; where words of pixels are not aligned, each channel by itself."""
        if self.unaligned is None or channels % 4 == 0:
            return pixel
        return {some: self.unaligned * some for some in pixel}


DSP_WORDS = ChannelKernels(
    *("dsp", DSP, frozenset(), OF_DSP),
    adding={8: 12.0, 4: 9.0, 1: 6.0},
    comparing={8: 12.0, 4: 9.0, 1: 6.0},
)
V7M_WORDS = ChannelKernels(
    *("v7m", ARMV7M, frozenset({"dsp"}), OF_V7M),
    adding={8: 17.0, 4: 11.0, 1: 6.0},
    comparing={4: 21.0, 1: 7.0},
)
V6M_WORDS = ChannelKernels(
    *("v6m", ARMV6M, frozenset({"v7m"}), OF_V6M),
    adding={8: 28.0, 4: 14.0, 1: 9.0},
    comparing={},
    unaligned=9.0,
    mean=130.0,
)


def _cycles(
    pixel: Mapping[int, float], pixels: float, rows: float, channels: int, output: float
) -> float:
    """Of all channels of an output: what a pixel, a row of them and each output takes."""
    return sum(
        times * (pixel[some] * pixels + 8.0 * rows + output * some + 25.0)
        for times, some in _together(pixel, channels)
    )


def _pool_forms(
    kernels: ChannelKernels,
    name: str,
    pixel: Mapping[int, float],
    output: float,
    node: Node,
) -> tuple[Form, ...]:
    """The form of a pool; ``output`` are the cycles of one beside those of its pixels."""
    kernel, clamp, channels = pooling.kernel_of(node), clamp_of(node), node.y.shape[3]
    params = Params("fw_pool_2d_words_params", window_fields(node.x, node.y, kernel, node.options))
    call = Call(f"fw_{name}", (params, Ref(node.x.index), Ref(node.y.index)))
    height, width = mean_window(node)
    costs = kernels.costs(pixel, channels)
    each = 70.0 + _cycles(costs, height * width, height, channels, output)
    cycles = node.y.elements / channels * each + kernels.clamp.cycles(node, clamp)
    return (Form((call, *kernels.clamp.calls(node, clamp)), cycles, overlap=_overlap(node, pixel)),)


def _overlap(node: Node, pixel: Mapping[int, float]) -> OverlapLimit:
    """All channels that go together are read before any is written."""
    steps, first = [], 0
    for times, some in _together(pixel, node.y.shape[3]):
        steps += [(first + some * t, first + some * (t + 1)) for t in borders(range(times))]
        first += some * times
    return pooling.overlap_of(node, steps)


def _has_channels(node: Node) -> bool:
    """Whether elements of one output do not follow one another."""
    return reduction.nests(node)[1].strides[0][-1] != 1


def _mean_cycles(kernels: ChannelKernels, node: Node) -> float:
    kept, over = reduction.nests(node)
    pixels, rows = prod(over.sizes), prod(over.sizes[:2])
    adding = kernels.costs(kernels.adding, kept.sizes[2])
    each = 40.0 + _cycles(adding, pixels, rows, kept.sizes[2], kernels.mean)
    return prod(kept.sizes[:2]) * each


def _rows(kernels: ChannelKernels) -> Iterator[Kernel]:
    for op, of_pixel, output in (
        ("AVERAGE_POOL_2D", kernels.adding, 16.0),
        ("MAX_POOL_2D", kernels.comparing, 1.0),
    ):
        name = f"{op.lower()}_s8_{kernels.suffix}"
        if not of_pixel:
            continue
        yield Kernel(
            op,
            name,
            "fwgen",
            partial(_pool_forms, kernels, name, of_pixel, output),
            kernels.needs,
            lacks=kernels.lacks,
            functions=(name, kernels.clamp.function),
            types=(S8_ALL,),
        )
    name = f"mean_s8_{kernels.suffix}"
    calls: Callable[[Node], tuple[Call, ...]] = partial(reduction.calls, name)
    for op in ("MEAN", "SUM"):
        yield Kernel(
            op,
            name,
            "fwgen",
            one_form(calls, partial(_mean_cycles, kernels)),
            kernels.needs,
            _has_channels,
            lacks=kernels.lacks,
            types=(reduction.types_of(Element.S8),),
        )


KERNELS = (*_rows(DSP_WORDS), *_rows(V7M_WORDS), *_rows(V6M_WORDS))
