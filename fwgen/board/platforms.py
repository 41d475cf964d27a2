"""Platforms: folders of C sources that bring a chip up, fwgen's own and those of users."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from fwgen.board.facts import LIBRARY
from fwgen.board.sections import refuse
from fwgen.host.resources import templates_dir
from fwgen.host.spelling import meant

SOURCES = (".c", ".h", ".S")
"""Suffixes of the files that are taken from a platform's folder."""

IN_PROJECT = "platform"
"""The folder of a project that has the folders of its platform."""

_BRINGS_UP = re.compile(r"\bfw_platform_init\s*\(\s*void\s*\)\s*\{")
_NEEDS = {"timer": "FW_COUNTER_BASE", "uart": "FW_UART_BASE"}
"""Sections of a board file, and the macro of ``fw_board.h`` by which C sources ask for each."""


def _folder() -> Path:
    return templates_dir() / "platform"


@cache
def parts() -> tuple[str, ...]:
    """The folders that platforms can share."""
    return tuple(sorted(path.name for path in _folder().iterdir()))


@cache
def whole() -> tuple[str, ...]:
    """Those that bring up a chip, by themselves or with what they share."""
    return tuple(name for name in parts() if _BRINGS_UP.search(_text(_folder() / name)))


def folders_of(platform: str, shares: Iterable[str], file: str) -> Mapping[str, Path]:
    """The folders with the C sources of a platform, by their names in a project: first those that
    it shares, last its own. ``file`` is the board file, beside which a user's own folder is.

    Raises UsageError for a platform that is none.
    """
    found = {name: _folder() / name for name in shares}
    if platform == LIBRARY:
        if found:
            refuse(f"{file}: shares", f'a board of platform "{LIBRARY}" has no firmware to share')
        return {}
    own = _folder() / platform if platform in whole() else _own(platform, file)
    if own.name in found or (own.name in parts() and own.parent != _folder()):
        refuse(f"{file}: platform", f"{own.name} is the name of a part of platforms")
    return {**found, own.name: own}


def _own(platform: str, file: str) -> Path:
    """A user's folder beside the board file, or where a project has it."""
    beside, path = Path(file).parent, Path(platform)
    known = (*whole(), LIBRARY)
    expected = f"{', '.join(known)}, or a folder with C files beside the board file"
    if platform in parts():
        refuse(f"{file}: platform", f"{platform} is a part of platforms, expected {expected}")
    if path.is_absolute() or ".." in path.parts:
        refuse(f"{file}: platform", f"expected {expected}")
    for folder in (beside / path, beside / IN_PROJECT / path.name):
        if folder.is_dir() and next(sources(folder), None) is not None:
            return folder
    refuse(f"{file}: platform", f"expected {expected}", meant(platform, known))


def sources(folder: Path) -> Iterator[Path]:
    """The files of a platform's folder that go into a project, sorted."""
    for path in sorted(folder.iterdir()):
        if path.suffix in SOURCES and path.is_file():
            yield path


def needed_sections(folders: Mapping[str, Path], file: str) -> frozenset[str]:
    """The sections of a board file that the C sources of a platform ask for. Raises UsageError for
    sources that cannot be read."""
    try:
        text = "".join(_text(folder) for folder in folders.values())
    except OSError as error:
        refuse(f"{file}: platform", f"a C file of it cannot be read: {error.strerror}")
    return frozenset(section for section, macro in _NEEDS.items() if macro in text)


def _text(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in sources(folder))


def is_shipped(folder: Path) -> bool:
    """Whether a folder is one of fwgen's, and none of a user's."""
    return folder.parent == _folder()
