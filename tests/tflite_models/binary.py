"""What the cases of element-wise ops of two operands share: broadcasting, constants, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from .builder import ModelBuilder, Tensor
from .cases import Cases, Refused, Run, as_it_is, run_of
from .draw import Draw, float32
from .hand_made import T, one_op, pair

MOST_ELEMENTS = 1500
QUANTIZED = ("int8", "int16")
"""Element types whose tensors have a scale."""

Combine = Callable[[ModelBuilder, Draw, Tensor, Tensor], Tensor]
"""``Cases.combine``."""


def sum_scale(m: ModelBuilder, d: Draw, a: Tensor, b: Tensor) -> float:
    """A scale for a sum: TFLM wants 2 * max(scales) / 2**20 below it, 2**15 with int16."""
    least = -18 if a.dtype == "int8" else -13
    ratio = d.power(least, 20) if d.wild() else d.power(-1, 2)
    return float32(max(a.scale, b.scale) * ratio)


def broadcasts(a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether shapes ``a`` and ``b`` can be combined element by element."""
    try:
        shape = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        return False
    return math.prod(shape) <= MOST_ELEMENTS


ScaleOf = Callable[[ModelBuilder, Draw, Tensor, Tensor], float]


def arithmetic(
    code: str, scale_of: ScaleOf, *, activated: bool = True, shifted: bool = False, **more: Any
) -> Cases:
    """The cases of an op whose output has a scale of its own, which ``scale_of`` draws, and, where
    it is ``activated``, a fused activation. Where it is ``shifted``, int16 may have zero points."""

    def combine(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor) -> Tensor:
        a, b = _ordered(d, x, other)
        shape = np.broadcast_shapes(a.shape, b.shape)
        if x.dtype in QUANTIZED:
            scale, zero_point = scale_of(m, d, a, b), d.zero_point(x.dtype)
            y = m.tensor(shape, x.dtype, scale=scale, zero_point=zero_point)
            if shifted:
                d.shift(m, a, b, y)
        else:
            scale, y = 1.0, m.tensor(shape, x.dtype)
        options = {"fused_activation_function": d.activation(scale)} if activated else {}
        m.op(code, [a, b], [y], **options)
        return y

    refused = partial(refused_arithmetic, code)
    mend = more.pop("constants", as_it_is)
    return Cases(
        partial(_append, combine, False, mend=mend),
        combine=combine,
        **{"edges": partial(broadcasting, code), "refused": refused, **more},
    )


def raw_values(code: str, **more: Any) -> Cases:
    """The cases of an op on raw values, whose output is quantized like its operands."""

    def combine(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor) -> Tensor:
        a, b = _ordered(d, x, other)
        y = m.like(a, np.broadcast_shapes(a.shape, b.shape))
        m.op(code, [a, b], [y])
        return y

    usual = {"edges": partial(broadcasting, code), "refused": partial(refused_pairs, code)}
    return Cases(
        partial(_append, combine, True), combine=combine, same_quant=True, **{**usual, **more}
    )


def comparison(code: str) -> Cases:
    """The cases of an op that gives truth values; of int8 TFLM wants scales below 1."""

    def combine(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor) -> Tensor:
        a, b = _ordered(d, x, other)
        for each in (a, b):
            if each.dtype == "int8" and each.scale >= 1:
                m.requantize(each, float(np.nextafter(np.float32(1), np.float32(0))), 3)
        y = m.tensor(np.broadcast_shapes(a.shape, b.shape), "bool")
        m.op(code, [a, b], [y])
        return y

    def edges() -> Iterator[Run]:
        for seed, (a, b) in enumerate(SHAPES):
            y = T(np.broadcast_shapes(a, b), "bool")
            model = one_op(code, (T(a, "int8", 0.5, 3), T(b, "int8", 0.25, -7)), y)
            yield run_of(model, seed)

    def refused() -> Iterator[Refused]:
        y = T((2, 3), "bool")
        yield Refused("do not broadcast", one_op(code, (X, T((2,))), y))
        yield Refused("is 1 or more", one_op(code, (X, T((3,), scale=1.0)), y), by_tflm=True)
        yield Refused("has 0", one_op(code, (X, T((3,), scale=None)), y))

    return Cases(partial(_append, combine, False), combine=combine, edges=edges, refused=refused)


def truth_values(code: str) -> Cases:
    """The cases of an op on two truth values."""

    def combine(m: ModelBuilder, d: Draw, x: Tensor, other: Tensor) -> Tensor:
        y = m.tensor(np.broadcast_shapes(x.shape, other.shape), "bool")
        m.op(code, [x, other], [y])
        return y

    def refused() -> Iterator[Refused]:
        x = T((2, 3), "bool")
        yield Refused("do not broadcast", one_op(code, (x, T((2,), "bool")), T((2, 3), "bool")))

        for dtype in ("int8", "int16", "int32", "int64", "float32", "uint8"):
            number = T((2, 3), dtype)
            words = "the bytes of numbers for truth values"
            yield Refused(words, one_op(code, (number, number), T((2, 3), "bool")))

    return Cases(partial(_append, combine, True), dtype="bool", combine=combine, refused=refused)


