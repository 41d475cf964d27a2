"""Bounded access to a flatbuffer that nobody vouches for.

Every position is compared with the file's size before it is read. A file buys only a fixed number
of tables and vector elements, however its offsets alias or loop. Readers follow the schema without
recursion, so it bounds the depth. What is wrong ends in a ModelError that names the field and the
byte.

Layout, from the FlatBuffers format description: all numbers are little endian. An offset is a u32
counted from its own position. A table starts with an i32; the table's position less this number is
the position of its vtable. A vtable has a u16 vtable size, a u16 table size, then per field a u16
position inside the table, which is 0 if the field is absent. A vector is a u32 count and its
elements; a string is a vector of bytes.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct, unpack_from
from typing import Any

from fwgen.errors import ModelError

MAX_TABLES = 1 << 16
"""Tables that one file may be read as; a large model for a microcontroller has some thousand."""

MAX_ELEMENTS = 1 << 20
"""Numbers in vectors that one file may be read as; weights, which are not copied, do not count."""

MAX_COPIED_BYTES = 64 << 20
"""Of weights that are copied, because the file packs them."""

MAX_TEXT_BYTES = 120
"""Bytes of a string that are kept."""

_I8, _U8, _U16 = Struct("<b"), Struct("<B"), Struct("<H")
_I32, _U32, _U64, _F32 = Struct("<i"), Struct("<I"), Struct("<Q"), Struct("<f")


class Flatbuffer:
    """The bytes of one file, its ``name`` for errors, and the work that it may still cause."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self._tables = MAX_TABLES
        self._elements = MAX_ELEMENTS
        self._copied = MAX_COPIED_BYTES

    def root(self, path: str) -> FlatbufferTable:
        """The root table, called ``path`` in errors."""
        return FlatbufferTable(self, self.target(0, path), path)

    def error(self, what: str, path: str, at: int) -> ModelError:
        """A ModelError about the field ``path`` whose cause is at byte ``at``."""
        return ModelError(
            f"The file is damaged: {what}.",
            at=f"{self.name}: {path}, byte {at} of {len(self.data)}",
            tries=("copy or convert the model again",),
        )

    def require(self, at: int, size: int, path: str) -> None:
        """Raise ModelError unless ``size`` bytes at ``at`` are inside the file."""
        if not 0 <= at <= len(self.data) - size:
            raise self.error(f"{size} bytes at {at} are outside the file", path, at)

    def target(self, at: int, path: str) -> int:
        """Where the offset at byte ``at`` leads: a place with room for 4 bytes at least."""
        self.require(at, 4, path)
        offset: int = _U32.unpack_from(self.data, at)[0]
        if offset == 0:
            raise self.error("an offset leads to itself", path, at)
        self.require(at + offset, 4, path)
        return at + offset

    def vector(self, at: int, size: int, path: str) -> tuple[int, int]:
        """First element's position, and count, of the vector that the offset at ``at`` leads to."""
        start = self.target(at, path)
        count: int = _U32.unpack_from(self.data, start)[0]
        if count > (len(self.data) - start - 4) // size:
            raise self.error(f"a vector of {count} elements ends outside the file", path, start)
        return start + 4, count

    @property
    def exhausted(self) -> bool:
        """Whether more was asked for than the file may be read as."""
        return min(self._tables, self._elements, self._copied) < 0

    def spend_table(self, path: str, at: int) -> None:
        """Take one table from the file's budget."""
        self._tables -= 1
        if self._tables < 0:
            raise self.error(f"it asks for more than {MAX_TABLES} tables", path, at)

    def spend_elements(self, count: int, path: str, at: int) -> None:
        """Take ``count`` vector elements from the file's budget."""
        self._elements -= count
        if self._elements < 0:
            raise self.error(f"it asks for more than {MAX_ELEMENTS} vector elements", path, at)

    def spend_copied(self, count: int, path: str, at: int) -> None:
        """Take ``count`` bytes of copied weights from the file's budget."""
        self._copied -= count
        if self._copied < 0:
            raise self.error(f"it asks for more than {MAX_COPIED_BYTES} copied bytes", path, at)


