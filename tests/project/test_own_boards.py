"""Boards of users: a platform of their own, a library only, a board that stands in for theirs."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fwgen.board import board_names, load_board
from fwgen.board.platforms import parts, whole
from fwgen.build.build_id import read_build_id
from fwgen.cli import main
from fwgen.errors import UsageError
from fwgen.host.resources import boards_dir, templates_dir
from tests.board.test_board import document
from tests.conftest import OWN_MODELS, Fwgen

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
EMULATED = [name for name in board_names() if "qemu" in load_board(name).sections]
SAMPLES = Path(__file__).parents[1] / "samples"
SIMULATORS = ("qemu", "fvp")


def chip(board: str, **changes: object) -> dict[str, Any]:
    """A chip like a board, which no simulator has; a change to None takes a key away."""
    content = tomllib.loads((boards_dir() / f"{board}.toml").read_text())
    content |= {"name": "my-chip", "platform": "none", "like": board, **changes}
    unused = ("clock_hz", "stack_bytes", "shares", "timer", "uart", "npu", *SIMULATORS)
    for key in (*unused, *changes):
        if changes.get(key) is None:
            content.pop(key, None)
    return content


def write(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "my-chip.toml"
    path.write_text(document(content))
    return path


def refused(folder: Path, content: dict[str, Any]) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load_board(str(write(folder, content)))
    return caught.value


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for a chip of a Cortex-M33 at other addresses than those of its twin."""
    folder = tmp_path_factory.mktemp("library")
    content = chip("mps2-an505")
    content["region"][0]["origin"], content["region"][1]["origin"] = 0x0800_0000, 0x2000_0000
    words = ["build", DIGITS, "-q", "-b", write(folder, content), "-o", folder / "p"]
    assert main([*map(str, words), "--json", str(folder / "built.json")]) == 0
    return folder / "p"


@pytest.mark.parametrize("like", EMULATED)
def test_a_chip_runs_on_the_board_that_it_is_like(fwgen: Fwgen, tmp_path: Path, like: str) -> None:
    out, result = tmp_path / "o", tmp_path / "v.json"
    done = fwgen("build", DIGITS, "-b", write(tmp_path, chip(like)), "-o", out)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 1, "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 0
    assert (verdict["board"], verdict["ran_on"]) == ("my-chip", like)
    assert f"run on {like} in place of my-chip" in done.stdout


def test_what_is_run_is_the_library_that_was_made(library: Path) -> None:
    built = json.loads((library.parent / "built.json").read_text())
    assert "elf" not in built and built["library"] == str(library / "build" / "library.o")
    twin, own = (library / "build" / name for name in ("twin.elf", "library.o"))
    assert read_build_id(twin) == read_build_id(own) == built["build_id"]
    assert not (library / "build" / "firmware.elf").exists()
    code = {path: symbols(path) for path in (twin, own)}
    names = {name for name in code[own] if name.startswith("fw_") and name in code[twin]}
    kernels = {f"fw_{op['kernel']}" for op in built["ops"] if op["op"] == "CONV_2D"}
    assert kernels and kernels | {"fw_model_invoke"} <= names
    assert all(code[own][name] == code[twin][name] for name in names)


def symbols(path: Path) -> dict[str, str]:
    """Sizes of functions and objects by name."""
    said = subprocess.run(
        ["arm-none-eabi-nm", "-S", path], check=True, capture_output=True, text=True
    ).stdout
    return {w[3]: w[1] for w in map(str.split, said.splitlines()) if len(w) == 4 and w[2] in "TRtr"}


