"""What is the same for all commands: JSON, misspelt words, streams, and the net below."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import OWN_MODELS

from fwgen.cli import main
from fwgen.cli.parser import parser

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))
COMMANDS = (
    *("build", "run", "verify", "profile", "compare", "plan", "report"),
    *("inspect", "boards", "doctor", "init"),
)
BUFFERS = "id,lower,upper,size\na,0,2,64\nb,1,3,64\n"


@dataclass(frozen=True)
class Said:
    """What a command did."""

    code: int
    out: str
    err: str


Fwgen = Callable[..., Said]


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fwgen:
    """A command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Said:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


def write(name: str, content: str | bytes) -> str:
    """A file of the current folder."""
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


# JSON


def test_json_of_a_dash_is_all_that_stdout_gets(here: Fwgen) -> None:
    """Whatever a command prints for people goes out of its way."""
    write("b.csv", BUFFERS)
    result = {"schema": 1, "memory": {"flash_bytes": 1}}
    write("r.json", json.dumps(result))
    for words, key, text in (
        (("boards",), "boards", "corstone-300"),
        (("doctor",), "findings", "cmake"),
        (("inspect", DIGITS), "ops", "CONV_2D"),
        (("plan", "b.csv"), "arena_bytes", "128"),
        (("compare", "r.json", "r.json"), "rows", "flash_bytes"),
        (("init", DIGITS), "written", "fwgen.toml"),
        (("report", DIGITS, "-b", "host"), "ops", "page"),
        (("build", DIGITS, "-b", "host", "--dump", "plan"), "text", "arena"),
        (("build", DIGITS, "-b", "host", "--no-compile"), "memory", "render"),
    ):
        done = here(*words, "--json", "-")
        assert key in json.loads(done.out), words
        assert text in done.err, words
        assert not Path("-").exists()


def failure(text: str) -> dict[str, Any]:
    data = json.loads(text)
    assert data["schema"] == 1
    assert set(data["error"]) >= {"type", "what", "at", "tries", "exit_code"}
    error: dict[str, Any] = data["error"]
    return error


def test_json_is_written_on_errors(here: Fwgen) -> None:
    write("noise.tflite", "x" * 100)
    write("b.csv", BUFFERS)
    for words, code, kind in (
        (("fly",), 2, "UsageError"),
        (("build", "--colour"), 2, "UsageError"),
        (("inspect", "noise.tflite"), 3, "ModelError"),
        (("inspect", "missing.tflite"), 3, "ModelError"),
        (("build", DIGITS, "-b", "moon"), 2, "UsageError"),
        (("plan", "b.csv", "--capacity", "100"), 4, "DoesNotFit"),
        (("run", "."), 2, "UsageError"),
    ):
        for path in ("e.json", "-"):
            done = here(*words, "--json", path)
            assert done.code == code, words
            error = failure(done.out if path == "-" else Path(path).read_text())
            assert (error["type"], error["exit_code"]) == (kind, code)
            assert error["what"] in done.err


def test_json_of_an_error_keeps_what_was_found_before_it(here: Fwgen) -> None:
    write("b.csv", BUFFERS)
    done = here("plan", "b.csv", "--capacity", "100", "--json", "p.json")
    data = json.loads(Path("p.json").read_text())
    assert done.code == 4 and data["arena_bytes"] == 128 and data["error"]["tries"]


def forbidden(*_: object, **__: object) -> Any:
    raise AssertionError("work was begun")


