"""SQUEEZE: some dimensions of size 1, or all of them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Drop some dimensions of size 1, named from the front or the back, or all by naming none."""
    ones = [axis for axis, extent in enumerate(x.shape) if extent == 1]
    gone = [axis for axis in ones if d.chance(0.6)] if d.chance(0.7) else []
    if len(gone) == len(x.shape):
        gone = gone[1:]
    named = [axis - len(x.shape) if d.chance(0.3) else axis for axis in gone]
    y = m.like(x, [n for axis, n in enumerate(x.shape) if axis not in (gone or ones)])
    m.op("SQUEEZE", [x], [y], **({"squeeze_dims": named} if named or d.chance(0.5) else {}))
    return y


def edges() -> Iterator[Run]:
    for dtype in ("int8", "int16", "float32"):
        for seed, (shape, output) in enumerate(
            (((1, 3, 1, 2), (3, 2)), ((1, 1), ()), ((2, 3), (2, 3)))
        ):
            yield run_of(one_op("SQUEEZE", [T(shape, dtype)], T(output, dtype)), seed)


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    first = one_op("SQUEEZE", (x,), T((3,)), squeeze_dims=[0])
    yield Refused("dimension 0", first, by_tflm=True)
    third = one_op("SQUEEZE", (x,), T((2, 3)), squeeze_dims=[2])
    yield Refused("dimension 2", third, by_tflm=True)
    yield Refused("expected [3]", one_op("SQUEEZE", (T((1, 3)),), T((1, 3))))


CASES = Cases(append, fits=lambda x: 1 in x.shape, edges=edges, refused=refused)
