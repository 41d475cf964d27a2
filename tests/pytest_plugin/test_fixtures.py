"""The fixtures: tests run on a device, are skipped without one, and leave what they saw."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.cli import main
from fwgen.host.oracle import Oracle
from fwgen.project.naming import safe_name
from tests.conftest import OWN_MODELS
from tests.pytest_plugin.inner import Inner

MODELS = {path.stem: path for path in OWN_MODELS}
DIGITS, MIXED = MODELS["digits"], MODELS["mixed_ops"]


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for the board ``host``, which runs anywhere and starts at once."""
    folder = tmp_path_factory.mktemp("native") / "digits"
    assert main(["build", str(DIGITS), "--board", "host", "-o", str(folder), "-q"]) == 0
    return folder


INFERS = """
    import numpy as np

    def test_infers(dut):
        rng = np.random.default_rng(5)
        for number in range(3):
            shape = dut.bench.input_shapes[0]
            given = rng.integers(-128, 128, shape)
            np.savez(dut.folder / f"{number}.npz", given, *dut.infer(given))
"""


def test_outputs_are_those_of_tflm_and_counts_those_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = Inner(tmp_path / "inner", INFERS, f"fwgen_model = {MIXED}\nfwgen_board = mps2-an386\n")
    done = inner.run("--fwgen-logs=logs")
    assert done.counts == {"passed": 1}, done.text
    saved = sorted((inner.folder / "logs").glob("*/*.npz"))
    assert len(saved) == 3
    with Oracle(MIXED.read_bytes()) as oracle:
        for path in saved:
            given, *outputs = np.load(path).values()
            expected = oracle.invoke([given.astype(np.int8)])
            assert len(outputs) == len(expected)
            for one, other in zip(outputs, expected, strict=True):
                assert one.dtype == other.dtype and np.array_equal(one, other)
    told = done.properties["test_infers"]
    project = inner.folder / "build" / "mixed_ops-mps2-an386"
    np.save(tmp_path / "last.npy", np.load(saved[-1])["arr_0"].astype(np.int8))
    run = ["run", str(project), "--input", str(tmp_path / "last.npy"), "--json", "-", "-q"]
    assert main(run) == 0
    result = json.loads(capsys.readouterr().out)
    least, most = (int(told[f"fwgen.instructions.{word}"]) for word in ("least", "most"))
    assert least <= result["counters"]["total"] <= most
    assert told["fwgen.instructions.source"] == "qemu" and told["fwgen.inferences"] == "3"
    assert told["fwgen.build_id"] == result["build_id"]
    assert told["fwgen.board"] == "mps2-an386" and told["fwgen.runner"] == "qemu"


REFUSES = """
    import numpy as np
    import pytest
    from fwgen.errors import UsageError

    @pytest.mark.parametrize("given, why", [
        ((), "has 1 inputs, 0 were given"),
        ((np.zeros(3),), "was given"),
        ((np.full(64, 128),), "takes int8"),
        ((np.full(64, 0.5),), "takes int8"),
        ((np.full(64, np.nan),), "takes int8"),
        ((["a"] * 64,), "takes int8"),
    ])
    def test_refuses(dut, given, why):
        with pytest.raises(UsageError, match=why):
            dut.infer(*given)
        assert dut.counters is None
        with pytest.raises(UsageError, match="there was none"):
            dut.count_ops()
        assert dut.infer(np.zeros(64, bool))[0].shape == (1, 10)
"""


def test_inputs_that_the_model_does_not_take_are_refused(native: Path, tmp_path: Path) -> None:
    done = Inner(tmp_path / "inner", REFUSES).run(f"--fwgen-project={native}")
    assert done.counts == {"passed": 6}, done.text


ANY = """
    import pytest

    def test_any(fwgen_dut):
        pass
"""


