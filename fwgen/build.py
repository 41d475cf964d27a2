"""Project folder -> Image: CMake and Ninja, and nothing when nothing changed."""

from __future__ import annotations

import fcntl
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board
from fwgen.children import run
from fwgen.errors import DoesNotFit, ToolError, UsageError
from fwgen.render.folder import BUILD
from fwgen.size import Sizes, measure
from fwgen.stack import StackBound, check_stack, stack_bound

ELF = "firmware.elf"

_PACKAGES = {
    "cmake": "cmake",
    "ninja": "ninja-build",
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
    "gcc": "gcc",
}
"""Debian package of each tool."""


_CAUSE = re.compile(r"\berror: |undefined reference|CMake Error|/ld: ")
"""What the telling line of a tool's output looks like."""


@dataclass(frozen=True)
class Image:
    """A linked firmware; ``stack`` is None on a native board."""

    elf: Path
    toolchain: str
    sizes: Sizes
    stack: StackBound | None


def compiler(board: Board) -> str:
    """Name of the C compiler for a board."""
    return "gcc" if board.native else "arm-none-eabi-gcc"


def require_tool(name: str) -> str:
    """Path of a build tool. Raises ToolError with the command that installs it."""
    path = shutil.which(name)
    if path is None:
        raise ToolError(
            f"{name} is not installed.",
            at="PATH",
            tries=(f"apt install {_PACKAGES[name]}", "fwgen doctor"),
        )
    return path


def require_tools(board: Board) -> None:
    """Raise ToolError if one of those that a build for the board needs is missing."""
    for name in ("cmake", "ninja", compiler(board)):
        require_tool(name)


def toolchain_version(board: Board) -> str:
    """The compiler's own first line, such as ``arm-none-eabi-gcc (...) 12.2.1``."""
    output = run([require_tool(compiler(board)), "--version"]).stdout
    return output.splitlines()[0] if output else compiler(board)


def build(
    project: Path, board: Board, arena_bytes: int, settings: Mapping[str, str] | None = None
) -> Image:
    """Configure if needed, compile, link and measure; ``settings`` are CMake's, such as where
    libraries are.

    Raises ToolError if a tool is missing or fails, DoesNotFit if the linker finds a region full or
    the stack may need more than the board has for it.
    """
    require_tools(board)
    folder = project / BUILD
    elf = folder / ELF
    with _exclusive(folder):
        if settings or not (folder / "build.ninja").is_file():
            options = [f"-D{name}={value}" for name, value in (settings or {}).items()]
            command = ["cmake", "-G", "Ninja", "-S", str(project), "-B", str(folder)]
            _run(command + options, folder)
        _run(["ninja", "-C", str(folder)], folder)
    stack = None if board.native else stack_bound(elf)
    if stack is not None:
        check_stack(stack, board)
    return Image(
        elf=elf,
        toolchain=toolchain_version(board),
        sizes=measure(elf, board, arena_bytes),
        stack=stack,
    )


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """One build at a time in a folder; another waits."""
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / ".fwgen-lock").open("w")
    except OSError as error:
        raise ToolError(
            f"The build folder could not be made: {error.strerror}.", at=str(folder)
        ) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], folder: Path) -> None:
    """Run a tool; on failure raise what its output says, and keep all of it in ``build.log``."""
    done = run(command, merged=True)
    if done.returncode == 0:
        return
    log = folder / "build.log"
    with suppress(OSError):  # the disk may be what is full
        log.write_text(done.stdout, encoding="utf-8")
    overflow = re.search(r"region `(\w+)' overflowed by (\d+) bytes", done.stdout)
    if overflow:
        raise DoesNotFit(
            f"The firmware needs {int(overflow[2]):,} bytes more than memory region "
            f"{overflow[1].lower()} has.",
            at=str(folder.parent),
            tries=(
                "--place, for something of it in another region",
                "a board with more memory (fwgen boards)",
                "a smaller model",
            ),
        )
    lines = done.stdout.splitlines() or ["no output"]
    cause = next((line for line in lines if _CAUSE.search(line)), lines[-1])
    raise ToolError(f"{command[0]} failed: {cause.strip()}", at=str(log))


def firmware(project: Path) -> Path:
    """The ELF of a project. Raises UsageError if it has not been built."""
    elf = project / BUILD / ELF
    if not elf.is_file():
        raise UsageError(
            "The project has not been built.",
            at=str(project),
            tries=("fwgen build with the same model and board", f"ninja -C {project / BUILD}"),
        )
    return elf
