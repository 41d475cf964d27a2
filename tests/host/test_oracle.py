"""The TFLM oracle: right values, and one sentence for all that can go wrong in native code."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tflite_micro import runtime

from fwgen.errors import ModelError, ToolError
from fwgen.host.oracle import Oracle, OracleRefused
from fwgen.measure.verify.verdict import check_oracle
from fwgen.model.reader import read_model
from tests.conftest import OWN_MODELS
from tests.tflite_models import ModelBuilder, random_inputs
from tests.tflite_models.draw import Draw
from tests.tflite_models.graphs import grow

DIGITS = (Path(__file__).parents[2] / "models" / "digits.tflite").read_bytes()


def softmax_model(beta: float = 1.0, scale: float = 1 / 256) -> bytes:
    m = ModelBuilder()
    x = m.tensor((1, 4), scale=0.1)
    m.op("SOFTMAX", [x], [m.tensor((1, 4), scale=scale, zero_point=-128)], beta=beta)
    return m.build()


def depthwise_model_that_crashes() -> bytes:
    """TFLM follows a null pointer where a depthwise convolution's bias is absent by index -1."""
    m = ModelBuilder()
    x, y = (m.tensor((1, 4, 4, 2), scale=0.1) for _ in range(2))
    w = m.tensor((1, 2, 2, 2), scale=0.1, data=np.ones((1, 2, 2, 2)))
    m.op("DEPTHWISE_CONV_2D", [x, w, None], [y], stride_w=1, stride_h=1, depth_multiplier=1)
    return m.build()