def test_a_library_needs_nothing_but_a_compilers_functions(library: Path) -> None:
    said = subprocess.run(
        ["arm-none-eabi-nm", "-u", library / "build" / "library.o"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    wanted = {line.split()[-1] for line in said.splitlines()}
    assert all(re.fullmatch(r"mem(cpy|move|set)|__aeabi_\w+", name) for name in wanted), wanted


def test_run_and_profile_say_whose_numbers_they_are(
    fwgen: Fwgen, library: Path, tmp_path: Path
) -> None:
    for command in ("run", "profile"):
        done = fwgen(command, library, "--json", tmp_path / "r.json")
        assert done.returncode == 0, done.stderr
        result = json.loads((tmp_path / "r.json").read_text())
        assert result["ran_on"] == "mps2-an505" and result["counters"]["total"] > 0
        assert "run on mps2-an505 in place of my-chip" in done.stdout
        assert result["memory"]["stack_bytes"] == 4096
    assert result["profile"]["core"] == "cortex-m33"
    assert result["energy"]["pj_per_cycle"] == 146.0


def test_the_twin_is_linked_again_when_its_sources_change(fwgen: Fwgen, library: Path) -> None:
    twin = library / "build" / "twin.elf"
    before = read_build_id(twin)
    source = library / "src" / "model.c"
    old = source.read_bytes()
    source.write_bytes(old + b"\nint fw_more(void);\nint fw_more(void) { return 1; }\n")
    try:
        assert fwgen("run", library, "-q").returncode == 0
        assert read_build_id(twin) != before
    finally:
        source.write_bytes(old)


def test_a_library_by_itself_does_not_run(fwgen: Fwgen, tmp_path: Path) -> None:
    content = chip("mps2-an505", like=None)
    out = tmp_path / "o"
    done = fwgen("build", DIGITS, "-b", write(tmp_path, content), "-o", out)
    assert done.returncode == 0, done.stderr
    assert "stack reserve" not in done.stdout and "flash" in done.stdout
    assert not (out / "linker.ld").exists() and not (out / "platform").exists()
    runtime = {path.name for path in (out / "runtime").iterdir()}
    assert runtime == {"fw_canary.h", "fw_crc.c", "fw_crc.h", "fw_types.h"}
    for command in ("run", "verify", "profile"):
        done = fwgen(command, out)
        assert done.returncode == 2, done.stderr
        assert "What is built for my-chip is a library, which does not run by itself" in done.stderr
        assert 'like = "mps2-an505"' in done.stderr and "platform = DIR" in done.stderr


def test_a_library_does_not_pay_for_the_runtime(fwgen: Fwgen, tmp_path: Path) -> None:
    """A model whose arena fills a memory to the last byte fits there, without the runtime."""
    content = chip("mps2-an386", like=None)
    content["region"][1]["bytes"] = 1424  # what a cascade needs, the smallest arena of this model
    done = fwgen("build", DIGITS, "-b", write(tmp_path, content), "-o", tmp_path / "o")
    assert done.returncode == 0, done.stderr
    content["region"][1]["bytes"] = 1423
    done = fwgen("build", DIGITS, "-b", write(tmp_path, content), "-o", tmp_path / "o")
    assert done.returncode == 4, done.stderr


def test_a_twin_that_is_too_small_is_told_as_that(fwgen: Fwgen, tmp_path: Path) -> None:
    content = chip("mps2-an386", platform="mps2", shares=["cortex_m", "cmsdk_uart"])
    shipped = tomllib.loads((boards_dir() / "mps2-an386.toml").read_text())
    content |= {key: shipped[key] for key in ("clock_hz", "timer", "uart")}
    content["stack_bytes"], content["region"][1]["bytes"] = 0x80_0000, 0x100_0000
    done = fwgen("build", DIGITS, "-b", write(tmp_path, content), "-o", tmp_path / "o")
    assert done.returncode == 4
    assert "It was to run on mps2-an386 in place of my-chip" in done.stderr
    assert "of SRAM, which has 4,194,304" in done.stderr


def test_a_chip_that_fwgen_does_not_know(fwgen: Fwgen, tmp_path: Path) -> None:
    """An STM32F405, of which QEMU has a board: as exact, and as fast, as the board of fwgen's with
    the same core. All that SysTick's handler adds are some instructions at each of its wraps."""
    counts = []
    for board in (SAMPLES / "netduino" / "netduino-plus-2.toml", "mps2-an386"):
        out = tmp_path / Path(board).stem
        done = fwgen("build", DIGITS, "-b", board, "-o", out)
        assert done.returncode == 0, done.stderr
        assert fwgen("run", out, "--json", tmp_path / "r.json").returncode == 0
        counts.append(json.loads((tmp_path / "r.json").read_text())["counters"]["total"])
    wraps = counts[1] * 256e-9 * 168e6 / (1 << 24)  # of SysTick, at QEMU's 256 ns an instruction
    assert 0 <= counts[0] - counts[1] <= 16 * math.ceil(wraps)
    done = fwgen("verify", tmp_path / "netduino-plus-2", "--inputs", 2)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def own_platform(tmp_path: Path) -> dict[str, Any]:
    """A board whose chip is brought up by C files beside its board file."""
    folder = tmp_path / "chips" / "mine"
    folder.mkdir(parents=True)
    shutil.copy(templates_dir() / "platform" / "mps2" / "counter.c", folder / "counter.c")
    (folder / "counter.c").write_text("// mine\n" + (folder / "counter.c").read_text())
    (folder / "notes.txt").write_text("not for the compiler")
    content = tomllib.loads((boards_dir() / "mps2-an386.toml").read_text())
    return content | {"name": "my-chip", "platform": "chips/mine"}


def test_a_platform_of_ones_own(fwgen: Fwgen, tmp_path: Path, own_platform: dict[str, Any]) -> None:
    out, path = tmp_path / "o", write(tmp_path, own_platform)
    done = fwgen("build", DIGITS, "-b", path, "-o", out)
    assert done.returncode == 0, done.stderr
    copied = out / "platform" / "mine"
    assert [each.name for each in copied.iterdir()] == ["counter.c"]
    shutil.rmtree(tmp_path / "chips")
    path.unlink()
    assert (copied / "counter.c").read_text().startswith("// mine\n")
    done = fwgen("verify", out, "--inputs", 1)
    assert done.returncode == 0, done.stderr
    assert "in place of" not in done.stdout


def test_firmware_of_ones_own_has_a_twin_too(
    fwgen: Fwgen, tmp_path: Path, own_platform: dict[str, Any]
) -> None:
    """At addresses where nothing emulates it; its own image is there beside the twin's."""
    own_platform |= {"like": "mps2-an386"}
    del own_platform["qemu"]
    own_platform["region"][0]["origin"] = 0x0800_0000
    out = tmp_path / "o"
    done = fwgen("build", DIGITS, "-b", write(tmp_path, own_platform), "-o", out)
    assert done.returncode == 0, done.stderr
    assert (out / "build" / "firmware.elf").exists()
    done = fwgen("verify", out, "--inputs", 1)
    assert done.returncode == 0, done.stderr
    assert "run on mps2-an386 in place of my-chip" in done.stdout
    done = fwgen("run", out, "--runner", "fvp")
    assert done.returncode == 2 and "Runner fvp runs no images of my-chip" in done.stderr


def test_a_platform_without_what_the_runtime_needs_does_not_link(
    fwgen: Fwgen, tmp_path: Path, own_platform: dict[str, Any]
) -> None:
    (tmp_path / "chips" / "mine" / "counter.c").write_text("int nothing;\n")
    done = fwgen("build", DIGITS, "-b", write(tmp_path, own_platform), "-o", tmp_path / "o")
    assert done.returncode == 5 and "undefined reference" in done.stderr


@pytest.mark.parametrize("section", ["timer", "uart"])
def test_c_files_say_which_sections_they_need(
    section: str, tmp_path: Path, own_platform: dict[str, Any]
) -> None:
    del own_platform[section]
    error = refused(tmp_path, own_platform)
    assert error.at.endswith(f": {section}") and f"expected [{section}] with" in error.what
    silent = own_platform | {"shares": ["cortex_m"]}
    (tmp_path / "chips" / "mine" / "counter.c").write_text("int nothing;\n")
    assert getattr(load_board(str(write(tmp_path, silent))), section) is None


@pytest.mark.parametrize(
    "platform",
    ["chips/none", "chips", "/etc", "../chips/mine", "chips/mine/counter.c", "chips/../chips/mine"],
)
def test_a_folder_that_is_no_platform(
    platform: str, tmp_path: Path, own_platform: dict[str, Any]
) -> None:
    error = refused(tmp_path, own_platform | {"platform": platform})
    assert error.at.endswith(": platform")
    assert all(name in error.what for name in (*whole(), "none", "a folder with C files beside"))


def test_a_c_file_that_cannot_be_read(tmp_path: Path, own_platform: dict[str, Any]) -> None:
    (tmp_path / "chips" / "mine" / "memory.c").symlink_to("/proc/self/mem")
    error = refused(tmp_path, own_platform)
    assert error.at.endswith(": platform") and "cannot be read" in error.what


@pytest.mark.parametrize("part", parts())
def test_a_folder_called_like_a_part_of_fwgens(
    part: str, tmp_path: Path, own_platform: dict[str, Any]
) -> None:
    """In a project, it would be in the place of that part."""
    shutil.copytree(tmp_path / "chips" / "mine", tmp_path / "chips" / part)
    error = refused(tmp_path, own_platform | {"platform": f"chips/{part}"})
    assert error.at.endswith(": platform") and f"{part} is the name of a part" in error.what


@pytest.mark.parametrize(
    ("like", "told"),
    [
        ("mps2-an506", "There is no board 'mps2-an506'"),
        ("mps2-an386", "has a cortex-m4 without v8m, expected a board with a cortex-m33"),
        ("host", "has a host"),
    ],
)
def test_a_twin_has_the_same_core(like: str, told: str, tmp_path: Path) -> None:
    error = refused(tmp_path, chip("mps2-an505", like=like))
    assert error.at.endswith(": like") and told in error.what


def test_a_library_shares_no_parts_of_firmware(tmp_path: Path) -> None:
    error = refused(tmp_path, chip("mps2-an505", shares=["cortex_m"]))
    assert error.at.endswith(": shares") and "no firmware" in error.what


def test_an_npu_of_ones_own_chip_runs_on_no_other_board(fwgen: Fwgen, tmp_path: Path) -> None:
    pytest.importorskip("ethosu.vela")
    shipped = tomllib.loads((boards_dir() / "corstone-300.toml").read_text())
    error = refused(tmp_path, chip("corstone-300", npu=shipped["npu"]))
    assert error.at.endswith(": clock_hz") and "the driver of an NPU" in error.what
    content = chip("corstone-300", npu=shipped["npu"], clock_hz=32_000_000)
    out, npu = tmp_path / "o", "ethos-u55-64"
    done = fwgen("build", DIGITS, "-b", write(tmp_path, content), "-o", out, "--npu", npu)
    assert done.returncode == 0, done.stderr
    assert not (out / "twin.ld").exists()
    done = fwgen("run", out)
    assert done.returncode == 2
    assert "a build without --npu" in done.stderr
