"""DEPTHWISE_CONV_2D on MVE by products of 16 channels, two taps at a time: for any window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import APART, MVE, Form, Kernel, OverlapLimit, Reversed
from fwgen.contract.node import Node
from fwgen.kernels.depthwise.dot_products import clamp_calls, folded
from fwgen.kernels.depthwise.planes import PlanesWindow, pixels_apart, window_of
from fwgen.kernels.mve.clamp import FUNCTION as CLAMP
from fwgen.ops.parts.weights import TYPES, weights_and_bias

IMAGE = 4096
"""Bytes that the image of a strip may have, if one output row does not need more."""

MOST_IMAGE = 65536

PAIRS, MULTIPLE, ANY = (f"depthwise_{kind}_s8_mve" for kind in ("pairs", "multiple", "any"))
"""Kernels of one output of an input channel, of several; and of any scales, one or several."""

LANES = tuple(first + 4 * i for first in (0, 2, 1, 3) for i in range(4))
"""Channels of a block in the order of its parameters."""

Taps = Sequence[tuple[int, int | None]]
"""Pairs of taps; None stands for the missing second tap."""


@dataclass(frozen=True)
class PairsPlan:
    """Strips of ``strip_h`` output rows, from ``rows`` padded input rows.

    A padded row is sorted by column modulo stride, ``phase_pixels`` for each residue. Images of one
    column are taken as a row. An input channel gives ``multiplier`` output channels. ``kernel`` is
    the one that the scales want.
    """

    kernel: str

    window: PlanesWindow
    strip_h: int
    phase_pixels: int
    multiplier: int

    @property
    def rows(self) -> int:
        return (self.strip_h - 1) * self.window.stride[0] + self.window.span[0]

    @property
    def row_bytes(self) -> int:
        return self.window.stride[1] * self.phase_pixels * 16

    @property
    def scratch_bytes(self) -> int:
        return self.rows * self.row_bytes

    def cycles(self) -> float:
        """Estimate for all images."""
        window = self.window
        (height, width), (_, stride_w) = window.output, window.stride
        blocks, strips = -(-window.channels // 16), -(-height // self.strip_h)
        pairs = (window.kernel[0] * window.kernel[1] + 1) // 2
        pixel = 4 if self.multiplier == 1 else 20
        row = pixel * window.input[1] + 25 * min(stride_w, window.input[1]) + 15
        gather = strips * min(self.rows, window.input[0]) * row
        rescaling = 89 if self.kernel == ANY else 57
        outputs = height * (width * (rescaling + 23 * pairs) + 30)
        return window.batches * blocks * (gather + outputs + 60.0 * strips) + 100.0


def multiplier_of(node: Node) -> int:
    """Output channels of an input channel."""
    return node.y.shape[3] // node.x.shape[3]


def kernel_of(node: Node) -> str:
    """The kernel for its scales and multiplier."""
    if int(folded(node)[2].max()) > -1:
        return ANY
    return MULTIPLE if multiplier_of(node) > 1 else PAIRS


def plans_of(node: Node) -> tuple[PairsPlan, ...]:
    """The ways the kernel can walk, the largest image first."""
    multiplier = multiplier_of(node)
    window = window_of(node, multiplier > 1)
    assert window is not None
    if window.input[1] == window.output[1] == window.kernel[1] == 1:
        window = PlanesWindow(
            window.batches,
            window.channels,
            *(
                pair[::-1]
                for pair in (
                    window.input,
                    window.output,
                    window.kernel,
                    window.stride,
                    window.dilation,
                    window.before,
                )
            ),
        )
    return image_plans(kernel_of(node), window, multiplier)


def image_plans(kernel: str, window: PlanesWindow, multiplier: int) -> tuple[PairsPlan, ...]:
    """Plans of a kernel by the heights of strips, the largest image first."""
    stride_h, stride_w = window.stride
    height = window.output[0]
    phase_pixels = -(-(window.before[1] + window.input[1] + window.reach) // stride_w)
    row_bytes = stride_w * phase_pixels * 16
    most = max(1, (IMAGE // row_bytes - window.span[0]) // stride_h + 1)
    fewest = -(-height // most)
    strips = sorted({-(-height // n) for n in (fewest, 2 * fewest, 4 * fewest, height)})
    return tuple(
        PairsPlan(kernel, window, strip_h, phase_pixels, multiplier) for strip_h in reversed(strips)
    )


def pairs_of(weights: npt.NDArray[np.generic]) -> Taps:
    """Pairs of taps of ``weights`` (taps, channels), none with two weights of -128 in a channel."""
    left, pairs = list(range(len(weights))), []
    while left:
        first = left.pop(0)
        partner = next(
            (t for t in left if not ((weights[first] == -128) & (weights[t] == -128)).any()), None
        )
        if partner is not None:
            left.remove(partner)
        pairs.append((first, partner))
    return pairs


def offsets(pairs: Taps, plan: PairsPlan) -> npt.NDArray[np.int32]:
    """Where the inputs of each pair are, and a pair of zeros."""
    window = plan.window

    def offset(tap: int | None) -> int:
        row, column = divmod(tap or 0, window.kernel[1])
        column *= window.dilation[1]
        pixel = column % window.stride[1] * plan.phase_pixels + column // window.stride[1]
        return row * window.dilation[0] * plan.row_bytes + 16 * pixel

    return np.array([[offset(a), offset(b)] for a, b in pairs] + [[0, 0]], dtype=np.int32)


def records(node: Node, pairs: Taps) -> npt.NDArray[np.int8]:
    """(blocks of 16 channels, bytes): what ``mve_pairs.h`` describes."""
    w, y = node.w, node.y
    channels, blocks = w.shape[3], -(-w.shape[3] // 16)
    missing = ((0, 0), (0, 16 * blocks - channels))
    taps = np.pad(w.constant.reshape(-1, channels), missing)
    taps = np.concatenate([taps, np.zeros((1, 16 * blocks), np.int8)])
    order = [len(taps) - 1 if tap is None else tap for pair in pairs for tap in pair]
    bias, multiplier, shift = folded(node)
    words = [bias, multiplier, np.minimum(shift, 0)]
    if kernel_of(node) == ANY:
        words.insert(0, np.maximum(shift, 0))
    packed = np.pad(np.stack(words), missing).reshape(-1, blocks, 16)[:, :, LANES]
    zero_points = np.full((blocks, 8), y.zero_point, dtype="<i2")
    return np.concatenate(
        [
            packed.transpose(1, 0, 2).reshape(blocks, -1).astype("<i4").view(np.int8),
            zero_points.view(np.int8),
            taps[order].reshape(-1, blocks, 16).transpose(1, 0, 2).reshape(blocks, -1),
            np.zeros((blocks, 16), np.int8),
        ],
        axis=1,
    )


def holds(node: Node, kernel: str) -> bool:
    """Whether the kernel is for the op's scales and multiplier, and a row fits into scratch."""
    return (
        kernel_of(node) == kernel
        and window_of(node, multiplier_of(node) > 1) is not None
        and plans_of(node)[0].scratch_bytes <= MOST_IMAGE
    )


