"""DEPTHWISE_CONV_2D by planes on cores without vectors.

Those with the DSP extension have planes of halfwords, ``dsp_depthwise.h``, others of Armv7-M have
planes of bytes, ``v7m_depthwise.h``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, ARMV7M, DSP, Form, Kernel, OverlapLimit, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.depthwise import halfword_lines_s16
from fwgen.kernels.depthwise.byte_lines import FIVES, BytesPlan
from fwgen.kernels.depthwise.halfword_lines import ANY, DENSE, LANES, SQUARES, LinesPlan, plans_of
from fwgen.kernels.depthwise.halfword_lines_s16 import HalfwordsPlan
from fwgen.kernels.depthwise.halfword_records import (
    Words,
    bytes_of,
    channels_of,
    factors_of,
    scale_of,
)
from fwgen.kernels.depthwise.planes import PlanesWindow, pixels_apart, step_bytes, window_of
from fwgen.kernels.dsp.byte_clamp import OF_DSP, OF_V7M, ByteClamp
from fwgen.kernels.dsp.halfword_clamp import CLAMP_S16, HalfwordClamp
from fwgen.model.element import Types
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.weights import S16_WIDE, TYPES, weights_and_bias


@dataclass(frozen=True)
class PlaneKernels:
    """A driver, with its kernels, and the plans that it goes by, for a type and a kind of core.

    ``exact`` says whether sums and scales are such as the kernels compute exactly. ``short`` says
    whether those are taken whose names end in ``_relu``. ``records`` is what they are told of
    channels. ``more`` are kernels that others have not, less their endings.
    """

    element: str
    suffix: str
    plan: type[LinesPlan]
    layout: str
    clamp: ByteClamp | HalfwordClamp
    needs: frozenset[str]
    lacks: frozenset[str]
    exact: Callable[[Node], bool]
    short: Callable[[Node, LinesPlan], bool]
    records: Callable[[Node, LinesPlan], Words]
    types: tuple[Types, ...]
    more: tuple[str, ...] = ()

    @property
    def driver(self) -> str:
        return f"depthwise_planes_{self.element}_{self.suffix}"

    @property
    def of_windows(self) -> tuple[str, ...]:
        """Kernels that the driver is given."""
        names = (*SQUARES.values(), ANY, DENSE, *self.more)
        return tuple(self.kernel(name, short) for name in names for short in (False, True))

    def kernel(self, name: str, short: bool) -> str:
        """The name of one of them, with its endings."""
        return f"{name}{'_relu' if short else ''}_{self.element}_{self.suffix}"


def hides_rounding(node: Node) -> bool:
    """Whether results below the zero point are clamped, so that their rounding does not show."""
    return clamp_of(node)[0] >= node.y.zero_point


def multiplier_of(node: Node) -> int:
    """Output channels of an input channel."""
    return node.y.shape[3] // node.x.shape[3]


def window_in_planes(node: Node) -> PlanesWindow | None:
    """The op's window, with all output channels."""
    return window_of(node, multiplies=multiplier_of(node) > 1)


def holds(node: Node, kernels: PlaneKernels) -> bool:
    """Whether windows, sums and scales are such as the kernels compute exactly."""
    window = window_in_planes(node)
    if window is None or not window.meets_input or not kernels.exact(node):
        return False
    return next(plans_of(window, multiplier_of(node), kernels.plan), None) is not None


def forms(node: Node, kernels: PlaneKernels) -> tuple[Form, ...]:
    """The plans of which no other has fewer cycles, less scratch and a shorter distance."""
    window = window_in_planes(node)
    assert window is not None
    priced = sorted(
        (
            plan.cycles(kernels.short(node, plan)),
            plan.scratch_bytes,
            pixels_apart(window, plan.strip, backwards=False),
            number,
            plan,
        )
        for number, plan in enumerate(plans_of(window, multiplier_of(node), kernels.plan))
    )
    best: list[tuple[float, int, int, int, LinesPlan]] = []
    for one in priced:
        if not any(other[1] <= one[1] and other[2] <= one[2] for other in best):
            best.append(one)
    packed: dict[tuple[bool, bool], Constant] = {}
    found = []
    for cycles, *_, plan in best:
        order = plan.upright, plan.square
        if order not in packed:
            words = kernels.records(node, plan)
            packed[order] = Constant("records", words, kernels.layout, weights_and_bias(node))
        found.append(_form(node, kernels, plan, packed[order], cycles))
    return tuple(found)


def _is_short(node: Node, plan: LinesPlan) -> bool:
    """Whether the kernel is one without the rounding fix-up, and for 3 x 3 with one shift."""
    channels = channels_of(node)
    return hides_rounding(node) and (not plan.square or (channels is not None and channels.alike))


