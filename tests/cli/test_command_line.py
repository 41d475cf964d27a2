"""What is the same for all commands: JSON, misspelt words, streams, and the net below."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fwgen import cli
from fwgen.cli import main
from fwgen.cli.parser import commands as declared
from fwgen.cli.parser import parser
from tests.conftest import OWN_MODELS, REPORTS

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))
COMMANDS = sorted(
    path.stem.removesuffix("_command") for path in Path(cli.__path__[0]).glob("*_command.py")
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
    from fwgen.cli import (
        build_command,
        doctor_command,
        init_command,
        inspect_command,
        plan_command,
        report_command,
    )

    for module, name in (
        (build_command, "compile_model"),
        (report_command, "load_board"),
        (report_command, "load_model"),
        (init_command, "read"),
        (inspect_command, "opened"),
        (plan_command, "read_table"),
        (doctor_command, "examine"),
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
    from fwgen.cli import build_command

    Path("mine").mkdir()
    write("mine/notes.txt", "keep")
    with monkeypatch.context() as early:
        early.setattr(build_command, "compile_model", forbidden)
        done = here("build", DIGITS, "-b", "host", "-o", "mine")
        assert done.code == 2 and "mine" in done.err
        for tool in ("cmake", "ninja", "arm-none-eabi-gcc"):
            early.setenv("PATH", bin_without(tool))
            done = here("build", DIGITS, "-b", "corstone-300")
            assert done.code == 5 and f"{tool} is not installed" in done.err
    monkeypatch.setattr(build_command, "compile_model", forbidden)
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


def test_a_command_is_two_modules_and_no_more() -> None:
    """One says what it takes, the other does it; nothing else lists commands."""
    assert COMMANDS and sorted(declared()) == COMMANDS
    for name in COMMANDS:
        assert callable(import_module(f"fwgen.cli.{name}_command").run)


def test_help_needs_nothing_that_a_command_needs() -> None:
    """No NumPy, and no module that does the work of a command."""
    said = "import sys; from fwgen.cli.parser import parser; parser(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert "fwgen.cli.build_arguments" in modules and "numpy" not in modules
    assert not [name for name in modules if name.endswith("_command")]


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
        (("build", DIGITS, "-b", "corstone-300", "--npu", "ethos-u55-182"), "ethos-u55-128"),
        (("report", DIGITS, "--board", "corstone300"), "corstone-300"),
    ],
)
def test_what_was_meant(here: Fwgen, words: Sequence[str], right: str) -> None:
    done = here(*words)
    assert done.code == 2
    assert f"  try: {right}, if that is what was meant\n" in done.err


def test_every_option_is_asked_for_what_it_takes(here: Fwgen) -> None:
    """No value of any option is answered by more than a sentence, and none in argparse's words."""
    hostile = ["", "-1", "nan", "9" * 5000, "x\0y", "\udcff", "-"]
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
    assert asked > 250


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


# Files of text that users write


DEEP = "[" * 50_000
LONG = "9" * 5000
TOML = (
    b"[", b"model = 3", b"\xff\xfe", b"x = 1", b"model = ''", b'model = "a\\u0000b"',
    f"model = {DEEP}".encode(), f"model = {'[' * 7000}".encode(), f"model = {LONG}".encode(),
    b"model = nan", b"[model]\na = 1", b"[[model]]", b"model = 1979-05-27", b"model = 'x'\n" * 2,
    b"model = [[]]", b"\0", b"model = 'm'\nboard = 1", b"model = 'm'\nboard = 'x\\u0000'",
)  # fmt: skip


