"""Weights and scales as the NPU reads them: decoded, and out of the order of its blocks.

Vela's codec (``ethosu.mlw_codec``) decodes the stream of bits. The weights are then in the order in
which the hardware's blocks use them. This order goes by blocks of output channels, blocks of input
channels, parts of the kernel, and the small blocks that the MAC units take at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.npu.model.arithmetic import Ints

RECORD = 10
"""Bytes per channel of biases and scales."""

PART = 8
"""Rows and columns of the kernel that are done at a time, less if it is dilated."""


@dataclass(frozen=True)
class Order:
    """What the order of weights depends on; sizes of the tensor (out, h, w, in) in ``shape``.

    ``block`` output channels are done at a time; ``micro`` (out, in) channels by the MAC units.
    """

    shape: tuple[int, int, int, int]
    block: int
    micro: tuple[int, int]
    dilation: tuple[int, int]
    depthwise: bool
    part_kernel: bool
    input_bits: int


@lru_cache(maxsize=256)
def places(order: Order) -> npt.NDArray[np.int64]:
    """Per weight of the stream its flat index in (out, h, w, in), -1 where it is filling."""
    return np.concatenate(list(_parts(order)))


def _parts(o: Order) -> Iterator[npt.NDArray[np.int64]]:
    out, height, width, depth = o.shape
    rows, columns = PART // o.dilation[0], PART // o.dilation[1]
    input_block = 16 if o.part_kernel or o.input_bits == 16 else 32
    for out_block in range(0, out, o.block):
        outs = min(o.block, out - out_block)
        for in_block in range(0, 1 if o.depthwise else depth, input_block):
            if o.depthwise:
                ins = o.micro[1]
            else:
                ins = min(input_block, depth - in_block) if o.part_kernel else input_block
            for y in range(0, height, rows):
                for x in range(0, width, columns):
                    part = (y, x, min(rows, height - y), min(columns, width - x))
                    yield _part(o, (out_block, outs), (in_block, ins), part)


def _part(
    o: Order, outs: tuple[int, int], ins: tuple[int, int], part: tuple[int, int, int, int]
) -> npt.NDArray[np.int64]:
    """Weights of a part of the kernel between a block of output and one of input channels."""
    out, height, width, depth = o.shape
    y0, x0, rows, columns = part
    elements = rows * columns
    if o.part_kernel:
        elements += -elements % (2 if o.input_bits == 16 else 4)
    elif o.depthwise:
        elements += -elements % 4
    micro_out, micro_in = o.micro[0], 1 if o.depthwise else o.micro[1]
    in_steps = np.arange(0, ins[1], o.micro[1])
    outer, inner = (in_steps, [0]) if o.part_kernel else ([0], in_steps)
    # axes in the order of the stream, the last one fastest
    a_outer = np.asarray(outer).reshape(-1, 1, 1, 1, 1, 1)
    a_out = np.arange(0, outs[1], micro_out).reshape(1, -1, 1, 1, 1, 1)
    element = np.arange(elements).reshape(1, 1, -1, 1, 1, 1)
    a_inner = np.asarray(inner).reshape(1, 1, 1, -1, 1, 1)
    lane_out = np.arange(micro_out).reshape(1, 1, 1, 1, -1, 1)
    lane_in = np.arange(micro_in).reshape(1, 1, 1, 1, 1, -1)
    channel = outs[0] + a_out + lane_out
    source = ins[0] + a_outer + a_inner + lane_in
    y, x = y0 + element // columns, x0 + element % columns
    index = ((channel * height + y) * width + x) * depth + source
    there = (source < depth) & (channel < out) & (element // columns < rows)
    return np.where(there, index, -1).reshape(-1)


def ordered(stream: Ints, order: Order) -> Ints:
    """The weights (out, h, w, in). Raises DeviceFault if their number is not right."""
    where = places(order)
    if len(stream) < len(where):
        raise DeviceFault(
            f"The NPU's weight stream has {len(stream):,} weights, expected {len(where):,}."
        )
    there = where >= 0
    weights = np.zeros(order.shape, np.int64).reshape(-1)
    weights[where[there]] = stream[: len(where)][there]
    return weights.reshape(order.shape)


def records(data: npt.NDArray[np.uint8], count: int) -> tuple[Ints, Ints, Ints]:
    """Bias (40 bits), scale (32) and shift (6) of ``count`` channels."""
    if len(data) < RECORD * count:
        raise DeviceFault(
            f"The NPU's scales have {len(data):,} bytes, expected {RECORD * count:,} or more."
        )
    rows = data[: RECORD * count].reshape(count, RECORD).astype(np.int64)

    def number(first: int, last: int) -> Ints:
        total: Ints = sum(
            (rows[:, k] << 8 * (k - first) for k in range(first, last)), np.zeros(count, np.int64)
        )
        return total

    bias = number(0, 5)
    return bias - (bias >> 39 << 40), number(5, 9), rows[:, 9] & 0x3F
