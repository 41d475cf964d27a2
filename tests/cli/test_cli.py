"""The command line as a user meets it: every mistake ends in one sentence and its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fwgen.board.sections import modules_holding
from tests.conftest import OWN_MODELS, ROOT, Fwgen
from tests.tflite_models import ModelBuilder

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


def check_error(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One error of ours with the given exit code, telling the given words, and no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] if words else True
    for word in words:
        assert word in done.stderr


def tiny_path() -> dict[str, str]:
    """An environment in which no build tool is found."""
    return {**os.environ, "PATH": "/nonexistent"}


def test_stages_are_counted_to_the_last(fwgen: Fwgen) -> None:
    """The last one was once 6 of 7."""
    for options in ([], ["--no-compile"]):
        done = fwgen("build", DIGITS, "-b", "host", "-o", "out", *options)
        counted = [line.split("]")[0].strip("[").split("/") for line in done.stderr.splitlines()]
        assert [int(number) for number, _ in counted] == list(range(1, len(counted) + 1))
        assert {int(total) for _, total in counted} == {len(counted)}


def test_help_and_version(fwgen: Fwgen) -> None:
    assert "exit codes" in fwgen("--help").stdout
    assert fwgen("--version").stdout.startswith("fwgen ")
    commands = ("build", "run", "verify", "plan", "report", "inspect", "boards", "doctor", "init")
    for command in commands:
        text = fwgen(command, "--help").stdout
        assert "example:" in text and "--json" in text


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("fly",), 2, ["no command 'fly'", "verify"]),
        (("build", "missing.tflite", "-b", "host"), 3, ["missing.tflite"]),
        (("build", ".", "-b", "host"), 3, ["folder"]),
        (("build", DIGITS), 2, ["No board", "fwgen boards"]),
        (("build", DIGITS, "-b", "corstone-301"), 2, ["corstone-300"]),
        (("build", DIGITS, "-b", "nowhere.toml"), 2, ["nowhere.toml"]),
        (("build", "-b", "corstone-300"), 2, ["fwgen.toml", "fwgen init", "MODEL.tflite"]),
        (("build", DIGITS, "-b", "corstone-300", "--sanitize"), 2, ["--board host"]),
        (("build", DIGITS, "-b", "host", "-o", "."), 2, ["current folder"]),
        (("run", "."), 2, ["not a project"]),
        (("verify", "nothing"), 2, ["not a project"]),
        (("verify", ".", "--inputs", "0"), 2, ["--inputs"]),
        (("inspect", "missing.tflite"), 3, ["missing.tflite"]),
    ],
    ids=lambda value: " ".join(map(str, value))[-40:] if isinstance(value, tuple) else "",
)
def test_mistakes(fwgen: Fwgen, args: tuple[object, ...], code: int, words: list[str]) -> None:
    check_error(fwgen(*args), code, *words)


def test_missing_compiler_says_how_to_get_it(fwgen: Fwgen, tmp_path: Path) -> None:
    done = fwgen("build", DIGITS, "-b", "corstone-300", "-o", tmp_path / "o", env=tiny_path())
    check_error(done, 5, "not installed", "apt install")


def test_missing_simulators_say_how_to_get_them(fwgen: Fwgen, tmp_path: Path) -> None:
    out = tmp_path / "o"
    assert fwgen("build", DIGITS, "-b", "corstone-300", "-o", out).returncode == 0
    check_error(fwgen("run", out, env=tiny_path()), 6, "qemu-system-arm", "apt install")
    check_error(fwgen("run", out, "--runner", "fvp", env=tiny_path()), 6, "FVP")
    check_error(fwgen("run", out, "--runner", "host"), 2, "qemu")
    check_error(fwgen("run", out, "--runner", "magic"), 2, "magic")


def test_doctor_tells_what_is_missing(fwgen: Fwgen, tmp_path: Path) -> None:
    result = tmp_path / "doctor.json"
    assert fwgen("doctor", "--json", result).returncode == 0
    found = {f["name"]: f for f in json.loads(result.read_text())["findings"]}
    assert found["qemu-system-arm"]["version"] and found["numpy"]["version"]
    done = fwgen("doctor", env=tiny_path())
    assert done.returncode == 5
    assert "MISSING" in done.stdout and "apt install qemu-system-arm" in done.stdout


def test_doctor_tells_of_all_that_modules_need(fwgen: Fwgen, tmp_path: Path) -> None:
    result = tmp_path / "doctor.json"
    assert fwgen("doctor", "--json", result).returncode == 0
    found = {f["name"]: f for f in json.loads(result.read_text())["findings"]}
    modules = [*modules_holding("PREREQUISITES", ROOT / "fwgen")]
    names = {each.name for module in modules for each in module.PREREQUISITES}
    assert {"pyOCD", "OpenOCD"} <= names <= found.keys()
    for name in ("pyOCD", "OpenOCD"):  # which the extra dev brings
        assert "0." in found[name]["version"] and "install" in found[name]["remedy"]


def test_build_run_verify_and_their_json(fwgen: Fwgen, tmp_path: Path) -> None:
    """The JSON contract, on the native board."""
    paths = {name: tmp_path / f"{name}.json" for name in ("build", "run", "verify")}
    done = fwgen("build", DIGITS, "--board", "host", "--json", paths["build"])
    assert done.returncode == 0, done.stderr
    assert "arena (proven optimal)" in done.stdout
    assert "read" in done.stderr and "B, proven optimal" in done.stderr
    project = tmp_path / "build" / "digits-host"
    assert fwgen("run", project, "--json", paths["run"]).returncode == 0
    assert fwgen("verify", project, "--inputs", 8, "--json", paths["verify"]).returncode == 0
    build, run, verify = (json.loads(path.read_text()) for path in paths.values())
    for result in (build, run, verify):
        assert result["schema"] == 1 and result["board"] == "host"
        assert {"name", "sha256", "macs", "weights_bytes"} <= set(result["model"])
        assert {"index", "op", "kernel", "provider", "macs"} <= set(result["ops"][0])
    assert set(build["memory"]) >= {
        "arena_bytes", "arena_lower_bound_bytes", "arena_optimal", "flash_bytes", "weights_bytes",
        "code_bytes", "ram_bytes", "stack_bytes",
    }  # fmt: skip
    assert Path(build["elf"]).is_file() and "gcc" in build["toolchain"]
    assert len(run["outputs"]) == 1 and len(run["outputs"][0]["values"]) == 10
    assert "counters" not in run, "the host has no counter, and none may be made up"
    assert (verify["inputs"], verify["mismatches"], verify["first_mismatch"]) == (8, 0, None)
    assert verify["bytes"] == 80
    ops = len(build["ops"])
    assert verify["op_outputs"] == {"inputs": 3, "compared": ops, "ops": ops, "mismatches": 0}
    assert verify["constant_outputs"] == []


def test_verify_finds_a_wrong_kernel_and_names_the_op(fwgen: Fwgen, tmp_path: Path) -> None:
    """A kernel with an off-by-one, in a project that builds without fwgen."""
    out, result = tmp_path / "o", tmp_path / "v.json"
    assert fwgen("build", DIGITS, "-b", "host", "-o", out).returncode == 0
    kernel = out / "kernels" / "depthwise_conv_2d_nest.h"
    text = kernel.read_text()
    assert text.count("bias ? ") == 1
    kernel.write_text(text.replace("bias ? ", "bias ? 99 + "))
    subprocess.run(["ninja", "-C", out / "build"], check=True, capture_output=True)
    done = fwgen("verify", out, "--inputs", 4, "--json", result)
    assert done.returncode == 1
    first = json.loads(result.read_text())["first_mismatch"]
    assert first["code"] == "DEPTHWISE_CONV_2D"
    ops = json.loads((out / "fwgen.json").read_text())["ops"]
    assert first["op"] == next(o["index"] for o in ops if o["op"] == "DEPTHWISE_CONV_2D")
    assert "DEPTHWISE_CONV_2D" in done.stdout


def test_config_file(fwgen: Fwgen, tmp_path: Path) -> None:
    assert fwgen("init", DIGITS, "-b", "host").returncode == 0
    check_error(fwgen("init", DIGITS), 2, "already")
    assert fwgen("build").returncode == 0
    assert (tmp_path / "build" / "digits-host" / "fwgen.json").is_file()
    for text, word in (
        ("speed = 1", "speed"),
        ("model = 3", "model"),
        ("board = 'host'", "model"),
        ("[", "fwgen.toml"),
    ):
        (tmp_path / "fwgen.toml").write_text(text)
        check_error(fwgen("build"), 2, word)


def test_inputs_of_the_wrong_kind(fwgen: Fwgen, tmp_path: Path) -> None:
    import numpy as np

    out = tmp_path / "o"
    assert fwgen("build", DIGITS, "-b", "host", "-o", out).returncode == 0
    np.save(tmp_path / "good.npy", np.zeros((1, 8, 8, 1), np.int8))
    np.save(tmp_path / "float.npy", np.zeros((1, 8, 8, 1), np.float32))
    np.save(tmp_path / "small.npy", np.zeros((1, 8, 7, 1), np.int8))
    np.save(tmp_path / "pickle.npy", np.array([object()]), allow_pickle=True)
    (tmp_path / "text.npy").write_text("hello")
    assert fwgen("run", out, "--input", "good.npy").returncode == 0
    for name in ("float.npy", "small.npy", "pickle.npy", "text.npy", "missing.npy"):
        check_error(fwgen("run", out, "--input", name), 2, name)
    check_error(fwgen("run", out, "--input", "good.npy", "--input", "good.npy"), 2, "1 inputs")
    check_error(fwgen("run", out, "--samples", "good.npy"), 2, "good.npy")


def test_too_large_for_the_board(fwgen: Fwgen, tmp_path: Path) -> None:
    model = ModelBuilder()
    x = model.tensor((1, 1000, 1000, 4), scale=0.1, zero_point=0)
    y = model.tensor((1, 1000, 1000, 4), scale=0.1, zero_point=0)
    model.op("RELU", [x], [y])
    (tmp_path / "huge.tflite").write_bytes(model.build())
    done = fwgen("build", "huge.tflite", "-b", "mps2-an386", "-o", "o")
    check_error(
        done, 4, "8,004,096", "4,194,304", "op 0 RELU"
    )  # its output takes the input's place
    assert not (tmp_path / "o").exists()


def test_results_and_projects_that_cannot_be_written(fwgen: Fwgen, tmp_path: Path) -> None:
    done = fwgen("boards", "--json", tmp_path / "no" / "folder" / "b.json")
    check_error(done, 5, "b.json")
    (tmp_path / "file").write_text("x")
    assert fwgen("build", DIGITS, "-b", "host", "-o", tmp_path / "file").returncode == 2
    assert fwgen("build", DIGITS, "-b", "host", "-o", tmp_path / "file" / "o").returncode in (2, 5)
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.parametrize("after", ["select", "render"])
def test_interrupt_ends_with_130_and_leaves_nothing_half_done(tmp_path: Path, after: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "fwgen", "build", DIGITS, "-b", "corstone-300", "-o", "o"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        process_group=0,
        # a shell's background job, as this may be one, has its children ignore SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert child.stderr is not None
    for line in child.stderr:
        if after in line:
            break
    time.sleep(0.2 if after == "render" else 0.0)  # in CMake, or while writing
    os.killpg(child.pid, signal.SIGINT)
    rest = child.stderr.read()
    assert child.wait(10) == 130, rest
    assert "Traceback" not in rest
    assert [p.name for p in tmp_path.iterdir()] in ([], ["o"])
    assert not (tmp_path / "o").exists() or (tmp_path / "o" / "fwgen.json").is_file()


def test_all_unsupported_operators_are_listed_with_counts(fwgen: Fwgen, tmp_path: Path) -> None:
    model = ModelBuilder()
    x = model.tensor((1, 4), scale=0.1, zero_point=0)
    for code in ("UNIQUE", "UNIQUE", "WHERE"):
        y = model.tensor((1, 4), scale=0.1, zero_point=0)
        model.op(code, [x], [y])
        x = y
    (tmp_path / "m.tflite").write_bytes(model.build())
    done = fwgen("build", "m.tflite", "-b", "host")
    check_error(done, 3, "UNIQUE (2x)", "WHERE (1x)", "docs/operators.md")


def test_full_disk_while_compiling_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The compiler fails for want of space, and then the log cannot be written either."""
    from fwgen.board import load_board
    from fwgen.build.cmake import BUILD, build
    from fwgen.errors import ToolError

    def full(*args: object, **kwargs: object) -> int:
        raise OSError(28, "No space left on device")

    (tmp_path / BUILD).mkdir()
    (tmp_path / BUILD / "build.ninja").write_text("rule r\n  command = false\nbuild x: r\n")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ToolError, match="cmake failed"):
        build(tmp_path, load_board("host"), 0)
    ended = subprocess.CompletedProcess((), 1, "CMake Error at x:70\nx: No space left on device\n")
    monkeypatch.setattr("fwgen.build.cmake.run", lambda *args, **kwargs: ended)
    with pytest.raises(ToolError, match=r"cmake failed: No space left on device\.") as told:
        build(tmp_path, load_board("host"), 0)
    assert "free disk space" in told.value.tries[0]
