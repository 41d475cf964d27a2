"""The arrays of ``--input``: values of a model's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fwgen.errors import UsageError
from fwgen.host.arrays import load_array
from fwgen.model.graph import Graph, Tensor
from fwgen.model.inputs import Values, seeded_inputs
from fwgen.ops import index_ranges


def input_arrays(paths: Sequence[Path], graph: Graph) -> list[Values]:
    """The arrays of ``--input``, or seeded noise where there are none."""
    if not paths:
        return seeded_inputs(graph, 1, 0, index_ranges(graph))[0]
    if len(paths) != len(graph.inputs):
        raise UsageError(
            f"The model has {len(graph.inputs)} inputs, but {len(paths)} were given.", at="--input"
        )
    return [
        _load_input(path, graph, index) for path, index in zip(paths, graph.inputs, strict=True)
    ]


def input_steps(paths: Sequence[Path], graph: Graph) -> list[list[Values]]:
    """The arrays of ``--input`` for inferences in a row, one list for each.

    A model with state takes arrays with an axis more, the first, of as many elements as inferences.
    """
    if not paths or not graph.variables:
        return [input_arrays(paths, graph)]
    counts = {
        path: _steps(path, graph.tensors[t]) for path, t in zip(paths, graph.inputs, strict=False)
    }
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{path} {count}" for path, count in counts.items())
        raise UsageError(
            f"The arrays are for different numbers of inferences: {found}.", at="--input"
        )
    steps = next(iter(counts.values()))
    if steps is None:
        return [input_arrays(paths, graph)]
    if len(paths) != len(graph.inputs):
        input_arrays(paths, graph)  # which says so
    arrays = [load_array(path) for path in paths]
    return [
        [
            array[k].reshape(graph.tensors[t].shape)
            for array, t in zip(arrays, graph.inputs, strict=True)
        ]
        for k in range(steps)
    ]


def _steps(path: Path, tensor: Tensor) -> int | None:
    """For how many inferences an array is; None if it is for one, or for none at all."""
    array = load_array(path)
    if array.dtype != tensor.dtype.numpy or array.ndim <= len(tensor.shape) or not len(array):
        return None
    return len(array) if array.size == len(array) * tensor.elements else None


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
