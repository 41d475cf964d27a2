"""A .tflite file with one more entry of metadata; all else in it stays as it is.

The old file is kept whole, behind a new front: root table, lists of buffers and metadata, and the
new entry. Offsets in flatbuffers count from their own position and lead forwards only, so those of
the old file still hold, and those of the front lead into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import iter_unpack, pack

from fwgen.errors import ModelError
from fwgen.model import schema
from fwgen.model.alignment import ALIGNMENT
from fwgen.model.flatbuffer import Flatbuffer, FlatbufferTable
from fwgen.model.front import Front
from fwgen.model.schema import BufferField, Metadata, Model, SubGraph

OFFLINE_PLAN = "OfflineMemoryAllocation"
"""The key of a plan for the arena: version, subgraph (number 0; Vela writes how many there are),
number of tensors, an offset for each."""

ANYWHERE = -1
"""The offset of tensors that whoever runs the model places, or that need no place."""

_VERSION, _SUBGRAPH, _HEADER = 1, 0, 3

_OWN = frozenset((Model.VERSION, Model.BUFFERS, Model.METADATA))
"""Fields of the root table that the front does not take from the old one."""


def subgraphs(model: bytes, name: str) -> int:
    """How many a file called ``name`` holds. Raises ModelError if it is malformed."""
    return len(Flatbuffer(model, name).root("model").tables(Model.SUBGRAPHS))


def stored_tensors(model: bytes, name: str) -> int:
    """How many tensors the main subgraph of a file called ``name`` has; its graph may have others
    after them. Raises ModelError if it is malformed."""
    (main, *_) = Flatbuffer(model, name).root("model").tables(Model.SUBGRAPHS)
    return len(main.tables(SubGraph.TENSORS))


def metadata(model: bytes, key: str, name: str) -> bytes | None:
    """Metadata ``key`` of a file called ``name``, None if it has none. Raises ModelError if it is
    malformed."""
    root = Flatbuffer(model, name).root("model")
    buffers = root.tables(Model.BUFFERS)
    for entry in root.tables(Model.METADATA):
        if _is_for(entry, key):
            number = entry.u32(Metadata.BUFFER)
            if number >= len(buffers):
                raise ModelError(
                    f"Buffer {number} of metadata {key} is not among the model's {len(buffers)}.",
                    at=name,
                )
            return bytes(buffers[number].view(BufferField.DATA))
    return None


def offline_plan(model: bytes, tensors: int, name: str) -> tuple[int, ...] | None:
    """The plan of a file called ``name``, which has ``tensors``: their offsets; None without one.

    Raises ModelError if the file or the plan is malformed.
    """
    data = metadata(model, OFFLINE_PLAN, name)
    if data is None:
        return None
    words = [word for (word,) in iter_unpack("<i", data[: len(data) // 4 * 4])]
    if len(words) != tensors + _HEADER or words[2] != tensors:
        raise ModelError(
            f"Metadata {OFFLINE_PLAN} has {len(data)} bytes, expected an offset for each of "
            f"{tensors} tensors of one subgraph.",
            at=name,
        )
    return tuple(words[_HEADER:])


def with_offline_plan(model: bytes, offsets: Sequence[int], name: str) -> bytes:
    """A copy of ``model``, called ``name`` in errors, whose plan is ``offsets``, one per tensor.

    Raises ModelError as ``with_metadata``, or if the model has several subgraphs.
    """
    if subgraphs(model, name) != 1:
        raise ModelError(
            "The model has several subgraphs; TFLM takes plans only for models of one.", at=name
        )
    words = (_VERSION, _SUBGRAPH, len(offsets), *offsets)
    return with_metadata(model, OFFLINE_PLAN, pack(f"<{len(words)}i", *words), name)


def without_offline_plan(model: bytes, name: str) -> bytes:
    """A copy of the model's file without a plan, so that TFLM places all tensors itself.

    An interpreter that keeps every tensor for inspection cannot follow a plan that reuses memory.
    """
    if metadata(model, OFFLINE_PLAN, name) is None:
        return model
    return with_offline_plan(model, [ANYWHERE] * stored_tensors(model, name), name)


def with_metadata(model: bytes, key: str, data: bytes, name: str) -> bytes:
    """A copy of ``model``, called ``name`` in errors, whose metadata ``key`` is ``data``.

    An entry that the model had for it goes. Raises ModelError if the file is malformed, or holds
    parts of a later schema.
    """
    root = Flatbuffer(model, name).root("model")
    for slot in root.slots:
        if slot >= len(Model) and root.has(slot):
            raise ModelError(
                f"The model holds field {slot} of a later schema, which fwgen cannot copy.", at=name
            )
    copied = {}
    for slot in Model:
        at = None if slot in _OWN else root.target(slot)
        if at is not None:
            copied[slot] = at
    buffers = [table.at for table in root.tables(Model.BUFFERS)]
    others = [e.at for e in root.tables(Model.METADATA) if not _is_for(e, key)]

    front = Front()
    own_root, field = front.table({*_OWN, *copied})
    front.lead(0, own_root)
    front.number(field[Model.VERSION], schema.VERSION)
    for slot, at in copied.items():
        front.lead(field[slot], at, behind=True)
    buffer = front.list(field[Model.BUFFERS], buffers)
    entry = front.list(field[Model.METADATA], others)
    of_buffer = front.element(buffer, {BufferField.DATA})
    of_entry = front.element(entry, {Metadata.NAME, Metadata.BUFFER})
    front.number(of_entry[Metadata.BUFFER], len(buffers))
    front.vector(of_entry[Metadata.NAME], len(key.encode()), key.encode() + b"\0")
    front.vector(of_buffer[BufferField.DATA], len(data), data, ALIGNMENT)
    return front.before(model)


def _is_for(entry: FlatbufferTable, key: str) -> bool:
    return bytes(entry.view(Metadata.NAME)) == key.encode()