def test_what_cannot_be_written_is_found_before_the_work(
    here: Fwgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fwgen import build_command, commands, report_command

    for module, name in (
        (build_command, "read_source"),
        (report_command, "load_board"),
        (report_command, "load_model"),
        (commands, "read_graph"),
        (commands, "read_table"),
        (commands, "examine"),
    ):
        monkeypatch.setattr(module, name, forbidden)
    Path("folder").mkdir()
    write("b.csv", BUFFERS)
    for path in ("no/such/r.json", "folder", "b.csv/r.json"):
        for words in (
            ("build", DIGITS, "-b", "host", "--json"),
            ("inspect", DIGITS, "--json"),
            ("doctor", "--json"),
            ("plan", "b.csv", "--json"),
            ("plan", "b.csv", "-o"),
            ("report", DIGITS, "-b", "host", "-o"),
            ("report", DIGITS, "-b", "host", "--svg"),
            ("report", DIGITS, "--tflm"),
        ):
            done = here(*words, path)
            assert done.code == 5, (words, path, done.err)
            assert path in done.err and "could not be written" in done.err
    assert sorted(os.listdir()) == ["b.csv", "folder"]


def test_a_build_looks_for_tools_and_at_its_folder_first(
    here: Fwgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fwgen import build_command

    Path("mine").mkdir()
    write("mine/notes.txt", "keep")
    with monkeypatch.context() as early:
        early.setattr(build_command, "read_source", forbidden)
        done = here("build", DIGITS, "-b", "host", "-o", "mine")
        assert done.code == 2 and "mine" in done.err
        for tool in ("cmake", "ninja", "arm-none-eabi-gcc"):
            early.setenv("PATH", bin_without(tool))
            done = here("build", DIGITS, "-b", "corstone-300")
            assert done.code == 5 and f"{tool} is not installed" in done.err
    monkeypatch.setattr(build_command, "compile_graph", forbidden)
    named = Path("build/digits-host")
    named.mkdir(parents=True)
    (named / "notes.txt").write_text("keep")
    done = here("build", DIGITS, "-b", "host", "--no-compile")
    assert done.code == 2 and "notes.txt" in done.err + "notes.txt"


def bin_without(tool: str) -> str:
    """A folder of the three tools but for one."""
    folder = Path(f"without-{tool}")
    folder.mkdir()
    for name in ("cmake", "ninja", "arm-none-eabi-gcc"):
        if name != tool:
            (folder / name).write_text("#!/bin/sh\n")
            (folder / name).chmod(0o755)
    return str(folder.absolute())


# Words


def test_no_words_are_answered_with_help(here: Fwgen) -> None:
    done = here()
    assert done.code == 0 and not done.err
    for command in COMMANDS:
        assert f"\n    {command} " in done.out


def test_help_is_printed_for_each_command(here: Fwgen) -> None:
    for command in COMMANDS:
        done = here(command, "--help")
        assert done.code == 0 and "--json" in done.out and "70 fault of fwgen" in done.out
    assert here("--version").out.startswith("fwgen ")


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (("buidl", "x"), "build"),
        (("REPORT",), "report"),
        (("build", "x", "--bord", "host"), "--board"),
        (("build", "x", "--no-compiled"), "--no-compile"),
        (("verify", "x", "--input=3"), "--inputs"),
        (("build", "x", "--optimize", "sise"), "size"),
        (("build", "x", "--kernels", "cmsisnn"), "cmsis-nn"),
        (("build", "x", "--dump", "plam"), "plan"),
        (("build", DIGITS, "-b", "corestone-300"), "corstone-300"),
        (("build", DIGITS, "-b", "HOST"), "host"),
        (("init", DIGITS, "-b", "mps2-386"), "mps2-an386"),
        (("report", DIGITS, "--board", "corstone300"), "corstone-300"),
    ],
)
def test_what_was_meant(here: Fwgen, words: Sequence[str], right: str) -> None:
    done = here(*words)
    assert done.code == 2
    assert f"  try: {right}, if that is what was meant\n" in done.err


def test_every_option_is_asked_for_what_it_takes(here: Fwgen) -> None:
    """No value of any option is answered by more than a sentence, and none in argparse's words."""
    hostile = ["", "-1", "0", "nan", "inf", "1e400", "9" * 5000, "x\0y", "\udcff", "x" * 5000, "-"]
    commands = next(a for a in parser()._actions if isinstance(a.choices, dict))
    assert isinstance(commands.choices, dict)
    asked = 0
    for name, sub in commands.choices.items():
        for action in sub._actions:
            if not action.option_strings or action.nargs == 0:
                continue
            for value in hostile:
                done = here(name, *["missing"] * (2 if name == "compare" else 1),
                            f"{action.option_strings[-1]}={value}")  # fmt: skip
                asked += 1
                assert done.code in range(1, 8), (name, action.option_strings, value, done)
                assert re.search("^error: [A-Z'\"].*[.]$", done.err, re.MULTILINE), done.err
                assert "invalid" not in done.err and len(done.err) < 2500, done.err
    assert asked > 400


def test_numbers_out_of_range_are_told_their_range(here: Fwgen) -> None:
    for words, range_ in (
        (("verify", "p", "--inputs", "0"), "from 1 to"),
        (("verify", "p", "--seed", "-1"), "from 0 to"),
        (("profile", "p", "--top", "0"), "from 1 to"),
        (("run", "p", "--timeout", "nan"), "seconds above 0"),
        (("run", "p", "--timeout", "0"), "seconds above 0"),
    ):
        done = here(*words)
        assert done.code == 2 and range_ in done.err and words[2] in done.err
