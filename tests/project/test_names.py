"""Names of the user's, whatever is in them, are names: nothing takes them for more.

A list of hostile names goes through every entry: model file, output folder, tensor names, board
file, fwgen.toml, options for Vela, environment. Each is built, or refused in a sentence.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.errors import UsageError, printable
from fwgen.project.naming import check_path, folder_name, safe_name
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder

CANARY = "CANARY"
FRAGMENTS = (
    f"$(touch {CANARY})", f"`touch {CANARY}`", f";touch {CANARY};", f"|touch {CANARY}", "|| :",
    f"&& touch {CANARY} &", f'";touch {CANARY};"', f"';touch {CANARY};'", f"\ntouch {CANARY}\n",
    f"\ttouch {CANARY}", f"$$(touch {CANARY})", f"\\$(touch {CANARY})", f"> {CANARY}", f"<{CANARY}",
    "${PWD}", "$ENV{PATH}", "$HOME", "@CMAKE_VERSION@", "@file", "%n%s", "%PATH%", "--help", "-o",
    "-rf", "-DCMAKE_C_COMPILER=false", "..", ".", "...", "~", "~root", "x" * 240, "y" * 120, "é",
    "日本語", "\u202egnp.exe", "\u2066", "\u2028", "\u0085", "\udcff\udcfe", "int", "while", "??/",
    "??<", "*", "*)", "\\", "\\\n", "\\n", "#", "# x", "<script>alert(1)</script>", "&lt;", "]]>",
    "![x](y)", "**b**", "{{7*7}}", "{% raw %}", "'", '"', "'''", "\x01", "\x1b[31m", "\x7f", "?",
    "[a-z]", "[", "]", "{a,b}", "!x", "^", ":", "a:b", "=", "a=b", ",", ",,", " ", " lead",
    "trail ", "a  b", "(x)", "((", "+", "CON", "null", "None", "true", "0", "-1", "1e999",
    "firmware", "build", "all", "test", "install", "fw_model", "CMakeLists.txt", "fwgen.json", "%",
    "a%20b", "&", "a&b",
)  # fmt: skip


def names() -> list[str]:
    """200 different ones: each fragment, and pairs of them."""
    pairs = [f"{a}{b}" for a, b in itertools.product(FRAGMENTS, FRAGMENTS) if len(a + b) < 200]
    random.Random(7).shuffle(pairs)
    return list(dict.fromkeys((*FRAGMENTS, *pairs)))[:200]


NAMES = names()
SOME = NAMES[::12]
"""A sample for every day."""


def model(name: bytes = b"t") -> bytes:
    """The smallest network, all of whose tensors are called ``name``."""
    builder = ModelBuilder()
    x = builder.tensor((1, 8), scale=0.1, zero_point=0, name=name)
    y = builder.tensor((1, 8), scale=0.1, zero_point=0, name=name)
    w = builder.tensor((8, 8), scale=0.1, data=np.ones((8, 8), np.int8), name=name)
    builder.op("FULLY_CONNECTED", [x, w, None], [y], fused_activation_function="NONE")
    return builder.build()


def encoded(name: str) -> bytes:
    return name.encode(errors="surrogateescape")


def of_a_file(name: str, ending: str = "") -> bool:
    """Whether a file can be called so."""
    path = name + ending
    return path not in (".", "..") and "/" not in path and 0 < len(encoded(path)) <= 255


def argument(name: str) -> str:
    """As one has to type a file whose name would be an option."""
    return f"./{name}" if name.startswith("-") else name


class Checked:
    """Runs commands, and sees that each was done or refused in a sentence of ours."""

    def __init__(self, fwgen: Fwgen, folder: Path) -> None:
        self._fwgen, self._folder = fwgen, folder

    def __call__(
        self, *args: object, codes: tuple[int, ...] = (0, 2), env: dict[str, str] | None = None
    ) -> int:
        done = self._fwgen(*args, env=env)
        told = ([printable(str(a)) for a in args], done.stderr[-2000:])
        assert done.returncode in codes, told
        for raw in ("Traceback", "CMake Error", "ninja:", "usage: vela", "sh: "):
            assert raw not in done.stderr, told
        if done.returncode:
            assert re.search(r"(?m)^(error: |fwgen)", done.stderr), told
        for line in (*done.stderr.split("\n"), *done.stdout.split("\n")):
            assert line.isprintable(), told
        canaries = [path for path in self._folder.rglob("*") if path.name.startswith(CANARY)]
        assert not canaries, told
        return done.returncode


@pytest.fixture
def checked(fwgen: Fwgen, tmp_path: Path) -> Checked:
    (tmp_path / "plain.tflite").write_bytes(model())
    return Checked(fwgen, tmp_path)


class Strict(HTMLParser):
    """Refuses what a name could have put into a page."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script" and not any(name.startswith("on") for name, _ in attrs)


