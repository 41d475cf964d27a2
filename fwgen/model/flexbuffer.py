"""The flexbuffer of a custom op's options: a map from names to numbers, read within bounds.

Layout, from the FlatBuffers' ``flexbuffers.h``: the last byte is the width of the root, the byte
before it the root's type, before that the root. A map is an offset to its values. Before these are,
each of the map's width, an offset to the keys, the width of these, and the count; after them a byte
for each value's type. Keys are offsets to names that end in 0. All offsets lead back.
"""

from __future__ import annotations

from struct import unpack_from

from fwgen.errors import ModelError

MOST_NUMBERS = 64
"""Numbers that a map may have; TFLM's custom ops have at most 9."""

MOST_NAME_BYTES = 64

_INT, _UINT, _FLOAT, _MAP, _BOOL = 1, 2, 3, 9, 26
_FORMATS = {
    _INT: {1: "<b", 2: "<h", 4: "<i", 8: "<q"},
    _UINT: {1: "<B", 2: "<H", 4: "<I", 8: "<Q"},
    _FLOAT: {4: "<f", 8: "<d"},
    _BOOL: {1: "<B", 2: "<H", 4: "<I", 8: "<Q"},
}

Number = int | float


class Flexbuffer:
    """The options of a custom op, read when they are asked for; ``at`` says whose they are."""

    def __init__(self, data: memoryview, at: str) -> None:
        self._data, self._at = data, at

    @property
    def is_empty(self) -> bool:
        """Whether there are no options. Raises ModelError if they are damaged."""
        return not len(self._data) or not self._read()

    def integers(self, *names: str) -> tuple[int, ...]:
        """The integers that are called like this, in this order: TFLM goes by the order alone.

        Raises ModelError if there are others, and if the options are damaged.
        """
        found = self._read() if len(self._data) else {}
        if tuple(found) != names or not all(isinstance(one, int) for one in found.values()):
            wanted, others = (", ".join(some) or "none" for some in (names, found))
            raise ModelError(
                f"The custom options are {others}, expected integers {wanted}.", at=self._at
            )
        return tuple(map(int, found.values()))

    def _read(self) -> dict[str, Number]:
        end = len(self._data)
        width, kind = (self._integer(end - k, 1) for k in (1, 2))
        if kind >> 2 != _MAP:
            raise self._error("they are no map")
        values, size = self._back(end - 2 - width, width), 1 << (kind & 3)
        count = self._integer(values - size, size)
        if count > MOST_NUMBERS:
            raise self._error(f"they are more than {MOST_NUMBERS}")
        keys = self._back(values - 3 * size, size)
        key_size = self._integer(values - 2 * size, size)
        names = self._integer(keys - key_size, key_size)
        if names != count:  # TFLM searches all names that there should be
            raise self._error(f"{names} names have {count} values")
        types = values + count * size
        found: dict[str, Number] = {}
        for k in range(count):
            name = self._name(self._back(keys + k * key_size, key_size))
            found[name] = self._number(values + k * size, size, self._integer(types + k, 1) >> 2)
        return found

    def _number(self, at: int, size: int, kind: int) -> Number:
        if kind not in _FORMATS or size not in _FORMATS[kind]:
            raise self._error(f"a value of type {kind} and {size} bytes is no number")
        self._require(at, size)
        value: Number = unpack_from(_FORMATS[kind][size], self._data, at)[0]
        return value

    def _integer(self, at: int, size: int) -> int:
        if size not in _FORMATS[_UINT]:
            raise self._error(f"a number of {size} bytes is impossible")
        return int(self._number(at, size, _UINT))

    def _back(self, at: int, size: int) -> int:
        """Where the offset at ``at`` leads."""
        return at - self._integer(at, size)

    def _name(self, at: int) -> str:
        self._require(at, 1)
        name, zero, _ = bytes(self._data[at : at + MOST_NAME_BYTES]).partition(b"\0")
        if not zero:
            raise self._error(f"a name does not end within {MOST_NAME_BYTES} bytes")
        return name.decode("latin-1").encode("unicode_escape").decode("ascii")

    def _require(self, at: int, size: int) -> None:
        if not 0 <= at <= len(self._data) - size:
            raise self._error(f"{size} bytes at {at} are outside of {len(self._data)}")

    def _error(self, what: str) -> ModelError:
        return ModelError(
            f"The custom options of the op are damaged: {what}.",
            at=self._at,
            tries=("copy or convert the model again",),
        )
