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
    """``inputs`` (N, *input shape without its batch) in the input's dtype, ``labels`` (N,).

    The model takes ``batch`` samples at a time.
    """

    inputs: npt.NDArray[np.generic]
    labels: npt.NDArray[np.int64]
    batch: int


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
    batch = batch_of(graph)
    fits = inputs.ndim > 0 and inputs.size * batch == len(inputs) * tensor.elements
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
    return Samples(inputs, labels.astype(np.int64), batch)


def batch_of(graph: Graph) -> int:
    """How many samples an inference takes: the first dimension of the first input and output, where
    they agree on it and there are others, or else 1."""
    input_, output = (graph.tensors[indices[0]].shape for indices in (graph.inputs, graph.outputs))
    agree = len(input_) > 1 and len(output) > 1 and input_[0] == output[0]
    return input_[0] if agree else 1


def correct(link: Link, graph: Graph, samples: Samples, progress: Callable[[int], None]) -> int:
    """How many samples the device classifies as labelled: arg max of the first output, of each
    sample in a batch. The last batch may be filled up with its last sample, which counts once.

    A model with state begins anew with each batch.
    """
    output = graph.tensors[graph.outputs[0]]
    hits, batch = 0, samples.batch
    for first in range(0, len(samples.labels), batch):
        labels = samples.labels[first : first + batch]
        values = samples.inputs[first : first + batch]
        filled = np.concatenate([values, *[values[-1:]] * (batch - len(labels))])
        link.reset()
        link.load(filled.tobytes())
        link.run()
        scores = np.frombuffer(link.outputs()[: output.bytes], output.dtype.numpy)
        found = scores.reshape(batch, -1)[: len(labels)].argmax(axis=1)
        hits += int((found == labels).sum())
        progress(first + len(labels))
    return hits
