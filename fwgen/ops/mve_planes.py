"""Plans of the MVE kernels of DEPTHWISE_CONV_2D that take dot products over planes.

The kernels lay the bytes of a channel out in a plane in which the window of each output is at most
16 consecutive bytes: one dot product with the channel's weights is one output. In a "flat" plane
lies the padded image itself, which suits small ones and those of one dimension. A plane of "rows"
has four rows side by side, so that a vector is four columns of them. Rounds make 8 outputs of 4
channels each; a table, made here, says where the windows of a round begin and its outputs go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from fwgen.model.graph import Graph, Op
from fwgen.ops.windows import WindowOptions, windows

PLANE = 168
"""Bytes of a plane, ``FW_MVE_PLANE_BYTES``."""

FRONT = 64
"""Bytes before the planes that may be read, ``FW_MVE_PLANES_FRONT``."""

PLANES = FRONT + 16 * PLANE + 48
"""Bytes of the planes of 16 channels, ``FW_MVE_PLANES_BYTES``."""

WORDS = PLANE // 4 - 1
"""Words of a plane that are used: the kernel for 8 channels writes them in pairs."""

Int64Array = npt.NDArray[np.int64]
Table = npt.NDArray[np.uint16]
Lanes = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Window:
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
        """Whether each window has at least one input in it."""
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


def window_of(graph: Graph, op: Op) -> Window | None:
    """The op's window, None if channels have more than one output, or a window misses the input.

    It may do so where a pass has put explicit padding in the place of an op.
    A stride along an axis with one output, and a dilation along one with one tap, are 1.
    """
    x, w, y = graph.input(op), graph.input(op, 1), graph.output(op)
    options = cast(WindowOptions, op.options)
    kernel = (w.shape[1], w.shape[2])
    if w.shape[3] != x.shape[3]:
        return None
    rows, columns = windows(x, kernel, options)
    window = Window(
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
    return window if window.meets_input else None


# Tables of rounds


def table(first: Mapping[int, int], second: Mapping[int, int], lanes: Lanes) -> Table | None:
    """Rounds over outputs, given as position -> offset in bytes; None if one has over 16 bits.

    A round begins at a position f and stores first[f + lane] for the 4 ``lanes[0]`` and then
    second[f + lane] for the 4 ``lanes[1]``, of which the last is at the highest position. Lanes
    without an output store where that last lane, which always has one, is stored after them. Each
    row of the table is (f, 8 offsets).
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


class Plan(Protocol):
    """How a kernel walks; ``table`` and ``members`` (of its parameters) are arguments of it."""

    @property
    def table(self) -> Table: ...
    def members(self) -> tuple[tuple[str, int], ...]: ...
    def places(self) -> Int64Array:
        """(kernel_h, kernel_w): which byte of a window a tap multiplies."""
        ...

    def scratch_bytes(self) -> int: ...
    def cycles(self, per_round: int) -> float:
        """Estimate for an image, from the cycles of one round."""
        ...


def _dense(window: Window) -> bool:
    return window.stride == (1, 1) and window.dilation == (1, 1)


# Flat planes

FLAT_WINDOW = 15
"""Bytes of a window: the 16th weight is 0, so that all can be moved by one."""

FLAT_LANES = ((0, 2, 4, 6), (1, 3, 5, 7))


