"""Constants as files store them: int4 becomes int8, also for TFLM where it takes int8 alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.errors import ModelError
from fwgen.model import flatbuffer
from fwgen.model.reader import read_model
from fwgen.model.stored import with_int8, with_int64
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder
from tests.tflite_models.inputs import random_inputs
from tests.tflite_models.tflm import tflm


def dense(kind: str, units: int = 5, depth: int = 7) -> bytes:
    """Two FULLY_CONNECTED, the second with a scale for each unit, on weights that int4 holds."""
    rng = np.random.default_rng(1)
    m = ModelBuilder()
    x = m.tensor((2, depth), scale=0.05, zero_point=-7)
    for scales in (0.02, rng.uniform(0.01, 0.03, units)):
        data = rng.integers(-8, 8, (units, x.shape[1]))
        w = m.tensor(data.shape, kind, scale=scales, data=data)
        y = m.tensor((2, units), scale=0.06, zero_point=3)
        m.op("FULLY_CONNECTED", [x, w], [y])
        x = y
    return m.build()


def test_int4_is_unpacked_and_remembered() -> None:
    packed, plain = read_model(dense("int4"), "m"), read_model(dense("int8"), "m")
    for one, other in zip(packed.tensors, plain.tensors, strict=True):
        assert (one.dtype, one.shape, one.quant) == (other.dtype, other.shape, other.quant)
        assert (one.data is None) == (other.data is None)
        if one.data is not None:
            assert one.data.tobytes() == other.constant.tobytes()
            assert not one.data.flags.writeable
            assert (one.bits, other.bits) == (4, None)


def test_a_file_with_int4_as_int8_computes_the_same() -> None:
    made = with_int8(dense("int4"), "m")
    inputs = random_inputs(made, np.random.default_rng(2))
    assert tflm(made, inputs).tobytes() == tflm(dense("int8"), inputs).tobytes()
    assert all(tensor.bits is None for tensor in read_model(made, "m").tensors)


def test_copies_of_packed_constants_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flatbuffer, "MAX_COPIED_BYTES", 5 * 7 + 5 * 5 - 1)
    with pytest.raises(ModelError, match="more than 59 copied bytes"):
        read_model(dense("int4"), "m")


def upsampled(kind: str) -> bytes:
    """An int16 TRANSPOSE_CONV and a DEPTHWISE_CONV_2D, whose biases share their bytes."""
    rng = np.random.default_rng(3)
    m = ModelBuilder()
    x = m.tensor((1, 3, 3, 2), "int16", scale=0.01)
    w = m.tensor((2, 2, 2, 2), scale=0.01, data=rng.integers(-127, 128, (2, 2, 2, 2)))
    bias = m.tensor((2,), kind, scale=0.0001, data=[30_000, -20_000])
    y = m.tensor((1, 6, 6, 2), "int16", scale=0.02)
    shape = m.tensor((4,), "int32", data=y.shape)
    m.op("TRANSPOSE_CONV", [shape, w, x, bias], [y], stride_h=2, stride_w=2)
    v = m.tensor((1, 3, 3, 2), scale=0.01, data=rng.integers(-127, 128, (1, 3, 3, 2)))
    z = m.tensor(y.shape, "int16", scale=0.03)
    m.op("DEPTHWISE_CONV_2D", [y, v, bias], [z], stride_h=1, stride_w=1, depth_multiplier=1)
    return m.build()


def test_constants_as_int64_compute_the_same() -> None:
    made = with_int64(upsampled("int32"), [2], "m")
    inputs = random_inputs(made, np.random.default_rng(2))
    assert tflm(made, inputs).tobytes() == tflm(upsampled("int64"), inputs).tobytes()


def test_biases_that_tflm_misreads_are_built_and_verified_as_int64(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    model, out, result = tmp_path / "up.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(upsampled("int32"))
    done = fwgen("build", model, "-b", "host", "-o", out)
    assert done.returncode == 0, done.stderr
    assert "warning: the int16 ops 0, 1 have a bias of int32" in done.stderr
    done = fwgen("verify", out, "--inputs", 3, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TFLM misreads biases of int32 here" in done.stdout
    assert json.loads(result.read_text())["mismatches"] == 0


def test_int4_that_tflm_does_not_take_is_verified_as_int8(fwgen: Fwgen, tmp_path: Path) -> None:
    model, out, result = tmp_path / "dense.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(dense("int4"))
    done = fwgen("build", model, "-b", "host", "-o", out)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 3, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TFLM does not take these int4 constants" in done.stdout
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] == 30


def test_int4_of_a_model_among_several_is_verified_as_int8(fwgen: Fwgen, tmp_path: Path) -> None:
    for name in ("int4", "int8"):
        (tmp_path / f"with_{name}.tflite").write_bytes(dense(name))
    models = [tmp_path / f"with_{name}.tflite" for name in ("int4", "int8")]
    assert fwgen("build", *models, "-b", "host", "-o", "p").returncode == 0
    done = fwgen("verify", "p", "--inputs", "2")
    assert done.returncode == 0, done.stderr
    assert "with_int4: TFLM does not take these int4 constants" in done.stdout
