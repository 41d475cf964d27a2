"""Models that are wrong in one field: every field of every table of a model of each operator.

Operators are discovered, and fields by reflection: those of the objects that the schema in TFLM's
own Python package has for tables. So what comes to either is tried without a line here. A field
gets extreme values of its kind, and values that it has in other models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import chain
from typing import Any

import numpy as np

from tests.tflite_models import OPERATORS, ModelBuilder, random_graph, random_op_model, signal_ops
from tests.tflite_models.draw import Draw
from tests.tflite_models.entry_points import packed, schema, unpacked, with_entries
from tests.tflite_models.loops import random_calls
from tests.tflite_models.streams import random_stream

WHOLE = (0, 1, 2, 3, -1, -2, 127, 255, 1 << 16, 1 << 30, (1 << 31) - 1, -(1 << 31), 1 << 62)
REAL = (0.0, -1.0, 1e-45, 1e-20, 1.0, 2.0**20, 3e38, np.inf, -np.inf, np.nan)
SIZES = (0, 1, 7, 1 << 16, 1 << 20, 1 << 30, (1 << 31) - 1)
WORDS = (b"", b"x", b"\xff\xfe", b'*/ \n\x00"', b"n" * 70_000)
TABLES = ("subgraphs", "tensors", "operators", "signatureDefs", "buffers", "operatorCodes")

Path = tuple[str | int, ...]
"""Attributes and indices that lead from a model to a field."""


@cache
def sources() -> tuple[tuple[str, bytes], ...]:
    """A small model of each operator, and some with state, calls, entry points and many ops."""
    found: list[tuple[str, bytes]] = []
    for code in OPERATORS:
        drawn = (random_op_model(code, np.random.default_rng(seed)) for seed in range(5))
        found.append((code, min(drawn, key=len)))
    found += [(code, _signal(code)) for code in signal_ops.APPEND]
    for seed in range(3):
        for name, make in (
            ("calls", random_calls),
            ("a stream", random_stream),
            ("3 ops", partial(random_graph, ops=3)),
        ):
            found.append((f"{name} {seed}", make(np.random.default_rng(seed))))
    entries = [(name, dict(found)[code]) for name, code in (("one", "ADD"), ("two", "RELU"))]
    return (*found, ("entry points", with_entries(entries)))


def _signal(code: str) -> bytes:
    """A model of one op of the signal front end."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(1))
    dtype, append = signal_ops.APPEND[code]
    append(m, d, m.tensor((4, 8) if code == "SIGNAL_OVERLAP_ADD" else (8,), dtype))
    return m.build()


def field_mutants(every: int = 1, first: int = 0) -> Iterator[tuple[str, bytes]]:
    """(recipe, bytes) of one in ``every`` of all mutants, from the one with number ``first``."""
    number = -1
    for name, data in sources():
        model = unpacked(data)
        for path, value in chain(_changes(model), _numbers_together(model)):
            number += 1
            if number % every == first:
                recipe = f"{name}: {'.'.join(map(str, path))} = {_short(value)}"
                try:
                    yield recipe, changed(data, path, value)
                except Exception:  # of the flatbuffers package: there is no such file
                    continue


def changed(data: bytes, path: Path, value: Any) -> bytes:
    """The model with another value of a field, or, without a path, with numbers replaced."""
    model: Any = unpacked(data)
    if path == ("numbers",):
        _replace_numbers(model, *value)
        return packed(model)
    holder = model
    for step in path[:-1]:
        holder = holder[step] if isinstance(step, int) else getattr(holder, step)
    setattr(holder, str(path[-1]), value)
    return packed(model)


def _short(value: Any) -> str:
    said = type(value).__name__ if _is_table(value) else repr(value)
    return said if len(said) < 80 else f"{said[:80]}..."


def _is_table(value: Any) -> bool:
    return type(value).__module__ == schema.__name__


