"""Reductions over any axes: how random ones are appended, and what all of them refuse."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from .builder import ModelBuilder, Tensor
from .cases import Cases, Refused, Run, run_of
from .draw import Draw, float32
from .hand_made import T, ints, one_op


def draw_axes(m: ModelBuilder, d: Draw, x: Tensor) -> tuple[Tensor, tuple[int, ...], bool]:
    """The operand, the output's shape and whether axes are kept: some or all of them, named from
    the front or the back, in any order."""
    rank = len(x.shape)
    count = min(d.pick((1, 1, 1, 1, 2, 2, 3, 4)), rank)
    axes = [int(axis) for axis in d.rng.permutation(rank)[:count]]
    keep = d.chance(0.5)
    shape = [1 if axis in axes else n for axis, n in enumerate(x.shape) if keep or axis not in axes]
    return _named(m, d, axes, rank), tuple(shape), keep


def _named(m: ModelBuilder, d: Draw, axes: Sequence[int], rank: int) -> Tensor:
    named = [axis - rank if d.chance(0.3) else axis for axis in axes]
    shape = (len(axes),) if len(axes) > 1 or d.chance(0.5) else ()
    return m.tensor(shape, "int32", data=named)


def append_sum(code: str, m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """A MEAN or SUM into an output of any scale."""
    operand, shape, keep = draw_axes(m, d, x)
    if x.dtype == "float32":
        y = m.tensor(shape, x.dtype)
    else:
        scale = float32(x.scale / (d.power(-34, 20) if d.wild() else d.power(-1, 3)))
        y = m.tensor(shape, x.dtype, scale=scale, zero_point=d.zero_point(x.dtype))
    m.op(code, [x, operand], [y], keep_dims=keep)
    return y


def append_extreme(code: str, m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """A reduction to one of the elements."""
    operand, shape, keep = draw_axes(m, d, x)
    y = m.like(x, shape)
    m.op(code, [x, operand], [y], keep_dims=keep)
    return y


def append_place(code: str, m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """The place of an extreme."""
    rank = len(x.shape)
    axis = d.integer(0, rank - 1)
    y = m.tensor((*x.shape[:axis], *x.shape[axis + 1 :]), "int32")
    m.op(code, [x, _named(m, d, [axis], rank)], [y])
    return y


def reduction(
    code: str,
    x: T,
    axes: Sequence[int],
    keep_dims: bool = False,
    scale: float | None = 0.5,
    zero_point: int = 0,
) -> bytes:
    """A model of one reduction; scale and zero point are those of the output."""
    reduced = {axis % len(x.shape) for axis in axes}
    kept = tuple(
        1 if axis in reduced else size
        for axis, size in enumerate(x.shape)
        if keep_dims or axis not in reduced
    )
    y = T(kept, x.dtype, scale, zero_point)
    return one_op(code, (x, ints(*axes)), y, keep_dims=keep_dims)


def any_axes() -> Iterator[tuple[tuple[int, ...], Sequence[int], bool]]:
    """Shapes with axes, kept or not: every subset of up to 6 dimensions, some named twice, none."""
    shapes = {1: (7,), 3: (3, 1, 5), 4: (2, 5, 4, 3), 6: (2, 3, 2, 1, 3, 2)}
    subsets = [
        axes
        for rank in shapes
        for count in range(1, rank + 1)
        for axes in itertools.combinations(range(rank), count)
    ]
    for keep_dims in (False, True):
        for axes in subsets:
            rank = min(r for r in shapes if r > axes[-1])
            yield shapes[rank], axes, keep_dims
    for named in ((2, 1), (-2, -3), (1, 1, -3), (0, -1, 3)):
        yield shapes[4], named, False
    for shape in ((), (), (5,), (5,), (2, 1, 3), (2, 1, 3), (3, 2), (3, 2)):
        yield shape, (), len(shape) == 3


def refused_reductions(code: str, dtype: str = "int8") -> Iterator[Refused]:
    """What all reductions refuse, of elements ``dtype``."""

    def made(axes: T, y: tuple[int, ...], x: tuple[int, ...] = (2, 3), **options: object) -> bytes:
        return one_op(code, (T(x, dtype), axes), T(y, dtype), **options)

    yield Refused("axes [2] of 2 dimensions", made(ints(2), (2,)))
    yield Refused("axes [-3] of 2 dimensions", made(ints(-3), (3,)))
    yield Refused("must be constant", made(T((1,), "int32"), (2,)))
    yield Refused("int64", made(ints(1, dtype="int64"), (2,)), by_tflm=True)
    yield Refused("expected [2]", made(ints(1), (2, 1)))
    yield Refused("expected [2, 1]", made(ints(1), (2,), keep_dims=True))
    yield Refused("at most 6", made(ints(0), (1,) * 6, (1,) * 7))


def refused_sums(code: str) -> Iterator[Refused]:
    """What MEAN and SUM refuse beside that: sums of more than 32 bits."""
    yield from refused_reductions(code)
    small = T((2,), scale=2.0**-31)
    yield Refused("multiplies by 1.07374e+09", one_op(code, (T((2, 3)), ints(1)), small))
    for x, y in ((0.5, None), (None, 0.5), (None, None)):
        model = one_op(code, (T((2, 3), scale=x), ints(1)), T((2,), scale=y))
        yield Refused(f"without which TFLM's {code} is 0", model)
    mixed = T((2, 3), "int16"), ints(1)
    yield Refused("supports int16", one_op(code, mixed, T((2,))))
    for dtype, zero_point, most in (
        ("int8", 0, 16777215),
        ("int8", -128, 8421504),
        ("int8", 127, 8421504),
        ("int16", 0, 65535),
    ):
        x = T((most + 1, 2), dtype, zero_point=zero_point)
        y = T((2,), dtype)
        words = f"{code} of {most + 1} elements; at most {most}"
        yield Refused(words, one_op(code, (x, ints(0)), y))


def refused_extremes(code: str) -> Iterator[Refused]:
    """What reductions to one of the elements refuse beside that: another scale."""
    yield from refused_reductions(code)
    x = T((2, 3), scale=0.5), ints(1)
    for y in (T((2,), scale=0.25), T((2,), zero_point=1)):
        yield Refused("same scale and zero point", one_op(code, x, y), by_tflm=True)
    bare = T((2, 3), scale=None)
    yield Refused("needs one scale", one_op(code, (bare, ints(1)), T((2,))), by_tflm=True)


def refused_places(code: str) -> Iterator[Refused]:
    """What ARG_MAX and ARG_MIN refuse."""
    x, y = T((2, 3)), T((2,), "int32")

    def made(axis: T, y: T = y, **options: object) -> bytes:
        return one_op(code, (x, axis), y, **options)

    yield Refused("expected one number from -2 to 1", made(ints(2)))
    yield Refused("expected one number from -2 to 1", made(ints(0, 1)))
    yield Refused("must be constant", made(T((1,), "int32")))
    yield Refused("element type, -1", made(ints(1), output_type=-1), by_tflm=True)
    yield Refused("expected [2]", made(ints(1), T((2, 1), "int32")))
    yield Refused("supports int32 here", made(ints(1), T((2,), "int64")), by_tflm=True)


def extreme_edges(code: str) -> Iterator[Run]:
    """Of a reduction to one of the elements: any axes, and floats that no number is beyond."""
    for seed, (shape, axes, keep_dims) in enumerate(any_axes()):
        x = T(shape, ("int8", "float32")[seed % 2])
        yield run_of(reduction(code, x, axes, keep_dims), seed)
    yield run_of(reduction(code, T((4, 3), scale=None), (0,), scale=None))
    inf = np.array([[np.inf, np.inf], [-np.inf, -np.inf], [np.inf, 1], [-np.inf, 0]], np.float32)
    yield reduction(code, T(inf.shape, "float32"), (1,)), [inf]


def extreme_cases(code: str) -> Cases:
    """Those of REDUCE_MAX and REDUCE_MIN."""
    edges, refused = partial(extreme_edges, code), partial(refused_extremes, code)
    return Cases(partial(append_extreme, code), (1, 4), edges=edges, refused=refused)


def place_edges(code: str) -> Iterator[Run]:
    """Of the place of an extreme: every axis, equal elements, and zeros of both signs."""
    shape = (2, 3, 2, 1, 3, 2)
    for axis in range(-6, 6):
        y = tuple(size for k, size in enumerate(shape) if k != axis % 6)
        for dtype in ("int8", "float32"):
            model = one_op(code, (T(shape, dtype), ints(axis)), T(y, "int32"))
            yield run_of(model, axis + 6)
    few = np.random.default_rng(1).integers(-1, 2, (5, 40)).astype(np.int8)
    yield one_op(code, (T(few.shape), ints(1)), T((5,), "int32")), [few]
    zeros = np.array([[0.0, -0.0, 0.0], [-0.0, 0.0, -0.0], [-np.inf, np.inf, 0]], np.float32)
    yield one_op(code, (T(zeros.shape, "float32"), ints(1)), T((3,), "int32")), [zeros]


def place_cases(code: str) -> Cases:
    """Those of ARG_MAX and ARG_MIN."""
    edges, refused = partial(place_edges, code), partial(refused_places, code)
    return Cases(partial(append_place, code), (1, 5), edges=edges, refused=refused)
