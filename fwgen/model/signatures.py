"""The signatures of a .tflite file: its entry points by name, and the same file with another one.

Whoever runs a file runs its subgraph 0. Another entry point is made subgraph 0 in a copy of the
file, so that TFLM and fwgen run the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import pack_into, unpack_from

from fwgen.errors import ModelError, UsageError
from fwgen.host.spelling import meant, shown
from fwgen.model import schema
from fwgen.model.flatbuffer import Flatbuffer, FlatbufferTable

OPTION = "--signature"
"""What asks for one, for errors."""

_CALLS = {
    schema.options_type(code): slots
    for code, slots in (("CALL", (0,)), ("CALL_ONCE", (0,)), ("IF", (0, 1)), ("WHILE", (0, 1)))
}
"""Fields with indices of subgraphs, by the type of an op's options."""

_NAMED = 10


@dataclass(frozen=True)
class Signature:
    """A name for a subgraph, by its index; ``field`` is where the file has the index, None if it
    has it not, which is for 0."""

    name: str
    subgraph: int
    field: int | None


def signatures(data: bytes, at: str) -> tuple[Signature, ...]:
    """Those of a file that has passed the reader, in its order. Raises ModelError."""
    return tuple(
        Signature(
            table.text(schema.SignatureDef.SIGNATURE_KEY),
            table.u32(schema.SignatureDef.SUBGRAPH_INDEX),
            table.place(schema.SignatureDef.SUBGRAPH_INDEX),
        )
        for table in _root(data, at).tables(schema.Model.SIGNATURE_DEFS)
    )


def entry_points(data: bytes, at: str) -> tuple[str, ...]:
    """The names of a file's entry points, if there is a choice: first that of subgraph 0, which is
    run, then those of others. Raises as ``signatures``."""
    found = {signature.subgraph: signature.name for signature in reversed(signatures(data, at))}
    if set(found) <= {0}:
        return ()
    main = found.pop(0, "")
    return (main, *(found[index] for index in sorted(found)))


def with_entry(data: bytes, name: str, at: str) -> bytes:
    """The file whose main subgraph is that of a signature, without all other signatures; without
    the other subgraphs, too, if no op of it calls another one.

    Raises UsageError for a name that no signature has, and ModelError for a file whose subgraphs
    cannot change places.
    """
    known = signatures(data, at)
    chosen = next((number for number, each in enumerate(known) if each.name == name), None)
    if chosen is None:
        names = dict.fromkeys(each.name for each in known)
        listed = ", ".join(map(repr, [*names][:_NAMED])) or "none"
        raise UsageError(
            f"The model has no signature {shown(name)}; its signatures: {listed}.",
            at=OPTION,
            tries=meant(name, names),
        )
    root = _root(data, at)
    subgraphs = root.tables(schema.Model.SUBGRAPHS)
    entry = known[chosen].subgraph
    if entry >= len(subgraphs):
        raise ModelError(
            f"Signature {name!r} is of subgraph {entry}, and there are {len(subgraphs)}.", at=at
        )
    found = bytearray(data)
    alone = not any(_calls(subgraphs[entry]))
    _exchange(found, root.numbers_at(schema.Model.SUBGRAPHS, 4), entry, at)
    _exchange(found, root.numbers_at(schema.Model.SIGNATURE_DEFS, 4), chosen, at)
    _keep_first(found, root.numbers_at(schema.Model.SIGNATURE_DEFS, 4))
    fields = [(known[chosen].field, entry)]
    if alone:
        _keep_first(found, root.numbers_at(schema.Model.SUBGRAPHS, 4))
    else:
        fields += [call for subgraph in subgraphs for call in _calls(subgraph)]
    if entry:
        _renumber(found, fields, entry, at)
    return bytes(found)


def _root(data: bytes, at: str) -> FlatbufferTable:
    return Flatbuffer(data, at).root("model")


def _calls(subgraph: FlatbufferTable) -> Iterator[tuple[int | None, int]]:
    """Where ops have the indices of subgraphs that they call, None where they leave 0 out."""
    for op in subgraph.tables(schema.SubGraph.OPERATORS):
        slots = _CALLS.get(op.u8(schema.OperatorField.BUILTIN_OPTIONS_TYPE), ())
        options = op.table(schema.OperatorField.BUILTIN_OPTIONS) if slots else None
        for slot in slots if options is not None else ():
            assert options is not None
            yield options.place(slot), options.u32(slot)


def _exchange(found: bytearray, vector: range, index: int, at: str) -> None:
    """Let an entry of a vector of tables and its first change places."""
    if not index:
        return
    first, other = vector.start, vector.start + 4 * index
    targets = [place + unpack_from("<I", found, place)[0] for place in (first, other)]
    for place, target in zip((other, first), targets, strict=True):
        if not 0 < target - place < 1 << 32:
            raise ModelError(
                "The subgraphs of the file cannot change places: one is before their list.",
                at=at,
                tries=("convert the model again, with this signature alone",),
            )
        pack_into("<I", found, place, target - place)


def _keep_first(found: bytearray, vector: range) -> None:
    """Cut a vector after its first entry."""
    pack_into("<I", found, vector.start - 4, 1)


def _renumber(
    found: bytearray, fields: Sequence[tuple[int | None, int]], entry: int, at: str
) -> None:
    """Write the new indices of subgraph 0 and of ``entry`` where the file has the old ones."""
    for place, index in fields:
        new = {0: entry, entry: 0}.get(index)
        if new is None:
            continue
        if place is None:
            raise ModelError(
                "The subgraphs of the file cannot change places: the main one is named by others.",
                at=at,
                tries=("convert the model again, with this signature alone",),
            )
        pack_into("<I", found, place, new)
