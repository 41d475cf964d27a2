"""How far the output of an op may lie over an input that dies with it.

A kernel reads and writes in steps; in each, all that it reads of the input comes before what it
writes. If the output begins D bytes before the input or earlier, the bytes that a step writes are
none that a later step reads. The smallest such D is the contract of a variant; no two of its steps
may be told apart less finely than the kernel does.

Source: Blacker et al., "Diagonal Memory Optimisation for Machine Learning on Micro-controllers",
2020, where it is found by simulation of every element.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops.windows import Window, WindowOptions, windows

Int64Array = npt.NDArray[np.int64]
Ints = Sequence[int] | Int64Array

FAR = -(1 << 40)
"""D of a kernel that has read all of the input before it writes."""


def distance(read_from: Ints, write_to: Ints) -> int:
    """The smallest safe D in bytes, of steps in their order.

    Step s reads no input byte before ``read_from[s]`` and writes no output byte from
    ``write_to[s]`` on. May be negative: then the output may begin above the input.
    """
    reads, writes = np.asarray(read_from, np.int64), np.asarray(write_to, np.int64)
    if len(reads) < 2:
        return FAR
    later = np.minimum.accumulate(reads[::-1])[::-1][1:]
    return int((writes[:-1] - later).max())


def in_place(graph: Graph, op: Op) -> tuple[int | None, ...]:
    """``Variant.overlaps`` of a kernel that goes through inputs and output side by side.

    Not for an input that is broadcast, as it is read again, or has wider or narrower elements.
    """
    y = graph.output(op)
    same = (graph.input(op, i) for i in range(len(op.inputs)))
    return tuple(0 if (x.shape, x.dtype) == (y.shape, y.dtype) else None for x in same)


def by_window(
    x: Tensor,
    y: Tensor,
    kernel: tuple[int, int],
    options: WindowOptions,
    steps: Sequence[tuple[int, int]],
) -> int:
    """D of a kernel that takes the same steps at each output pixel, one pixel after the other.

    A step is (bytes from the window's first one to where it reads, bytes of the output pixel that
    are written after it). Tensors are int8, NHWC.
    """
    starts = window_starts(x, kernel, options).reshape(-1, 1)
    pixels = np.arange(len(starts), dtype=np.int64).reshape(-1, 1) * y.shape[3]
    read, written = np.array(steps, dtype=np.int64).T
    return distance((starts + read).reshape(-1), (pixels + written).reshape(-1))


def window_starts(x: Tensor, kernel: tuple[int, int], options: WindowOptions) -> Int64Array:
    """(batches, rows, columns): the first byte of int8 input in the window of each output pixel.

    Of a window that misses the input, where it would begin, inside.
    """
    batches, height, width, depth = x.shape
    rows, columns = windows(x, kernel, options)
    top = _first(rows, height, options.stride_h, options.dilation_h)
    left = _first(columns, width, options.stride_w, options.dilation_w)
    image = np.arange(batches, dtype=np.int64)[:, None, None] * height
    return ((image + top[:, None]) * width + left) * depth


def _first(window: Window, extent: int, stride: int, dilation: int) -> Int64Array:
    """The first position inside the input of each window along an axis."""
    start = np.arange(window.size, dtype=np.int64) * stride - window.before
    inside = np.where(start < 0, start + -(start // dilation) * dilation, start)
    return np.clip(inside, 0, extent - 1)
