"""Project folder -> Image: CMake and Ninja, and nothing when nothing changed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board
from fwgen.board.twin import twins_for
from fwgen.build.build_id import SOURCES, changed_source, read_build_id
from fwgen.build.cmake_state import Compiler, forget, holds
from fwgen.build.size import Sizes, measure
from fwgen.build.stack import StackBound, check_stack, stack_bound
from fwgen.errors import DoesNotFit, ToolError, UsageError
from fwgen.host.children import run
from fwgen.host.environment import tool_environment
from fwgen.host.lock import exclusive
from fwgen.host.programs import find_program, why_missing
from fwgen.project.kept import BUILD
from fwgen.project.naming import check_path, check_project_path

ELF, LIBRARY, TWIN = "firmware.elf", "library.o", "twin.elf"
"""What is linked: firmware, or a library's object where there is none, and firmware for the board
that runs in place of the project's."""

_PACKAGES = {
    "cmake": "cmake",
    "ninja": "ninja-build",
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
    "gcc": "gcc",
}
"""Debian package of each tool."""


class RegionsOverflow(DoesNotFit):
    """The linker found regions too small: ``bytes_over`` are those that each lacks, by its name."""

    def __init__(self, bytes_over: Mapping[str, int], board: Board, project: Path) -> None:
        needs = [
            f"{r.bytes + bytes_over[r.name]:,} bytes of {r.name}, which has {r.bytes:,}"
            for r in board.regions
            if r.name in bytes_over
        ]
        super().__init__(
            f"The firmware needs {' and '.join(needs)}.",
            at=str(project),
            tries=(
                "--place, for something of it in another region",
                "a board with more memory (fwgen boards)",
                "a smaller model",
            ),
        )
        self.bytes_over = bytes_over


_OVERFLOW = re.compile(r"region `(\w+)' overflowed by (\d+) bytes")
_CAUSE = re.compile(r"\berror: |undefined reference|CMake Error|/ld: (?!.*: in function )")
"""What the telling line of a tool's output looks like."""

_FULL = "No space left on device"


@dataclass(frozen=True)
class Image:
    """A linked firmware, or a library's object. ``stack`` is None on a native board and of a
    library. ``build_id`` is what it was given when it was compiled."""

    elf: Path
    toolchain: str
    build_id: str
    sizes: Sizes
    stack: StackBound | None


def compiler(board: Board) -> str:
    """Name of the C compiler for a board."""
    return "gcc" if board.native else "arm-none-eabi-gcc"


def require_tool(name: str) -> str:
    """Path of a build tool. Raises ToolError with the command that installs it."""
    path = find_program(name)
    if path is None:
        raise ToolError(
            f"{name} is not installed: {why_missing(name)}.",
            at="PATH",
            tries=(f"apt install {_PACKAGES[name]}", "fwgen doctor"),
        )
    check_path(path, f"The path of {name}", ("another one first on the PATH",))
    return path


def toolchain_version(board: Board) -> str:
    """The compiler's own first line, such as ``arm-none-eabi-gcc (...) 12.2.1``."""
    command = [require_tool(compiler(board)), "--version"]
    output = run(command, env=tool_environment()).stdout
    return output.splitlines()[0] if output else compiler(board)


def build(
    project: Path, board: Board, arena_bytes: int, settings: Mapping[str, str] | None = None
) -> Image:
    """Configure if needed, compile, link and measure; ``settings`` are CMake's, such as where
    libraries are. Who calls holds the lock of the project.

    Raises ToolError if a tool is missing or fails, and UsageError for a path that tools do not
    take. Raises RegionsOverflow if the linker finds regions too small, and DoesNotFit if the stack
    may need more bytes than the board gives it.
    """
    used = require_tools(project, board)
    elf = _make(project, board, settings or {}, _compiler(used, board))
    stack = None if board.native or board.library_only else stack_bound(elf)
    if stack is not None:
        check_stack(stack, board)
    return Image(
        elf=elf,
        toolchain=toolchain_version(board),
        build_id=read_build_id(elf),
        sizes=measure(elf, board, arena_bytes),
        stack=stack,
    )


def check_settings(settings: Mapping[str, str]) -> None:
    """Raises UsageError for a library in a folder whose path the tools do not take."""
    for name, value in settings.items():
        check_path(value, f"The path in {name}", ("a link to that folder, under another name",))


