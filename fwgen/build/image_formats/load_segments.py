"""The segments of an ELF file that are loaded: bytes at the addresses that a programmer writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from fwgen.errors import UsageError

ERASED = 0xFF
"""What flash reads where nothing was written."""

_ALLOC = 2  # sh_flags
_MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class LoadSegment:
    """Bytes that are to be at ``address`` before the image starts."""

    address: int
    data: bytes

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + len(self.data)

    def __str__(self) -> str:
        return f"{len(self.data):,} bytes at {self.address:#010x}"


def load_segments(elf: Path) -> tuple[LoadSegment, ...]:
    """The segments of an ELF file, by address; what touches each other is one.

    Addresses are those of loading (LMA): variables with first values lie in flash, from where the
    firmware copies them. Raises UsageError for a file that is no ELF file, has nothing to load, or
    two contents for one address.
    """
    try:
        with elf.open("rb") as file:
            parts = sorted(_parts(ELFFile(file)), key=lambda part: part.address)
    except (OSError, ELFError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"This is no readable ELF file: {why}.", at=str(elf)) from None
    if not parts:
        raise UsageError("The ELF file has nothing that could be loaded.", at=str(elf))
    return _joined(parts, str(elf))


def _parts(elf: ELFFile) -> Iterator[LoadSegment]:
    """Sections with content. The bytes of a segment that are in none are the file's own headers."""
    loads = [s for s in elf.iter_segments() if s["p_type"] == "PT_LOAD" and s["p_filesz"]]
    for section in elf.iter_sections():
        size, offset = section["sh_size"], section["sh_offset"]
        if not section["sh_flags"] & _ALLOC or section["sh_type"] == "SHT_NOBITS" or not size:
            continue
        for load in loads:
            skip = offset - load["p_offset"]
            if skip >= 0 and skip + size <= load["p_filesz"]:
                if size > _MOST_BYTES:
                    raise ValueError(f"the section {section.name} has {size:,} bytes")
                yield LoadSegment(load["p_paddr"] + skip, section.data())
                break


def _joined(parts: Iterable[LoadSegment], at: str) -> tuple[LoadSegment, ...]:
    joined: list[LoadSegment] = []
    for part in parts:
        last = joined[-1] if joined else None
        if last is not None and part.address < last.end:
            raise UsageError(
                f"The image has two contents for the address {part.address:#010x}.", at=at
            )
        if last is not None and part.address == last.end:
            joined[-1] = LoadSegment(last.address, last.data + part.data)
        else:
            joined.append(part)
    return tuple(joined)
