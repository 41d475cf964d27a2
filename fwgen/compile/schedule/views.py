"""Views: tensors that lie in others, so that cutting apart and joining moves no data.

An op that only copies contiguous bytes, once for each output or once for each input, need not copy.
An output can be the part of the input that it has: of SPLIT, SLICE or UNPACK along the outermost
axis. An input can be the part of the output that it becomes: of CONCATENATION or PACK. Memory that
is shared in this way is needed for longer, and nothing lies over it in place. So graphs with and
without views are both tried.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from fwgen.compile.schedule.lifetimes import aliased_ops
from fwgen.contract.call import Call, Params, Ref, each_call
from fwgen.contract.node import Node
from fwgen.model.alignment import ALIGNMENT
from fwgen.model.control import has_control
from fwgen.model.graph import Graph, Op, View
from fwgen.ops import operators
from fwgen.ops.parts.moves import walk_of

WORD_BYTES = 4
"""To which views are aligned: words and vectors at other places take longer to load."""


def with_views(graph: Graph) -> Graph:
    """The graph with all views that can be; the same object if there are none."""
    if graph.fixed_order or has_control(graph):
        return graph
    aliased = aliased_ops(graph)
    renamed = {t for op in graph.ops if op.index in aliased for t in op.outputs}
    views: dict[int, View] = {}
    for op in graph.ops:
        if op.index in aliased:
            continue
        copies = _copies(Node(graph, op))
        parts = _outputs_in_input(graph, op, copies)
        if not parts:
            parts = _inputs_in_output(graph, op, copies)
            if not renamed.isdisjoint(parts):
                continue
        if views.keys().isdisjoint(parts) and _are_aligned(graph, parts):
            views |= parts
    return replace(graph, views=views) if views else graph


@dataclass(frozen=True)
class _MovedBytes:
    """``bytes`` of one tensor, from ``source_at`` on, to another, from ``target_at`` on."""

    source: int
    source_at: int
    target: int
    target_at: int
    bytes: int


def _copies(node: Node) -> Sequence[_MovedBytes]:
    """The copies of contiguous bytes that an op consists of; none if it does anything else."""
    for row in operators()[node.code].reference:
        if row.takes(node) and "strided_copy" in row.c_files:
            calls = tuple(each_call(row.forms(node)[0].calls))
            found = [copy for call in calls if (copy := _copy(call)) is not None]
            return found if len(found) == len(calls) else ()
    return ()


def _copy(call: Call) -> _MovedBytes | None:
    if call.function != "fw_strided_copy":
        return None
    params, source, target = call.args
    walk = walk_of(call)
    if walk.rows != 1 or not walk.dense or not isinstance(source, Ref):
        return None
    assert isinstance(params, Params) and isinstance(target, Ref)
    fields = dict(params.fields)
    begin, end = fields["input_offset"], fields["output_offset"]
    assert isinstance(begin, int) and isinstance(end, int)
    return _MovedBytes(source.tensor, begin, target.tensor, end, walk.bytes)


def _outputs_in_input(graph: Graph, op: Op, copies: Sequence[_MovedBytes]) -> Mapping[int, View]:
    """Every output as a part of the one input that it is copied from; none if that is not so."""
    views = {copy.target: View(copy.source, copy.source_at) for copy in copies}
    whole = all(copy.bytes == graph.tensors[copy.target].bytes for copy in copies)
    one = len({copy.source for copy in copies}) == 1
    fits = one and whole and len(copies) == len(views) and views.keys() == set(op.outputs)
    return views if fits and _are_in_arena(graph, copies) else {}


def _inputs_in_output(graph: Graph, op: Op, copies: Sequence[_MovedBytes]) -> Mapping[int, View]:
    """Every input as the part of the output that it is copied to, if together they are all of
    it."""
    views = {copy.source: View(copy.target, copy.target_at) for copy in copies}
    whole = all(copy.bytes == graph.tensors[copy.source].bytes for copy in copies)
    complete = sum(copy.bytes for copy in copies) == sum(graph.tensors[t].bytes for t in op.outputs)
    fits = whole and complete and len(copies) == len(views) and views.keys() == set(op.inputs)
    return views if fits and _are_in_arena(graph, copies) else {}


def _are_in_arena(graph: Graph, copies: Sequence[_MovedBytes]) -> bool:
    """Whether all tensors are activations in the arena."""
    tensors = {t for copy in copies for t in (copy.source, copy.target)}
    outside: Container[int | None] = {graph.fed, *graph.state}
    return all(graph.tensors[t].data is None and t not in outside for t in tensors)


def _are_aligned(graph: Graph, views: Mapping[int, View]) -> bool:
    """Whether views begin at words; those that the model's users see, at ``ALIGNMENT``."""
    seen = {*graph.inputs, *graph.outputs}
    return all(view.at % (ALIGNMENT if t in seen else WORD_BYTES) == 0 for t, view in views.items())
