"""Every C file of a project compiles at any level, with GCC and Clang, and says where it cannot."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from fwgen.board import board_names, load_board
from fwgen.kernels.c_files import kernel_files, kernel_folders
from tests.conftest import OWN_MODELS
from tests.kernels.cmsis_library import STAND_IN
from tests.project.test_generated import rendered

TEMPLATES = Path(__file__).parents[2] / "templates"
PLATFORMS = TEMPLATES / "platform"
OF_NO_BOARD = [path for name in ("ethos_u", "ina228") for path in (PLATFORMS / name).glob("*.c")]
"""Drivers of what boards of fwgen's have not, or only with an option."""

FIRMWARE_BOARDS = [
    name for name in board_names() if load_board(name).platform not in ("host", None)
]
KERNELS = [path for name, path in sorted(kernel_files().items()) if name.endswith(".c")]
MVE_KERNELS = [path for path in KERNELS if path.stem.endswith("_mve")]
V7M_KERNELS = [path for path in KERNELS if path.stem.endswith("_v7m")]
V6M_KERNELS = [path for path in KERNELS if path.stem.endswith("_v6m")]
DSP_KERNELS = [path for path in KERNELS if path.stem.endswith(("_dsp", "_dual"))]
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")

GCC, CLANG = ("arm-none-eabi-gcc",), ("clang-19", "--target=arm-none-eabi")
MVE, PLAIN = ("-mcpu=cortex-m55", "-mfloat-abi=hard"), ("-mcpu=cortex-m3",)
DSP = ("-mcpu=cortex-m4", "-mfloat-abi=soft")
LEAST = ("-mcpu=cortex-m0",)
OF_EXTENSIONS = [
    (MVE, MVE_KERNELS),
    (DSP, DSP_KERNELS),
    (PLAIN, V7M_KERNELS),
    (LEAST, V6M_KERNELS),
]
FLAGS = ("-std=c11", "-ffreestanding", "-fno-strict-aliasing", "-Wall", "-Wextra", "-Werror")
STRICT = ("-Wconversion", "-Wshadow", "-Wundef", "-Wcast-align")
NPU = {"BASE": "0x48102000u", "IRQ": 56, "MACS": "7u", "QCONFIG": "2u", "REGIONCFG": "3u"}
FRAMES = ("-O2", "-fno-omit-frame-pointer")
"""As some projects have it: a register less for inline assembly."""

LIMIT = ("timeout", "--kill-after=5", "240")
"""Ends a compiler that hangs, with the processes that it started, before the test's own limit."""


def compiled(
    compiler: Sequence[str], flags: Sequence[str | Path], sources: Sequence[Path], folder: Path
) -> subprocess.CompletedProcess[str]:
    """All sources by one call of the compiler, which writes object files to ``folder``."""
    objects = folder / "objects"
    objects.mkdir(exist_ok=True)
    folders = (f"-I{f}" for f in kernel_folders())
    command = [*LIMIT, *compiler, "-mthumb", *FLAGS, *flags, *folders, "-c", *sources]
    done = subprocess.run(command, cwd=objects, capture_output=True, text=True, check=False)
    assert done.returncode not in (124, 137), f"{compiler[0]} hangs with {flags}: {done.stderr}"
    return done


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the generated sources of a project."""
    folder = tmp_path_factory.mktemp("generated")
    for name, content in rendered(DIGITS, "corstone-300").items():
        if name.startswith("src/"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    return folder / "src"


def project_flags(generated: Path, product: int) -> list[str | Path]:
    """Where its headers are, and what the board's says of an NPU."""
    folders = ["runtime", "npu", "platform/cortex_m", "platform/cmsdk_uart"]
    flags: list[str | Path] = [f"-I{generated}", *(f"-I{TEMPLATES / name}" for name in folders)]
    for name in (STAND_IN / "Include", TEMPLATES / "libc"):
        flags += ["-isystem", name]
    defined = {**NPU, "PRODUCT": product}
    flags += [f"-DFW_NPU_{name}={value}" for name, value in defined.items()]
    return [*flags, "-DFW_INA228_ADDRESS=0x40u", "-DFW_INA228_SHUNT_CAL=4096u"]


LEVELS = pytest.mark.parametrize(
    ("compiler", "level"),
    [
        pytest.param(GCC, "-O0", id="gcc-O0"),
        pytest.param(GCC, "-Os", id="gcc-Os", marks=pytest.mark.nightly),
        pytest.param(GCC, "-O3", id="gcc-O3"),
        pytest.param(CLANG, "-O0", id="clang-O0", marks=pytest.mark.nightly),
        pytest.param(CLANG, "-O3", id="clang-O3"),
    ],
)


def test_every_platform_is_that_of_a_board() -> None:
    every = {path for path in PLATFORMS.rglob("*.c") if path.parent.name != "host"}
    of_boards = {
        PLATFORMS.parent / name
        for board in FIRMWARE_BOARDS
        for name in rendered(DIGITS, board)
        if name.startswith("platform/") and name.endswith(".c")
    }
    assert every == of_boards | set(OF_NO_BOARD)


