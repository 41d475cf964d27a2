"""Taps of int16 depthwise convolutions on MVE: products of 8 channels, two outputs at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import APART, MVE, Form, Kernel, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.depthwise import tap_pairs
from fwgen.kernels.depthwise.planes import PlanesWindow, window_of
from fwgen.kernels.depthwise.tap_pairs import (
    MOST_IMAGE,
    PairsPlan,
    image_fields,
    multiplier_of,
    overlap,
)
from fwgen.kernels.mve.clamp import OF_S16 as CLAMP
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.kernels.mve.rescaling_s16 import WIDE_SHIFTS, Int64Array, wide_scaling
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.reach import bias_of
from fwgen.ops.parts.weights import S16_WIDE, multipliers, weights_and_bias

KERNEL = "depthwise_s16_mve"

LANES = 8
"""Channels of a block."""


@dataclass(frozen=True)
class ImagePlan:
    """A plan of strips, whose channels are counted in bytes: those of int8 channels fit as well."""

    strips: PairsPlan

    @property
    def square(self) -> bool:
        """Whether windows have a loop of their own, two rows at a time."""
        window = self.strips.window
        return (window.kernel, window.stride, window.dilation) == ((3, 3), (1, 1), (1, 1))

    @property
    def scratch_bytes(self) -> int:
        """Those of the image, with a row and a pixel more."""
        return self.strips.scratch_bytes + self.strips.row_bytes + 16

    def cycles(self) -> float:
        """Estimate for all images."""
        window, strip_h = self.strips.window, self.strips.strip_h
        (height, width), taps = window.output, window.kernel[0] * window.kernel[1]
        blocks, strips = -(-window.channels // 16), -(-height // strip_h)
        pixel = 4 if self.strips.multiplier == 1 else 20
        row = pixel * window.input[1] + 25 * min(window.stride[1], window.input[1]) + 15
        gather = strips * min(self.strips.rows, window.input[0]) * row
        if self.square and window.channels % 16 == 0:
            outputs = -(-strip_h // 2) * strips * (width * 121.0 + 10.0)
        else:
            outputs = height * (-(-width // 2) * (45.0 + 14.0 * taps) + 30.0)
        return window.batches * blocks * (gather + outputs + 70.0 * strips) + 200.0


def scaling(node: Node, shifts: range = WIDE_SHIFTS) -> tuple[Int64Array, Int64Array] | None:
    """Bias and the one multiplier of each channel, None if the kernel is not exact.

    ``shifts`` are those that its instruction rescales by.
    """
    w = node.w
    channels = w.shape[3]
    taps = w.constant.reshape(-1, channels).T.astype(np.int64)
    multiplier, shift = multipliers(node.x, w, node.y, channels)
    wide = multiplier.astype(np.int64), shift.astype(np.int64)
    return wide_scaling(taps, bias_of(node, channels), *wide, shifts)


def window_in_bytes(node: Node) -> PlanesWindow | None:
    """The op's window with two bytes for each channel."""
    window = window_of(node, multiplier_of(node) > 1)
    return None if window is None else replace(window, channels=2 * window.channels)


def plans_of(node: Node) -> tuple[ImagePlan, ...]:
    window = window_in_bytes(node)
    assert window is not None
    found = tap_pairs.image_plans(KERNEL, window, multiplier_of(node))
    return tuple(map(ImagePlan, found))


def holds(node: Node) -> bool:
    """Whether one instruction rescales, and a row fits into scratch."""
    return (
        window_in_bytes(node) is not None
        and scaling(node) is not None
        and plans_of(node)[0].scratch_bytes <= MOST_IMAGE
    )


def records(node: Node) -> npt.NDArray[np.int8]:
    """(blocks of 8 channels, bytes): what ``mve_taps_s16.h`` describes."""
    words, channels = scaling(node), node.w.shape[3]
    assert words is not None
    blocks = -(-channels // LANES)
    missing = ((0, 0), (0, blocks * LANES - channels))
    # field, block, pair, parity -> block, field, parity, pair
    heads = np.pad(np.stack(words), missing).reshape(2, blocks, LANES // 2, 2)
    quads = np.ascontiguousarray(heads.transpose(1, 0, 3, 2)).astype("<i4")
    taps = np.pad(node.w.constant.reshape(-1, channels), missing).reshape(-1, blocks, LANES)
    return np.concatenate(
        [
            quads.reshape(blocks, -1).view(np.int8),
            taps.swapaxes(0, 1).reshape(blocks, -1),
            np.zeros((blocks, LANES), np.int8),
        ],
        axis=1,
    )


def offsets(plan: PairsPlan) -> npt.NDArray[np.int32]:
    """Where the inputs of each tap are, and a 0."""
    taps = range(plan.window.kernel[0] * plan.window.kernel[1])
    found = tap_pairs.offsets([(tap, None) for tap in taps], plan)[:, 0]
    return np.ascontiguousarray(found)


def forms(node: Node) -> tuple[Form, ...]:
    """Strips of several heights. Where there are more outputs than inputs, these are apart."""
    packed = Constant("records", records(node), "mve_taps_s16.h", weights_and_bias(node))
    clamp = clamp_cycles(node, clamp_of(node))
    found = []
    for plan in plans_of(node):
        strips = plan.strips
        back = partial(_calls, node, plan, packed, backwards=True)
        single = strips.multiplier == 1
        form = Form(
            calls=_calls(node, plan, packed, backwards=False),
            cycles=plan.cycles() + clamp,
            scratch_bytes=plan.scratch_bytes,
            overlap=overlap(strips, backwards=False) if single else APART,
            reversed=Reversed(back(), overlap(strips, backwards=True))
            if single and strips.window.batches == 1
            else None,
        )
        found.append(form)
    return tuple(found)


def _calls(node: Node, plan: ImagePlan, packed: Constant, *, backwards: bool) -> tuple[Call, ...]:
    x, y, strips = node.x, node.y, plan.strips
    taps = Constant("taps", offsets(strips), f"{KERNEL}.h")
    sizes = len(taps.data) - 1, packed.data.shape[1]
    fields = image_fields(strips, 0, sizes, backwards=backwards)
    params = Params(
        f"fw_{KERNEL}_params",
        (
            *((f"image.{name}", value) for name, value in fields),
            ("multiplier", strips.multiplier),
            ("square", int(plan.square)),
        ),
    )
    arguments = (params, Ref(x.index), packed, taps, Ref(y.index), Scratch())
    return (Call(f"fw_{KERNEL}", arguments), *clamped(node, clamp_of(node)))


KERNELS = (
    Kernel(
        "DEPTHWISE_CONV_2D",
        KERNEL,
        "fwgen",
        forms,
        MVE,
        holds,
        functions=(KERNEL, CLAMP),
        types=(S16_WIDE,),
    ),
)
