"""The ELF file of a firmware with an NPU: doorbell, constants, command streams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from fwgen.errors import ModelError, UsageError
from fwgen.npu.payload import MAGIC, Configuration, read_payload

DOORBELL = "fw_npu_doorbell"
"""The function that our driver calls with a job, for a simulator that serves it."""

_WRITE, _ALLOC = 1, 2  # sh_flags
_ALIGNMENT = 16  # of a payload

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Elf:
    """``constants`` are the sections that are only read: address and bytes. ``extents`` are the
    first address and the one after the last of all sections that are in memory."""

    doorbell: int | None
    constants: tuple[tuple[int, Bytes], ...]
    extents: tuple[tuple[int, int], ...]

    def constant(self, address: int, count: int) -> Bytes | None:
        """``count`` bytes at ``address``, not writable; None if they are not constants."""
        for start, data in self.constants:
            if start <= address and address + count <= start + len(data):
                return data[address - start : address - start + count]
        return None

    def touches(self, start: int, count: int) -> bool:
        """Whether something of the image is in ``count`` bytes from ``start`` on."""
        return any(low < start + count and start < high for low, high in self.extents)

    def streams(self) -> Iterator[tuple[int, Configuration]]:
        """The address of each command stream in the image, and the NPU that it is for."""
        magic = MAGIC.to_bytes(4, "little")
        for start, data in self.constants:
            content = data.tobytes()
            at = content.find(magic)
            while at >= 0:
                if (start + at) % _ALIGNMENT == 0:
                    whole = (len(content) - at) // 4 * 4
                    with suppress(ModelError):  # of four bytes of something else
                        yield start + at, read_payload(content[at : at + whole], "").configuration
                at = content.find(magic, at + 1)


def read_elf(path: Path) -> Elf:
    """Raises UsageError if it cannot be read."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            doorbell: int | None = None
            constants, extents = [], []
            for section in elf.iter_sections():
                if isinstance(section, SymbolTableSection):
                    for symbol in section.get_symbol_by_name(DOORBELL) or ():
                        doorbell = symbol["st_value"] & ~1  # bit 0: Thumb
                start, size, flags = section["sh_addr"], section["sh_size"], section["sh_flags"]
                if not flags & _ALLOC or not size:
                    continue
                extents.append((start, start + size))
                if section["sh_type"] == "SHT_PROGBITS" and not flags & _WRITE:
                    constants.append((start, np.frombuffer(section.data(), np.uint8)))
            return Elf(doorbell, tuple(constants), tuple(extents))
    except (OSError, ELFError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"This is no readable ELF file: {why}.", at=str(path)) from None


def check_streams(path: Path, npu: Configuration) -> None:
    """Raises UsageError if a command stream of the image is for another NPU than ``npu``."""
    for address, configuration in read_elf(path).streams():
        if configuration.name != npu.name:
            raise UsageError(
                f"The image has a command stream for {configuration.name}, the NPU is {npu.name}.",
                at=f"{path}, address {address:#010x}",
                tries=(f"build again: fwgen build --npu {npu.name}",),
            )
