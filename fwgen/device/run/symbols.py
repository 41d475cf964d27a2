"""Symbols of an image: the functions that the addresses of a fault are in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

ADDRESSES = {"pc": "at", "lr": "called from"}
"""Fields of a fault that are addresses of code, and how their functions are told."""


def places(fields: Mapping[str, str], image: Path) -> str:
    """Where a fault was, such as "at fw_crc32+0x12, called from main+0x40"; "" if nothing is known.

    ``fields`` are those of ``FirmwareFault``, of firmware that is ``image``.
    """
    found = [
        f"{word} {name}"
        for field, word in ADDRESSES.items()
        if (name := _function(image, fields.get(field, ""))) is not None
    ]
    return ", ".join(found)


def _function(image: Path, digits: str) -> str | None:
    """The function that the address of hex ``digits`` is in, and how far."""
    try:
        address = int(digits, 16) & ~1  # bit 0: Thumb
        with image.open("rb") as file:
            for section in ELFFile(file).iter_sections():
                if not isinstance(section, SymbolTableSection):
                    continue
                for symbol in section.iter_symbols():
                    start = symbol["st_value"] & ~1
                    if symbol["st_info"]["type"] != "STT_FUNC":
                        continue
                    if start <= address < start + symbol["st_size"]:
                        return f"{symbol.name}+{address - start:#x}"
    except (OSError, ELFError, ValueError, KeyError, TypeError):  # no address, or no such image
        return None
    return None