@LEVELS
def test_the_platform_of_every_board_compiles_without_warnings(
    compiler: Sequence[str], level: str, tmp_path: Path
) -> None:
    """With what its own board file says, for its own core."""
    for board in FIRMWARE_BOARDS:
        project = tmp_path / board
        files = rendered(DIGITS, board)
        for name, content in files.items():
            if name.endswith((".c", ".h")):
                (project / name).parent.mkdir(parents=True, exist_ok=True)
                (project / name).write_bytes(content)
        folders = {project / "platform" / name for name in load_board(board).platform_folders}
        sources = sorted(path for folder in folders for path in folder.glob("*.c"))
        folders |= {project / name for name in ("src", "runtime", "kernels")}
        flags = [f for f in load_board(board).cpu.flags if f != "-mthumb"]
        flags += [*STRICT, level, *(f"-I{folder}" for folder in sorted(folders))]
        done = compiled(compiler, flags, sources, tmp_path)
        assert done.returncode == 0, f"{board}: {done.stderr[:5000]}"


@LEVELS
def test_every_source_compiles_without_warnings(
    compiler: Sequence[str], level: str, generated: Path, tmp_path: Path
) -> None:
    """Those of platforms, which are for a chip, have a test of their own, but for the NPU's."""
    templates = [path for path in TEMPLATES.rglob("*.c") if PLATFORMS not in path.parents]
    templates += OF_NO_BOARD
    sources = [*KERNELS, *templates, *generated.glob("*.c")]
    assert len(sources) > 90
    for product, some in ((0, sources), (2, list((TEMPLATES / "npu").glob("*.c")))):
        flags = [*MVE, level, *STRICT, *project_flags(generated, product)]
        done = compiled(compiler, flags, some, tmp_path)
        assert done.returncode == 0, done.stderr[:5000]


@pytest.mark.parametrize("compiler", [GCC, CLANG], ids=["gcc", "clang"])
def test_cores_without_vectors_compile_the_others(
    compiler: Sequence[str], generated: Path, tmp_path: Path
) -> None:
    sources = [path for path in KERNELS if path not in (*MVE_KERNELS, *DSP_KERNELS)]
    sources += [*(TEMPLATES / "runtime").glob("*.c"), *generated.glob("weights.c")]
    sources += (TEMPLATES / "platform" / "cortex_m").glob("*.c")
    flags = [*PLAIN, "-O0", *STRICT, *project_flags(generated, 0)]
    done = compiled(compiler, flags, sources, tmp_path)
    assert done.returncode == 0, done.stderr[:5000]


@pytest.mark.parametrize("compiler", [GCC, CLANG], ids=["gcc", "clang"])
def test_assembly_leaves_a_register_for_frames(compiler: Sequence[str], tmp_path: Path) -> None:
    for core, kernels in OF_EXTENSIONS:
        done = compiled(compiler, [*core, *FRAMES], kernels, tmp_path)
        assert done.returncode == 0, done.stderr[:5000]


@pytest.mark.parametrize(
    ("compiler", "level"),
    [(GCC, "-O0"), (GCC, "-O3"), (CLANG, "-O0"), (CLANG, "-O3")],
    ids=["gcc-O0", "gcc-O3", "clang-O0", "clang-O3"],
)
@pytest.mark.parametrize(
    ("core", "kernels"), [(DSP, DSP_KERNELS), (LEAST, V6M_KERNELS)], ids=["dsp", "v6m"]
)
def test_kernels_compile_for_the_least_core_that_they_are_for(
    core: Sequence[str],
    kernels: Sequence[Path],
    compiler: Sequence[str],
    level: str,
    tmp_path: Path,
) -> None:
    done = compiled(compiler, [*core, level, *STRICT], kernels, tmp_path)
    assert done.returncode == 0, done.stderr[:5000]


@pytest.mark.parametrize(
    ("core", "kernels", "what"),
    [
        (("-mcpu=cortex-m4",), MVE_KERNELS, "MVE"),
        (("-mcpu=cortex-m55", "-mfloat-abi=soft"), MVE_KERNELS, "MVE"),
        (PLAIN, DSP_KERNELS, "the DSP extension"),
        (("-mcpu=cortex-m33+nodsp",), DSP_KERNELS, "the DSP extension"),
        (("-mcpu=cortex-m0",), V7M_KERNELS, "Armv7-M"),
    ],
    ids=["m4", "soft", "m3", "m33 without dsp", "m0"],
)
@pytest.mark.parametrize("compiler", [GCC, CLANG], ids=["gcc", "clang"])
def test_a_wrong_core_is_a_sentence_and_nothing_else(
    compiler: Sequence[str],
    core: Sequence[str],
    kernels: Sequence[Path],
    what: str,
    tmp_path: Path,
) -> None:
    done = compiled(compiler, [*core, "-O2"], kernels, tmp_path)
    errors = [line for line in done.stderr.splitlines() if "rror:" in line]
    assert len(errors) == len(kernels) > 3, done.stderr[:5000]
    assert all(f"This kernel needs {what}" in line for line in errors), errors


@pytest.mark.parametrize("compiler", [GCC, CLANG], ids=["gcc", "clang"])
def test_a_core_that_is_too_small_is_a_sentence(
    compiler: Sequence[str], generated: Path, tmp_path: Path
) -> None:
    start = TEMPLATES / "platform" / "cortex_m" / "startup.c"
    done = compiled(compiler, ["-mcpu=cortex-m23", *project_flags(generated, 0)], [start], tmp_path)
    errors = [line for line in done.stderr.splitlines() if "rror:" in line]
    assert errors and all("main extension" in line for line in errors), done.stderr