@pytest.mark.parametrize("content", TOML, ids=range(len(TOML)))
def test_toml_of_any_content_is_a_sentence(
    here: Fwgen, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """fwgen.toml, a board file, and the user's own settings."""
    write("fwgen.toml", content)
    Path("fwgen").mkdir()
    write("fwgen/config.toml", content.replace(b"model", b"cmsis_nn.root", 1))
    write("b.toml", content)
    for words, names in (
        (("build", "--no-compile"), "fwgen.toml|--board"),
        (("inspect", DIGITS, "--board-file"), "--board-file"),
        (("build", DIGITS, "-b", "b.toml", "--no-compile"), "b.toml"),
    ):
        done = here(*words)
        assert done.code in (2, 3) and re.search(names, done.err), done
        assert len(done.err) < 2500
    monkeypatch.setenv("XDG_CONFIG_HOME", os.getcwd())
    done = here("build", DIGITS, "-b", "host", "--no-compile", "--kernels", "cmsis-nn")
    assert done.code in (2, 5) and re.search("config.toml|CMSIS-NN", done.err), done


JSON = (
    b"", b"[]", b"{", b"\0", DEEP.encode(), b"\xff", b"nul", b'{"schema": NaN}',
    b'{"memory": {"flash_bytes": 1e999}}', b'{"memory": {"flash_bytes": ' + b"9" * 400 + b"}}",
    b'{"memory": {"flash_bytes": ' + LONG.encode() + b"}}", b'{"memory": []}', b'{"ops": 3}',
    b'{"ops": [3]}', b'{"counters": 1}', b'{"counters": {"total": 1, "source": [], "ops": 3}}',
    b'{"profile": []}', b'{"energy": "x"}', b'{"memory": {"x_bytes": null}}',
    b'{"schema": 1, "board": {"a": []}}', b'{"ops": [{"index": {}, "op": []}]}',
    b'{"memory":{"a_bytes":1},"counters":{"total":1,"source":1,"unit":1,"ops":[{"index":9}]}}',
)  # fmt: skip


@pytest.mark.parametrize("content", JSON, ids=range(len(JSON)))
def test_json_of_any_content_is_a_sentence(here: Fwgen, content: bytes) -> None:
    """What compare reads, and the marker of a project."""
    write("bad.json", content)
    write("good.json", json.dumps({"schema": 1, "memory": {"flash_bytes": 1}}))
    Path("p").mkdir()
    write("p/fwgen.json", content)
    for words in (
        ("compare", "bad.json", "bad.json"),
        ("compare", "good.json", "bad.json"),
        ("compare", "bad.json", "good.json"),
        ("run", "p"),
        ("verify", "p"),
        ("profile", "p"),
        ("report", "p"),
    ):
        done = here(*words)
        assert done.code == 2 and len(done.err) < 2500, done


def headers() -> list[bytes]:
    """The bytes of .npy files, each wrong in another way."""

    def npy(header: bytes, version: bytes = b"\x01\0") -> bytes:
        size = len(header).to_bytes(2 if version == b"\x01\0" else 4, "little")
        return b"\x93NUMPY" + version + size + header

    described = "{'descr': %s, 'fortran_order': False, 'shape': %s}"
    return [
        b"", b"hello", b"\x93NUMPY", b"\x93NUMPY\x09\x09", npy(b""), npy(b"("), npy(b"(" * 9000),
        npy(b"\xff" * 50), npy(b"{}"), npy(b"1+1"), npy(b"open('x')"), npy(b"{" + b"[" * 300),
        *(npy((described % case).encode(), version)
          for version in (b"\x01\0", b"\x02\0", b"\x03\0")
          for case in (
            ("'|i1'", "(1000000000000000000,)"), ("'|i1'", "(10,) * 9"), ("'|i1'", "(-64,)"),
            ("'|i1'", "(1, 8, 8, 1, 1000000000, 1000000000, 1000000000)"), ("'|i1'", f"({LONG},)"),
            ("'|O'", "(64,)"), ("'|S0'", "(64,)"), ("'x'", "(64,)"), ("[('a', 'O')]", "(64,)"),
            ("'|i1'", "(1.5,)"), ("'|i1'", "None"), ("'|i1'", "()"), ("'<f8'", "(0,)"),
            ("'|V9223372036854775807'", "(2,)"),
        )),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is built for this machine."""
    folder = tmp_path_factory.mktemp("built") / "p"
    assert main(["build", DIGITS, "-b", "host", "-q", "-o", str(folder)]) == 0
    return folder


def test_arrays_of_any_content_are_a_sentence(here: Fwgen, project: Path) -> None:
    import io
    import zipfile

    for content in headers():
        write("i.npy", content)
        with zipfile.ZipFile("s.npz", "w") as archive:
            archive.writestr("inputs.npy", content)
            archive.writestr("labels.npy", content)
        for option, name in (("--input", "i.npy"), ("--samples", "s.npz")):
            done = here("run", project, option, name)
            assert done.code == 2 and name in done.err and len(done.err) < 1500, (content, done)
            assert "pickle" not in done.err
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inputs.npy", b"\0" * (8 << 20))
        archive.writestr("labels.npy", b"x")
    whole = bomb.getvalue()
    for content in (whole, whole[:-9], whole[: len(whole) // 2], b"PK\x03\x04", b"PK" + whole):
        write("z.npz", content)
        for option in ("--samples", "--input"):
            done = here("run", project, option, "z.npz")
            assert done.code == 2 and "z.npz" in done.err, done


def test_tables_of_any_content_are_a_sentence(here: Fwgen) -> None:
    for content in (
        b"", b"\0", b"id,lower,upper,size\n\0,0,1,1\n", b"\xff\xfe", b"id,lower,upper,size\na,0,1",
        f"id,lower,upper,size\na,0,1,{LONG}\n".encode(), b'id,lower,upper,size\n"a,0,1,1\n',
        b"id,lower,upper,size\na,0,1,1e3\n", b"id,lower,upper,size\na,nan,inf,1\n",
        b"id,lower,upper,size\n" + b"x" * 200_000 + b",0,1,1\n",
        b"id,lower,upper,size\na,0,1,99999999999999999999\n",
    ):  # fmt: skip
        write("t.csv", content)
        done = here("plan", "t.csv")
        assert done.code in (0, 2) and len(done.err) < 1500, (content[:60], done)
        if done.code:
            assert "t.csv" in done.err and "error: " in done.err


def test_a_marker_damaged_anywhere_is_a_sentence(here: Fwgen, project: Path) -> None:
    """Every value of it, replaced by values of other kinds."""
    import shutil

    shutil.copytree(project, "p")
    marker = Path("p/fwgen.json")
    whole = json.loads(marker.read_text())

    def places(value: Any, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
        found = [way] if way else []
        inner: Any = ()
        if isinstance(value, dict | list):
            inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:1]
        for key, each in inner:
            found += places(each, (*way, key))
        return found

    wrongs = itertools.cycle((None, -1, [[]], 1 << 70, "x", [], {}, 1.5, True))
    told = 0
    for way in places(whole):
        data = json.loads(json.dumps(whole))
        inner = data
        for step in way[:-1]:
            inner = inner[step]
        inner[way[-1]] = next(wrongs)
        marker.write_text(json.dumps(data))
        done = here("run" if len(way) < 3 or told % 2 else "report", "p")
        assert done.code in (0, 2, 5, 7), (way, inner[way[-1]], done)
        told += done.code == 2
    assert told > 25


def test_init_writes_all_of_its_file_or_none(here: Fwgen, tmp_path: Path) -> None:
    import shutil

    odd = os.fsdecode(b"m\xff.tflite")
    shutil.copy(DIGITS, odd)
    done = here("init", odd, "-b", "host")
    assert done.code == 2 and "UTF-8" in done.err
    assert not Path("fwgen.toml").exists()
    assert here("init", DIGITS, "-b", "host").code == 0
    assert here("build", "--no-compile").code == 0
    os.chmod(tmp_path, 0o500)
    try:
        if os.geteuid():  # root may write anywhere
            assert here("init", DIGITS).code in (2, 5)
    finally:
        os.chmod(tmp_path, 0o700)


# Streams and temporary files


def in_shell(script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """A line of a shell, in which ``$FWGEN`` is the command."""
    command = f"{sys.executable} -m fwgen"
    return subprocess.run(
        ["/bin/sh", "-c", script.replace("$FWGEN", command)],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("script", "codes", "words"),
    [
        ("$FWGEN boards >/dev/full", (5,), b"could not be printed: No space"),
        ("$FWGEN boards --json - >/dev/full", (5,), b"could not be printed: No space"),
        ("$FWGEN --help >/dev/full", (5,), b"could not be printed: No space"),
        ("$FWGEN boards >&-", (5,), b"output is closed"),
        ("mkdir gone; cd gone; rmdir ../gone; $FWGEN build m -b host", (2,), b"current folder"),
        ("$FWGEN fly >/dev/full 2>/dev/full", (2,), b""),
        ("$FWGEN fly 2>&-", (2,), b""),
        ("$FWGEN boards 2>&- | head -1", (0,), b""),
        ("$FWGEN boards <&- >&- 2>&-", (5,), b""),
        (f"$FWGEN init '{DIGITS}' -b host -q >&-", (5,), b"output is closed"),
    ],
)
def test_streams_that_take_nothing(
    tmp_path: Path, script: str, codes: tuple[int, ...], words: bytes
) -> None:
    done = in_shell(script, tmp_path)
    assert done.returncode in codes, done
    assert words in done.stderr and b"Traceback" not in done.stderr and b"Exc" not in done.stderr
    assert not (tmp_path / "fwgen.toml").exists()


def test_streams_of_a_narrow_encoding(here: Fwgen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names in the text may have any letters."""
    import shutil

    odd = "\u6a21\u578b \u00e9 \U0001f600"
    shutil.copy(DIGITS, f"{odd}.tflite")
    for encoding in ("ascii", "latin-1", "utf-8", "cp1252"):
        for words, code in (
            (("inspect", f"{odd}.tflite"), 0),
            (("inspect", f"{odd}.tflite", "--json", "-"), 0),
            (("build", f"{odd}.tflite", "-b", odd), 2),
            (("init", f"{odd}.tflite", "-b", "\udcff"), 2),
            (("inspect", f"{odd}"), 3),
        ):
            out, err = io.BytesIO(), io.BytesIO()
            monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding))
            monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding))
            assert here(*words).code == code, words
            told = (out if code == 0 else err).getvalue().decode(encoding)
            assert ("CONV_2D" if code == 0 else "error: ") in told


