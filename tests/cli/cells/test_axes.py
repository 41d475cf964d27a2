"""The axes of a bench: what is a cell, what is refused, and what a key depends on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fwgen.cli.cells.axes import Axes, cells_of
from fwgen.cli.cells.cell import Cell, Measurement
from fwgen.cli.cells.tool_identity import Identity, tool_identity
from tests.cli.cells.bench_models import relu, write_models
from tests.conftest import ROOT, Fwgen

IDENTITY = Identity("1", "c0de", {"gcc": "12"})
Listed = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def listed(fwgen: Fwgen, tmp_path: Path) -> Listed:
    """The cells that a dry run of the command lists."""

    def call(*words: object) -> list[dict[str, Any]]:
        done = fwgen("bench", *words, "--dry-run", "--json", "cells.json")
        assert done.returncode == 0, done.stderr
        assert not (tmp_path / "bench").exists(), "a dry run leaves nothing"
        return list(json.loads((tmp_path / "cells.json").read_bytes())["cells"])

    return call


def names(cells: list[dict[str, Any]]) -> list[str]:
    return [cell["cell"] for cell in cells]


def test_every_combination_is_a_cell_once(listed: Listed, tmp_path: Path) -> None:
    a, b = write_models(tmp_path, a=8, b=9)
    options = ("--options", "d=", "--options", "ram=--optimize ram")
    cells = listed(a, b, a, "-b", "host", "-b", "microbit", "-b", "host", *options)
    assert names(cells) == [
        f"{model} {board} {chosen}"
        for model in "ab"
        for board in ("host", "microbit")
        for chosen in ("d", "ram")
    ]
    assert cells[1]["options"] == {"name": "ram", "words": "--optimize ram"}
    assert cells[0]["measure"] == ["run", "verify"], "no core, no estimate of its cycles"
    assert cells[2]["measure"] == ["run", "verify", "profile"]
    assert len({cell["key"] for cell in cells}) == len(cells)


def test_names_are_as_long_as_they_must_be(listed: Listed, tmp_path: Path) -> None:
    for folder in ("x", "y"):
        write_models(tmp_path / folder, kws=8)
    assert names(listed("*/kws.tflite", "-b", "host")) == [
        "x/kws host default",
        "y/kws host default",
    ]
    assert names(listed("x/kws.tflite", "-b", "host", "--options=--strict")) == [
        "kws host --strict"
    ]


def test_cells_are_left_out_by_their_names(listed: Listed, fwgen: Fwgen, tmp_path: Path) -> None:
    a, b = write_models(tmp_path, a=8, b=9)
    axes = (a, b, "-b", "host", "-b", "microbit")
    chosen = ("--exclude", "a host *", "--exclude", "* microbit default")
    assert names(listed(*axes, *chosen)) == ["b host default"]
    (tmp_path / "axes.toml").write_text('exclude = ["? host default"]')
    assert len(listed(*axes, "--axes", "axes.toml")) == 2
    for pattern, told in (("c *", "No cell is called 'c *'"), ("*", "All cells are excluded")):
        done = fwgen("bench", *axes, "--exclude", pattern)
        assert done.returncode == 2 and told in done.stderr


def test_a_file_says_what_the_command_line_does_not(listed: Listed, tmp_path: Path) -> None:
    """Its paths are relative to it."""
    write_models(tmp_path / "deep", a=8, b=9)
    (tmp_path / "deep" / "axes.toml").write_text(
        """
        models = ["*.tflite"]
        boards = ["host", "microbit --link serial"]
        measure = ["verify"]
        inputs = 3
        seed = 4
        [options]
        default = ""
        ram = "--optimize ram"
        """
    )
    cells = listed("--axes", "deep/axes.toml")
    assert len(cells) == 8
    assert cells[2]["cell"] == "a microbit --link serial default"
    assert {cell["run_options"] for cell in cells} == {"", "--link serial"}
    assert all((c["measure"], c["inputs"], c["seed"]) == (["verify"], 3, 4) for c in cells)
    cells = listed("deep/a.tflite", "--axes", "deep/axes.toml", "-b", "host", "--measure", "build")
    assert names(cells) == ["a host default", "a host ram"]
    assert cells[0]["measure"] == [] and cells[0]["inputs"] == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model = ['a.tflite']", ["no key 'model'", "models, if that"]),
        ("boards = 'host'", ["list of texts", "boards"]),
        ("boards = [1]", ["list of texts"]),
        ("repeat = 0", ["1 or more", "repeat"]),
        ("inputs = true", ["whole number"]),
        ("options = ['x']", ["table of name"]),
        ("[options]\nram = 3", ["options.ram"]),
        ("[options]\nram = '--optimise ram'", ["--options ram", "--optimize, if that"]),
        ("measure = ['verifi']", ["'verifi'", "verify, if that", "axes.toml: measure"]),
        ("[", ["not TOML"]),
        ("models = ['none*.tflite']", ["matches no file"]),
        ("models = ['none.tflite']", ["cannot be read"]),
        ("boards = ['corstone-301']", ["corstone-300"]),
    ],
)
def test_a_file_that_is_wrong(fwgen: Fwgen, tmp_path: Path, text: str, words: list[str]) -> None:
    (path,) = write_models(tmp_path, a=8)
    (tmp_path / "axes.toml").write_text(text)
    model = () if text.startswith("models") else (path,)
    board = () if text.startswith("boards") else ("-b", "host")
    done = fwgen("bench", *model, *board, "--axes", "axes.toml")
    assert done.returncode in (2, 3), done.stderr
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "bench").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), ["No model"]),
        (("a.tflite",), ["No board", "fwgen boards"]),
        (("a.tflite", "-b", "host --port"), ["--board 'host --port'"]),
        (("a.tflite", "-b", "host --inputs 3"), ["no option '--inputs'"]),
        (("a.tflite", "-b", "host --input x.npy"), ["cannot have --input"]),
        (("a.tflite", "-b", "host --json x"), ["cannot have --json"]),
        (("a.tflite", "-b", "host '"), ["No closing quotation"]),
        (("a.tflite", "-b", "host", "--options", "x=--board host"), []),
        (("a.tflite", "-b", "host", "--options", "x=--board microbit"), ["cannot have --board"]),
        (("a.tflite", "-b", "host", "--options", "x=-o out"), ["cannot have --out"]),
        (
            ("a.tflite", "-b", "host", "--options", "x=b.tflite"),
            ["one argument too many", "--options x"],
        ),
        (("a.tflite", "-b", "host", "--options", "x=--dump plan"), ["cannot have --dump"]),
        (("a.tflite", "-b", "host", "--options", "x=--no-compile"), ["cannot have --no-compile"]),
        (("a.tflite", "-b", "host", "--options", "x=", "--options", "x=--strict"), ["Two options"]),
        (("a.tflite", "-b", "host", "--measure", "run,fly"), ["'fly'", "--measure"]),
        (
            ("a.tflite", "-b", "host", "--jobs", "2", "--scheduler", "x"),
            ["Not allowed with argument"],
        ),
        (("a.tflite", "-b", "my.toml", "-b", "host"), ["my.toml"]),
    ],
)
def test_a_command_line_that_is_wrong(
    fwgen: Fwgen, tmp_path: Path, words: tuple[str, ...], told: list[str]
) -> None:
    write_models(tmp_path, a=8, b=9)
    done = fwgen("bench", *words, *(() if told else ("--dry-run",)))
    assert done.returncode == (2 if told else 0), done.stderr
    for word in told:
        assert word in done.stderr
    assert not (tmp_path / "bench").exists()


def cell(tmp_path: Path, board: str = "host", options: str = "", **task: Any) -> Cell:
    """The only cell of some axes."""
    path = tmp_path / "a.tflite"
    if not path.exists():
        path.write_bytes(relu(8))
    return cells_of(Axes((str(path),), (board,), (options,), Measurement(**task)))[0]


def test_a_key_is_of_all_that_a_result_depends_on(tmp_path: Path) -> None:
    old = cell(tmp_path).key(IDENTITY)
    assert cell(tmp_path).key(IDENTITY) == old
    changed = [
        cell(tmp_path, options="--strict").key(IDENTITY),
        cell(tmp_path, board="microbit").key(IDENTITY),
        cell(tmp_path, board="host --timeout 5").key(IDENTITY),
        cell(tmp_path, inputs=21).key(IDENTITY),
        cell(tmp_path, seed=1).key(IDENTITY),
        cell(tmp_path, repeat=2).key(IDENTITY),
        cell(tmp_path, measure=("run",)).key(IDENTITY),
        cell(tmp_path).key(Identity("2", "c0de", {"gcc": "12"})),
        cell(tmp_path).key(Identity("1", "c0df", {"gcc": "12"})),
        cell(tmp_path).key(Identity("1", "c0de", {"gcc": "13"})),
    ]
    (tmp_path / "a.tflite").write_bytes(relu(9))
    changed.append(cell(tmp_path).key(IDENTITY))
    assert len({old, *changed}) == 1 + len(changed)


def test_a_key_is_of_what_a_board_of_the_users_says(tmp_path: Path) -> None:
    """Wherever it lies; and a request has all of it, the C files of its platform, too."""
    text = (ROOT / "boards" / "microbit.toml").read_text()
    platform = next(line for line in text.splitlines() if line.startswith("platform"))
    shutil.copytree(ROOT / "templates" / "platform" / platform.split('"')[1], tmp_path / "mine")
    own = text.replace(platform, 'platform = "mine"').replace('"microbit"', '"my-bit"')
    board = tmp_path / "my.toml"
    board.write_text(own)
    found = cell(tmp_path, str(board))
    sources = {p.name for p in (tmp_path / "mine").iterdir() if p.suffix in (".c", ".h", ".S")}
    files = {"board.toml", *(f"platform/mine/{name}" for name in sources)}
    assert set(json.loads(found.request())["board"]["files"]) == files
    old = found.key(IDENTITY)
    moved = shutil.copytree(tmp_path / "mine", tmp_path / "other" / "mine").parent / "my.toml"
    shutil.copy(board, moved)
    assert cell(tmp_path, str(moved)).key(IDENTITY) == old
    source = next(path for path in (tmp_path / "mine").iterdir() if path.suffix == ".c")
    source.write_text(source.read_text() + "\n")
    assert cell(tmp_path, str(board)).key(IDENTITY) != old


def test_a_device_is_at_this_machine_and_a_simulator_is_nowhere(tmp_path: Path) -> None:
    assert cell(tmp_path, "nucleo-l4r5zi --port /dev/ttyX").board.device == "/dev/ttyX"
    assert cell(tmp_path, "microbit").board.device == ""
    assert cell(tmp_path, "microbit --runner labgrid --place shelf-3").board.device == "shelf-3"


def test_what_only_run_has_is_not_told_to_verify(tmp_path: Path) -> None:
    words = ("--energy", "ppk2", "--port=/dev/ttyX", "--energy-volts=3.3", "--link", "serial")
    asked = json.loads(cell(tmp_path, f"nucleo-l4r5zi {' '.join(words)}").request())
    assert asked["run"] == list(words)
    assert asked["verify"] == ["--port=/dev/ttyX", "--link", "serial"]


def test_the_identity_tells_what_is_another_tool() -> None:
    own = tool_identity()
    assert own.difference(own) == ""
    other = Identity(own.version, own.code, {**own.tools, "gcc": "gcc 1.0"})
    assert own.difference(other) == f"gcc: {own.tools['gcc']} and gcc 1.0"
    assert "fwgen" in own.difference(Identity(own.version, "0", own.tools))
