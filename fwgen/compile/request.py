"""The user's request for a program: a board, a goal for kernels, and places for parts of memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fwgen import GOALS
from fwgen.board import Board
from fwgen.board.placement import NO_PINS, Pins, parse_places
from fwgen.errors import UsageError
from fwgen.kernels.providers import OWN, Providers
from fwgen.model.control import has_control
from fwgen.model.graph import Graph
from fwgen.npu.board_npu import Npu
from fwgen.npu.target import places_within_reach


@dataclass(frozen=True)
class Request:
    """What a program is compiled for.

    ``goal`` is one of ``fwgen.GOALS``; it may cost ``slowdown`` times the cycles of the fastest
    kernels, None for the goal's own limit (``select.allowed_cycles``). ``strict`` lets passes drop
    no weight other than 0. ``fed`` makes the firmware take its input row by row. ``providers`` are
    those whose kernels are taken. ``places`` are as ``--place`` has them; what they mean for a
    graph, ``placed`` puts into the board and into ``pins``, the regions of some buffers.
    """

    board: Board
    goal: str = GOALS[0]
    slowdown: float | None = None
    strict: bool = False
    fed: bool = False
    providers: Providers = OWN
    places: Sequence[str] = ()
    pins: Pins = NO_PINS


def placed(request: Request, graph: Graph, npu: Npu | None) -> Request:
    """The request with things in the places that it asks for, within reach of the ``npu`` that does
    some of the graph's ops.

    Raises UsageError, also if the input is to be fed row by row to an NPU, or beside loops and
    branches, whose ops are not joined.
    """
    if npu is not None and request.fed:
        raise UsageError(
            "An NPU takes its input as a whole, not row by row.",
            at="--feed-rows",
            tries=("one of --feed-rows and --npu",),
        )
    if npu is not None:
        board, pins = places_within_reach(graph, request.board, npu, request.places)
    else:
        board, pins = parse_places(request.board, request.places)
    if request.fed and has_control(graph):
        raise UsageError(
            "A model with WHILE or IF takes its input as a whole, not row by row.",
            at="--feed-rows",
            tries=("fwgen build without --feed-rows",),
        )
    return replace(request, board=board, pins=pins)
