"""Image files of programmers: Intel HEX (.hex), raw binary (.bin) and UF2 (.uf2)."""

from __future__ import annotations

import io
from collections.abc import Sequence

from intelhex import IntelHex

from fwgen.build.image_formats.load_segments import ERASED, LoadSegment
from fwgen.build.image_formats.uf2 import uf2_file
from fwgen.errors import UsageError

FORMATS = ("hex", "bin", "uf2")
"""Endings of names of image files."""

_MOST_GAP_BYTES = 16 << 20
"""Between segments of a raw binary, which has no addresses: more is flash of one chip and RAM."""


def image_file(segments: Sequence[LoadSegment], ending: str, family: int | None = None) -> bytes:
    """The content of a file with one of ``FORMATS``; ``family`` is the chip's number for UF2.

    A raw binary begins at the address of the first segment. Raises UsageError for segments that the
    format cannot hold.
    """
    if ending == "hex":
        return hex_file(segments)
    if ending == "bin":
        return bin_file(segments)
    if ending != "uf2":
        raise UsageError(
            f"There are no image files of the kind .{ending}.",
            tries=tuple(f"a name that ends with .{known}" for known in FORMATS),
        )
    if family is None:
        raise UsageError(
            "A UF2 file is for one family of chips, and the board's is not known.",
            tries=("[uf2] family = 0x... in the board file", "a name that ends with .hex"),
        )
    return uf2_file(segments, family)


def hex_file(segments: Sequence[LoadSegment]) -> bytes:
    """Intel HEX, with the addresses of the segments and no start address."""
    image = IntelHex()
    for segment in segments:
        image.puts(segment.address, segment.data)
    text = io.StringIO()
    image.write_hex_file(text)
    return text.getvalue().encode("ascii")


def bin_file(segments: Sequence[LoadSegment]) -> bytes:
    """The bytes from the first segment to the end of the last, as erased flash in between."""
    content = bytearray()
    for segment in segments:
        gap = segment.address - segments[0].address - len(content)
        if gap > _MOST_GAP_BYTES:
            raise UsageError(
                f"A raw binary would have {gap:,} bytes of nothing before {segment}.",
                tries=("a name that ends with .hex",),
            )
        content += bytes((ERASED,)) * gap + segment.data
    return bytes(content)
