"""A board file boards/<name>.toml -> Board, checked key by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from fwgen.board.core_counters import TIMER, with_counter_of_core
from fwgen.board.core_keys import (
    CLOCK,
    CORTEX_M,
    CPU,
    LIKE,
    PLACE,
    REGIONS,
    TOP,
    TRIGGER,
    UART,
)
from fwgen.board.facts import HOST, LIBRARY, Board, kind_of
from fwgen.board.keys import Key
from fwgen.board.platforms import folders_of, needed_sections
from fwgen.board.sections import Section, owned_sections, read_keys, refuse
from fwgen.errors import UsageError
from fwgen.host.files import read_input
from fwgen.host.resources import boards_dir
from fwgen.host.spelling import meant, shown
from fwgen.host.toml_table import MOST_BYTES, parse_toml


def board_names() -> list[str]:
    """Names of the boards that fwgen ships, sorted."""
    return sorted(path.stem for path in boards_dir().glob("*.toml"))


def load_board(name: str) -> Board:
    """The board of that name, or the one described in a .toml file.

    Raises UsageError with the file and the key for whatever is wrong.
    """
    if name.endswith(".toml"):
        return parse_board(_read(Path(name)), name)
    path = shipped_file(name, "--board")
    return parse_board(_read(path), path.name)


def shipped_file(name: str, at: str) -> Path:
    """The file of a board that fwgen ships. Raises UsageError, for the option or key ``at``, if
    there is none."""
    known = board_names()
    if name not in known:
        raise UsageError(
            f"There is no board {shown(name)}.",
            at=at,
            tries=(
                *meant(name, known),
                f"one of {', '.join(known)}",
                "a board file of your own: --board my.toml",
            ),
        )
    return boards_dir() / f"{name}.toml"


def _read(path: Path) -> bytes:
    return read_input(path, MOST_BYTES, "The board file")


def parse_board(source: bytes, file: str) -> Board:
    """Board file -> Board. ``file`` names it in errors, and has a platform of the user's beside it.

    Raises UsageError.
    """
    try:
        content = parse_toml(source)
    except ValueError as error:
        raise UsageError(f"The board file is not TOML: {error}.", at=file) from None
    native = content.get("platform") == HOST
    library = content.get("platform") == LIBRARY
    own = (CPU,) if native else CORTEX_M
    sections: dict[str, Section[Any]] = {**{each.name: each for each in own}, **owned_sections()}
    top = read_keys(_top_keys(native, library), content, f"{file}: ", (*sections,))
    folders = folders_of(top["platform"], top["shares"], file)
    read = _read_sections(sections, content, file, needed_sections(folders, file))

    def only(section: Section[Any], default: Any) -> Any:
        return read.pop(section.name, (default,))[0]

    board = Board(
        name=top["name"],
        title=top["title"],
        tested=top["tested"],
        cpu=only(CPU, None),
        platform=top["platform"],
        folders=folders,
        regions=read.pop(REGIONS.name, ()),
        place=only(PLACE, {}),
        stack_bytes=top.get("stack_bytes", 0),
        clock_hz=top.get("clock_hz", 0),
        timer=only(TIMER, None),
        uart=only(UART, None),
        trigger=top.get("trigger"),
        like=top.get("like"),
        sections=read,
        notes=top["notes"],
        source=source,
    )
    board = with_counter_of_core(board, file)
    _check_memory(board, file)
    _check_like(board, file)
    for section in sections.values():
        section.check_on(board, file)
    return board


def _top_keys(native: bool, library: bool) -> tuple[Key, ...]:
    if native:
        return TOP
    clock = (replace(key, default=0) for key in CLOCK) if library else CLOCK
    return (*TOP, *clock, TRIGGER, LIKE)


def _read_sections(
    sections: Mapping[str, Section[Any]],
    content: Mapping[str, object],
    file: str,
    needed: frozenset[str],
) -> dict[str, tuple[Any, ...]]:
    """The sections that the board file has; it must have the core, its memory, and those that its
    platform needs. Raises UsageError."""
    for name in (CPU.name, REGIONS.name, PLACE.name, *sorted(needed)):
        if name in sections and name not in content:
            section = sections[name]
            table = f"[[{name}]]" if section.several else f"[{name}]"
            keys = ", ".join(key.name for key in section.keys if key.required)
            refuse(f"{file}: {name}", f"the section is missing, expected {table} with {keys}")
    return {
        name: section.read(content[name], file)
        for name, section in sections.items()
        if name in content
    }


def _check_like(board: Board, file: str) -> None:
    """The board that stands in for this one has its core, with all features that this one uses."""
    if board.like is None:
        return
    like = load_board(shipped_file(board.like, f"{file}: like").stem)
    lacking = sorted(board.cpu.features - like.cpu.features)
    if like.cpu.name != board.cpu.name or lacking:
        with_what = f" without {', '.join(lacking)}" if lacking else ""
        refuse(
            f"{file}: like",
            f"{like.name} has a {like.cpu.name}{with_what}, expected a board with a "
            f"{board.cpu.name} and all of {', '.join(sorted(board.cpu.features)) or 'nothing'}",
        )


def _check_memory(board: Board, file: str) -> None:
    """Regions have one name each and do not overlap; what is placed is placed in a fitting one."""
    by_address = sorted(board.regions, key=lambda r: r.origin)
    for low, high in pairwise(by_address):
        if low.origin + low.bytes > high.origin:
            refuse(f"{file}: region", f"{low.name} and {high.name} overlap")
    kinds = {region.name: region.kind for region in board.regions}
    if len(kinds) < len(board.regions):
        refuse(f"{file}: region", "two regions have the same name")
    for what, names in board.place.items():
        for name in names:
            if kinds.get(name) != kind_of(what):
                fitting = ", ".join(n for n, kind in kinds.items() if kind == kind_of(what))
                refuse(
                    f"{file}: place.{what}",
                    f"{name} is no region of kind {kind_of(what)}, expected of {fitting or 'none'}",
                )
    if board.place:
        largest = max(board.regions_for("stack"), key=lambda region: region.bytes)
        if board.stack_bytes > largest.bytes:
            refuse(f"{file}: stack_bytes", f"more than {largest.name} has")