def forms(node: Node) -> tuple[Form, ...]:
    """Strips of several heights. Where there are more outputs than inputs, these are apart."""
    w, y = node.w, node.y
    pairs = pairs_of(w.constant.reshape(-1, w.shape[3]))
    stream = records(node, pairs)
    packed = Constant("records", stream, "mve_pairs.h", weights_and_bias(node))
    clamp = 0.3 * y.elements if clamp_calls(node) else 0.0
    found = []
    for plan in plans_of(node):
        taps = Constant("taps", offsets(pairs, plan), f"{PAIRS}.h")
        mirrors = plan.multiplier == 1 and plan.window.batches == 1
        back = partial(_calls, node, plan, packed, taps, backwards=True)
        form = Form(
            calls=_calls(node, plan, packed, taps, backwards=False),
            cycles=plan.cycles() + clamp,
            scratch_bytes=plan.scratch_bytes,
            overlap=overlap(plan, backwards=False) if plan.multiplier == 1 else APART,
            reversed=Reversed(back(), overlap(plan, backwards=True)) if mirrors else None,
        )
        found.append(form)
    return tuple(found)


def overlap(plan: PairsPlan, *, backwards: bool) -> OverlapLimit:
    """How the output may lie over the input."""
    strip, window = (plan.strip_h, plan.window.output[1]), plan.window
    apart = pixels_apart(window, strip, backwards) * window.channels
    return OverlapLimit((apart,), window.channels if window.channels > 16 else 1)


def image_fields(
    plan: PairsPlan, pad_value: int, sizes: tuple[int, int], *, backwards: bool
) -> tuple[tuple[str, int], ...]:
    """The members of ``fw_depthwise_pairs_s8_mve_params``; ``sizes`` are its last two."""
    return (
        *plan.window.members(),
        ("pad_value", pad_value),
        ("stride_h", plan.window.stride[0]),
        ("stride_w", plan.window.stride[1]),
        ("strip_h", plan.strip_h),
        ("rows", plan.rows),
        ("phase_pixels", plan.phase_pixels),
        ("backwards", int(backwards)),
        ("pairs", sizes[0]),
        ("record_bytes", sizes[1]),
    )


def _calls(
    node: Node, plan: PairsPlan, packed: Constant, taps: Constant, *, backwards: bool
) -> tuple[Call, ...]:
    x, y = node.x, node.y
    sizes = len(taps.data) - 1, packed.data.shape[1]
    fields = image_fields(plan, x.zero_point, sizes, backwards=backwards)
    if plan.kernel != PAIRS:
        fields = (
            *((f"pairs.{name}", value) for name, value in fields),
            ("multiplier", plan.multiplier),
        )
    params = Params(f"fw_{PAIRS if plan.kernel == PAIRS else MULTIPLE}_params", fields)
    arguments = (params, Ref(x.index), packed, taps, Ref(y.index), Scratch())
    return (Call(f"fw_{plan.kernel}", arguments), *clamp_calls(node))


KERNELS = tuple(
    Kernel(
        "DEPTHWISE_CONV_2D",
        name,
        "fwgen",
        forms,
        MVE,
        partial(holds, kernel=name),
        functions=(name, CLAMP),
        types=TYPES,
    )
    for name in (PAIRS, MULTIPLE, ANY)
)
