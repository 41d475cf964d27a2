"""RESIZE_NEAREST_NEIGHBOR: larger and smaller images, with both options."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import IMAGE, Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

CODE = "RESIZE_NEAREST_NEIGHBOR"


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    rows, columns = d.extent(9), d.extent(9)
    size = m.tensor((2,), "int32", data=(rows, columns))
    y = m.like(x, (x.shape[0], rows, columns, x.shape[3]))
    options = {"align_corners": d.chance(0.4), "half_pixel_centers": d.chance(0.4)}
    if all(options.values()) and d.tame:
        options["align_corners"] = False
    m.op(CODE, [x, size], [y], **options)
    return y


def resized(source: int, target: int, **options: bool) -> bytes:
    x, y = T((1, source, source, 1)), T((1, target, target, 1))
    return one_op(CODE, (x, ints(target, target)), y, **options)


def edges() -> Iterator[Run]:
    """Every pair of small sizes with every option."""
    for source in range(1, 9):
        for target in range(1, 12):
            for align in (False, True):
                options = {"align_corners": align, "half_pixel_centers": not align}
                yield run_of(resized(source, target))
                yield run_of(resized(source, target, **options))


def refused() -> Iterator[Refused]:
    x, y = T((1, 2, 2, 1)), T((1, 3, 3, 1))
    yield Refused("must be constant", one_op(CODE, (x, T((2,), "int32")), y))
    yield Refused("is [3, 0], expected", one_op(CODE, (x, ints(3, 0)), y))
    yield Refused("is [3], expected", one_op(CODE, (x, ints(3)), y))
    yield Refused("expected [1, 3, 3, 1]", one_op(CODE, (x, ints(3, 3)), T((1, 3, 2, 1))))


CASES = Cases(append, IMAGE, edges=edges, refused=refused, unstated=("int16", "float32"))
