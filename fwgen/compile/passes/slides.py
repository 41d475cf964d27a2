"""Sliding windows: a variable, what is added to it and what is dropped become one op in one place.

Streaming models keep the last rows of a layer's input, in one of two ways. Either they read the
rows, append the new ones and assign the last rows of both again; what works on the rows reads both.
Or they drop rows first, append, and assign the whole. Each takes four copies, where the rows could
stay where they are. Exact because data is only moved.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from fwgen.compile.passes.slide_operator import SLIDE
from fwgen.contract.node import Node
from fwgen.model.graph import Graph, Op, Variable
from fwgen.ops import operators

_SLICES = ("STRIDED_SLICE", "SLICE")


@dataclass(frozen=True)
class _Window:
    """``joined`` appends ``added`` to rows of a variable; ``gone`` are the ops that are not needed.

    ``whole`` says that the variable is the window, and not the rows of it that are kept.
    """

    joined: Op
    added: int
    gone: tuple[Op, ...]
    whole: bool


def slide_windows(graph: Graph) -> Graph:
    """The graph with a SLIDE for each window; the same object if there are none."""
    for variable in graph.variables:
        window = _window(graph, variable)
        if window is not None:
            graph = _slid(graph, variable, window)
    return graph


def _window(graph: Graph, variable: Variable) -> _Window | None:
    """The window that a variable is for, if it is for one."""
    readers: defaultdict[int, list[Op]] = defaultdict(list)
    for op in graph.ops:
        for t in op.inputs:
            readers[t].append(op)
    writers = {t: op for op in graph.ops for t in op.outputs}

    def only_reader(tensor: int, *codes: str) -> Op | None:
        """The one op that reads a tensor which nobody else needs, if it is of these operators."""
        found = readers[tensor]
        alone = len(found) == 1 and tensor not in graph.outputs
        return found[0] if alone and found[0].code in codes else None

    read = only_reader(variable.before, "READ_VARIABLE")
    assign = writers.get(variable.after)
    if read is None or assign is None or assign.code != "ASSIGN_VARIABLE":
        return None
    if readers[variable.after]:  # read once more, after it is assigned
        return None
    (assigned,) = assign.inputs
    joined = only_reader(read.outputs[0], "CONCATENATION")
    if joined is not None:  # rows are dropped after the new ones are there
        last = writers.get(assigned)
        if last is None or only_reader(assigned, "ASSIGN_VARIABLE") is None:
            return None
        return _checked(
            graph, _Window(joined, joined.inputs[-1], (read, last, assign), False), last
        )
    dropped = only_reader(read.outputs[0], *_SLICES)
    joined = None if dropped is None else only_reader(dropped.outputs[0], "CONCATENATION")
    if dropped is None or joined is None or joined.outputs != (assigned,):
        return None
    return _checked(
        graph, _Window(joined, joined.inputs[-1], (read, dropped, assign), True), dropped
    )


def _checked(graph: Graph, window: _Window, last: Op) -> _Window | None:
    """The window, if its ops move rows as it wants, ``last`` being what drops the oldest ones."""
    joined = window.joined
    (whole,) = joined.outputs
    rows = (last if window.whole else window.gone[0]).outputs[0]
    if (
        len(joined.inputs) != 2
        or joined.inputs[0] != rows
        or whole in graph.outputs
        or last.code not in _SLICES
    ):
        return None
    if last.inputs[0] != (window.gone[0].outputs[0] if window.whole else whole):
        return None
    first, added = (graph.tensors[t].elements for t in joined.inputs)
    dropped = graph.input(last).elements - graph.output(last).elements
    in_order = _moves_as(graph, joined, [np.arange(first), first + np.arange(added)], 0)
    tail = _moves_as(graph, last, [np.arange(graph.input(last).elements)], dropped)
    return window if in_order and tail and dropped == added else None


def _moves_as(graph: Graph, op: Op, values: list[np.ndarray], first: int) -> bool:
    """Whether an op that moves numbered elements gives those from ``first`` on, in their order."""
    node = Node(graph, op)
    fold = operators()[op.code].fold
    assert fold is not None
    given: list[np.ndarray] = []
    for place, t in enumerate(op.inputs):
        tensor = graph.tensors[t]
        if place < len(values):
            given.append(values[place].reshape(tensor.shape))
        elif tensor.data is None:
            return False
        else:
            given.append(np.asarray(tensor.data))
    made = np.asarray(fold(node, given)).reshape(-1)
    return np.array_equal(made, first + np.arange(made.size))


def _slid(graph: Graph, variable: Variable, window: _Window) -> Graph:
    """The graph with a SLIDE in the place of a window's ops."""
    tensors, joined = list(graph.tensors), window.joined
    (whole,) = joined.outputs
    before, initial = variable.before, variable.initial.reshape(-1)
    if not window.whole:
        before = len(tensors)
        tensors.append(replace(tensors[whole], index=before, source=None))
        dropped = tensors[whole].elements - initial.size
        # what is dropped first may be anything: as the rest, it is filled in one go
        initial = np.concatenate([np.broadcast_to(initial[:1], (dropped,)), initial])
    made = Variable(before, whole, initial.reshape(tensors[whole].shape))
    slide = Op(joined.index, SLIDE, (before, window.added), joined.outputs, None)
    ops = (slide if op is joined else op for op in graph.ops if op not in window.gone)
    return replace(
        graph,
        tensors=tuple(tensors),
        ops=tuple(ops),
        variables=tuple(made if v is variable else v for v in graph.variables),
    )
