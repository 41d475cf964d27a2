"""The traffic of memory: Graph + Selection -> Accesses of each op, in words of 32 bits.

An estimate that only ranks buffers and constants and prices wait states. An op writes its output
once. It reads an input once, or once per window that slides over it. Scratch memory holds what was
read, so that it is written and read once more. A multiply-accumulate takes a byte of constants, and
an op without them one per output byte. As a core makes one access per cycle at most, none of it
comes to more accesses than the op takes cycles.

Behind a data cache, only words of lines that are brought are counted. What is read again is still
there if all that is read in between takes half of the cache at most. That is the rows of a window,
all of the constants, or the scratch memory. It is brought again if it takes more. Between ops
nothing is kept. A kernel that goes through its constants for many positions at a time says so
(``Reads``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from fwgen.compile.cascade.cascade_operator import Cascade
from fwgen.compile.schedule.lifetimes import aliased_ops
from fwgen.compile.select.candidates import Candidate
from fwgen.compile.select.selection import Selection
from fwgen.contract.kernel import Reads
from fwgen.contract.node import Node
from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.ops import operators

WORD_BYTES = 4


@dataclass(frozen=True)
class Accesses:
    """Those of one op: of tensors in the arena, of its scratch memory, of its constants."""

    tensors: Mapping[int, float]
    scratch: float
    constants: float


def accesses(graph: Graph, selection: Selection, cache_bytes: int = 0) -> tuple[Accesses, ...]:
    """Those of the core in each op, by position; behind a cache of that size, if it has one."""
    aliased = aliased_ops(graph)
    return tuple(
        Accesses({}, 0.0, 0.0)
        if op.index in aliased or op.pinned is not None
        else _of(graph, op, chosen, cache_bytes // 2)
        for op, chosen in zip(graph.ops, selection.chosen, strict=True)
    )


def _of(graph: Graph, op: Op, chosen: Candidate, kept: int) -> Accesses:
    """``kept`` bytes stay in a cache."""
    members = op.options.ops if isinstance(op.options, Cascade) else (op,)
    inside = {t for member in members for t in member.outputs} - {*op.outputs}
    if graph.fed is not None:
        inside.add(graph.fed)  # its rows are in scratch memory
    tensors: Counter[int] = Counter()
    scratch: float = 0
    reads = chosen.form.reads
    for member in members:
        touched = Counter({t: graph.tensors[t].bytes for t in member.outputs})
        for place, tensor in enumerate(member.inputs):
            if tensor != ABSENT and graph.tensors[tensor].data is None:
                again = reads if kept and place == 0 else None
                touched[tensor] += _read_bytes(Node(graph, member), place, kept, again)
        for tensor, count in touched.items():
            if tensor in inside:
                scratch += count
            else:
                tensors[tensor] += count
    written = sum(graph.tensors[t].bytes for t in op.outputs)
    if chosen.form.scratch_bytes:
        if not inside:
            read = sum(tensors.values()) - written
            scratch = 2 * max(read, chosen.form.scratch_bytes)
        if chosen.form.scratch_bytes <= kept:
            scratch = chosen.form.scratch_bytes
    constants: float = 0
    if chosen.constant_bytes:
        constants = operators()[op.code].macs(Node(graph, op)) or written
        if chosen.constant_bytes <= kept:
            constants = chosen.constant_bytes
        elif kept and reads is not None:
            constants = min(constants, reads.constants * chosen.constant_bytes)
    total = sum(tensors.values()) + scratch + constants
    share = min(1 / WORD_BYTES, chosen.cycles / max(total, 1))
    return Accesses({t: n * share for t, n in tensors.items()}, scratch * share, constants * share)


def _read_bytes(node: Node, place: int, kept: int, reads: Reads | None) -> int:
    """The bytes that an op reads of an input: all bytes once, or once per window that slides
    over them. With ``reads`` it is as often as these say, unless they are ``kept``."""
    x, window = node.input(place), operators()[node.code].window
    if reads is not None and reads.inputs:
        return round(x.bytes * (reads.inputs if reads.span_bytes > kept else 1))
    if place > 0 or window is None or len(x.shape) != 4:
        return x.bytes
    batches, height, width, _ = node.y.shape
    kernel = window(node)
    if kernel[0] * x.bytes // (x.shape[0] * x.shape[1]) <= kept:
        return x.bytes
    taps = batches * height * width * prod(kernel)
    return max(x.bytes, taps * x.shape[3] * x.bytes // prod(x.shape))
