"""DEPTHWISE_CONV_2D on MVE by dot products: plans, packed weights and calls.

The kernels lay the bytes of a channel out in a plane, in which the window of each output is at most
15 consecutive bytes: one dot product of a vector with the channel's weights is one output, and the
same vector with the weights moved by one byte is another. The two kernels differ in what a plane
is. In the "flat" one it is the padded image itself, for small ones and for one dimension. In the
"rows" one it holds four rows side by side, so that a vector is four columns of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops import weights
from fwgen.ops.operator import Call, Constant, Params, Ref, Scratch
from fwgen.ops.windows import WindowOptions, windows

PLANE = 168
"""Bytes of a plane: ``FW_MVE_PLANE``."""

PLANES = 16 * PLANE + 64
WINDOW = 15
RECORD = 28

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """How a kernel walks: rows of ``pitch`` positions, ``strip_h`` output rows at a time.

    A strip has ``rows`` padded input rows in ``positions`` positions. ``table`` has a row for each
    round: its first position, and where the 8 outputs go, in bytes after the strip's first output.
    """

    pitch: int
    strip_h: int
    rows: int
    positions: int
    table: npt.NDArray[np.uint16]


def padding_right(x: Tensor, y: Tensor, kernel_w: int, before: int) -> int:
    """Columns that the last window reaches beyond the input; strides are 1."""
    return max(0, y.shape[2] - 1 + kernel_w - before - x.shape[2])


def table(
    first: dict[int, int], second: dict[int, int], lanes: tuple[tuple[int, ...], tuple[int, ...]]
) -> npt.NDArray[np.uint16] | None:
    """Rounds over outputs, given as position -> offset in bytes; None if one has over 16 bits.

    A round begins at a position f and stores first[f + lane] for the 4 ``lanes[0]`` and then
    second[f + lane] for the 4 ``lanes[1]``, of which the last is at the highest position. Lanes
    without an output store where that last lane, which always has one, is stored after them.
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


