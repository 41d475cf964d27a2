"""Labelled samples -> accuracy on the device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fwgen.device.link import Link
from fwgen.errors import UsageError
from fwgen.host.arrays import load_arrays
from fwgen.model.graph import Graph


@dataclass(frozen=True, eq=False)
class Samples:
    """``inputs`` (N, *input shape without its batch of 1) in the input's dtype, ``labels`` (N,)."""

    inputs: npt.NDArray[np.generic]
    labels: npt.NDArray[np.int64]


def load_samples(path: Path, graph: Graph) -> Samples:
    """Read arrays ``inputs`` and ``labels`` from an .npz file, for a classifier with one input.

    Raises UsageError if the file or its arrays do not suit the model.
    """
    inputs, labels = load_arrays(path, ("inputs", "labels"))
    if len(graph.inputs) != 1:
        raise UsageError(
            f"Labelled samples need a model with one input, this has {len(graph.inputs)}.",
            at=str(path),
        )
    tensor = graph.tensors[graph.inputs[0]]
    fits = inputs.ndim > 0 and inputs.size == len(inputs) * tensor.elements
    if inputs.dtype != tensor.dtype.numpy or not fits or len(inputs) == 0:
        raise UsageError(
            f"Array inputs is {inputs.dtype} {list(inputs.shape)}, expected "
            f"{tensor.dtype.word} [N, {', '.join(map(str, tensor.shape[1:]))}].",
            at=str(path),
        )
    if labels.shape != (len(inputs),) or labels.dtype.kind not in "iu":
        raise UsageError(
            f"Array labels is {labels.dtype} {list(labels.shape)}, expected {len(inputs)} "
            "integers.",
            at=str(path),
        )
    return Samples(inputs, labels.astype(np.int64))


def correct(link: Link, graph: Graph, samples: Samples, progress: Callable[[int], None]) -> int:
    """How many samples the device classifies as labelled: arg max of the first output."""
    output = graph.tensors[graph.outputs[0]]
    hits = 0
    for number, (values, label) in enumerate(zip(samples.inputs, samples.labels, strict=True)):
        link.load(values.tobytes())
        link.run()
        scores = np.frombuffer(link.outputs()[: output.bytes], output.dtype.numpy)
        hits += int(scores.argmax()) == int(label)
        progress(number + 1)
    return hits
