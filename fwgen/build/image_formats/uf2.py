"""UF2: the image files that bootloaders of a USB drive take, as blocks that stand alone.

Source: the specification "USB Flashing Format (UF2)" of Microsoft, and ``boot/uf2.h`` of the Pico
SDK. A block has 512 bytes: eight words, 476 bytes of which the payload fills the first, and a last
word. All blocks of a file carry 256 bytes, at addresses that are multiples of 256: the bootloader
of the RP2350 takes no others.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from fwgen.build.image_formats.load_segments import ERASED, LoadSegment

BLOCK_BYTES = 512
PAYLOAD_BYTES = 256

_MAGICS = (0x0A324655, 0x9E5D5157)
_LAST_MAGIC = 0x0AB16F30
_HAS_FAMILY = 0x2000  # flags: the last word of the header is the number of a family
_HEADER = struct.Struct("<8I")
_DATA_BYTES = BLOCK_BYTES - _HEADER.size - 4


def uf2_file(segments: Sequence[LoadSegment], family: int) -> bytes:
    """The UF2 file of segments for a family of chips, such as 0xE48BFF59 (RP2350, Arm, secure).

    Bytes of a page that no segment has are as erased flash: a page is written as a whole.
    """
    pages: dict[int, bytearray] = {}
    for segment in segments:
        for at in range(segment.address // PAYLOAD_BYTES, -(-segment.end // PAYLOAD_BYTES)):
            page = pages.setdefault(at, bytearray([ERASED]) * PAYLOAD_BYTES)
            start = at * PAYLOAD_BYTES
            low, high = max(start, segment.address), min(start + PAYLOAD_BYTES, segment.end)
            page[low - start : high - start] = segment.data[
                low - segment.address : high - segment.address
            ]
    blocks = []
    for number, (at, page) in enumerate(sorted(pages.items())):
        header = _HEADER.pack(
            *(*_MAGICS, _HAS_FAMILY, at * PAYLOAD_BYTES, PAYLOAD_BYTES, number, len(pages), family)
        )
        blocks.append(header + page.ljust(_DATA_BYTES, b"\0") + struct.pack("<I", _LAST_MAGIC))
    return b"".join(blocks)