def _append(
    combine: Combine,
    same_quant: bool,
    m: ModelBuilder,
    d: Draw,
    x: Tensor,
    mend: Callable[[int, int, np.ndarray], np.ndarray] = as_it_is,
) -> Tensor:
    """The op on ``x`` and itself or a new tensor; when tame a new one is a constant."""
    if d.chance(0.1):
        return combine(m, d, x, x)
    shape = partner_shape(d, x.shape)
    constant = d.tame or d.chance(0.4)
    scale, zero_point = x.scale, x.zero_point
    if not same_quant and x.dtype in QUANTIZED:
        scale, zero_point = d.scale(), d.zero_point(x.dtype)
    data = mend(1, zero_point, d.values(shape, x.dtype)) if constant else None
    other = m.tensor(shape, x.dtype, scale=scale or None, zero_point=zero_point, data=data)
    return combine(m, d, x, other)


def _ordered(d: Draw, x: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Two operands in random order."""
    if x is other:
        return x, x
    return (x, other) if d.chance(0.6) else (other, x)


def partner_shape(d: Draw, shape: tuple[int, ...]) -> tuple[int, ...]:
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


SHAPES = (
    ((), ()),
    ((), (3, 1, 2)),
    ((1,), (1, 1, 1, 1)),
    ((5,), (1, 5)),
    ((2, 1, 3, 1, 2, 1), (1, 3, 1, 2, 1, 3)),
    ((1, 3, 1, 2, 1, 3), (2, 1, 3, 1, 2, 1)),
    ((2, 3, 1, 1, 2, 3), (2, 3, 2, 3, 2, 3)),
    ((4, 5, 6), (5, 1)),
    ((4, 5, 6), (4, 1, 6)),
    ((4, 1, 6), (1, 5, 6)),
    ((1, 8, 8, 3), (1, 1, 1, 3)),
)


def broadcasting(code: str, scale: float = 1.0) -> Iterator[Run]:
    """Shapes that broadcast, in both orders, to outputs of a scale."""
    for seed, shapes in enumerate((*SHAPES, *((b, a) for a, b in SHAPES))):
        yield run_of(pair(code, shapes, (0.5, 0.25, scale)), seed)


X = T((2, 3))
RANK_5, RANK_7 = (1,) * 5, (1,) * 7


def refused_pairs(code: str) -> Iterator[Refused]:
    """What every op of two operands refuses."""
    yield Refused("takes at most 2 inputs, but has 3", one_op(code, (X, X, X), T((2, 3))))
    yield Refused("do not broadcast", one_op(code, (X, T((2,))), T((2, 3))))
    yield Refused("expected [2, 3]", one_op(code, (X, T((3,))), T((3, 2))))
    yield Refused("supports int8", one_op(code, (X, T((3,), "int16")), T((2, 3))))
    yield Refused("at most 6", one_op(code, (T(RANK_7), X), T((*RANK_5, 2, 3))))


def refused_arithmetic(code: str) -> Iterator[Refused]:
    """What an op refuses whose operands have scales of their own, and a fused activation."""
    yield from refused_pairs(code)
    yield Refused("has 0", one_op(code, (X, T((3,), scale=None)), T((2, 3))))
    y, per_channel = T((2, 3)), T((3,), scale=(1, 2, 3), data=(1, 2, 3))
    yield Refused("has 3", one_op(code, (X, per_channel), y))
    tanh = one_op(code, (X, X), y, fused_activation_function="TANH")
    yield Refused("fused activation 4", tanh)


def quantized_int32(code: str, place: int) -> bytes:
    """An op on int32 of which one tensor has a scale: an operand, or the output at place 2."""
    m = ModelBuilder()
    a, b, y = (m.tensor((4,), "int32", scale=0.5 if i == place else None) for i in range(3))
    m.op(code, [a, b], [y])
    return m.build()


def refused_sums(code: str) -> Iterator[Refused]:
    """What ADD and SUB refuse: TFLM aborts on a multiplier of 1 or more."""
    yield from refused_arithmetic(code)
    for place in (0, 1, 2) if code == "SUB" else (0, 1):
        yield Refused("int32 with a scale", quantized_int32(code, place), by_tflm=True)
    large = one_op(code, (X, X), T((2, 3), scale=2.0**-20))
    yield Refused("multiplies by 1.04858e+06", large, by_tflm=True)