def test_without_a_model_or_a_board_tests_are_skipped_with_the_reason(
    native: Path, tmp_path: Path
) -> None:
    inner = Inner(tmp_path / "inner", ANY)
    board = (f"--fwgen-model={DIGITS}", "--fwgen-board=mps2-an386")
    bench = tmp_path / "bench.toml"
    bench.write_text('[[device]]\nboard = "mps2-an505"\n')
    for options, why in (
        ((), "No model was given. Try: --fwgen-model FILE.tflite."),
        ((f"--fwgen-model={DIGITS}",), "No board was given"),
        ((*board, f"--fwgen-bench={bench}"), "The bench has no mps2-an386"),
    ):
        skipped = inner.run(*options)
        assert skipped.counts == {"skipped": 1} and why in skipped.failures, skipped.text
    required = inner.run("--fwgen-require")
    assert required.counts == {"error": 1} and "No model was given" in required.failures
    wrong = inner.run(f"--fwgen-project={native}", "--fwgen-runner=qemu")
    assert wrong.counts == {"error": 1} and "runs no images of host" in wrong.failures


MARKED = """
    import pytest

    @pytest.mark.fwgen_board("corstone-300", "host")
    def test_for_this_board(dut):
        pass

    @pytest.mark.fwgen_board("corstone-300")
    def test_for_another_board():
        raise AssertionError

    @pytest.mark.fwgen_needs("cycles")
    def test_needs_cycles(dut):
        raise AssertionError

    @pytest.mark.fwgen_needs("wings")
    def test_needs_wings(dut):
        raise AssertionError

    @pytest.mark.fwgen_needs("cycles")
    def test_has_no_device():
        raise AssertionError
"""


def test_markers_say_what_a_test_is_for_and_what_it_needs(native: Path, tmp_path: Path) -> None:
    inner = Inner(tmp_path / "inner", MARKED, f"fwgen_project = {native}\n")
    done = inner.run("--strict-markers")
    assert done.counts == {"passed": 1, "skipped": 2, "error": 2}, done.text
    assert "The test is for corstone-300; this is host." in done.failures
    assert "host on host has no cycles." in done.failures
    assert "has 'wings', expected counters, cycles," in done.failures
    assert "is for tests with a device" in done.failures
    required = inner.run("--fwgen-require")
    assert required.counts == {"passed": 1, "skipped": 1, "error": 3}, required.text


FAILS = """
    import numpy as np

    def test_fails(dut):
        dut.infer(np.zeros(64))
        assert "m-fw-out" in dut.log
        assert dut.folder.name == "nothing"
"""


FULL = """
    import numpy as np

    def test_infers(dut):
        assert dut.infer(np.zeros(64))[0].shape == (1, 10) and dut.log == ""

    def test_fails(dut):
        dut.infer(np.zeros(64))
        assert False
"""


def test_a_failure_names_the_log_and_shows_its_end(native: Path, tmp_path: Path) -> None:
    inner = Inner(tmp_path / "inner", FAILS, f"fwgen_project = {native}\n")
    done = inner.run("--fwgen-logs=logs")
    assert done.counts == {"failed": 1}, done.text
    log = next((inner.folder / "logs").glob("*test_fails*/serial.log"))
    assert f"log of the line: {log}" in done.failures
    text = log.read_text()
    assert "> fw-run" in text and "< m-fw-info-[" in text
    (ends,) = [line for line in text.splitlines() if "< m-fw-out-[bytes=" in line]
    assert ends in done.failures
    assert done.properties["test_fails"]["fwgen.inferences"] == "1"


def test_a_full_disk_of_logs_fails_no_test(native: Path, tmp_path: Path) -> None:
    """The log ends, a property says why, and a failure says so in place of the log's last lines."""
    inner = Inner(tmp_path / "inner", FULL, f"fwgen_project = {native}\n")
    for test in ("infers", "fails"):
        folder = inner.folder / "build" / "fwgen-logs" / safe_name(f"test_inner.py::test_{test}")
        folder.mkdir(parents=True)
        (folder / "serial.log").symlink_to("/dev/full")
    done = inner.run()
    assert done.counts == {"passed": 1, "failed": 1}, done.text
    why = "The log cannot be written: No space left on device."
    assert why in done.failures and "log of the line" not in done.failures
    for told in done.properties.values():
        assert told["fwgen.log"] == why and told["fwgen.inferences"] == "1"


