"""Firmware for each task: it goes by the task's name, takes files of its data set, and the results
are TFLM's; what does not fit a task is refused."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import board_names, load_board
from fwgen.errors import UsageError
from fwgen.project.mlperf import TASKS, Benchmark, require_board
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.firmware.device import READY, Device
from tests.device.mlperf.host import Host
from tests.device.mlperf.task_models import FACTS, Facts, expected, files_of, model_input, model_of
from tests.device.stand_in_board import plugged_in
from tests.tflite_models.hand_made import T, one_op

OFF = 0.0006
"""Three decimals, and the arithmetic of 32 bits before."""


def built(fwgen: Fwgen, folder: Path, task: str, dtype: str, *options: str) -> Path:
    """The image of the model for a task."""
    path = folder / f"{task}-{dtype}.tflite"
    path.write_bytes(model_of(task, dtype))
    out = folder / f"{task}-{dtype}-project"
    done = fwgen("build", path, "--mlperf", task, "-o", out, "-q", *options)
    assert done.returncode == 0, done.stderr
    return out / "build" / "firmware.elf"


def near(got: list[float], wanted: np.ndarray) -> bool:
    return np.allclose(got, wanted, rtol=2e-6, atol=OFF) and len(got) == len(wanted)


def test_the_facts_of_the_tasks_are_stated_for_all() -> None:
    assert FACTS.keys() == TASKS.keys()
    for name, task in TASKS.items():
        facts = FACTS[name]
        assert (task.inputs, task.sample.word) == (np.prod(facts.shape), facts.dtype)
        assert (task.outputs, task.score) == (facts.outputs, name == "ad01")


@pytest.mark.parametrize("task", TASKS)
def test_a_host_gets_the_results_of_tflm(fwgen: Fwgen, tmp_path: Path, task: str) -> None:
    """Accuracy mode, and performance mode by the clock of QEMU: a number of instructions."""
    files = files_of(task, 1 if task == "vww01" else 4)  # a picture is 892 commands
    image = built(fwgen, tmp_path, task, "int8", "-b", "corstone-300")
    with plugged_in("corstone-300", image, "-icount", "shift=8") as port:
        host = Host(port)
        assert host.identify()[1:] == ("ULPMark for tinyML Firmware V0.0.1", task)
        wanted = expected(task, model_of(task), files)
        got = host.accuracy(files)
        assert all(near(*pair) for pair in zip(got, wanted, strict=True)), (got, wanted)
        assert len({tuple(y) for y in wanted}) == len(files)
        rate = host.performance(files[0], 3, 1, rounds=1)
        times = [host.infer(count, 0).laps for count in (3, 6, 9)]
        short, middle, long = (stop - start for start, stop in times)
        assert short > 0 and rate == pytest.approx(3e6 / short, rel=0.01)
        assert long - middle == pytest.approx(middle - short, rel=0.01, abs=2)
        host.close()


@pytest.mark.parametrize(
    "task", [name for name in TASKS if len(TASKS[name].types()) == 2 and name != "ad01"]
)
def test_bytes_are_converted_to_the_type_of_the_model(
    fwgen: Fwgen, tmp_path: Path, task: str
) -> None:
    """Models of uint8, too; the wrong bytes would give something else."""
    file = files_of(task, 1)[0]
    for dtype in ("int8", "uint8"):
        image = built(fwgen, tmp_path, task, dtype, "-b", "host", "--sanitize")
        (wanted,) = expected(task, model_of(task, dtype), [file], dtype)
        with Device("host", image) as device:
            device.until(READY)
            load(device, file)
            said = device.ask("db print")
            assert bytes.fromhex("".join(s[9:] for s in said).replace("-", "")) == file
            assert near(results(device), wanted)
            device.load(file)  # by fwgen's own command: as the model has it, byte by byte
            wrong = near(results(device), wanted)
            assert wrong == (FACTS[task].dtype == dtype)


def test_floats_are_quantized_and_scored(fwgen: Fwgen, tmp_path: Path) -> None:
    """Halves, values beyond the range, what is no number; and inputs as the model has them."""
    image = built(fwgen, tmp_path, "ad01", "int8", "-b", "corstone-300")
    scale = np.float32(FACTS["ad01"].scale)
    steps = np.arange(-300, 340, dtype=np.float32)
    windows = [(steps + np.float32(part)) * scale for part in (0.0, 0.5, -0.5, 0.25)]
    windows.append(np.nextafter(windows[1], np.float32(0)))
    files = [window.astype("<f4").tobytes() for window in windows]
    wanted = expected("ad01", model_of("ad01"), files)
    beyond = np.where(steps < 0, np.float32(-1e30), np.float32(1e5)).astype("<f4").tobytes()
    with Device("corstone-300", image) as device:
        device.until(READY)
        for file, score in zip(files, wanted, strict=True):
            load(device, file)
            assert holds(device, model_input("ad01", file))
            assert near(results(device), score)
        load(device, beyond)
        assert holds(device, model_input("ad01", beyond))
        load(device, np.full(640, np.nan, "<f4").tobytes())
        assert holds(device, np.full(640, -128, np.int8))
        raw = model_input("ad01", files[3])
        assert not holds(device, raw)
        device.load(raw.tobytes())  # nothing is known but these bytes: their real values stand in
        real = (raw.astype("<f4") - FACTS["ad01"].zero_point) * scale
        (score,) = expected("ad01", model_of("ad01"), [real.astype("<f4").tobytes()])
        assert near(results(device), score)


def holds(device: Device, inputs: np.ndarray) -> bool:
    """Whether the device keeps these inputs for the model."""
    place = re.match(r"m-fw-places-\[0=\d+:(\d+):([0-9a-f]{8})", device.ask("fw-places")[0])
    assert place
    return place.groups() == (str(inputs.size), f"{zlib.crc32(inputs.tobytes()):08x}")


def load(device: Device, file: bytes) -> None:
    assert device.ask(f"db load {len(file)}") == [f"m-[Expecting {len(file)} bytes]"]
    for at in range(0, len(file), 31):
        said = device.ask(f"db {file[at : at + 31].hex()}")
    assert said == ["m-load-done"]


def results(device: Device) -> list[float]:
    (line,) = [line for line in device.ask("infer 1 0") if line.startswith("m-results-[")]
    return [float(value) for value in line.removeprefix("m-results-[")[:-1].split(",")]


@pytest.mark.parametrize("task", TASKS)
def test_models_that_are_not_for_a_task_are_refused(
    fwgen: Fwgen, tmp_path: Path, task: str
) -> None:
    """By the number and types of elements of input and output; nothing is written."""
    fitting = FACTS[task]
    inputs = int(np.prod(fitting.shape))
    for x, y, told in (
        (T((1, inputs - 1)), T((1, inputs - 1)), f"expected {inputs:,}"),
        (T((1, inputs)), T((1, inputs)), f"expected {fitting.outputs:,}"),
        (T((1, inputs), "int16"), T((1, inputs), "int16"), "an input of int16"),
    ):
        if task == "ad01" and x.shape == (1, inputs) and x.dtype == "int8":
            continue  # as many outputs as inputs are what it is to have
        path = tmp_path / "other.tflite"
        path.write_bytes(one_op("RELU", [x], y) if x.dtype == "int8" else int16_layer(x, fitting))
        words = ("-b", "corstone-300", "--mlperf", task, "-o", "p", "--json", "j")
        done = fwgen("build", path, *words)
        assert done.returncode == 3, done.stderr
        assert told in done.stderr and f"none for {task} of MLPerf Tiny" in done.stderr
        assert json.loads((tmp_path / "j").read_text())["error"]["exit_code"] == 3
        assert not (tmp_path / "p").exists()


def int16_layer(x: T, facts: Facts) -> bytes:
    weights = np.ones((facts.outputs, x.shape[1]), np.int8)
    w = T(weights.shape, "int8", 0.01, data=weights)
    bias = T((facts.outputs,), "int64", None, data=np.zeros(facts.outputs, np.int64))
    return one_op("FULLY_CONNECTED", [x, w, bias], T((1, facts.outputs), "int16"))


def test_several_inputs_or_models_or_a_library_are_refused(fwgen: Fwgen, tmp_path: Path) -> None:
    x = T((1, 490)), T((1, 490))
    (tmp_path / "two.tflite").write_bytes(one_op("ADD", [*x], T((1, 490))))
    done = fwgen("build", "two.tflite", "-b", "host", "--mlperf", "kws01")
    assert done.returncode == 3 and "2 inputs, expected 1" in done.stderr
    digits = next(path for path in OWN_MODELS if path.stem == "digits")
    done = fwgen("build", digits, "two.tflite", "-b", "host", "--mlperf", "kws01")
    assert done.returncode == 2 and "kws01 is a task of one" in done.stderr
    done = fwgen("build", digits, "-b", "host", "--mlperf-energy")
    assert done.returncode == 2 and "without a task" in done.stderr
    libraries = [name for name in board_names() if load_board(name).library_only]
    for name in libraries[:1]:
        done = fwgen("build", digits, "-b", name, "--mlperf", "kws01")
        assert done.returncode == 2 and "has libraries only" in done.stderr


def test_boards_that_hear_nothing_have_no_wake_word(fwgen: Fwgen, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(model_of("sww01"))
    for board in ("host", "nucleo-l4r5zi"):
        done = fwgen("build", "m.tflite", "-b", board, "--mlperf", "sww01")
        assert done.returncode == 2 and "hears sound, but" in done.stderr


def test_a_project_says_what_it_is_for(fwgen: Fwgen, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(model_of("kws01"))
    for options, name, mode in (
        ((), "m-nucleo-l4r5zi-mlperf-kws01", "performance"),
        (("--mlperf-energy",), "m-nucleo-l4r5zi-mlperf-kws01-energy", "energy"),
    ):
        words = ("-b", "nucleo-l4r5zi", "--mlperf", "kws01", *options, "--no-compile")
        done = fwgen("build", "m.tflite", *words)
        assert done.returncode == 0, done.stderr
        said = json.loads((tmp_path / "build" / name / "fwgen.json").read_text())
        assert said["mlperf"] == {"task": "kws01", "mode": mode}


def test_boards_without_an_edge_or_a_slow_line_have_no_energy_mode() -> None:
    """Those that have both are told by their files, and all others are refused."""
    for name in board_names():
        board, asked = load_board(name), Benchmark(TASKS["kws01"], energy=True)
        if board.trigger is not None:
            require_board(board, asked)
        else:
            with pytest.raises(UsageError) as refusal:
                require_board(board, asked)
            assert refusal.value.tries
