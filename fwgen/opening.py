"""The opening of a model file: its bytes and its graph, with the shapes that inputs are to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fwgen.errors import ModelError, UsageError
from fwgen.model.check import check
from fwgen.model.graph import Graph
from fwgen.model.input_shape import OPTION, InputShape
from fwgen.model.reader import ModelFile, open_model, read_all
from fwgen.model.reshaping import with_shapes
from fwgen.model.signatures import entry_points, with_entry
from fwgen.npu.offload import is_offloaded
from fwgen.ops import operators
from fwgen.ops.parts.propagation import propagate

Shape = tuple[int, ...]

_SHOWN = 3
"""Corrected tensors that are named."""


def opened(
    path: Path, shapes: Sequence[InputShape] = (), signature: str | None = None
) -> ModelFile:
    """A model file from the entry point of a ``signature`` on, or else from its main one, whose
    inputs have the ``shapes``. Raises ModelError, and UsageError for what the file does not have.
    """
    file = open_model(path)
    at = file.found.at
    if signature is not None:
        data = with_entry(file.data, signature, at)
        file = ModelFile(data, *read_all(data, file.found.name, file.found.path))
    entries = entry_points(file.data, at) if signature is None else (signature,)
    shaped = _shaped(file, shapes)
    return replace(shaped, found=replace(shaped.found, entries=entries))


def _shaped(file: ModelFile, shapes: Sequence[InputShape]) -> ModelFile:
    """A file whose inputs have the ``shapes``, and all other tensors those that follow.

    Where nothing is asked for, shapes whose sizes the file leaves open are corrected if they
    contradict each other. A file that is not sound is left as it is, and so is one that Vela
    compiled. Raises ModelError, and UsageError for shapes that no input can have.
    """
    graph = file.found
    if is_offloaded(graph):
        _require_none_asked(shapes)
        return file
    try:
        check(file.graph)
    except ModelError:
        return file  # those tell it who look at the graph
    wanted = _wanted(graph, shapes)
    found = propagate(graph, wanted, operators())
    if wanted and found.faults:
        first = found.faults[0]
        raise ModelError(first.what, at=first.at, tries=first.tries, faults=found.faults)
    if wanted:
        return _with_shapes(file, {**found.shapes, **wanted})
    if found.faults or not found.shapes:
        return file
    try:
        mended = _with_shapes(file, found.shapes)
    except ModelError:
        return file  # the contradiction is told instead
    graph = replace(mended.found, corrections=(_correction(graph, found.shapes),))
    return replace(mended, found=graph)


def _require_none_asked(shapes: Sequence[InputShape]) -> None:
    if shapes:
        raise UsageError(
            "The model is compiled for an NPU: its inputs keep their shapes.",
            at=OPTION,
            tries=("give the model as it was before Vela",),
        )


def _with_shapes(file: ModelFile, shapes: Mapping[int, Shape]) -> ModelFile:
    """The file as it is once tensors have these shapes."""
    graph = file.found
    data = with_shapes(file.data, shapes, graph.at)
    return ModelFile(data, *read_all(data, graph.name, graph.path))


def _correction(graph: Graph, shapes: Mapping[int, Shape]) -> str:
    """What became of tensors whose sizes the file leaves open."""
    named = [
        f'tensor {index} "{graph.tensors[index].name}" from {list(graph.tensors[index].shape)} to '
        f"{list(shape)}"
        for index, shape in [*shapes.items()][:_SHOWN]
    ]
    more = [f"{len(shapes) - _SHOWN} more"] if len(shapes) > _SHOWN else []
    return (
        "the file stores shapes that contradict each other where it leaves sizes open; corrected: "
        f"{', '.join(named + more)}. TFLM believes the file, and computes otherwise."
    )


def _wanted(graph: Graph, shapes: Sequence[InputShape]) -> dict[int, Shape]:
    """The shapes that are asked for, by tensor. Raises UsageError."""
    found: dict[int, Shape] = {}
    unnamed = iter(graph.inputs)
    for one in shapes:
        index = next(unnamed, None) if one.name is None else _named(graph, one.name)
        if index is None:
            raise UsageError(
                f"The model has {len(graph.inputs)} inputs, but more shapes were given.", at=OPTION
            )
        if index in found:
            raise UsageError(
                f"Two shapes were given for the input {graph.name_of(index)!r}.", at=OPTION
            )
        stored = graph.tensors[index].shape
        if len(one.shape) != len(stored):
            raise UsageError(
                f"The input {graph.name_of(index)!r} has {len(stored)} dimensions, {_text(stored)} "
                f"in the file, but {_text(one.shape)} has {len(one.shape)}.",
                at=OPTION,
            )
        found[index] = one.shape
    return found


def _named(graph: Graph, name: str) -> int:
    """The input with a name in the model's signature or as a tensor, or with a number."""
    for number, index in enumerate(graph.inputs):
        if name in (graph.name_of(index), graph.tensors[index].name, str(number)):
            return index
    names = [graph.name_of(index) for index in graph.inputs]
    raise UsageError(
        f"The model has no input {name!r}; there are {', '.join(map(repr, names))}.",
        at=OPTION,
        tries=tuple(f"{OPTION} {each}=..." for each in names[:_SHOWN]),
    )


def _text(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "a scalar"
