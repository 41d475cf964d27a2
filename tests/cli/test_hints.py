"""What mistakes are answered with: the sentence must be true, and name what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.cli import main
from fwgen.device.run import RUNNERS, find_runner, notes_on
from fwgen.device.run.qemu_process import explain_end
from fwgen.device.run.runner import Choice
from fwgen.errors import UsageError
from fwgen.host.programs import find_program, why_missing
from tests.conftest import OWN_MODELS, Fwgen

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is built for this machine."""
    folder = tmp_path_factory.mktemp("built") / "p"
    assert main(["build", DIGITS, "-b", "host", "-q", "-o", str(folder)]) == 0
    return folder


def test_a_runner_that_does_not_exist_is_told_as_that() -> None:
    """Not as one that cannot run the board's images."""
    for board in ("host", "corstone-300", "corstone-320"):
        with pytest.raises(UsageError) as caught:
            find_runner(load_board(board), Choice("quemu"))
        assert "no runner 'quemu'" in caught.value.what and "images" not in caught.value.what
        for name, runner in RUNNERS.items():
            assert (name in caught.value.what.partition("; ")[2].split(" on ")[1]) is (
                runner.suits(load_board(board))
            )
        assert caught.value.tries == ("qemu, if that is what was meant",)


def test_a_runner_of_other_boards_is_told_as_that() -> None:
    for board, runner, others in (("host", "qemu", "host"), ("corstone-300", "host", "qemu, fvp")):
        with pytest.raises(UsageError, match=f"{runner} runs no images of {board}") as caught:
            find_runner(load_board(board), Choice(runner))
        assert others in caught.value.tries[0]


def test_why_a_program_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    monkeypatch.setenv("PATH", f"{first}:{second}")
    assert why_missing("tool") == "there is no tool on the PATH"
    (second / "tool").write_text("x")
    assert why_missing("tool") == f"{second}/tool is there, but it is not executable"
    assert find_program("tool") is None
    (second / "tool").chmod(0o755)
    assert find_program("tool") == f"{second}/tool"
    (first / "tool2").mkdir()
    assert why_missing("tool2") == f"{first}/tool2 is a folder, not a program"
    (first / "tool3").symlink_to("nothing")
    assert why_missing("tool3") == f"{first}/tool3 is a link to nothing"
    assert why_missing(str(first / "tool9")) == f"{first}/tool9 does not exist"


def test_programs_that_are_not_executable_are_not_looked_for_on_the_path(
    fwgen: Fwgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every program that a command needs, in the way that a user comes upon it."""
    names = ("cmake", "qemu-system-arm", "FVP_Corstone_SSE-300_Ethos-U55")
    for name in names:
        (tmp_path / name).write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("FWGEN_FVP_CORSTONE_310", str(tmp_path / "mine"))
    (tmp_path / "mine").write_text("")
    done = fwgen("build", DIGITS, "-b", "host")
    assert done.returncode == 5 and "cmake is there, but it is not executable" in done.stderr
    for board, runner, words in (
        ("corstone-300", "qemu", f"{tmp_path}/{names[1]} is there, but it is not executable"),
        ("corstone-300", "fvp", f"{tmp_path}/{names[2]} is there, but it is not executable"),
        ("corstone-310", "fvp", f"{tmp_path}/mine is there, but it is not executable"),
        ("corstone-320", "fvp", "there is no FVP_Corstone_SSE-320 on the PATH"),
    ):
        missing = RUNNERS[runner].missing(load_board(board), None)
        assert missing is not None and words in missing.what
    assert "not executable" in fwgen("doctor").stdout


def test_nobody_is_advised_to_load_pickles(fwgen: Fwgen, project: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "o.npy", np.array([{"a": 1}]), allow_pickle=True)
    objects = np.array([{}], object)
    np.savez(tmp_path / "o.npz", inputs=objects, labels=np.zeros(1, int), allow_pickle=True)
    for option, name in (("--input", "o.npy"), ("--samples", "o.npz")):
        done = fwgen("run", project, option, name)
        assert done.returncode == 2 and "objects of Python, expected numbers" in done.stderr
        assert "pickle" not in done.stderr


def test_notes_are_of_what_was_used() -> None:
    board, stand_in = load_board("corstone-300"), load_board("corstone-310")
    assert notes_on(board, "qemu", None) == ()
    assert any("U55" in note for note in notes_on(board, "qemu", "ethos-u55-128"))
    assert all("U55" not in note for note in notes_on(board, "qemu", "ethos-u65-256"))
    assert any("stand-in" in note for note in notes_on(stand_in, "qemu", None))
    assert not any("QEMU" in note for note in notes_on(stand_in, "fvp", None))


def test_qemu_is_quoted_with_what_it_complains_of() -> None:
    said = "qemu-system-arm: unsupported machine type 'nope'\nUse -machine help to list machines\n"
    assert "unsupported machine type" in explain_end(1, said, False).what


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("build", DIGITS, "-b", "host", "-o", "file/x"), 5, "file is not a folder"),
        (("build", DIGITS, "-b", "host", "-o", "file"), 2, "file"),
        (("build", DIGITS, "-b", "corstone-300", "--sanitize"), 2, "--board host"),
        (("build", DIGITS, "-b", "corstone-300", "--npu-inexact"), 2, "without an NPU"),
        (("run", "nothing"), 2, "does not exist"),
        (("run", "file"), 2, "is not a folder"),
        (("verify", DIGITS), 2, f"fwgen build {DIGITS} --board"),
        (("profile", "PROJECT"), 2, "for a Cortex-M, but the project is for host"),
        (("verify", "PROJECT", "--inputs", "1000000000"), 2, "--inputs 4194304"),
        (("run", "PROJECT", "--input", "folder"), 2, "Is a directory"),
        (("run", "PROJECT", "--input", "file", "--input", "file"), 2, "1 inputs"),
        (("compare", "file", "folder"), 2, "JSON"),
        (("plan", "folder"), 2, "Is a directory"),
        (("report", "file"), 3, "not a .tflite"),
        (("init", "folder"), 3, "folder"),
    ],
)
def test_mistakes_are_found_before_the_work(
    fwgen: Fwgen, tmp_path: Path, project: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "file").write_text("hello")
    (tmp_path / "folder").mkdir()
    done = fwgen(*(word.replace("PROJECT", str(project)) for word in words))
    assert done.returncode == code and told in done.stderr, done.stderr
    assert "[1/" not in done.stderr and not done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
