"""The arrays of ``--input``: values of a model's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fwgen.errors import UsageError
from fwgen.host.arrays import load_array
from fwgen.model.graph import Graph
from fwgen.model.inputs import Values, seeded_inputs
from fwgen.ops import index_limits


def input_arrays(paths: Sequence[Path], graph: Graph) -> list[Values]:
    """The arrays of ``--input``, or seeded noise where there are none."""
    if not paths:
        return seeded_inputs(graph, 1, 0, index_limits(graph))[0]
    if len(paths) != len(graph.inputs):
        raise UsageError(
            f"The model has {len(graph.inputs)} inputs, but {len(paths)} were given.", at="--input"
        )
    return [
        _load_input(path, graph, index) for path, index in zip(paths, graph.inputs, strict=True)
    ]


def _load_input(path: Path, graph: Graph, index: int) -> Values:
    """One array from a .npy file, which must have the input's dtype and number of elements."""
    tensor = graph.tensors[index]
    array = load_array(path)
    if array.dtype != tensor.dtype.numpy or array.size != tensor.elements:
        raise UsageError(
            f"The input has {array.dtype} {list(array.shape)}, the model's input "
            f"{graph.name_of(index)!r} is {tensor.dtype.word} {list(tensor.shape)}.",
            at=str(path),
        )
    return array.reshape(tensor.shape)