def require_tools(project: Path, board: Board) -> str:
    """Path of the compiler; raises ToolError for a tool that is missing, UsageError for a path of
    the project that the tools do not take."""
    check_project_path(project)
    *_, found = [require_tool(name) for name in ("cmake", "ninja", compiler(board))]
    return found


def build_twin(project: Path, board: Board, twin: Board) -> Path:
    """Link the library of a built project for the board that runs in place of its own. Who calls
    holds the lock. Raises ToolError, and DoesNotFit if it has too little memory."""
    folder = project / BUILD
    try:
        _run(["ninja", "-C", BUILD, "twin"], folder, twin)
    except RegionsOverflow as overflow:
        raise DoesNotFit(
            f"{overflow.what} It was to run on {twin.name} in place of {board.name}.",
            at=str(project),
            tries=tuple(f'like = "{n}" in the board file' for n in twins_for(board.cpu.name)),
        ) from None
    return folder / TWIN


def current_image(project: Path, board: Board, twin: Board | None = None) -> Path:
    """The image of a project as its sources are now, built again if they changed: that of its board
    or of the ``twin``, which runs in place of that.

    Where it cannot be built, as on a machine without the tools, the image must be of these very
    sources. Raises as ``build`` does.
    """
    elf = Path(os.path.realpath(project), BUILD, TWIN if twin else ELF)
    try:
        require_tools(project, board)
        if not os.access(project, os.W_OK):
            raise ToolError("The project is in a folder that cannot be written.", at=str(project))
    except (ToolError, UsageError) as reason:
        changed = changed_source(project, elf.parent) if elf.is_file() else ELF
        if changed is None:
            return elf
        why = {
            ELF: "The firmware has not been built.",
            SOURCES: "The firmware has to be built, as nothing tells what it was built of.",
        }.get(changed, f"The firmware has to be built, as {changed} is not what it was built of.")
        reason.what = f"{why} {reason.what}"
        raise
    with exclusive(project):
        _make(project, board, {}, None)
        if twin:
            build_twin(project, board, twin)
    return elf


def _make(
    project: Path, board: Board, settings: Mapping[str, str], wanted: Compiler | None
) -> Path:
    """Have CMake and Ninja build a project, from within it and by paths that are relative, so that
    no command line has a name of the user's."""
    folder = project / BUILD
    try:
        folder.mkdir(exist_ok=True)
        if not holds(folder, project, wanted):
            settings = {**forget(folder), **settings}
            if board.native:  # which has no toolchain file to say it
                settings["CMAKE_C_COMPILER"] = require_tool(compiler(board))
    except OSError as error:
        raise ToolError(
            f"The build folder could not be made: {error.strerror}.", at=str(folder)
        ) from None
    if settings or not (folder / "build.ninja").is_file():
        options = [f"-D{name}={value}" for name, value in settings.items()]
        _run(["cmake", "-G", "Ninja", "-S", ".", "-B", BUILD, *options], folder, board)
    _run(["ninja", "-C", BUILD], folder, board)
    return folder / (LIBRARY if board.library_only else ELF)


def _compiler(path: str, board: Board) -> Compiler:
    """The compiler as CMake would call it for a board."""
    done = run([path, "-dumpfullversion"], env=tool_environment())
    return Compiler(path, done.stdout.strip(), " ".join(board.cpu.flags))


def _run(command: list[str], folder: Path, board: Board) -> None:
    """Run a tool; on failure raise what its output says, and keep all of it in ``build.log``."""
    done = run(command, merged=True, cwd=folder.parent, env=tool_environment())
    if done.returncode == 0:
        return
    log = folder / "build.log"
    with suppress(OSError):  # the disk may be what is full
        log.write_text(done.stdout, encoding="utf-8")
    overflows = {name: int(over) for name, over in _OVERFLOW.findall(done.stdout)}
    if overflows:
        raise RegionsOverflow(overflows, board, folder.parent)
    lines = done.stdout.splitlines() or ["no output"]
    if any(_FULL in line for line in lines):
        raise ToolError(
            f"{command[0]} failed: {_FULL}.",
            at=str(log),
            tries=("free disk space, also for temporary files, or choose another folder with -o",),
        )
    cause = next((line for line in lines if _CAUSE.search(line)), lines[-1])
    raise ToolError(f"{command[0]} failed: {cause.strip()}", at=str(log))
