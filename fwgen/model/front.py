"""The front of a flatbuffer: new tables before an old file, into which their offsets lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import pack, pack_into

from fwgen.model import schema
from fwgen.model.alignment import ALIGNMENT


class Front:
    """The bytes that come before an old file. Offsets are filled in when their number is known."""

    def __init__(self) -> None:
        self._bytes = bytearray(4) + schema.IDENTIFIER
        self._leads: list[tuple[int, int, bool]] = []

    def before(self, old: bytes) -> bytes:
        """The new tables, and after them the old file, at an offset that keeps the alignment of
        its parts."""
        self._pad(ALIGNMENT)
        for at, to, behind in self._leads:
            self.number(at, to + behind * len(self._bytes) - at)
        return bytes(self._bytes) + old

    def number(self, at: int, value: int) -> None:
        pack_into("<I", self._bytes, at, value)

    def lead(self, at: int, to: int, behind: bool = False) -> None:
        """Make what is at ``at`` lead to ``to``, a place in the old file if that is ``behind``."""
        self._leads.append((at, to, behind))

    def table(self, slots: Iterable[int]) -> tuple[int, dict[int, int]]:
        """A table of fields of 4 bytes: where it is, and where each field."""
        present = sorted(slots)
        places = {slot: 4 + 4 * number for number, slot in enumerate(present)}
        entries = [places.get(slot, 0) for slot in range(present[-1] + 1)]
        self._pad(4)
        vtable = len(self._bytes)
        self._bytes += pack("<HH", 4 + 2 * len(entries), 4 + 4 * len(present))
        self._bytes += pack(f"<{len(entries)}H", *entries)
        self._pad(4)
        table = len(self._bytes)
        self._bytes += pack("<i", table - vtable) + bytes(4 * len(present))
        return table, {slot: table + place for slot, place in places.items()}

    def vector(self, field: int, count: int, content: bytes, alignment: int = 4) -> int:
        """A vector for a field: where its first element is, which is aligned."""
        self._pad(alignment, before=4)
        self.lead(field, len(self._bytes))
        self._bytes += pack("<I", count) + content
        return len(self._bytes) - len(content)

    def list(self, field: int, old: Sequence[int | None], more: int = 1) -> int:
        """A vector of the old file's tables and ``more``, for a field: where the first of those
        goes. Elements that are None are left open, too."""
        count = len(old) + more
        first = self.vector(field, count, bytes(4 * count))
        for number, to in enumerate(old):
            if to is not None:
                self.lead(first + 4 * number, to, behind=True)
        return first + 4 * len(old)

    def element(self, at: int, slots: Iterable[int]) -> dict[int, int]:
        """A table for the element of a list at ``at``: where each of its fields is."""
        table, places = self.table(slots)
        self.lead(at, table)
        return places

    def _pad(self, alignment: int, before: int = 0) -> None:
        """Add zeros until ``before`` more bytes end at a multiple of ``alignment``."""
        self._bytes += bytes(-(len(self._bytes) + before) % alignment)
