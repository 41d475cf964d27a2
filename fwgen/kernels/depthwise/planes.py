"""Plans of the MVE kernels of DEPTHWISE_CONV_2D that take dot products over planes.

The kernels lay the bytes of a channel out in a plane. There the window of each output is at most 16
consecutive bytes, so that one dot product with the channel's weights is one output. In a "flat"
plane lies the padded image itself, which suits small ones and those of one dimension. A plane of
"rows" has four rows side by side, so that a vector is four columns of them. Rounds make 8 outputs
of 4 channels each; a table, made here, says where the windows of a round begin and its outputs go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.ops.parts.overlap import MOST_LINES, borders, nested_distance
from fwgen.ops.parts.windows import WindowOptions, windows

WORDS = 42
"""Words of a plane at most: with more the rounds take no less time."""

FRONT, BACK = 64, 16
"""Bytes around the planes that may be read, ``FW_MVE_PLANES_FRONT`` and ``FW_MVE_PLANES_BACK``."""

Int64Array = npt.NDArray[np.int64]
Table = npt.NDArray[np.uint16]
Lanes = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class PlanesWindow:
    """What the plans need of an op: sizes and steps (h, w), padding before the input (h, w)."""

    batches: int
    channels: int
    input: tuple[int, int]
    output: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    before: tuple[int, int]

    @property
    def span(self) -> tuple[int, int]:
        """From the first to the last tap."""
        h, w = ((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        return h, w

    @property
    def meets_input(self) -> bool:
        """Whether each window has at least one input in it.

        One may have none where a pass has put explicit padding in the place of an op.
        """
        return all(
            before < span and (size - 1) * stride - before < extent
            for before, span, size, stride, extent in zip(
                self.before, self.span, self.output, self.stride, self.input, strict=True
            )
        )

    @property
    def step(self) -> int:
        """Bytes from an output to the next; where words would not be aligned, in a buffer."""
        return 16 if self.channels % 4 else self.channels

    @property
    def reach(self) -> int:
        """Columns that windows take right of the input."""
        last = (self.output[1] - 1) * self.stride[1] + self.span[1]
        return max(0, last - self.before[1] - self.input[1])

    @property
    def fits_members(self) -> bool:
        """Whether ``depthwise_rows_s8_mve.h`` has room for its sizes and strides, and for words."""
        return max(*self.input, *self.output, *self.before) < 1 << 14 and max(self.stride) < 1 << 7

    def members(self) -> tuple[tuple[str, int], ...]:
        """The members with which the structs of parameters begin."""
        return (
            ("batches", self.batches),
            ("channels", self.channels),
            ("input_h", self.input[0]),
            ("input_w", self.input[1]),
            ("output_h", self.output[0]),
            ("output_w", self.output[1]),
            ("pad_top", self.before[0]),
            ("pad_left", self.before[1]),
        )


def window_of(node: Node, multiplies: bool = False) -> PlanesWindow | None:
    """The op's window, None if channels have more than one output.

    None also for images of more than ``MOST_LINES`` rows or columns. ``multiplies`` asks for ops
    whose channels do have several outputs, and for no others.
    A stride along an axis with one output, and a dilation along one with one tap, are 1.
    """
    x, w, y = node.x, node.w, node.y
    options = cast(WindowOptions, node.options)
    kernel = (w.shape[1], w.shape[2])
    rows, columns = windows(x, kernel, options)
    if (w.shape[3] != x.shape[3]) != multiplies or max(rows.size, columns.size) > MOST_LINES:
        return None
    window = PlanesWindow(
        batches=x.shape[0],
        channels=y.shape[3],
        input=(x.shape[1], x.shape[2]),
        output=(rows.size, columns.size),
        kernel=kernel,
        stride=(
            options.stride_h if rows.size > 1 else 1,
            options.stride_w if columns.size > 1 else 1,
        ),
        dilation=(
            options.dilation_h if kernel[0] > 1 else 1,
            options.dilation_w if kernel[1] > 1 else 1,
        ),
        before=(rows.before, columns.before),
    )
    return window


# Tables of rounds


def table(first: Mapping[int, int], second: Mapping[int, int], lanes: Lanes) -> Table | None:
    """Rounds over outputs, given as position -> offset in bytes; None if an offset has more than
    16 bits.

    A round begins at a position f. It stores first[f + lane] for the 4 ``lanes[0]``, and then
    second[f + lane] for the 4 ``lanes[1]``, of which the last is at the highest position. The last
    lane always has an output. Lanes without an output store to the same place, before the last lane
    does. Each row of the table is (f, 8 offsets).
    """
    reach = lanes[1][-1]
    starts, left = [], sorted({*first, *second})
    while left:
        starts.append(left[-1] - reach)
        left = [f for f in left if f < starts[-1]]
    rows = []
    for start in reversed(starts):
        last = second[start + reach]
        offsets = [
            side.get(start + lane, last)
            for side, part in zip((first, second), lanes, strict=True)
            for lane in part
        ]
        rows.append([start, *offsets])
    if max([*first.values(), *second.values()]) > 0xFFFF:
        return None
    return np.array(rows, dtype=np.int64).astype(np.uint16)


class PlanesPlan(Protocol):
    """How a kernel walks; ``table`` and ``members`` (of its parameters) are arguments of it."""

    @property
    def table(self) -> Table: ...
    @property
    def lanes(self) -> int:
        """Channels at a time."""
        ...

    @property
    def mirrors(self) -> bool:
        """Whether it can go from the last strip to the first."""
        ...

    def pixels_apart(self, backwards: bool) -> int:
        """``overlap.distance`` in pixels, see the function of this name."""
        ...

    def members(self) -> tuple[tuple[str, int], ...]: ...
    def last_members(self) -> tuple[tuple[str, int], ...]:
        """The members after ``backwards``, with which the structs end."""
        ...

    def places(self) -> Int64Array:
        """(..., kernel_h, kernel_w): which byte of a window a tap multiplies."""
        ...

    def scratch_bytes(self) -> int: ...
    def cycles(self, per_round: int) -> float:
        """Estimate for an image, from the cycles of one round."""
        ...


def step_bytes(window: PlanesWindow, lanes: int) -> int:
    """``OverlapLimit.step_bytes`` of a kernel that does ``lanes`` channels of all pixels first.

    Words of outputs are stored aligned.
    """
    if window.channels > lanes:
        return window.channels
    return 1 if window.channels % 4 else 4


def pixels_apart(window: PlanesWindow, strip: tuple[int, int], backwards: bool) -> int:
    """``overlap.distance`` in pixels of a kernel that goes from strip to strip, row by row.

    If there are more channels than it takes at a time, this is for distances in whole pixels: it
    goes through all strips for the first channels before the others. Strips at the end are moved
    back into the image. The strips of the backward walk are the forward ones, mirrored.
    """
    (height, width), (strip_h, strip_w) = window.output, strip
    rows = np.minimum(np.arange(0, height, strip_h), max(0, height - strip_h))
    columns = np.minimum(np.arange(0, width, strip_w), max(0, width - strip_w))
    if backwards:
        rows, columns = max(0, height - strip_h) - rows, max(0, width - strip_w) - columns

    def inside(first: Int64Array, axis: int) -> Int64Array:
        return np.clip(first, 0, window.input[axis] - 1)

    top, left = (
        at * s - b for at, s, b in zip((rows, columns), window.stride, window.before, strict=True)
    )
    pixels = window.input[0] * window.input[1], height * width
    if not backwards:
        image = np.array(borders(range(window.batches)), dtype=np.int64)
        last = np.minimum(rows + strip_h, height) - 1
        return nested_distance(
            (image * pixels[0], image * pixels[1]),
            (inside(top, 0) * window.input[1], last * width),
            (inside(left, 1), np.minimum(columns + strip_w, width)),
        )
    bottom = top + (strip_h - 1) * window.stride[0] + window.span[0] - 1
    right = left + (strip_w - 1) * window.stride[1] + window.span[1] - 1
    return nested_distance(
        ((pixels[0],), (pixels[1],)),
        (-inside(bottom, 0) * window.input[1], -rows * width),
        (-inside(right, 1) - 1, -columns),
    )


def mirrored(window: PlanesWindow, strip: tuple[int, int]) -> bool:
    """Whether a kernel can go from the last strip to the first.

    Images follow one another forwards, and a strip beyond the image has no mirror.
    """
    return window.batches == 1 and strip[0] <= window.output[0]


def dense(window: PlanesWindow) -> bool:
    """Whether windows are side by side, and their taps."""
    return window.stride == (1, 1) and window.dilation == (1, 1)