DIES = """
    import os
    import signal
    import subprocess
    from pathlib import Path

    import numpy as np
    import pytest
    from fwgen.errors import DeviceFault, UsageError

    def images():
        found = subprocess.run(["pgrep", "-f", PROJECT], capture_output=True, text=True)
        return [int(process) for process in found.stdout.split()]

    def test_dies(dut):
        dut.infer(np.zeros(64))
        for process in images():
            os.kill(process, signal.SIGKILL)
        with pytest.raises(DeviceFault):
            dut.infer(np.zeros(64))
        with pytest.raises(UsageError, match="reset"):
            dut.infer(np.zeros(64))

    def test_lives_again(dut):
        dut.infer(np.zeros(64))
        (process,) = images()
        Path("process").write_text(str(process))

    def test_lives_on(dut):
        (process,) = images()
        assert process == int(Path("process").read_text())
        assert dut.counters is None and "fw-run" not in dut.log
        dut.reset()
        assert images() and process not in images()

    def test_nothing_runs_on():
        assert not images()
"""


@pytest.mark.parametrize("scope", ["function", "module"])
def test_a_device_that_died_is_started_again(native: Path, tmp_path: Path, scope: str) -> None:
    tests = DIES.replace("PROJECT", repr(str(native)))
    inner = Inner(tmp_path / "inner", tests, f"fwgen_project = {native}\n")
    done = inner.run(f"--fwgen-dut-scope={scope}")
    assert done.counts == {"passed": 3, "failed": 1}, done.text
    # with the wider scope an image outlives its test, and runs until the end of the module
    failed = "test_nothing_runs_on" if scope == "module" else "test_lives_on"
    assert f"FAILED test_inner.py::{failed}" in done.text


OTHER = """
    import pytest

    class Other:
        @pytest.fixture
        def dut(self):
            return "of another plugin"

    def pytest_configure(config):
        config.pluginmanager.register(Other())
"""

WHOSE = """
    def test_whose(dut, request):
        print("it is", type(dut).__name__, "fwgen_dut" in request.fixturenames)
"""


def test_short_names_are_taken_only_where_a_project_says_what_to_run(
    native: Path, tmp_path: Path
) -> None:
    for settings, whose in (
        ("", "it is str False"),
        (f"fwgen_project = {native}\n", "it is Dut True"),
        (f"fwgen_project = {native}\nfwgen_short_names = false\n", "it is str False"),
    ):
        inner = Inner(tmp_path / "inner", WHOSE, settings)
        (inner.folder / "other.py").write_text(OTHER.replace("\n    ", "\n"))
        done = inner.run("-p", "other", "-p", "no:cacheprovider")
        assert done.counts == {"passed": 1} and whose in done.text, done.text


def test_a_project_for_another_board_is_refused(native: Path, tmp_path: Path) -> None:
    done = Inner(tmp_path / "inner", ANY).run(
        f"--fwgen-project={native}", "--fwgen-board=mps2-an386"
    )
    assert done.counts == {"error": 1}
    assert "The project is for host, and the tests for mps2-an386." in done.failures


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--fwgen-dut-scope=test"], "expected function, class"),
        (["--fwgen-wait=long"], "expected seconds"),
        (["--fwgen-run-args='"], "No closing quotation"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(
    tmp_path: Path, options: list[str], why: str
) -> None:
    done = Inner(tmp_path / "inner", ANY).run(*options)
    assert why in done.text and "Traceback" not in done.text and "INTERNALERROR" not in done.text


PARALLEL = """
    import numpy as np
    import pytest

    @pytest.mark.parametrize("number", range(6))
    def test_many(dut, number):
        dut.infer(np.zeros(64))
"""


def test_processes_of_a_run_share_one_build(tmp_path: Path) -> None:
    settings = f"fwgen_model = {DIGITS}\nfwgen_board = host\n"
    inner = Inner(tmp_path / "inner", PARALLEL, settings)
    done = inner.run("-n", 2, f"--basetemp={tmp_path / 'temp'}", xdist=True)
    assert done.counts == {"passed": 6}, done.text
    assert len({told["fwgen.build_id"] for told in done.properties.values()}) == 1
    assert len([*(tmp_path / "temp").glob("fwgen-built-*")]) == 1
