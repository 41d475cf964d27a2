"""ELF -> Sizes: what the image takes of each memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from fwgen.board import Board
from fwgen.errors import ToolError

_SHF_ALLOC = 2

_CONSTANTS = re.compile(r"_weights(_\w+)?$")
"""What the structures of constants are called."""


@dataclass(frozen=True)
class Sizes:
    """Bytes of an image. Flash is ``weights + code``; RAM is ``arena + stack + rest``.

    ``rest`` is the runtime's data. Initialised data counts in both flash and RAM. On a native board
    and of a library, "flash" are the read-only and initialised sections of the file. ``by_region``
    are bytes of the board's regions, those of none left out.
    """

    weights_bytes: int
    code_bytes: int
    arena_bytes: int
    stack_bytes: int
    rest_bytes: int
    by_region: Mapping[str, int]

    @property
    def flash_bytes(self) -> int:
        return self.weights_bytes + self.code_bytes

    @property
    def ram_bytes(self) -> int:
        return self.arena_bytes + self.stack_bytes + self.rest_bytes

    def as_dict(self) -> dict[str, Any]:
        """The keys of ``memory`` in JSON results."""
        return {
            "flash_bytes": self.flash_bytes,
            "weights_bytes": self.weights_bytes,
            "code_bytes": self.code_bytes,
            "ram_bytes": self.ram_bytes,
            "arena_bytes": self.arena_bytes,
            "stack_bytes": self.stack_bytes,
            "by_region": dict(self.by_region),
        }


def measure(elf: Path, board: Board, arena_bytes: int) -> Sizes:
    """Sizes from the section headers. Raises ToolError if ``elf`` is no ELF file."""
    rom = writable = weights = 0
    by_region: Counter[str] = Counter()
    try:
        with elf.open("rb") as file:
            image = ELFFile(file)
            unplaced = board.native or board.library_only  # no linker script of ours
            if unplaced:
                weights = _constant_bytes(image)
                rom = -weights
            for section in image.iter_sections():
                header = section.header
                if not header["sh_flags"] & _SHF_ALLOC or header["sh_size"] == 0:
                    continue
                size, loaded = header["sh_size"], header["sh_type"] != "SHT_NOBITS"
                constant = section.name.startswith(".fw_weights")
                if constant:
                    weights += size
                elif loaded:
                    rom += size
                for region in () if unplaced else board.regions:
                    if region.origin <= header["sh_addr"] < region.origin + region.bytes:
                        by_region[region.name] += size
                if section.name == ".data" and not unplaced:
                    by_region[board.region("code").name] += size  # its initial values
                if header["sh_flags"] & 1 and not constant:
                    writable += size
    except (OSError, ELFError) as error:
        raise ToolError(f"The image could not be read: {error}.", at=str(elf)) from None
    stack = board.stack_bytes if not board.native else 0
    return Sizes(
        weights_bytes=weights,
        code_bytes=rom,
        arena_bytes=arena_bytes,
        stack_bytes=stack,
        rest_bytes=max(0, writable - arena_bytes - stack),
        by_region=by_region,
    )


def _constant_bytes(image: ELFFile) -> int:
    """Bytes of the structures of a model's constants, by their symbols."""
    return sum(
        symbol["st_size"]
        for section in image.iter_sections()
        if isinstance(section, SymbolTableSection)
        for symbol in section.iter_symbols()
        if symbol["st_info"]["type"] == "STT_OBJECT" and _CONSTANTS.search(symbol.name)
    )