class FlatbufferTable:
    """A table of the file. Its methods read the field with the schema's id ``slot``.

    A field that the file leaves out reads as its default, None for a table, () or b"" for a vector.
    All methods raise ModelError where the field does not lie inside table and file.
    """

    __slots__ = ("_at", "_bytes", "_file", "_vtable", "_vtable_bytes", "path")

    def __init__(self, file: Flatbuffer, at: int, path: str) -> None:
        file.spend_table(path, at)
        file.require(at, 4, path)
        vtable: int = at - _I32.unpack_from(file.data, at)[0]
        file.require(vtable, 4, path)
        vtable_bytes: int = _U16.unpack_from(file.data, vtable)[0]
        table_bytes: int = _U16.unpack_from(file.data, vtable + 2)[0]
        if vtable_bytes < 4 or vtable_bytes % 2 or table_bytes < 4:
            raise file.error("a vtable has an impossible size", path, vtable)
        file.require(vtable, vtable_bytes, path)
        file.require(at, table_bytes, path)
        self._file = file
        self._at = at
        self._bytes = table_bytes
        self._vtable = vtable
        self._vtable_bytes = vtable_bytes
        self.path = path

    def i8(self, slot: int, default: int = 0) -> int:
        return int(self._scalar(_I8, slot, default))

    def u8(self, slot: int, default: int = 0) -> int:
        return int(self._scalar(_U8, slot, default))

    def i32(self, slot: int, default: int = 0) -> int:
        return int(self._scalar(_I32, slot, default))

    def u32(self, slot: int, default: int = 0) -> int:
        return int(self._scalar(_U32, slot, default))

    def u64(self, slot: int, default: int = 0) -> int:
        return int(self._scalar(_U64, slot, default))

    def f32(self, slot: int, default: float = 0.0) -> float:
        """The float32 value, held exactly."""
        return float(self._scalar(_F32, slot, default))

    def flag(self, slot: int, default: bool = False) -> bool:
        return bool(self._scalar(_U8, slot, default))

    def has(self, slot: int) -> bool:
        """Whether the file holds the field at all."""
        return self._position(slot, 1) is not None

    def i32_vector(self, slot: int) -> tuple[int, ...]:
        return self._numbers(slot, "i", 4)

    def i64_vector(self, slot: int) -> tuple[int, ...]:
        return self._numbers(slot, "q", 8)

    def f32_vector(self, slot: int) -> tuple[float, ...]:
        """The float32 values, held exactly."""
        return self._numbers(slot, "f", 4)

    def numbers_at(self, slot: int, size: int) -> range:
        """The bytes of the file in which a vector of numbers of ``size`` bytes is."""
        at = self._position(slot, 4)
        if at is None:
            return range(0)
        start, count = self._file.vector(at, size, self._label(slot))
        return range(start, start + count * size)

    def view(self, slot: int) -> memoryview:
        """A vector of bytes, not copied."""
        at = self._position(slot, 4)
        if at is None:
            return memoryview(b"")
        start, count = self._file.vector(at, 1, self._label(slot))
        return memoryview(self._file.data)[start : start + count]

    def copied(self, slot: int, count: int) -> memoryview:
        """A vector of bytes that becomes ``count`` bytes of a copy."""
        self._file.spend_copied(count, self._label(slot), self._at)
        return self.view(slot)

    def text(self, slot: int) -> str:
        """A string as printable ASCII: escaped, and cut after ``MAX_TEXT_BYTES`` bytes."""
        view = self.view(slot)
        kept = bytes(view[:MAX_TEXT_BYTES]).decode("latin-1")
        text = kept.encode("unicode_escape").decode("ascii")
        return text + "..." if len(view) > MAX_TEXT_BYTES else text

    @property
    def exhausted(self) -> bool:
        """Whether more was asked for than the table's file may be read as."""
        return self._file.exhausted

    @property
    def at(self) -> int:
        """The byte of the file at which the table is."""
        return self._at

    def place(self, slot: int) -> int | None:
        """The byte of the file at which a field begins; None if the field is absent."""
        return self._position(slot, 1)

    @property
    def slots(self) -> range:
        """Ids of the fields that the file's version of the table may hold."""
        return range((self._vtable_bytes - 4) // 2)

    def target(self, slot: int) -> int | None:
        """Where a field that is an offset leads; None if the field is absent."""
        at = self._position(slot, 4)
        return None if at is None else self._file.target(at, self._label(slot))

    def table(self, slot: int) -> FlatbufferTable | None:
        """A table, or the value of a union whose type says what it is."""
        at = self._position(slot, 4)
        if at is None:
            return None
        path = self._label(slot)
        return FlatbufferTable(self._file, self._file.target(at, path), path)

    def tables(self, slot: int) -> tuple[FlatbufferTable, ...]:
        """A vector of tables."""
        at = self._position(slot, 4)
        if at is None:
            return ()
        path = self._label(slot)
        start, count = self._file.vector(at, 4, path)
        places = ((start + 4 * i, f"{path}[{i}]") for i in range(count))
        return tuple(
            FlatbufferTable(self._file, self._file.target(p, label), label) for p, label in places
        )

    def _label(self, slot: int) -> str:
        name = slot.name.lower() if isinstance(slot, IntEnum) else f"field {slot}"
        return f"{self.path}.{name}"

    def _position(self, slot: int, size: int) -> int | None:
        """Where the field's ``size`` bytes are in the file; None if the field is absent."""
        entry = 4 + 2 * slot
        if entry >= self._vtable_bytes:
            return None
        offset: int = _U16.unpack_from(self._file.data, self._vtable + entry)[0]
        if offset == 0:
            return None
        if not 4 <= offset <= self._bytes - size:
            raise self._file.error(
                f"a field of {size} bytes at {offset} is outside its table of {self._bytes}",
                self._label(slot),
                self._vtable + entry,
            )
        return self._at + offset

    def _scalar(self, layout: Struct, slot: int, default: float) -> float:
        at = self._position(slot, layout.size)
        if at is None:
            return default
        value: float = layout.unpack_from(self._file.data, at)[0]
        return value

    def _numbers(self, slot: int, code: str, size: int) -> tuple[Any, ...]:
        at = self._position(slot, 4)
        if at is None:
            return ()
        path = self._label(slot)
        start, count = self._file.vector(at, size, path)
        self._file.spend_elements(count, path, start)
        return unpack_from(f"<{count}{code}", self._file.data, start)