def flat_plan(graph: Graph, op: Op, kernel: tuple[int, int], options: WindowOptions) -> Plan | None:
    """The plan of the "flat" kernel, None if it does not hold."""
    x, y = graph.input(op), graph.output(op)
    if (options.stride_h != 1 and y.shape[1] > 1) or (options.stride_w != 1 and y.shape[2] > 1):
        return None
    rows, columns = windows(x, kernel, options)
    right = padding_right(x, y, kernel[1], columns.before)
    pitch = x.shape[2] + max(columns.before, right)
    if (kernel[0] - 1) * pitch + kernel[1] > WINDOW or options.dilation_h * options.dilation_w > 1:
        return None
    strip_h = min((PLANE - columns.before) // pitch - kernel[0] + 1, rows.size)
    if strip_h < 1:
        return None
    height = strip_h + kernel[0] - 1
    valid = {
        i * pitch + j: (i * y.shape[2] + j) * y.shape[3]
        for i in range(strip_h)
        for j in range(y.shape[2])
    }
    rounds = table(valid, valid, ((0, 2, 4, 6), (1, 3, 5, 7)))
    if rounds is None:
        return None
    return Plan(pitch, strip_h, height, height * pitch + columns.before, rounds)


def folded(graph: Graph, op: Op) -> tuple[Int64Array, Int64Array, Int64Array]:
    """(bias, multiplier, shift) per channel; the bias has the input's zero point in it.

    A channel that becomes 0 whatever its sum has the multiplier 0, and then any shift does.
    """
    x, w, y = graph.input(op), graph.input(op, 1), graph.output(op)
    channels = w.shape[3]
    multiplier, shift = weights.multipliers(x, w, y, channels)
    bias = graph.operand(op, 2)
    total = -x.zero_point * w.constant.astype(np.int64).sum(axis=(0, 1, 2))
    if bias is not None:
        total = total + bias.constant.reshape(-1)
    return total, multiplier.astype(np.int64), np.where(multiplier == 0, -31, shift)


def records(graph: Graph, op: Op, at: Int64Array) -> npt.NDArray[np.int8]:
    """Per channel 28 bytes: 16 of weights, bias, multiplier, shift and output zero point.

    ``at`` (kernel_h, kernel_w) says which byte of the window a tap multiplies; the others are 0, as
    are the byte before the first record and the last two of each.
    """
    w, y = graph.input(op, 1), graph.output(op)
    channels = w.shape[3]
    bias, multiplier, shift = folded(graph, op)
    packed = np.zeros((channels, RECORD), dtype=np.int8)
    packed[:, at.reshape(-1)] = w.constant.reshape(-1, channels).T
    packed[:, 16:24] = np.stack([bias, multiplier], 1).astype("<i4").view(np.int8)
    packed[:, 24] = shift
    packed[:, 25] = y.zero_point
    return np.concatenate([np.zeros(4, np.int8), packed.reshape(-1)])


def flat_calls(graph: Graph, op: Op, kernel: tuple[int, int], options: WindowOptions) -> tuple[Call, ...]:
    x, y = graph.input(op), graph.output(op)
    plan = flat_plan(graph, op, kernel, options)
    assert plan is not None
    rows, columns = windows(x, kernel, options)
    at = np.arange(kernel[0])[:, None] * plan.pitch + np.arange(kernel[1])
    params = Params(
        "fw_depthwise_conv_2d_flat_mve_params",
        (
            ("batches", x.shape[0]),
            ("channels", x.shape[3]),
            ("input_h", x.shape[1]),
            ("input_w", x.shape[2]),
            ("output_h", y.shape[1]),
            ("output_w", y.shape[2]),
            ("pad_top", rows.before),
            ("pad_left", columns.before),
            ("pad_value", x.zero_point),
            ("pitch", plan.pitch),
            ("strip_h", plan.strip_h),
            ("rows", plan.rows),
            ("positions", plan.positions),
            ("units", len(plan.table)),
        ),
    )
    return (
        Call(
            "fw_depthwise_conv_2d_flat_mve",
            (
                params,
                Ref(x.index),
                Constant("records", records(graph, op, at)),
                Constant("units", plan.table),
                Ref(y.index),
                Scratch(),
            ),
        ),
    )


def flat_scratch(graph: Graph, op: Op, kernel: tuple[int, int], options: WindowOptions) -> int:
    plan = flat_plan(graph, op, kernel, options)
    assert plan is not None
    return PLANES + (plan.positions + 4) * 16


@dataclass(frozen=True)
class RowsPlan:
    """Like Plan; a strip is also ``strip_w`` output columns wide, from ``strip_words`` words."""

    row_bytes: int
    pitch: int
    strip_h: int
    strip_w: int
    strip_words: int
    table: npt.NDArray[np.uint16]


def rows_plan(graph: Graph, op: Op, kernel: tuple[int, int], options: WindowOptions) -> RowsPlan | None:
    x, y = graph.input(op), graph.output(op)
    if (options.stride_h != 1 and y.shape[1] > 1) or (options.stride_w != 1 and y.shape[2] > 1):
        return None
    if kernel[0] > 3 or kernel[1] > 4 or options.dilation_h * options.dilation_w > 1:
        return None
    rows, columns = windows(x, kernel, options)
    right = padding_right(x, y, kernel[1], columns.before)
    words = PLANE // 4 - 1
    row_pixels = columns.before + x.shape[2] + right
    strips = -(-y.shape[2] // (words - kernel[1] + 1))
    strip_w = -(-y.shape[2] // strips)
    strip_words = strip_w + kernel[1] - 1
    pitch = x.shape[2] + max(columns.before, right)
    pairs = -(-y.shape[1] // 2)
    most = max(1, 1 + (words - strip_words) // pitch) if strips == 1 else 1
    pairs = min(-(-pairs // -(-pairs // most)), max(1, y.shape[1] // 2))
    first: dict[int, int] = {}
    second: dict[int, int] = {}
    for i in range(pairs):
        for j in range(strip_w):
            at = (2 * i * y.shape[2] + j) * y.shape[3]
            first[i * pitch + j] = at
            second[i * pitch + j] = at + y.shape[2] * y.shape[3]
    if y.shape[1] == 1:
        first = {}  # the only row is the second of a pair
    rounds = table(first, second, ((0, 1, 2, 3), (0, 1, 2, 3)))
    if rounds is None:
        return None
    rounds[:, 0] *= 4
    row_bytes = row_pixels * pixel_bytes(x) + 31 & ~15
    return RowsPlan(row_bytes, pitch, 2 * pairs, strip_w, strip_words, rounds)


def pixel_bytes(x: Tensor) -> int:
    """Of the rows' buffers."""
    return 8 if x.shape[3] == 8 else 16


def rows_calls(graph: Graph, op: Op, kernel: tuple[int, int], options: WindowOptions) -> tuple[Call, ...]:
    x, y = graph.input(op), graph.output(op)
    plan = rows_plan(graph, op, kernel, options)
    assert plan is not None
    rows, columns = windows(x, kernel, options)
    at = np.arange(kernel[0])[:, None] + 4 * np.arange(kernel[1])
    params = Params(
        "fw_mve_depthwise_rows_params",
        (
            ("batches", x.shape[0]),
            ("channels", x.shape[3]),
            ("input_h", x.shape[1]),
            ("input_w", x.shape[2]),
            ("output_h", y.shape[1]),
            ("output_w", y.shape[2]),
            ("pad_top", rows.before),
            ("pad_left", columns.before),
            ("pad_value", x.zero_point),
            ("row_bytes", plan.row_bytes),
            ("pitch", plan.pitch),
            ("strip_h", plan.strip_h),
            ("strip_w", plan.strip_w),
            ("strip_words", plan.strip_words),
            ("units", len(plan.table)),
        ),
    )
    function = "rows_c8" if x.shape[3] == 8 else "rows"
    return (
        Call(
            f"fw_depthwise_conv_2d_{function}_mve",
            (
                params,
                Ref(x.index),
                Constant("records", records(graph, op, at)),
                Constant("units", plan.table),
                Ref(y.index),
                Scratch(),
            ),
        ),
    )


def rows_scratch(graph: Graph, op: Op, kernel: tuple[int, int], options: WindowOptions) -> int:
    plan = rows_plan(graph, op, kernel, options)
    assert plan is not None
    return PLANES + 4 * plan.row_bytes
