"""The parts of passes that merge pairs: two ops become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from fwgen.model.graph import Graph, Op, Tensor

Merge = Callable[[Graph, Op, Op], tuple[Op, Tensor] | None]
"""The op that does the work of a writer and of its only reader, and its output; None for neither.

The op has the reader's output; of the graph only tensors may be looked at.
"""


def join(graph: Graph, merge: Merge) -> Graph:
    """The graph with ops merged as far as that goes; the same object if none were.

    Offered to ``merge`` are an op of one output and its only reader, if that is no output of the
    model. What comes of them stands where the reader did, and is offered again as a reader.
    """
    reads = Counter(t for op in graph.ops for t in op.inputs)
    reads.update(graph.kept)
    written: dict[tuple[int, ...], Op] = {}
    for op in graph.ops:
        while (found := _merged(graph, op, written, reads, merge)) is not None:
            writer, op, output = found
            del written[writer.outputs]
            tensors = list(graph.tensors)
            tensors[output.index] = output
            graph = replace(graph, tensors=tuple(tensors))
        written[op.outputs] = op
    return graph if len(written) == len(graph.ops) else replace(graph, ops=tuple(written.values()))


def _merged(
    graph: Graph,
    reader: Op,
    written: Mapping[tuple[int, ...], Op],
    reads: Mapping[int, int],
    merge: Merge,
) -> tuple[Op, Op, Tensor] | None:
    """A writer of the reader's inputs, and what ``merge`` makes of both."""
    if len(reader.outputs) != 1:
        return None
    for t in reader.inputs:
        if (t,) in written and reads[t] == 1:
            writer = written[t,]
            merged = merge(graph, writer, reader)
            if merged is not None:
                return writer, *merged
    return None
