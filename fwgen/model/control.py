"""Control flow in the list of ops: what runs on a condition, or again and again.

IF and WHILE of a file call subgraphs. Here the ops of these are among those of the graph, between
ops that begin, divide and end them:

    IF c -> t      the then-branch runs if t, which is the condition
      ...
    ELSE a -> x    what the then-branch gives goes to the outputs of the IF; the else-branch follows
      ...
    END_IF b -> y  the same for the else-branch

    WHILE x -> h   what the loop carries begins with x
      ...          the ops of the condition, which read h
    DO c -> t      the loop is left unless t
      ...          the ops of the body, which read h
    END_WHILE n -> y  what the loop carries goes on with n; back to the first op after WHILE

Each tensor is still written by one op. Those marked x are ``Graph.views`` of y, and so are those
marked h: each has the memory of the output that it becomes. Thus y has its value on every way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fwgen.model.graph import Graph

IF, ELSE, END_IF = "IF", "ELSE", "END_IF"
WHILE, DO, END_WHILE = "WHILE", "DO", "END_WHILE"

CONTROL = frozenset((IF, ELSE, END_IF, WHILE, DO, END_WHILE))

MOST_TRIPS = 1 << 20
"""How often a loop may run in an inference: firmware leaves one that runs longer, and says so."""


@dataclass(frozen=True)
class ControlSpan:
    """An IF or WHILE by the positions of its three ops."""

    first: int
    middle: int
    last: int
    loops: bool

    def has(self, position: int) -> bool:
        """Whether an op is within it: after the first of its ops, up to the last."""
        return self.first < position <= self.last


def spans(codes: Sequence[str]) -> tuple[ControlSpan, ...]:
    """All of a graph's, each after those within it, by the operators of its ops."""
    found: list[ControlSpan] = []
    open_: list[list[int]] = []
    for position, code in enumerate(codes):
        if code in (IF, WHILE):
            open_.append([position])
        elif code in (ELSE, DO):
            open_[-1].append(position)
        elif code in (END_IF, END_WHILE):
            first, middle = open_.pop()
            found.append(ControlSpan(first, middle, position, code == END_WHILE))
    return tuple(found)


def has_control(graph: Graph) -> bool:
    """Whether any op runs on a condition, or several times."""
    return any(op.code in CONTROL for op in graph.ops)
