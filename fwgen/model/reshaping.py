"""The reshaping of a .tflite file: the same file, in which tensors have other shapes."""

from __future__ import annotations

from collections.abc import Mapping
from struct import pack

from fwgen.errors import ModelError
from fwgen.model import schema
from fwgen.model.flatbuffer import Flatbuffer

Shape = tuple[int, ...]


def with_shapes(data: bytes, shapes: Mapping[int, Shape], at: str) -> bytes:
    """The file with these shapes of tensors of the main subgraph, by index; none stays open.

    A shape has as many dimensions as before. Raises ModelError if the file stores the shape in one
    place with that of a tensor that is to keep its own; ``at`` is the file, for that error.
    """
    (main, *_) = Flatbuffer(data, at).root("model").tables(schema.Model.SUBGRAPHS)
    written: dict[int, tuple[int, bytes]] = {}
    for index, table in enumerate(main.tables(schema.SubGraph.TENSORS)):
        for slot in (schema.TensorField.SHAPE, schema.TensorField.SHAPE_SIGNATURE):
            place = table.numbers_at(slot, 4)
            if not place:
                continue
            kept = data[place.start : place.stop]
            new = pack(f"<{len(shapes[index])}i", *shapes[index]) if index in shapes else kept
            other, agreed = written.setdefault(place.start, (index, new))
            if len(new) != len(kept) or agreed != new:
                raise ModelError(
                    f"The shape of tensor {index} cannot change: the file shares it with tensor "
                    f"{other}.",
                    at=at,
                    tries=("convert the model again with the input shape that you want",),
                )
    found = bytearray(data)
    for start, (_, new) in written.items():
        found[start : start + len(new)] = new
    return bytes(found)
