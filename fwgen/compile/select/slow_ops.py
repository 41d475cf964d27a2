"""Graph and Selection -> which ops are left to plain C, why, and what other kernels would take.

A model can be slow because of one op whose shapes or scales no fast kernel takes. It can also lack
a library, on a core for which fwgen itself has plain C only. A build tells the user, with the share
of the cycles.
"""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.board import Board
from fwgen.compile.select.candidates import Candidate, Candidates
from fwgen.compile.select.selection import Selection, SlowOp, Speed
from fwgen.contract.kernel import has_types
from fwgen.contract.node import Node
from fwgen.kernels import kernels_of
from fwgen.kernels.core_cycles import forms_on
from fwgen.kernels.providers import able
from fwgen.model.graph import Graph

LEAST_SHARE = 0.01
"""Of the expected time: what takes less is not worth a word."""

WORTH = 0.95
"""Of the fastest choice's cycles: kernels that are not at hand and take more are not mentioned."""

_SHOWN = 3


def elsewhere(node: Node, found: Sequence[Candidate], board: Board) -> tuple[float, str] | None:
    """The cycles and the provider of the fastest kernel for an op, among providers without a
    kernel in ``found``; None if there is no such kernel."""
    used = {c.row.provider for c in found}
    kernels = able(node, board.cpu.features)
    others = [kernel for kernel in kernels if kernel.provider not in used]
    return min(
        (
            (forms_on(board.cpu.features, kernel, node)[0].cycles, kernel.provider)
            for kernel in others
        ),
        key=lambda other: other[0],
        default=None,
    )


def speed_of(
    graph: Graph, candidates: Candidates, selected: tuple[Graph, Selection], board: Board
) -> Speed:
    """What is to be said of a choice: ``candidates`` are those of ``graph``, which has no cascades.

    ``selected`` may have some.
    """
    known, own, libraries = 0.0, 0.0, set[str]()
    for op, found in zip(graph.ops, candidates, strict=True):
        least = best = min(c.cycles for c in found)
        other = elsewhere(Node(graph, op), found, board)
        if other is not None and other[0] < least:
            best = other[0]
            libraries.add(other[1])
        own, known = own + least, known + best
    worth = libraries and known < WORTH * own
    # what comes with fwgen is had more easily
    library = max(libraries, key=lambda name: name == "fwgen") if worth else None
    return Speed(_in_plain_c(graph, candidates, selected, board), round(known), library)


def _in_plain_c(
    graph: Graph, candidates: Candidates, selected: tuple[Graph, Selection], board: Board
) -> tuple[SlowOp, ...]:
    """``Speed.slow``. In a cascade, an op is taken to have the kernel that is fastest for it."""
    after, selection = selected
    position_of = {(op.index, op.code): position for position, op in enumerate(after.ops)}
    total = max(1.0, sum(c.cycles for c in selection.chosen))
    slow = []
    for op, found in zip(graph.ops, candidates, strict=True):
        chosen = best = min(found, key=lambda c: c.cycles)
        position = position_of.get((op.index, op.code))
        if position is not None:
            chosen = selection.chosen[position]
        share, row = chosen.cycles / total, chosen.row
        if row.provider != "reference" or row.alias or share < LEAST_SHARE:
            continue
        why = _obstacle(Node(graph, op), board)
        if position is not None and best.row is not row:
            why = selection.reasons[position]
        slow.append(SlowOp(op.index, op.code, row.name, round(chosen.cycles), share, why))
    return tuple(sorted(slow, key=lambda s: -s.cycles))


def _obstacle(node: Node, board: Board) -> str:
    """Why nothing faster can compute it."""
    rows = [
        v
        for v in kernels_of(node.code)
        if v.provider == "fwgen" and v.needs and v.needs <= board.cpu.features
    ]
    faster = [v.name for v in rows if has_types(node, v.types)]
    if rows and not faster:
        words = ", ".join(dict.fromkeys(e.word for e in node.types if e is not None))
        return f"the faster kernels of {node.code} take other element types than {words}"
    if not faster:
        return f"there is no faster kernel of fwgen's for it on a {board.cpu.name}"
    names = ", ".join(faster[:_SHOWN]) + (", ..." if len(faster) > _SHOWN else "")
    return f"none of {names} takes its shapes and scales"