def check_report(checked: Checked, project: Path, tmp_path: Path) -> None:
    page, result = tmp_path / "page.html", tmp_path / "result.json"
    assert checked("report", project, "-o", page, "--json", result) == 0
    assert isinstance(json.loads(result.read_text()), dict)
    Strict().feed(page.read_text())


def check_model_file(checked: Checked, tmp_path: Path, name: str, *options: str) -> Path:
    """A model is built whatever its file is called; returns the project."""
    path = tmp_path / "models" / f"{name}.tflite"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(model())
    shutil.rmtree(tmp_path / "build", ignore_errors=True)
    assert checked("build", path, "-b", "host", *options) == 0
    (project,) = (tmp_path / "build").iterdir()
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}", project.name)
    path.unlink()
    return project


def check_out(checked: Checked, tmp_path: Path, name: str, *options: str) -> Path | None:
    """A folder called so is made, or refused; returns the project."""
    code = checked("build", "plain.tflite", "-b", "host", "-o", argument(name), *options)
    return (tmp_path / name) if code == 0 else None


def check_all(
    checked: Checked, tmp_path: Path, some: list[str], *options: str, compiled: bool
) -> None:
    """The entries that can be tried at little cost."""
    for name in some:
        if of_a_file(name, ".tflite"):
            project = check_model_file(checked, tmp_path, name, *options)
            check_report(checked, project, tmp_path)
            if compiled:
                assert checked("run", project) == checked("verify", project, "--inputs", 1) == 0
        if of_a_file(name):
            out = check_out(checked, tmp_path, name, *options)
            if out is not None:
                check_report(checked, out, tmp_path)
                if compiled:
                    assert checked("run", argument(name)) == 0
                    assert checked("verify", argument(name), "--inputs", 1) == 0
                    assert checked("build", "plain.tflite", "-b", "host", "-o", argument(name)) == 0
                shutil.rmtree(out)
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"plain.tflite", "models", "build", "page.html", "result.json"}


def test_model_files_and_folders(checked: Checked, tmp_path: Path) -> None:
    check_all(checked, tmp_path, SOME, "--no-compile", compiled=False)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_model_files_and_folders_compiled(checked: Checked, tmp_path: Path) -> None:
    check_all(checked, tmp_path, NAMES, compiled=True)


COMPILED = ["a 'b' & (c), @2 ~%=+!{日本}: é", "$(touch CANARY)"]


def test_a_folder_is_compiled_and_run_or_refused(checked: Checked, tmp_path: Path) -> None:
    """The same for the folder that one works in; what is allowed there is one name here."""
    (tmp_path / COMPILED[0]).mkdir()
    inside = f"{COMPILED[0]}/-x"
    assert check_out(checked, tmp_path, inside) is not None
    assert checked("verify", inside, "--inputs", 1) == 0
    for name in COMPILED[1:]:
        (tmp_path / name).mkdir()
        assert check_out(checked, tmp_path, f"{name}/x") is None
        assert list((tmp_path / name).iterdir()) == [], "a refusal writes nothing"


@pytest.mark.parametrize("board", ["corstone-300"])
def test_the_link_line_runs_no_command(checked: Checked, tmp_path: Path, board: str) -> None:
    """Of a model's name, with a linker script; and by hand where fwgen would have refused."""
    import subprocess

    name = f"$(touch {CANARY})"
    (tmp_path / f"{name}.tflite").write_bytes(model())
    assert checked("build", f"{name}.tflite", "-b", board, "--no-compile") == 0
    (project,) = (tmp_path / "build").iterdir()
    shutil.copytree(project, tmp_path / name)
    for command in (["cmake", "-G", "Ninja", "-B", "build"], ["ninja", "-C", "build"]):
        subprocess.run(command, cwd=tmp_path / name, capture_output=True, check=False)
    assert not list(tmp_path.rglob(CANARY))


