"""Builds the runtime and a board's platform around a model made by hand, without the generator."""

from __future__ import annotations

import atexit
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import jinja2

from fwgen.board import Board, load_board
from fwgen.host.resources import templates_dir

HERE = Path(__file__).parent
INPUT_BYTES = 12  # of tiny_model.c
WARNINGS = (
    *("-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wundef"),
    *("-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla", "-Wdouble-promotion"),
)
ENERGY_MODE = {
    "streams": False,
    **{"name": "kws01", "flips": False, "sample": "", "floats": 0, "score": False},
    **{"streams": False, "energy": True, "baud": 9600},
}
"""A task of MLPerf Tiny, in energy mode, as templates know it."""
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def render(template: str, board: Board, task: object = None, **parts: list[dict[str, str]]) -> str:
    """A file of the generated project for a model made by hand; ``parts`` say what goes where."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_dir() / "project"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(
        board=board,
        npu=None,
        task=task,
        **({} if board.native else _parts(board) | parts),
    )


def _parts(board: Board) -> dict[str, list[dict[str, str]]]:
    """Where arena and constants go: all of each in one region."""
    return {
        "arenas": [part("arena", "bss", board.region("arena").name)],
        "weights": [part("weights", "rodata", board.region("weights").name)],
    }


def part(name: str, kind: str, region: str) -> dict[str, str]:
    """A memory of the model and the section of what lies in it."""
    return {"symbol": f"fw_{name}", "section": f".{kind}.fw_{name}", "region": region}


def folders(board: Board) -> list[Path]:
    """Where the sources of a board's firmware are."""
    return [templates_dir() / "runtime", *board.folders.values()]


@cache
def build(board: str, *flags: str) -> Path:
    """The image for ``board``, made once per test process for each set of extra compiler flags."""
    folder = tempfile.TemporaryDirectory(prefix="fwgen-firmware-")
    atexit.register(folder.cleanup)
    return link(load_board(board), Path(folder.name), *flags)


def link(
    board: Board,
    folder: Path,
    *flags: str,
    model: str = "tiny_model.c",
    input_bytes: int = INPUT_BYTES,
    task: object = None,
    **parts: list[dict[str, str]],
) -> Path:
    """Compile and link in ``folder``. Raises CalledProcessError with the compiler's output."""
    (folder / "fw_board.h").write_text(render("fw_board.h.j2", board, task))
    elf = folder / "firmware.elf"
    command = [
        "gcc" if board.native else "arm-none-eabi-gcc",
        *("-std=c11", "-O2", "-g", "-ffp-contract=off", "-fno-strict-aliasing"),
        *("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", *WARNINGS, *flags),
        *(f"-I{path}" for path in (folder, HERE, *folders(board))),
        f"-DFW_MODEL_INPUT_BYTES={input_bytes}u",
        *(str(path) for each in folders(board) for path in sorted(each.glob("*.c"))),
        *(str(HERE / model), "-o", str(elf)),
    ]
    if board.native:
        command += ["-D_POSIX_C_SOURCE=200809L"]
    else:
        (folder / "linker.ld").write_text(render("linker.ld.j2", board, **parts))
        command += [*board.cpu.flags, "-ffreestanding", "-nostdlib", "-Wl,--fatal-warnings"]
        command += ["-T", str(folder / "linker.ld"), "-lgcc"]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return elf