@dataclass(frozen=True)
class Flat:
    """Strips of ``strip_h`` output rows; rows of the padded image are ``pitch`` pixels apart."""

    window: Window
    pitch: int
    strip_h: int
    table: Table

    @property
    def rows(self) -> int:
        return self.strip_h + self.window.kernel[0] - 1

    @property
    def positions(self) -> int:
        return self.rows * self.pitch + self.window.before[1]

    def members(self) -> tuple[tuple[str, int], ...]:
        return (
            ("pitch", self.pitch),
            ("strip_h", self.strip_h),
            ("rows", self.rows),
            ("positions", self.positions),
        )

    def places(self) -> Int64Array:
        rows, columns = np.indices(self.window.kernel)
        return rows * self.pitch + columns

    def scratch_bytes(self) -> int:
        staging = self.strip_h * self.window.output[1] if self.window.channels % 4 else 0
        return PLANES + 16 * (self.positions + 4 + staging)

    def cycles(self, per_round: int) -> float:
        window = self.window
        runs = 1 if self.pitch == window.input[1] else self.rows
        image = 4 * self.rows * window.input[1] + 20 * runs + 8 * self.positions + 60
        quads, blocks = -(-window.channels // 4), -(-window.channels // 16)
        strips = -(-window.output[0] // self.strip_h)
        if window.channels % 4:
            image += 4 * self.strip_h * window.output[1] + 20
        return float(strips * (blocks * image + quads * (per_round * len(self.table) + 20)))


def flat_plan(window: Window) -> Flat | None:
    """The plan of the "flat" kernels, None if they do not hold."""
    (height, width), (kernel_h, kernel_w) = window.output, window.kernel
    # no byte of a plane may belong to two taps of a window
    pitch = max(window.input[1] + max(window.before[1], window.reach), kernel_w)
    most = (PLANE - window.before[1]) // pitch - kernel_h + 1
    if not _dense(window) or (kernel_h - 1) * pitch + kernel_w > FLAT_WINDOW or most < 1:
        return None
    strip_h = -(-height // -(-height // most))
    outputs = {
        i * pitch + j: (i * width + j) * window.step for i in range(strip_h) for j in range(width)
    }
    rounds = table(outputs, outputs, FLAT_LANES)
    return None if rounds is None else Flat(window, pitch, strip_h, rounds)


# Planes of four rows

PAIR_LANES = ((0, 1, 2, 3), (0, 1, 2, 3))
WIDE_LANES = ((0, 1, 2, 3), (4, 5, 6, 7))


@dataclass(frozen=True)
class Rows:
    """Strips of ``strip_h`` x ``strip_w`` outputs, from planes of ``fours`` times four rows.

    A plane has ``pitch`` words from one four to the next, of which ``strip_words`` are needed.
    ``lanes`` are the bytes of a pixel in the buffers of rows, ``out_rows`` output rows that four
    input rows give.
    """

    window: Window
    lanes: int
    out_rows: int
    fours: int
    pitch: int
    strip_h: int
    strip_w: int
    table: Table

    @property
    def strip_words(self) -> int:
        return (self.strip_w - 1) * self.window.stride[1] + self.window.kernel[1]

    @property
    def row_bytes(self) -> int:
        pixels = self.window.before[1] + self.window.input[1] + self.window.reach
        return pixels * self.lanes + 31 & ~15

    def members(self) -> tuple[tuple[str, int], ...]:
        return (
            ("stride_h", self.window.stride[0]),
            ("stride_w", self.window.stride[1]),
            ("lanes", self.lanes),
            ("out_rows", self.out_rows),
            ("row_bytes", self.row_bytes),
            ("pitch", self.pitch),
            ("strip_h", self.strip_h),
            ("strip_w", self.strip_w),
            ("strip_words", self.strip_words),
        )

    def places(self) -> Int64Array:
        rows, columns = np.indices(self.window.kernel)
        return rows + 4 * columns

    def scratch_bytes(self) -> int:
        staging = self.strip_h * self.strip_w if self.window.channels % 4 else 0
        return PLANES + 4 * self.row_bytes + 16 * staging

    def cycles(self, per_round: int) -> float:
        window, lanes = self.window, self.lanes
        height, width = window.output
        rows = height * window.stride[0]
        strips = -(-height // self.strip_h) * -(-width // self.strip_w)
        gather = rows * (window.input[1] * lanes // 4 + 30)
        if window.channels % 4:
            gather += height * (4 * width + 20)
        transpose = strips * (self.fours * (2 * self.strip_words * lanes + 60) + 50)
        quads, blocks = -(-window.channels // 4), -(-window.channels // lanes)
        rounds = quads * strips * (per_round * len(self.table) + 20)
        return float(blocks * (gather + transpose) + rounds)


def rows_plan(window: Window) -> Rows | None:
    """The plan of the kernel that makes two output rows of four input rows."""
    holds = _dense(window) and window.kernel[0] <= 3 and window.kernel[1] <= 4
    return _best(window, 16, 2) if holds and window.channels != 8 else None


def rows_c8_plan(window: Window) -> Rows | None:
    """The same for 8 channels."""
    holds = _dense(window) and window.kernel[0] <= 3 and window.kernel[1] <= 4
    return _best(window, 8, 2) if holds and window.channels == 8 else None


def wide_plan(window: Window) -> Rows | None:
    """The plan of the kernel that makes one output row of four input rows, every other column."""
    holds = window.stride[1] == 2 and window.dilation == (1, 1) and max(window.kernel) <= 4
    return _best(window, 16, 1) if holds else None


def _best(window: Window, lanes: int, out: int) -> Rows | None:
    """The cheapest plan, of those whose strips are 8 columns wide or wider."""
    most = -(-window.output[1] // 8)
    plans = [_rows(window, lanes, out, strips + 1) for strips in range(most)]
    found = [plan for plan in plans if plan is not None]
    return min(found, key=lambda plan: plan.cycles(140), default=None)


def _rows(window: Window, lanes: int, out: int, strips: int) -> Rows | None:
    """A plan with so many strips side by side and ``out`` output rows of four input rows."""
    (height, width), stride = window.output, window.stride[1]
    strip_w = -(-width // strips)
    strip_words = (strip_w - 1) * stride + window.kernel[1]
    pitch = window.input[1] + max(window.before[1], window.reach)
    pitch += -pitch % stride
    if strip_words > WORDS:
        return None
    most = 1 + (WORDS - strip_words) // pitch if strips == 1 else 1
    fours = -(-height // out)
    fours = -(-fours // -(-fours // most))
    if out * fours > height > 1:
        fours -= 1
    row = (strip_w if window.channels % 4 else width) * window.step
    upper = {
        i * pitch // stride + j: out * i * row + j * window.step
        for i in range(fours)
        for j in range(strip_w)
    }
    if out == 1:
        rounds = table(upper, upper, WIDE_LANES)
    else:
        lower = {f: offset + row for f, offset in upper.items()}
        # a single row is the second of a pair
        rounds = table(upper if height > 1 else {}, lower, PAIR_LANES)
    if rounds is None:
        return None
    rounds[:, 0] *= 4 * stride
    return Rows(window, lanes, out, fours, pitch, out * fours, strip_w, rounds)