@pytest.mark.parametrize("some", [SOME, pytest.param(NAMES, marks=pytest.mark.nightly)])
def test_tensor_names(checked: Checked, tmp_path: Path, some: list[str]) -> None:
    for name in some:
        (tmp_path / "m.tflite").write_bytes(model(encoded(name)))
        assert checked("build", "m.tflite", "-b", "host", "--no-compile", "-o", "out") == 0
        check_report(checked, tmp_path / "out", tmp_path)
        assert checked("inspect", "m.tflite") == 0
        for path in (tmp_path / "out").rglob("*"):
            if path.suffix in (".c", ".h", ".txt", ".cmake", ".md"):
                assert CANARY not in path.read_text() or f"({CANARY}" not in path.read_text()


def toml(text: str) -> str:
    return json.dumps(text.encode(errors="replace").decode()).replace("\x7f", "\\u007f")


@pytest.mark.parametrize("some", [SOME[::2], pytest.param(NAMES, marks=pytest.mark.nightly)])
def test_board_files(checked: Checked, tmp_path: Path, some: list[str]) -> None:
    source = load_board("mps2-an386").source.decode()
    for name in some:
        for key in ("name", "title", "machine"):
            value = re.search(rf'(?m)^{key} = (".*")', source)
            assert value is not None
            text = source.replace(value[0], f"{key} = {toml(name)}", 1)
            (tmp_path / "b.toml").write_text(text)
            checked("build", "plain.tflite", "-b", "b.toml", "--no-compile", "-o", "out")
        if of_a_file(name, ".toml"):
            path = tmp_path / f"{name}.toml"
            path.write_text(source)
            board = argument(path.name)
            assert checked("build", "plain.tflite", "-b", board, "--no-compile", "-o", "o") == 0
            path.unlink()
        checked("build", "plain.tflite", "-b", argument(name), "--no-compile", "-o", "out")
        for option in ("--place", "--name", "--npu"):
            checked("build", "plain.tflite", "-b", "corstone-300", f"{option}={name}", "-o", "out")


@pytest.mark.parametrize("some", [SOME, pytest.param(NAMES, marks=pytest.mark.nightly)])
def test_fwgen_toml_and_projects_that_are_none(
    checked: Checked, tmp_path: Path, some: list[str]
) -> None:
    for name in some:
        for key in ("model", "board", "npu"):
            values = {"model": "plain.tflite", "board": "corstone-300", key: name}
            text = "".join(f"{k} = {toml(v)}\n" for k, v in values.items())
            (tmp_path / "fwgen.toml").write_text(text)
            checked("build", "--no-compile", "-o", "out", codes=(2, 3))
        for command in ("run", "verify", "report"):
            checked(command, argument(name), codes=(2, 3))


ENVIRONMENT = ("CMSIS_NN_ROOT", "CMSIS_PACK_ROOT", "CMSIS_ROOT", "ETHOSU_DRIVER_ROOT", "CC")


def test_the_environment(checked: Checked, tmp_path: Path) -> None:
    for name in SOME:
        env = {**os.environ, **dict.fromkeys(ENVIRONMENT, name)}
        options = ("-b", "corstone-300", "--no-compile", "-o", "out", "--kernels", "cmsis-nn")
        checked("build", "plain.tflite", *options, codes=(0, 2, 5), env=env)


@pytest.mark.parametrize(
    "some", [["$(touch CANARY)", "'", "-o"], pytest.param(NAMES, marks=pytest.mark.nightly)]
)
def test_options_for_vela(checked: Checked, tmp_path: Path, some: list[str]) -> None:
    pytest.importorskip("ethosu")
    for name in some:
        options = ("--npu", "ethos-u55-128", f"--vela-args={name}", "--no-compile", "-o", "out")
        checked("build", "plain.tflite", "-b", "corstone-300", *options)


def test_different_models_have_different_folders() -> None:
    folders = [folder_name(name, "host") for name in NAMES]
    assert len(set(folders)) == len(NAMES)
    assert folder_name("kws", "host", ["size"]) == "kws-host-size"
    assert safe_name("kws_ref-1.2") == "kws_ref-1.2"


@pytest.mark.parametrize("character", [*'"$;\\|[*#\n', "\udc80", "\u202e"])
def test_a_refused_path_names_the_character(tmp_path: Path, character: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_path(tmp_path / f"a{character}b" / "c", "It")
    shown = {"\n": "a line break", "\udc80": "0x80", "\u202e": "U+202E"}.get(character, character)
    assert shown in caught.value.what and str(caught.value).isascii()


@pytest.mark.parametrize(
    "name", ["all", "INSTALL", "clean", "help", "firmware", "weights", "stdint", "core", "copy"]
)
def test_a_prefix_is_no_target_and_no_header(checked: Checked, name: str) -> None:
    assert checked("build", "plain.tflite", "-b", "host", "--name", name, "--no-compile") == 2
