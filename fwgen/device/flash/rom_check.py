"""The check of an image in ROM by its own firmware, where the way that it took cannot read back."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from fwgen.board import Board
from fwgen.build.image_formats.load_segments import ERASED, LoadSegment
from fwgen.device.flash.flash_faults import FlashDiffers
from fwgen.device.link import Link

MOST_GAP_BYTES = 64


def check_rom(link: Link, board: Board, segments: Sequence[LoadSegment]) -> int:
    """How many bytes have the CRC-32 of what was written, from the vectors on.

    Raises FlashDiffers if they have another, DeviceError if the firmware does not know `fw-rom`,
    as only that of boards does which are written through a drive.
    """
    origin = board.region("vectors").origin
    data = _from(origin, segments)
    found = link.rom_crc(len(data))
    if found == zlib.crc32(data):
        return len(data)
    address = origin + _first_difference(link, data)
    raise FlashDiffers(
        f"The flash is not what was written: the firmware finds the CRC-32 {found:08x} in "
        f"{len(data):,} bytes, expected {zlib.crc32(data):08x}; the first byte that differs is "
        f"at {address:#010x}.",
        tries=("fwgen flash again", "another --flasher, which reads back"),
        address=address,
    )


def _first_difference(link: Link, data: bytes) -> int:
    """The offset of the first byte that differs, from CRCs of beginnings of the image."""
    equal, differs = 0, len(data)
    while differs - equal > 1:
        middle = (equal + differs) // 2
        if link.rom_crc(middle) == zlib.crc32(data[:middle]):
            equal = middle
        else:
            differs = middle
    return equal


def _from(origin: int, segments: Sequence[LoadSegment]) -> bytes:
    """The image from an address to the first gap that is more than alignment; flash is erased in
    smaller ones."""
    data = b""
    for segment in segments:
        gap = segment.address - origin - len(data)
        if 0 <= gap <= MOST_GAP_BYTES:
            data += bytes((ERASED,)) * gap + segment.data
    return data
