"""Selections for tests that are about what comes after."""

from __future__ import annotations

from fwgen import GOALS
from fwgen.board import Board
from fwgen.compile.request import Request
from fwgen.compile.select.choices import choices_of
from fwgen.compile.select.choices import select as select_for
from fwgen.compile.select.selection import Selection
from fwgen.model.graph import Graph


def select(graph: Graph, board: Board, goal: str = GOALS[0]) -> Selection:
    """What serves a goal best on a board."""
    request = Request(board, goal)
    return select_for(choices_of(graph, request), request)
