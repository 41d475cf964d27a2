"""Choices + Request -> Selection: a kernel for each op, in the form that serves the goal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fwgen.compile.request import Request
from fwgen.compile.select.candidates import Candidates, candidates_of
from fwgen.compile.select.kernel_search import choose
from fwgen.compile.select.larger_weights import paid_for
from fwgen.compile.select.selection import Selection
from fwgen.compile.select.slow_ops import speed_of
from fwgen.model.graph import Graph


@dataclass(frozen=True)
class Choices:
    """What is chosen from: a graph in the order of its ops, and the candidates of each.

    ``plain`` is the same model without cascades, where the graph has some: cycles are compared with
    those of its kernels. No peak is above ``most_bytes``, if that is possible.
    """

    graph: Graph
    candidates: Candidates
    plain: Choices | None = None
    most_bytes: int | None = None


def choices_of(graph: Graph, request: Request) -> Choices:
    """All candidates of a graph's ops. Raises ModelError if an op has none."""
    return Choices(graph, candidates_of(graph, request.board, request.providers))


def select(choices: Choices, request: Request) -> Selection:
    """A candidate per op, and what is to be said of those in plain C."""
    plain = choices.plain or choices
    selection = choose(
        choices.candidates, request.goal, plain.candidates, choices.most_bytes, request.slowdown
    )
    selected = choices.graph, selection
    speed = speed_of(plain.graph, plain.candidates, selected, request.board)
    speed = replace(speed, paid=paid_for(choices.candidates, selection))
    return replace(selection, speed=speed)