def relu_model(elements: int = 6) -> bytes:
    m = ModelBuilder()
    x = m.tensor((elements,), scale=0.5, zero_point=1)
    m.op("RELU", [x], [m.tensor((elements,), scale=0.25, zero_point=-10)])
    return m.build()


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The child processes that oracles start during the test."""
    started = []
    start = subprocess.Popen

    def record(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        started.append(start(*args, **kwargs))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", record)
    yield started
    for child in started:
        child.kill()
        child.wait()


def test_invoke_gives_the_values_computed_by_hand() -> None:
    x = np.array([-128, 0, 1, 2, 50, 127], np.int8)
    with Oracle(relu_model()) as oracle:
        (y,) = oracle.invoke([x])
        (again,) = oracle.invoke([x[::-1].copy()])
    expected = np.array([-10, -10, -10, -8, 88, 127], np.int8)
    assert y.dtype == np.int8
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(again, expected[::-1])


def test_inputs_and_outputs_of_several_kinds_come_in_order() -> None:
    m = ModelBuilder()
    a, b = m.tensor((2, 3), "float32"), m.tensor((4,), scale=0.5, zero_point=3)
    m.op("QUANTIZE", [a], [m.tensor((2, 3), scale=0.5, zero_point=-1)])
    m.op("DEQUANTIZE", [b], [m.tensor((4,), "float32")])
    with Oracle(m.build()) as oracle:
        y, z = oracle.invoke([np.full((2, 3), 2.0, np.float32), np.array([3, 5, -7, 0], np.int8)])
    assert (y.dtype, y.shape, z.dtype) == (np.int8, (2, 3), np.float32)
    assert y.tolist() == [[3, 3, 3], [3, 3, 3]]
    assert z.tolist() == [0.0, 1.0, -5.0, -1.5]


@pytest.mark.parametrize("seed", range(6))
def test_intermediate_tensors_are_what_they_are_as_outputs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    m = ModelBuilder()
    results = grow(m, Draw(rng, tame=True), ops=25, floats=False)
    inputs = random_inputs(m.build(), rng)
    results = results[len(inputs) :]

    plain = runtime.Interpreter.from_bytes(m.build(outputs=results), arena_size=1 << 20)
    for index, array in enumerate(inputs):
        plain.set_input(array, index)
    plain.invoke()
    with Oracle(m.build()) as oracle:
        oracle.invoke(inputs)
        seen = oracle.tensors([tensor.index for tensor in results])
    assert len(seen) == len(results) == 25
    for index, (tensor, values) in enumerate(zip(results, seen, strict=True)):
        expected = plain.get_output(index)
        assert (values.dtype, values.shape) == (np.int8, tensor.shape)
        np.testing.assert_array_equal(values, expected.reshape(tensor.shape), str(tensor))


def test_tensors_shows_inputs_and_constants_of_any_rank() -> None:
    m = ModelBuilder()
    x, c = m.tensor((2, 2), scale=0.5), m.tensor((), scale=0.5, data=7)
    m.op("ADD", [x, c], [m.tensor((2, 2), scale=0.5)])
    values = np.array([[1, 2], [3, -128]], np.int8)
    with Oracle(m.build()) as oracle:
        oracle.invoke([values])
        constant, given = oracle.tensors([c.index, x.index])
    assert (constant.shape, int(constant)) == ((), 7)
    np.testing.assert_array_equal(given, values)


def test_arrays_larger_than_a_pipe_holds_pass() -> None:
    x = np.random.default_rng(1).integers(-128, 128, 1_000_000).astype(np.int8)
    with Oracle(relu_model(x.size)) as oracle:
        (y,) = oracle.invoke([x])
    np.testing.assert_array_equal(y, np.clip(2 * (x.astype(int) - 1), 0, 137) - 10)


def test_refused_inputs_leave_the_oracle_usable() -> None:
    x = np.zeros(6, np.int8)
    with Oracle(relu_model()) as oracle:
        for wrong in ([], [x, x], [x[:5]], [x.reshape(2, 3)], [x.astype(np.float32)]):
            with pytest.raises(OracleRefused, match=r"TFLM refused to run the model: .*input"):
                oracle.invoke(wrong)
        assert oracle.invoke([x])[0].tolist() == [-10] * 6


@pytest.mark.parametrize(
    ("model", "signal"),
    [(softmax_model(beta=-1.0), "SIGABRT"), (depthwise_model_that_crashes(), "SIGSEGV")],
)
def test_a_crash_of_tflm_is_an_error_not_the_end(model: bytes, signal: str) -> None:
    with pytest.raises(OracleRefused, match=rf"crashed \({signal}\) when asked to load the model"):
        Oracle(model)


def test_a_crash_after_loading_closes_the_oracle() -> None:
    oracle = Oracle(relu_model())
    with pytest.raises(OracleRefused, match=r"crashed \(SIGSEGV\) when asked to show tensors"):
        oracle.tensors([123_456])
    with pytest.raises(ToolError, match="after its end"):
        oracle.invoke([np.zeros(6, np.int8)])


def test_the_error_quotes_what_tflm_said() -> None:
    with pytest.raises(OracleRefused, match=r"It said: .*softmax.* Node SOFTMAX"):
        Oracle(softmax_model(scale=1 / 255))
    m = ModelBuilder()
    m.op("LSTM", [m.tensor((1,), scale=1.0)], [m.tensor((1,), scale=1.0)])
    with pytest.raises(OracleRefused, match=r"It said: .*'LSTM'"):
        Oracle(m.build())


def test_a_model_larger_than_the_arena_is_refused() -> None:
    with pytest.raises(OracleRefused, match="refused to load the model"):
        Oracle(relu_model(80 << 20))


@pytest.mark.parametrize("seed", range(16))
def test_a_spoiled_model_is_at_worst_an_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spoiled = bytearray(DIGITS[: len(DIGITS) // (seed // 8 + 1)] if seed else b"")
    for position in rng.integers(0, max(1, len(spoiled)), 40 * (seed % 8)):
        spoiled[position : position + 1] = bytes([int(rng.integers(0, 256))])
    try:
        with Oracle(bytes(spoiled), timeout_s=20) as oracle:
            oracle.invoke([np.zeros((1, 8, 8, 1), np.int8)])
    except OracleRefused as error:
        assert str(error).startswith("TFLM ")


def test_a_missing_package_is_named_with_the_command_that_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tflite_micro.py").write_text("raise ImportError('No module tflite_micro')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ToolError, match="needs the Python package tflite-micro") as caught:
        Oracle(DIGITS)
    assert "pip install tflite-micro" in caught.value.tries[0]


def test_time_is_bounded_and_the_child_does_not_outlive_it(
    children: list[subprocess.Popen[bytes]],
) -> None:
    with pytest.raises(ToolError, match="longer than 0 s to load the model"):
        Oracle(DIGITS, timeout_s=0)
    assert [child.returncode for child in children] == [-9]


def test_the_child_ends_with_the_oracle(children: list[subprocess.Popen[bytes]]) -> None:
    with Oracle(DIGITS):
        assert children[0].poll() is None
    Oracle(DIGITS)
    gc.collect()
    assert [child.returncode for child in children] == [-9, -9]
    with pytest.raises(OracleRefused):
        Oracle(b"no model")
    assert children[2].returncode is not None


def test_a_process_that_cannot_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("no memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(ToolError, match="Cannot start a process for TFLM: no memory"):
        Oracle(DIGITS)


def sliced_model(shape: tuple[int, ...]) -> bytes:
    """RELU, SLICE of half of it whose stored result has a shape of its own, RELU."""
    m = ModelBuilder()
    x, y = (m.tensor((1, 8), scale=0.5, name=name) for name in ("x", "y"))
    half, z = (m.tensor(shape, scale=0.5, name=name) for name in ("half", "z"))
    m.op("RELU", [x], [y])
    begin, size = (m.tensor((2,), "int32", data=value) for value in ([0, 0], [1, 4]))
    m.op("SLICE", [y, begin, size], [half])
    m.op("RELU", [half], [z])
    return m.build()


def test_what_tflm_computes_of_memory_that_nothing_wrote_is_told() -> None:
    """TFLM writes four elements of a result that is stored as one of eight, and reads eight."""
    x = [np.arange(-4, 4, dtype=np.int8).reshape(1, 8)]
    wrong, right = sliced_model((1, 8)), sliced_model((1, 4))
    with Oracle(wrong) as oracle:
        assert oracle.unrepeatable(x, [1, 2, 3]) == [2, 3]
        with pytest.raises(ModelError, match="not repeatable: 2 of 3 tensors") as caught:
            check_oracle(oracle, read_model(wrong, "m"), x)
    assert caught.value.at == 'm: tensor 2 "half", which op 1 SLICE makes'
    with Oracle(right) as oracle:
        check_oracle(oracle, read_model(right, "m"), x)
        assert oracle.unrepeatable(x, [1, 2, 3]) == []


def energies(whole: bool) -> bytes:
    """SIGNAL_ENERGY of 3 numbers of 8, which are cast and cut out, or all are, as ``whole``."""
    m = ModelBuilder()
    x, y, z = (m.tensor((n,), dtype) for n, dtype in ((16, "int16"), (8, "uint32"), (8, "int32")))
    m.op("SIGNAL_ENERGY", [x], [y], end_index=6, start_index=3)
    m.op("CAST", [y], [z])
    if not whole:
        cut = [m.tensor((1,), "int32", data=[value]) for value in (3, 6, 1)]
        m.op("STRIDED_SLICE", [z, *cut], [m.tensor((3,), "int32")])
    return m.build()


def test_what_an_op_leaves_open_does_not_matter_unless_the_model_gives_it() -> None:
    x = [np.arange(16, dtype=np.int16)]
    part, whole = energies(False), energies(True)
    with Oracle(part) as oracle:
        check_oracle(oracle, read_model(part, "m"), x)
        assert oracle.left_open == {1, 2}
    with (
        Oracle(whole) as oracle,
        pytest.raises(ModelError, match="not repeatable: 1 of 2 tensors") as caught,
    ):
        check_oracle(oracle, read_model(whole, "m"), x)
    assert caught.value.at == 'm: tensor 2 "tensor 2", which op 1 CAST makes'


@pytest.mark.parametrize("path", OWN_MODELS, ids=lambda path: path.stem)
def test_tflm_repeats_what_it_computes_of_sound_models(path: Path) -> None:
    model = path.read_bytes()
    with Oracle(model) as oracle:
        check_oracle(oracle, read_model(model, "m"), random_inputs(model, np.random.default_rng(1)))


def test_a_model_that_tflm_cannot_run_is_not_the_fault_of_a_build_tool() -> None:
    m = ModelBuilder()
    m.op("EXP", [m.tensor((1, 4), scale=0.1)], [m.tensor((1, 4), scale=0.1)])
    with pytest.raises(
        OracleRefused, match=r"Node EXP .* Without it nothing can be proven"
    ) as caught:
        Oracle(m.build())
    assert caught.value.exit_code == 3
