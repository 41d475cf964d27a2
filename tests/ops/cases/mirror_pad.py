"""MIRROR_PAD: images of all lengths that there can be, in both modes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.entry_points import packed, unpacked
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    mode = d.pick(("REFLECT", "SYMMETRIC"))
    margins = []
    for size in x.shape:
        most = min(3, size - (mode == "REFLECT"))
        margins.append((d.integer(0, most), d.integer(0, most)) if d.chance(0.6) else (0, 0))
    y = m.like(x, [n + sum(margin) for n, margin in zip(x.shape, margins, strict=True)])
    table = m.tensor((len(margins), 2), d.pick(("int32", "int64")), data=margins)
    m.op("MIRROR_PAD", [x, table], [y], mode=mode)
    return y


def mirror_pad(
    x: T, sides: Sequence[tuple[int, int]], mode: object, y: T | None = None, ints: str = "int32"
) -> bytes:
    shape = tuple(sum(pair, size) for size, pair in zip(x.shape, sides, strict=True))
    table = T((len(sides), 2), ints, data=sides)
    return one_op("MIRROR_PAD", (x, table), y or T(shape, x.dtype), mode=mode)


def edges() -> Iterator[Run]:
    yield run_of(without_options())
    seed = itertools.count()
    for dtype, mode in itertools.product(("int8", "float32"), ("REFLECT", "SYMMETRIC")):
        edge = int(mode == "REFLECT")
        for size in (2, 3, 5):
            for before, after in itertools.product(range(size + 1 - edge), repeat=2):
                for shape, sides in (
                    ((size,), [(before, after)]),
                    ((2, size), [(1, 0), (before, after)]),
                    ((size, 3), [(before, after), (1, 2)]),
                ):
                    yield run_of(mirror_pad(T(shape, dtype), sides, mode), next(seed))
        whole = [(1, 1), (2, 1), (0, 2), (1, 0), (2, 2)]
        yield run_of(mirror_pad(T((2, 3, 4, 2, 3), dtype), whole, mode), next(seed))


def without_options() -> bytes:
    """Without a table, TFLM's mode is neither of both."""
    model = unpacked(mirror_pad(T((3, 4)), ((1, 2), (2, 0)), "REFLECT"))
    (op,) = model.subgraphs[0].operators
    op.builtinOptions, op.builtinOptionsType = None, 0
    return packed(model)


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    yield Refused("images of 2, at most 1", mirror_pad(x, ((2, 0), (0, 0)), "REFLECT"))
    yield Refused("images of 4, at most 3", mirror_pad(x, ((0, 0), (0, 4)), "SYMMETRIC"))
    yield Refused("negative", mirror_pad(x, ((-1, 1), (0, 0)), "REFLECT"))
    yield Refused("has mode 2", mirror_pad(x, ((1, 1), (0, 0)), 2))
    yield Refused("expected [4, 3]", mirror_pad(x, ((1, 1), (0, 0)), "REFLECT", T((4, 4))))
    open_ = one_op("MIRROR_PAD", (x, T((2, 2), "int32")), T((4, 3)))
    yield Refused("must be constant", open_)
    yield Refused("are int16", mirror_pad(x, ((1, 1), (0, 0)), "REFLECT", ints="int16"))
    int16 = mirror_pad(T((2, 3), "int16"), ((1, 1), (0, 0)), "REFLECT")
    yield Refused("int16", int16, by_tflm=True)
    six = mirror_pad(T((1,) * 6), ((0, 0),) * 6, "REFLECT")
    yield Refused("at most 5", six)


CASES = Cases(append, edges=edges, refused=refused)
