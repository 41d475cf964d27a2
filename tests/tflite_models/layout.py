"""Operators that move values (RESHAPE, SQUEEZE, EXPAND_DIMS, TRANSPOSE, STRIDED_SLICE, PAD,
CONCATENATION) and MEAN, which drops dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .builder import ModelBuilder, Tensor
from .draw import Draw, float32


def like(m: ModelBuilder, x: Tensor, shape: Sequence[int]) -> Tensor:
    """A new tensor of ``shape``, quantized as ``x``."""
    return m.tensor(shape, scale=x.scale, zero_point=x.zero_point)


def reshape(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """To any factors of the size; the new shape in the options, in an operand, or in both."""
    rest = math.prod(x.shape)
    shape: list[int] = []
    for _ in range(d.integer(0, 4)):
        shape.append(d.pick([n for n in range(1, rest + 1) if rest % n == 0]))
        rest //= shape[-1]
    shape.insert(d.integer(0, len(shape)), rest)
    y = like(m, x, shape)
    written = [-1 if i == 0 and d.chance(0.2) else n for i, n in enumerate(shape)]
    where = d.integer(0, 2)
    inputs = [x] if where == 0 else [x, m.tensor((len(shape),), "int32", data=written)]
    m.op("RESHAPE", inputs, [y], **({} if where == 1 else {"new_shape": written}))
    return y


def squeeze(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Drop some dimensions of size 1, named from the front or the back, or all by naming none."""
    ones = [axis for axis, extent in enumerate(x.shape) if extent == 1]
    gone = [axis for axis in ones if d.chance(0.6)] if d.chance(0.7) else []
    if len(gone) == len(x.shape):
        gone = gone[1:]
    named = [axis - len(x.shape) if d.chance(0.3) else axis for axis in gone]
    y = like(m, x, [n for axis, n in enumerate(x.shape) if axis not in (gone or ones)])
    m.op("SQUEEZE", [x], [y], **({"squeeze_dims": named} if named or d.chance(0.5) else {}))
    return y


def expand_dims(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    axis = d.integer(-len(x.shape) - 1, len(x.shape))
    shape = list(x.shape)
    shape.insert(axis if axis >= 0 else axis + len(x.shape) + 1, 1)
    y = like(m, x, shape)
    m.op("EXPAND_DIMS", [x, m.tensor((1,) if d.chance(0.5) else (), "int32", data=axis)], [y])
    return y


def transpose(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    order = [int(axis) for axis in d.rng.permutation(len(x.shape))]
    y = like(m, x, [x.shape[axis] for axis in order])
    m.op("TRANSPOSE", [x, m.tensor((len(order),), "int32", data=order)], [y])
    return y


def strided_slice(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Any strides and masks that leave at least one element, indices beyond the ends included."""
    begins, ends, strides, shape = [], [], [], []
    masks = {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    for axis, extent in enumerate(x.shape):
        bit = 1 << axis
        if d.chance(0.1):  # TFLM copies nothing for a shrunk axis of negative stride
            begins.append(d.integer(-extent, extent - 1))
            ends.append(d.integer(-extent, extent))
            strides.append(1)
            masks["shrink_axis_mask"] |= bit
            continue
        begin, end, stride = _slice(d, extent)
        masks["begin_mask"] |= bit * (begin is None)
        masks["end_mask"] |= bit * (end is None)
        begins.append(d.integer(-9, 9) if begin is None else begin)
        ends.append(d.integer(-9, 9) if end is None else end)
        strides.append(stride)
        shape.append(len(range(extent)[begin:end:stride]))
    y = like(m, x, shape)
    operands = [m.tensor((len(x.shape),), "int32", data=v) for v in (begins, ends, strides)]
    m.op("STRIDED_SLICE", [x, *operands], [y], **masks)
    return y


def _slice(d: Draw, extent: int) -> tuple[int | None, int | None, int]:
    """Python's slice arguments for a part of ``extent`` that is not empty."""
    while True:
        begin = None if d.chance(0.5) else d.integer(-extent - 2, extent + 1)
        end = None if d.chance(0.5) else d.integer(-extent - 2, extent + 2)
        stride = d.pick((1, 1, 1, 2, -1, -1, -2, 5))
        if len(range(extent)[begin:end:stride]) > 0:
            return begin, end, stride


def pad(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Each side by up to 3; of images often the middle two dimensions only."""
    image = len(x.shape) == 4 and d.chance(0.5)
    margins = [
        (0, 0) if image and axis in (0, 3) else (d.pick((0, 0, 1, 2, 3)), d.pick((0, 0, 1, 2, 3)))
        for axis in range(len(x.shape))
    ]
    y = like(m, x, [n + sum(margin) for n, margin in zip(x.shape, margins, strict=True)])
    m.op("PAD", [x, m.tensor((len(margins), 2), "int32", data=margins)], [y])
    return y


def concatenation(m: ModelBuilder, d: Draw, x: Tensor, others: Sequence[Tensor] = ()) -> Tensor:
    """``x`` with ``others``, or with new tensors, ``x`` again or constants; any axis, any order."""
    axis = d.integer(0, len(x.shape) - 1)
    parts = [x, *others]
    for _ in range(0 if others else d.integer(0, 4)):
        if d.chance(0.15):
            parts.append(x)
            continue
        shape = [d.extent(5) if i == axis else n for i, n in enumerate(x.shape)]
        data = d.int8(shape) if d.tame or d.chance(0.2) else None
        parts.append(m.tensor(shape, scale=x.scale, zero_point=x.zero_point, data=data))
    parts = [parts[i] for i in d.rng.permutation(len(parts))]
    total = sum(part.shape[axis] for part in parts)
    y = like(m, x, [total if i == axis else n for i, n in enumerate(x.shape)])
    m.op("CONCATENATION", parts, [y], axis=axis - len(x.shape) if d.chance(0.3) else axis)
    return y


def mean(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Over some or all axes, named from the front or the back, in any order."""
    rank = len(x.shape)
    count = min(d.pick((1, 1, 1, 1, 2, 2, 3, 4)), rank)
    axes = [int(axis) for axis in d.rng.permutation(rank)[:count]]
    keep = d.chance(0.5)
    shape = [1 if axis in axes else n for axis, n in enumerate(x.shape) if keep or axis not in axes]
    scale = float32(x.scale / (d.power(-34, 20) if d.wild() else d.power(-1, 3)))
    y = m.tensor(shape, scale=scale, zero_point=d.zero_point())
    named = [axis - rank if d.chance(0.3) else axis for axis in axes]
    operand = m.tensor((count,) if count > 1 or d.chance(0.5) else (), "int32", data=named)
    m.op("MEAN", [x, operand], [y], keep_dims=keep)
    return y