def _wide_records(node: Node, plan: LinesPlan) -> Words:
    """With weights as a kernel multiplies by them."""
    channels = channels_of(node)
    assert channels is not None
    alike = plan.square and _is_short(node, plan)
    scaled = channels.taps * factors_of(channels, alike)[:, None, None]
    taps = scaled.swapaxes(1, 2) if plan.upright else scaled
    scale = scale_of(channels, node.y.zero_point, alike)
    words: Words = np.concatenate([scale, plan.weights(taps)], axis=1)
    return words


def _halfword_records(node: Node, plan: LinesPlan) -> Words:
    """Those for windows up to 3 x 3 have weights of bytes."""
    if not plan.square:
        return _wide_records(node, plan)
    channels = channels_of(node)
    assert channels is not None
    taps = channels.taps.swapaxes(1, 2) if plan.upright else channels.taps
    return bytes_of(channels, taps, node.y.zero_point, _is_short(node, plan))


def _is_exact(node: Node) -> bool:
    return channels_of(node) is not None


def _params(node: Node, plan: LinesPlan, record_words: int, backwards: bool) -> Params:
    window = plan.window
    members = {**dict(window.members()), "channels": node.x.shape[3]}
    return Params(
        "fw_depthwise_planes_params",
        (
            *members.items(),
            ("pad_value", node.x.zero_point),
            ("multiplier", plan.multiplier),
            ("stride_h", window.stride[0]),
            ("stride_w", window.stride[1]),
            ("strip_h", plan.strip[0]),
            ("strip_w", plan.strip[1]),
            ("inputs_h", plan.span(0)),
            ("inputs_w", plan.span(1)),
            ("upright", int(plan.upright)),
            ("backwards", int(backwards)),
            ("record_words", record_words),
            *plan.walk(),
            *plan.places(),
        ),
    )


def _form(
    node: Node, kernels: PlaneKernels, plan: LinesPlan, packed: Constant, cycles: float
) -> Form:
    window, clamp = plan.window, clamp_of(node)
    kernel = Function(f"fw_{kernels.kernel(plan.kernel, kernels.short(node, plan))}")

    def calls(backwards: bool) -> tuple[Call, ...]:
        params = _params(node, plan, packed.data.shape[1], backwards)
        args = (params, Ref(node.x.index), packed, kernel, Scratch(), Ref(node.y.index))
        return (Call(f"fw_{kernels.driver}", args), *kernels.clamp.calls(node, clamp))

    def overlap(backwards: bool) -> OverlapLimit:
        if plan.multiplier > 1:
            return APART
        apart = pixels_apart(window, plan.strip, backwards) * window.channels
        return OverlapLimit((plan.VALUE * apart,), plan.VALUE * step_bytes(window, LANES))

    mirrors = window.batches == plan.multiplier == 1
    return Form(
        calls=calls(backwards=False),
        cycles=cycles + kernels.clamp.cycles(node, clamp),
        scratch_bytes=plan.scratch_bytes,
        overlap=overlap(backwards=False),
        reversed=Reversed(calls(backwards=True), overlap(backwards=True)) if mirrors else None,
        reads_past_bytes=-node.x.shape[3] % LANES * plan.VALUE,
    )


def _row(kernels: PlaneKernels) -> Kernel:
    return Kernel(
        "DEPTHWISE_CONV_2D",
        kernels.driver,
        "fwgen",
        lambda node: forms(node, kernels),
        kernels.needs,
        lambda node: holds(node, kernels),
        lacks=kernels.lacks,
        functions=(kernels.driver, *kernels.of_windows, kernels.clamp.function),
        types=kernels.types,
    )


HALFWORDS = PlaneKernels(
    element="s8",
    suffix="dsp",
    plan=LinesPlan,
    layout="dsp_depthwise.h",
    clamp=OF_DSP,
    needs=DSP,
    lacks=frozenset(),
    exact=_is_exact,
    short=_is_short,
    records=_halfword_records,
    types=TYPES,
)

BYTES = replace(
    HALFWORDS,
    suffix="v7m",
    plan=BytesPlan,
    layout="v7m_depthwise.h",
    clamp=OF_V7M,
    needs=ARMV7M,
    lacks=frozenset({"dsp"}),
    records=_wide_records,
    more=(FIVES,),
)

OF_S16 = replace(
    HALFWORDS,
    element="s16",
    plan=HalfwordsPlan,
    clamp=CLAMP_S16,
    exact=halfword_lines_s16.is_exact,
    short=halfword_lines_s16.is_short,
    records=halfword_lines_s16.records_of,
    types=(S16_WIDE,),
)

KERNELS = tuple(map(_row, (HALFWORDS, BYTES, OF_S16)))