def test_exit_codes_survive_a_reader_that_leaves(tmp_path: Path) -> None:
    """`| head` does not turn a failure into a success."""
    for name, size in (("old", 1), ("new", 2)):
        memory = {f"n{i}_bytes": size for i in range(20_000)}
        (tmp_path / name).write_text(json.dumps({"schema": 1, "memory": memory}))
    done = in_shell("($FWGEN compare old new; echo $? >code) | head -1", tmp_path)
    assert (tmp_path / "code").read_text() == "1\n" and not done.stderr


def limited(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A command that can write no file of more than 1,000 bytes, as on a disk that is full."""
    import resource

    return subprocess.run(
        [sys.executable, "-m", "fwgen", *words],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )


def test_a_full_disk_is_a_sentence(tmp_path: Path, project: Path) -> None:
    cache = str(tmp_path / "no-cache")
    for words in (
        ("build", DIGITS, "-b", "corstone-300", "--npu", "ethos-u55-128"),
        ("build", DIGITS, "-b", "host"),
        ("inspect", DIGITS, "--json", "i.json"),
        ("verify", str(project), "--inputs", "2"),
    ):
        done = limited(*words, cwd=tmp_path, XDG_CACHE_HOME=cache)
        assert done.returncode in (0, 2, 5), (words, done)
        assert "Traceback" not in done.stderr and "should not" not in done.stderr
        assert done.returncode == 0 or done.stderr.splitlines()[-1].startswith(("error", "  "))
    assert not list(tmp_path.glob(".*"))
    failure((tmp_path / "i.json").read_text())  # the result has more bytes


def test_no_folder_for_temporary_files_is_a_sentence(
    here: Fwgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", none)
    monkeypatch.setattr(tempfile, "tempdir", None)
    done = here("build", DIGITS, "-b", "corstone-300", "--npu", "ethos-u55-128")
    assert done.code == 5 and "temporary files" in done.err and "TMPDIR" in done.err


# The net


@pytest.mark.parametrize(
    "error",
    [ValueError("x\ny"), MemoryError(), RecursionError("deep"), OSError(5, "EIO"), KeyError()],
)
def test_what_nobody_foresaw_is_a_sentence_with_a_report(
    here: Fwgen, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from fwgen.cli import boards_command

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(boards_command, "run", fail)
    done = here("boards", "--json", "b.json")
    assert done.code == 70 and "Traceback" not in done.err
    told = failure(Path("b.json").read_text())
    assert (told["exit_code"], told["type"]) == (70, "Defect")
    (report,) = REPORTS.iterdir()
    text = report.read_text()
    report.unlink()
    assert str(report) in done.err
    for word in ("fwgen ", "platform: ", "command: fwgen boards --json b.json", "Traceback",
                 type(error).__name__, "in fail"):  # fmt: skip
        assert word in text


def test_the_net_holds_without_a_place_for_reports(
    here: Fwgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fwgen.cli import boards_command, crash

    monkeypatch.setattr(boards_command, "run", forbidden)
    monkeypatch.setenv("FWGEN_REPORTS", "/proc/none")
    monkeypatch.setattr(crash.tempfile, "gettempdir", lambda: "/proc/none")
    done = here("boards")
    assert done.code == 70 and "AssertionError: work was begun" in done.err
    assert "no report could be written" in done.err


def test_a_package_that_is_missing_is_named(here: Fwgen, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.startswith("elftools"):
            raise ModuleNotFoundError("No module named 'elftools'", name="elftools")
        return real(name, *args)

    for name in [
        n for n in sys.modules if n.startswith(("fwgen.cli.run_command", "fwgen.build.stack"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    done = here("run", "folder")
    assert done.code == 5 and "pip install 'pyelftools" in done.err
