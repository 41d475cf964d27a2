"""The image that is measured is the one that its sources and options make, wherever they lie."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fwgen.build.build_id import read_build_id
from fwgen.build.cmake_state import LIBRARIES, forget
from fwgen.cli import main
from tests.conftest import OWN_MODELS

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the native board, which tests copy."""
    out = tmp_path_factory.mktemp("image") / "built"
    assert main(["build", str(DIGITS), "-b", "host", "-o", str(out), "-q"]) == 0
    return out


@pytest.fixture
def project(built: Path) -> Iterator[Path]:
    """The same, whose files are put right afterwards."""
    files = {p: p.read_bytes() for p in built.rglob("*") if p.is_file() and "build" not in p.parts}
    yield built
    for path, content in files.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    """A copy in another folder, build folder and all."""
    shutil.copytree(built, tmp_path / "copied")
    return tmp_path / "copied"


def elf_of(project: Path) -> Path:
    return project / "build" / "firmware.elf"


def run(project: Path) -> str:
    """The id of the image that was run."""
    assert main(["run", str(project), "-q"]) == 0
    return read_build_id(elf_of(project))


def result(tmp_path: Path, *args: str) -> dict[str, object]:
    """The JSON of a command, which may say that outputs differ."""
    path = tmp_path / "result.json"
    assert main([*args, "-q", "--json", str(path)]) in (0, 1)
    return dict(json.loads(path.read_text()))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_an_edit_is_seen_by_verify_without_a_build(project: Path, tmp_path: Path) -> None:
    before = run(project)
    verified = result(tmp_path, "verify", str(project), "--inputs", "1")
    assert (verified["mismatches"], verified["build_id"]) == (0, before)
    edit(project / "kernels" / "depthwise_conv_2d_nest.h", "bias ? ", "bias ? 99 + ")
    verified = result(tmp_path, "verify", str(project), "--inputs", "1")
    assert verified["mismatches"], "the image from before the edit was verified"
    assert verified["build_id"] == read_build_id(elf_of(project)) != before


@pytest.mark.parametrize("path", ["src/model.c", "kernels/taps.h", "runtime/fw_main.c"])
def test_the_id_covers_comments_headers_and_the_runtime(project: Path, path: str) -> None:
    before = run(project)
    content = (project / path).read_text()
    (project / path).write_text(content + "/* other */\n")
    assert run(project) != before
    (project / path).write_text(content)
    assert run(project) == before, "the same sources have the same id"


def test_the_id_covers_headers_that_came_later_and_options(copied: Path) -> None:
    project = copied
    ids = [run(project)]

    def build_by_hand(*options: str) -> None:
        subprocess.run(["cmake", *options, "build"], cwd=project, check=True, capture_output=True)
        subprocess.run(["ninja", "-C", "build"], cwd=project, check=True, capture_output=True)
        ids.append(read_build_id(elf_of(project)))
        assert run(project) == ids[-1], "what was built by hand is run"

    (project / "src" / "mine.h").write_text("#define MINE 1\n")
    edit(project / "src" / "model.c", "#include", '#include "mine.h"\n#include')
    build_by_hand()
    (project / "src" / "mine.h").write_text("#define MINE 2\n")
    build_by_hand("-DCMAKE_C_FLAGS=-DNDEBUG")
    (project / "src" / "mine.h").write_text("#define MINE 3\n")
    ids.append(run(project))
    assert len(set(ids)) == len(ids) == 4


def test_nothing_is_built_twice(project: Path) -> None:
    run(project)
    before = elf_of(project).stat().st_mtime_ns
    run(project)
    assert elf_of(project).stat().st_mtime_ns == before


