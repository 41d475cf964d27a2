"""The overlap of an op's output with an input that dies at the op: how far it may go.

A kernel works in steps. Each step first reads its part of the input, and then writes its part of
the output. If the output begins D bytes before the input, or earlier, no step overwrites bytes that
a later step reads. A kernel that reads byte i and writes byte i in step i, say, is safe with D = 0,
which is in place. The smallest such D is what an ``OverlapLimit`` states. It is found from steps
that are at least as fine as the kernel's own.

Source: Blacker et al., "Diagonal Memory Optimisation for Machine Learning on Micro-controllers",
2020. They find D by simulating every element.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fwgen.contract.kernel import OverlapLimit
from fwgen.contract.node import Node
from fwgen.model.graph import Tensor
from fwgen.ops.parts.windows import Window, WindowOptions, windows

Int64Array = npt.NDArray[np.int64]
Ints = Sequence[int] | Int64Array

Axis = tuple[Ints, Ints]
"""The bytes that a step's place along an axis adds to its first byte read, and to the end of its
bytes written."""

FAR = -(1 << 40)
"""D of a kernel that has read all of the input before it writes."""

MOST_LINES = 1 << 16
"""Rows or columns of outputs up to which overlap is looked for: no image has as many."""


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


def in_place(node: Node) -> OverlapLimit:
    """The overlap of a kernel that goes through inputs and output side by side.

    Not for an input that is broadcast, as it is read again, or has wider or narrower elements.
    """
    y = node.y
    same = (node.input(i) for i in range(len(node.inputs)))
    return OverlapLimit(
        tuple(0 if (x.shape, x.dtype) == (y.shape, y.dtype) else None for x in same)
    )


def side_by_side(node: Node) -> OverlapLimit:
    """The overlap of a kernel that reads element i and then writes element i, of any types.

    Of an op with one input, of the output's shape.
    """
    x, y = node.x.dtype.bytes, node.y.dtype.bytes
    later = node.y.elements - 1  # elements that are read after the first one is written
    apart = max(y - x, later * (y - x)) if later else FAR
    return OverlapLimit((apart,), step_bytes=max(x, y))


def nested_distance(*axes: Axis) -> int:
    """``distance`` of steps in a loop nest, outermost axis first, by what each axis adds to both.

    A step reads from the sum of the axes' reads on, and writes up to the sum of their writes. Takes
    time and memory for the lengths of the axes, not for their product. Of two steps in a row, the
    later one goes on along some axis, is anywhere on those inside, and is the same on those around.
    """
    arrays = [(np.asarray(r, np.int64), np.asarray(w, np.int64)) for r, w in axes]
    around, best = 0, FAR
    inside = [0]  # of the axes inside, the last bytes written less the first read
    for reads, writes in arrays[:0:-1]:
        inside.append(inside[-1] + int(writes.max() - reads.min()))
    for (reads, writes), within in zip(arrays, reversed(inside), strict=True):
        if len(reads) > 1:
            best = max(best, around + distance(reads, writes) + within)
        around += int((writes - reads).max())
    return best


def borders(steps: range) -> list[int]:
    """The first two and the last two: of steps that advance evenly no others set a distance."""
    return [*steps] if len(steps) <= 4 else [*steps[:2], *steps[-2:]]


def by_window(
    x: Tensor,
    y: Tensor,
    kernel: tuple[int, int],
    options: WindowOptions,
    steps: Sequence[tuple[int, int]],
) -> int | None:
    """D of a kernel that takes the same steps at each output pixel, one pixel after the other.

    A step is (elements from the window's first one to where it reads, elements of the output pixel
    that are written after it). Tensors are NHWC, with elements of one width. None for images that
    are too long to look at.
    """
    starts = window_starts(x, kernel, options)
    if starts is None:
        return None
    sizes, unit = y.shape[:3], y.shape[3]
    image = np.array(borders(range(sizes[0])), dtype=np.int64)
    row, column = (np.arange(size, dtype=np.int64) for size in sizes[1:])
    written = image * sizes[1] * sizes[2] * unit, row * sizes[2] * unit, column * unit
    read, after = np.array(steps, dtype=np.int64).T
    apart = nested_distance(*zip(starts, written, strict=True), (read, after))
    return max(FAR, apart * x.dtype.bytes)


def window_starts(
    x: Tensor, kernel: tuple[int, int], options: WindowOptions
) -> tuple[Int64Array, Int64Array, Int64Array] | None:
    """What image, row and column add up to: the first element of the input in an output's window.

    Of a window that misses the input, where it would begin, inside. Of images, ``borders`` alone.
    None if there are more than ``MOST_LINES`` rows or columns.
    """
    batches, height, width, depth = x.shape
    rows, columns = windows(x, kernel, options)
    if max(rows.size, columns.size) > MOST_LINES:
        return None
    top = _first(rows, height, options.stride_h, options.dilation_h)
    left = _first(columns, width, options.stride_w, options.dilation_w)
    image = np.array(borders(range(batches)), dtype=np.int64)
    return image * height * width * depth, top * width * depth, left * depth


def _first(window: Window, extent: int, stride: int, dilation: int) -> Int64Array:
    """The first position inside the input of each window along an axis."""
    start = np.arange(window.size, dtype=np.int64) * stride - window.before
    inside = np.where(start < 0, start + -(start // dilation) * dilation, start)
    return np.clip(inside, 0, extent - 1)