def _fields(table: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Every field of a table and of those in it: its path, the table, and the value."""
    for name, value in sorted(vars(table).items()):
        yield (*path, name), table, value
        if _is_table(value):
            yield from _fields(value, (*path, name))
        elif isinstance(value, list):
            for at, each in enumerate(value):
                if _is_table(each):
                    yield from _fields(each, (*path, name, at))


@cache
def _known() -> dict[tuple[str, str], list[Any]]:
    """What the fields of each kind of table hold in all models, each value once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for _, data in sources():
        for path, table, value in _fields(unpacked(data)):
            if value is not None and path[-1] not in TABLES:
                key = (type(table).__name__, str(path[-1]))
                found.setdefault(key, {})[_short(value)] = value
    return {key: [*values.values()] for key, values in found.items()}


def _changes(model: Any) -> Iterator[tuple[Path, Any]]:
    """All changes of one field."""
    rng = np.random.default_rng(0)
    for path, table, value in _fields(model):
        if path[-1] in ("version", "description", "metadataBuffer") and len(path) > 1:
            continue  # nothing reads them
        known = _known().get((type(table).__name__, str(path[-1])), [])
        for at in rng.permutation(len(known))[:3]:
            yield path, known[at]
        for new in _extremes(value, str(path[-1])):
            yield path, new


def _extremes(value: Any, name: str) -> Iterator[Any]:
    """Extreme values of the same kind as ``value``."""
    if isinstance(value, bool | np.bool_):
        yield not value
    elif isinstance(value, int | np.integer):
        yield from (new for new in (value - 1, value + 1, *WHOLE) if new != value)
    elif isinstance(value, float | np.floating):
        yield from REAL
    elif isinstance(value, bytes | str):
        yield from WORDS
    elif _is_table(value):
        yield None
    elif value is not None and name in ("data", "customOptions"):
        yield from _bytes(np.asarray(value, np.uint8), each=name == "customOptions")
    elif value is not None and len(value) and _is_table(value[0]):
        yield from ([], None, [*value, value[0]], [*reversed(value)])
        yield from ([*value[:at], *value[at + 1 :]] for at in range(min(3, len(value))))
    elif value is not None:
        yield from _vectors(value)


def _vectors(value: Sequence[Any]) -> Iterator[Any]:
    """Vectors of numbers: longer, shorter, and with other elements."""
    array = np.asarray(value)
    numbers = REAL if array.dtype.kind == "f" else WHOLE
    yield from (None, array[:0], array[:-1], np.concatenate([array, array[:1]]), array[::-1].copy())
    yield np.resize(array, 9)
    for at in sorted({0, len(array) // 2, len(array) - 1}) if len(array) else ():
        for number in numbers:
            if (
                array.dtype.kind == "f"
                or np.iinfo(array.dtype).min <= number <= np.iinfo(array.dtype).max
            ):
                new = array.copy()
                new[at] = number
                yield new


def _bytes(data: np.ndarray, *, each: bool) -> Iterator[Any]:
    """Bytes: fewer, more, all alike; ``each`` one replaced, or 32-bit numbers in them."""
    yield from (None, data[:0], data[:-1], data[: len(data) // 2], np.concatenate([data, data]))
    for byte in (0, 127, 128, 255):
        yield np.full_like(data, byte)
    if each:
        yield from (data[:size] for size in range(len(data)))
        for at in range(len(data)):
            for byte in (0, 255, data[at] ^ 1, data[at] ^ 4):
                new = data.copy()
                new[at] = byte
                yield new
    elif 0 < len(data) <= 64 and len(data) % 4 == 0:
        for at in range(len(data) // 4):
            for number in WHOLE[:-1]:
                words = np.frombuffer(data.tobytes(), np.int32).copy()
                words[at] = number
                yield words.view(np.uint8)


def _numbers_together(model: Any) -> Iterator[tuple[Path, Any]]:
    """A size becomes another wherever a shape or a constant of int32 has it."""
    sizes = {
        int(size) for graph in model.subgraphs for t in graph.tensors for size in _ints(t.shape)
    }
    for old in sorted(sizes)[:8]:
        for new in SIZES:
            if new != old:
                yield ("numbers",), (old, new)


def _ints(value: Any) -> Sequence[int]:
    return () if value is None else value


def _replace_numbers(model: Any, old: int, new: int) -> None:
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            tensor.shape = [new if size == old else size for size in _ints(tensor.shape)]
            buffer = model.buffers[tensor.buffer]
            if tensor.type == schema.TensorType.INT32 and buffer.data is not None:
                words = np.frombuffer(np.asarray(buffer.data, np.uint8).tobytes(), np.int32)
                buffer.data = np.where(words == old, new, words).astype(np.int32).view(np.uint8)