@pytest.mark.parametrize("how", ["moved", "no_compiler", "other_generator"])
def test_a_project_builds_again_wherever_it_comes_to_lie(
    project: Path, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "elsewhere" / "second"
    before = run(project)
    shutil.copytree(project, out)
    if how == "no_compiler":
        (state,) = out.glob("build/CMakeFiles/*/CMakeCCompiler.cmake")
        edit(state, f'(CMAKE_C_COMPILER "{shutil.which("gcc")}")', '(CMAKE_C_COMPILER "/gone/gcc")')
        for path in (out / "build" / "CMakeCache.txt", out / "build" / "build.ninja"):
            path.write_text(path.read_text().replace(str(project), str(out)))
    if how == "other_generator":
        shutil.rmtree(out / "build")
        command = ["cmake", "-G", "Unix Makefiles", "-S", ".", "-B", "build"]
        subprocess.run(command, cwd=out, check=True, capture_output=True)
        shutil.copy2(elf_of(project), elf_of(out))
    edit(out / "src" / "model.c", "/* ", "/*  ")
    assert main(["run", str(out), "-q"]) == 0, capsys.readouterr().err
    assert read_build_id(elf_of(out)) != before
    if how == "moved":
        edit(out / "src" / "model.c", "/*  ", "/* ")
        assert main(["build", str(DIGITS), "-b", "host", "-o", str(out), "-q"]) == 0
        assert read_build_id(elf_of(out)) == before, "the same sources and options, the same id"


def test_without_tools_an_image_runs_as_long_as_it_is_not_old(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(project)
    monkeypatch.setenv("PATH", "/nonexistent")
    for path in project.rglob("*.c"):
        os.utime(path)  # as an archive unpacked anew has them: times say nothing
    assert main(["run", str(project), "-q"]) == 0
    edit(project / "src" / "model.c", "/* ", "/*  ")
    capsys.readouterr()
    assert main(["run", str(project), "-q"]) == 5
    said = capsys.readouterr().err
    assert "src/model.c is not what it was built of" in said and "apt install" in said
    (project / "build" / "fw_build_id.txt").unlink()
    assert main(["run", str(project), "-q"]) == 5
    assert "nothing tells what it was built of" in capsys.readouterr().err
    elf_of(project).unlink()
    assert main(["run", str(project), "-q"]) == 5
    assert "has not been built" in capsys.readouterr().err


HOSTILE_ENVIRONMENT = {
    "CFLAGS": "-O0 -DFW_CANARIES",
    "CPPFLAGS": "-O0",
    "LDFLAGS": "-Wl,--defsym=x=1",
    "CC": "false",
    "CMAKE_GENERATOR": "Unix Makefiles",
    "CMAKE_TOOLCHAIN_FILE": "/nonexistent",
    "CMAKE_BUILD_TYPE": "Debug",
    "CMAKE_C_COMPILER_LAUNCHER": "false",
    "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",
    "CPATH": "/nonexistent",
    "C_INCLUDE_PATH": "/nonexistent",
    "GCC_EXEC_PREFIX": "/nonexistent/",
    "COMPILER_PATH": "/nonexistent",
    "LIBRARY_PATH": "/nonexistent",
    "SOURCE_DATE_EPOCH": "1",
    "DESTDIR": "/nonexistent",
    "MAKEFLAGS": "-k",
    "NINJA_STATUS": "%c",
    "LANG": "de_DE.UTF-8",
}


@pytest.mark.usefixtures("compiled_anew")
def test_nothing_in_the_environment_changes_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    friendly, hostile = tmp_path / "friendly", tmp_path / "hostile"
    assert main(["build", str(DIGITS), "-b", "host", "-o", str(friendly), "-q"]) == 0
    for name, value in HOSTILE_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert main(["build", str(DIGITS), "-b", "host", "-o", str(hostile), "-q"]) == 0
    assert hashes(hostile) == hashes(friendly)


def hashes(project: Path) -> str:
    return hashlib.sha256(elf_of(project).read_bytes()).hexdigest()


def test_a_clean_start_keeps_what_was_said_of_libraries(tmp_path: Path) -> None:
    """None is said, too: the environment of a later command does not bring one in."""
    for name in ("there", "build"):
        (tmp_path / name).mkdir()
    values = (tmp_path / "there", "/nonexistent", "")
    lines = [f"{name}:PATH={value}\n" for name, value in zip(LIBRARIES, values, strict=True)]
    (tmp_path / "build" / "CMakeCache.txt").write_text("".join(lines) + "OTHER:PATH=/tmp\n")
    (tmp_path / "build" / "firmware.elf").write_bytes(b"")
    kept = forget(tmp_path / "build")
    assert kept == {LIBRARIES[0]: str(tmp_path / "there"), LIBRARIES[2]: ""}
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["firmware.elf"]


def test_another_board_in_the_same_folder(tmp_path: Path) -> None:
    """Nothing is left of the instructions of a core that has more of them."""
    out = str(tmp_path / "out")
    for board in ("corstone-300", "mps2-an386"):
        assert main(["build", str(DIGITS), "-b", board, "-o", out, "-q"]) == 0
    assert main(["verify", out, "--inputs", "1", "-q"]) == 0
