"""An image -> the build id that was compiled into it, and whether the sources have changed
since.

``build_id.cmake`` of a project makes both: the id is in the image, the hashes of all sources lie
beside it, in a file that ``sha256sum -c`` reads too.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from fwgen.errors import UsageError

SOURCES = "fw_build_id.txt"
"""Beside an image: hash and path of each source that it was compiled of."""

_SYMBOL = re.compile(r"\w+_build_id")
_ID = re.compile(rb"([0-9a-f]{16})\0")
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def read_build_id(elf: Path) -> str:
    """The id in an image. Raises UsageError if it has none or is no ELF file."""
    try:
        with elf.open("rb") as file:
            found = _find(ELFFile(file))
    except (OSError, ELFError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"This is no readable ELF file: {why}.", at=str(elf)) from None
    if found is None:
        raise UsageError(
            "The image has no build id, so that nothing tells what it was built of.",
            at=str(elf),
            tries=("fwgen build with the same model and board",),
        )
    return found


def _find(elf: ELFFile) -> str | None:
    for table in elf.iter_sections():
        if not isinstance(table, SymbolTableSection):
            continue
        for symbol in table.iter_symbols():
            section = symbol["st_shndx"]
            if not isinstance(section, int) or not _SYMBOL.fullmatch(symbol.name):
                continue
            holder = elf.get_section(section)
            start = symbol["st_value"] - holder["sh_addr"]
            match = _ID.fullmatch(holder.data()[start : start + symbol["st_size"]])
            if match:
                return match[1].decode()
    return None


def changed_source(project: Path, build_folder: Path) -> str | None:
    """A source that is not what the image was compiled of, None if all are.

    It is the list itself if that is not there.
    """
    try:
        lines = (build_folder / SOURCES).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return SOURCES
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or _hash(project / match[2]) != match[1]:
            return match[2] if match else SOURCES
    return None if lines else SOURCES


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
