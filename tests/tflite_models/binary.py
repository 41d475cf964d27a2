"""ADD, SUB, MUL, MINIMUM and MAXIMUM with broadcasting, constant operands and shared operands."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .builder import ModelBuilder, Tensor
from .draw import Draw, float32

MOST_ELEMENTS = 1500


def add(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor | None = None) -> Tensor:
    a, b = _operands(m, d, x, other, same_quant=False)
    # the reference wants 2 * max(scales) / 2**20 below the output's scale
    ratio = d.power(-18, 20) if d.wild() else d.power(-1, 2)
    return _append(m, d, "ADD", a, b, float32(max(a.scale, b.scale) * ratio))


def sub(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor | None = None) -> Tensor:
    a, b = _operands(m, d, x, other, same_quant=False)
    ratio = d.power(-18, 20) if d.wild() else d.power(-1, 2)
    return _append(m, d, "SUB", a, b, float32(max(a.scale, b.scale) * ratio))


def mul(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor | None = None) -> Tensor:
    a, b = _operands(m, d, x, other, same_quant=False)
    # products reach 2**16: beyond a multiplier of 2**13 the left shift would overflow
    multiplier = d.power(-34, 13) if d.wild() else d.power(-8, -6)
    return _append(m, d, "MUL", a, b, float32(a.scale * b.scale / multiplier))


def minimum(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor | None = None) -> Tensor:
    a, b = _operands(m, d, x, other, same_quant=True)
    return _append(m, d, "MINIMUM", a, b, None)


def maximum(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor | None = None) -> Tensor:
    a, b = _operands(m, d, x, other, same_quant=True)
    return _append(m, d, "MAXIMUM", a, b, None)


def broadcasts(a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether shapes ``a`` and ``b`` can be combined element by element."""
    try:
        shape = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        return False
    return math.prod(shape) <= MOST_ELEMENTS


def _append(
    m: ModelBuilder, d: Draw, code: str, a: Tensor, b: Tensor, scale: float | None
) -> Tensor:
    """Append the op; without ``scale`` the output is quantized like ``a`` and not clamped."""
    shape = np.broadcast_shapes(a.shape, b.shape)
    if scale is None:
        y = m.tensor(shape, scale=a.scale, zero_point=a.zero_point)
        m.op(code, [a, b], [y])
    else:
        y = m.tensor(shape, scale=scale, zero_point=d.zero_point())
        m.op(code, [a, b], [y], fused_activation_function=d.activation(scale))
    return y


def _operands(
    m: ModelBuilder, d: Draw, x: Tensor, other: Tensor | None, same_quant: bool
) -> tuple[Tensor, Tensor]:
    """``x`` and ``other``, or a new tensor, in random order; when tame a new one is a constant."""
    if other is None:
        if d.chance(0.1):
            return x, x
        shape = _partner_shape(d, x.shape)
        constant = d.tame or d.chance(0.4)
        other = m.tensor(
            shape,
            scale=x.scale if same_quant else d.scale(),
            zero_point=x.zero_point if same_quant else d.zero_point(),
            data=d.int8(shape) if constant else None,
        )
    return (x, other) if d.chance(0.6) else (other, x)


def _partner_shape(d: Draw, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The same shape, or one that broadcasts with it: fewer dimensions, 1s, 1s made larger."""
    kind = d.integer(0, 9)
    if kind < 3:
        return shape
    if kind == 3:
        return shape[-1:]
    while True:
        partner = shape[d.integer(0, len(shape) - 1) :] if d.chance(0.4) else shape
        partner = tuple(1 if d.chance(0.4) else extent for extent in partner)
        partner = tuple(d.integer(2, 4) if e == 1 and d.chance(0.15) else e for e in partner)
        if broadcasts(shape, partner):
            return partner
