"""Shapes of inputs: those that are asked for, and sizes that a file leaves open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
import tflite

from fwgen.cli import main
from fwgen.errors import FwgenError, ModelError, UsageError
from fwgen.model.input_shape import InputShape
from fwgen.opening import opened
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder, builder
from tests.tflite_models.liveliness import answers

Shape = tuple[int, ...]


def quantized(m: ModelBuilder, shape: Shape, *open_axes: int) -> builder.Tensor:
    """An activation; the file leaves its size along some axes open."""
    x = m.tensor(shape, scale=0.05)
    if open_axes:
        m.leave_open(x, *open_axes)
    return x


def convolutions(batch: int, height: int, width: int) -> bytes:
    """An image of three channels, halved, padded, pooled, flattened in a row per pixel."""
    m, rng = ModelBuilder(), np.random.default_rng(3)
    rows, columns = -(-height // 2), -(-width // 2)
    x = quantized(m, (batch, height, width, 3), 0, 1, 2)
    weights = m.tensor((4, 3, 3, 3), scale=0.01, data=rng.integers(-99, 99, (4, 3, 3, 3)))
    a = quantized(m, (batch, rows, columns, 4), 0, 1, 2)
    m.op("CONV_2D", [x, weights], [a], padding="SAME", stride_h=2, stride_w=2)
    sides = m.tensor((4, 2), "int32", data=[[0, 0], [1, 1], [0, 2], [0, 0]])
    b = quantized(m, (batch, rows + 2, columns + 2, 4))
    m.op("PAD", [a, sides], [b])
    c = quantized(m, (batch, rows + 1, columns + 1, 4))
    pool = {"filter_height": 2, "filter_width": 2, "stride_h": 1, "stride_w": 1}
    m.op("MAX_POOL_2D", [b], [c], padding="VALID", **pool)
    d = quantized(m, (batch * (rows + 1) * (columns + 1), 4))
    m.op("RESHAPE", [c, m.tensor((2,), "int32", data=[-1, 4])], [d], new_shape=[-1, 4])
    dense = m.tensor((5, 4), scale=0.02, data=rng.integers(-99, 99, (5, 4)))
    y = quantized(m, (d.shape[0], 5))
    m.op("FULLY_CONNECTED", [d, dense], [y])
    return m.build()


def dilated(batch: int, stored: int) -> bytes:
    """Windows apart as TensorFlow has them; the file stores ``stored`` for twice the batch."""
    m = ModelBuilder()
    x = quantized(m, (batch, 20, 4), 0)
    block, none = m.tensor((1,), "int32", data=[2]), m.tensor((1, 2), "int32", data=[[0, 0]])
    apart, positive = (quantized(m, (stored, 10, 4), 0) for _ in range(2))
    y = quantized(m, (batch, 20, 4), 0)
    m.op("SPACE_TO_BATCH_ND", [x, block, none], [apart])
    m.op("RELU", [apart], [positive])
    m.op("BATCH_TO_SPACE_ND", [positive, block, none], [y])
    return m.build()


def shapes_of(model: bytes) -> list[tuple[Shape, Shape]]:
    """Shape and signature of each tensor, by the tflite package."""
    graph = tflite.Model.GetRootAs(model).Subgraphs(0)
    tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
    return [
        (
            tuple(t.Shape(i) for i in range(t.ShapeLength())),
            tuple(t.ShapeSignature(i) for i in range(t.ShapeSignatureLength())),
        )
        for t in tensors
    ]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def written(model: bytes) -> Path:
        path = tmp_path / "m.tflite"
        path.write_bytes(model)
        return path

    return written


@pytest.mark.parametrize("size", [(1, 6, 8), (1, 7, 11), (3, 6, 8), (2, 20, 4)])
def test_all_shapes_follow_from_that_of_an_input(
    file: Callable[[bytes], Path], size: tuple[int, int, int]
) -> None:
    """The file becomes one that had been made for the shape, but for axes that stay open."""
    wanted = InputShape(None, (*size, 3))
    found = opened(file(convolutions(1, 6, 8)), [wanted])
    right = convolutions(*size)
    assert [shape for shape, _ in shapes_of(found.data)] == [s for s, _ in shapes_of(right)]
    assert shapes_of(found.data)[0] == ((*size, 3), (*size, 3)), "no size of it is open any more"
    assert [t.shape for t in found.graph.tensors] == [shape for shape, _ in shapes_of(right)]
    x = np.random.default_rng(1).integers(-128, 128, (*size, 3)).astype(np.int8)
    assert np.array_equal(answers(found.data, [[x]])[0][0], answers(right, [[x]])[0][0])


@pytest.mark.parametrize("batch", [1, 3])
def test_open_sizes_that_contradict_each_other_are_corrected(
    file: Callable[[bytes], Path], batch: int
) -> None:
    found = opened(file(dilated(batch, 1)))
    right = dilated(batch, 2 * batch)
    assert [shape for shape, _ in shapes_of(found.data)] == [s for s, _ in shapes_of(right)]
    (said,) = found.graph.corrections
    assert f'tensor 3 "tensor 3" from [1, 10, 4] to [{2 * batch}, 10, 4]' in said
    assert opened(file(right)).data == right


def test_sizes_that_are_not_open_are_not_corrected(file: Callable[[bytes], Path]) -> None:
    model = convolutions(1, 6, 8)
    tree = opened(file(model)).graph
    assert not tree.corrections
    m = ModelBuilder()
    x, y = quantized(m, (1, 4, 4, 1)), quantized(m, (1, 3, 2, 1))
    pool = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    m.op("MAX_POOL_2D", [x], [y], padding="VALID", **pool)
    path = file(m.build())
    assert opened(path).data == path.read_bytes()


def small() -> bytes:
    m = ModelBuilder()
    a, b = (m.tensor((1, 4), scale=0.1, name=name) for name in ("flow", "pressure"))
    y = m.tensor((1, 4), scale=0.1)
    m.op("ADD", [a, b], [y])
    return m.build()


def flattened() -> bytes:
    """To a shape that says how many elements there are."""
    m = ModelBuilder()
    x, y = quantized(m, (1, 4, 2)), quantized(m, (1, 8))
    m.op("RESHAPE", [x, m.tensor((2,), "int32", data=[1, 8])], [y], new_shape=[1, 8])
    return m.build()


def unknown() -> bytes:
    m = ModelBuilder()
    x, y = quantized(m, (1, 4)), quantized(m, (1, 4))
    m.op("HASHTABLE_SIZE", [x], [y])
    return m.build()


REFUSED: tuple[tuple[Callable[[], bytes], list[InputShape], type[FwgenError], str], ...] = (
    (
        small,
        [InputShape("air", (1, 4))],
        UsageError,
        "no input 'air'; there are 'flow', 'pressure'",
    ),
    (small, [InputShape(None, (4,))], UsageError, "has 2 dimensions, 1x4 in the file, but 4 has 1"),
    (small, [InputShape(None, (1, 4))] * 3, UsageError, "has 2 inputs, but more shapes were given"),
    (
        small,
        [InputShape("flow", (1, 4)), InputShape(None, (1, 5))],
        UsageError,
        "Two shapes were given for the input 'flow'",
    ),
    (unknown, [InputShape(None, (2, 4))], ModelError, "what HASHTABLE_SIZE makes is not known"),
)


@pytest.mark.parametrize(("model", "wanted", "kind", "words"), REFUSED)
def test_shapes_that_cannot_be(
    file: Callable[[bytes], Path],
    model: Callable[[], bytes],
    wanted: list[InputShape],
    kind: type[FwgenError],
    words: str,
) -> None:
    with pytest.raises(kind, match=words):
        opened(file(model()), wanted)


def test_a_shape_that_several_tensors_share_stays(
    file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some writers have it, to save bytes."""
    made: dict[tuple[int, bytes], int] = {}
    plain = builder._numbers

    def shared(fb: flatbuffers.Builder, values: object, dtype: type[np.generic]) -> int:
        key = id(fb), np.asarray(values, dtype).tobytes()
        if dtype is not np.int32:
            return plain(fb, values, dtype)
        return (
            made.setdefault(key, 0) or made.__setitem__(key, plain(fb, values, dtype)) or made[key]
        )

    monkeypatch.setattr(builder, "_numbers", shared)
    model = small()
    monkeypatch.undo()
    both = [InputShape("flow", (1, 4)), InputShape("pressure", (1, 1))]
    with pytest.raises(ModelError, match="cannot change: the file shares it with tensor"):
        opened(file(model), both)
    found = opened(file(model), [InputShape("flow", (1, 9)), InputShape("pressure", (1, 9))])
    assert [shape for shape, _ in shapes_of(found.data)] == [(1, 9)] * 3


# On the command line


def test_a_build_for_another_shape(fwgen: Fwgen, file: Callable[[bytes], Path]) -> None:
    """TFLM runs the project's model, which has the shapes of the firmware."""
    path = file(convolutions(1, 6, 8))
    out = path.parent / "o"
    done = fwgen("build", path, "-b", "host", "-o", out, "--input-shape", "tensor 0=2x7x9x3")
    assert done.returncode == 0, done.stderr
    assert "any size" not in done.stderr, "every size was said"
    assert "2x7x9x3" in (out / "README.md").read_text()
    done = fwgen("verify", out, "--inputs", 4)
    assert done.returncode == 0, done.stdout + done.stderr


def test_open_sizes_are_warned_of(fwgen: Fwgen, file: Callable[[bytes], Path]) -> None:
    path = file(convolutions(1, 6, 8))
    done = fwgen("build", path, "-b", "host", "-o", path.parent / "o", "--no-compile")
    assert done.returncode == 0
    assert "warning: input 0 'tensor 0' may have any size along axes 0, 1, 2" in done.stderr
    assert "it is built for 1x6x8x3" in done.stderr
    done = fwgen("inspect", path)
    assert "any size along axes 0, 1, 2" in done.stdout


@pytest.mark.parametrize("text", ["", "1x", "x=1x0x3", "=", "a=1xb", "1*2", "-1x4"])
def test_what_is_no_shape(text: str, file: Callable[[bytes], Path]) -> None:
    path = file(small())
    assert main(["inspect", str(path), f"--input-shape={text}"]) == 2


def test_a_shape_that_does_not_suit_the_rest_is_refused_by_name(
    file: Callable[[bytes], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(file(flattened())), "--input-shape", "2x4x2"]) == 3
    assert "op 0 RESHAPE" in capsys.readouterr().err
