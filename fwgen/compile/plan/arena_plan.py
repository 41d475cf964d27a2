"""Graph + Selection + Board -> Plan: the arena in the regions that the board has for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fwgen.board import Board
from fwgen.board.placement import Pins, Room, arena_rooms, own_room
from fwgen.compile.kept_bytes import kept_bytes
from fwgen.compile.plan import Plan, plan
from fwgen.compile.select.selection import Selection
from fwgen.model.graph import Graph


def plan_arena(graph: Graph, selection: Selection, board: Board, pins: Pins) -> Plan:
    """The plan of the arena, spread over all rooms.

    Tensors with fixed offsets need one arena: then it is the first room that is large enough.

    Scratch memory is the core's alone. In the second case it goes to memory beside the stack where
    that saves waiting, unless the goal is ``ram``.
    """
    rooms = arena_rooms(board, kept_bytes(graph, board), pins)
    if not graph.fixed_order:
        return plan(graph, selection, rooms, pins)
    whole = _in_one_room(graph, selection, rooms, pins)
    if selection.goal == "ram":
        return whole
    own = own_room(board, kept_bytes(graph, board))
    scratch = {
        op.index: own.region
        for op, chosen in zip(graph.ops, selection.chosen, strict=True)
        if chosen.form.scratch_bytes and chosen.form.pinned_scratch_at is None
    }
    if not scratch or own.region in (room.region for room in rooms):
        return whole
    apart = replace(pins, scratch={**scratch, **pins.scratch})
    divided = _in_one_room(graph, selection, (*rooms, own), apart)
    fits = divided.arenas[-1].bytes <= own.bytes
    return divided if fits and divided.wait_cycles < whole.wait_cycles else whole


def _in_one_room(graph: Graph, selection: Selection, rooms: Sequence[Room], pins: Pins) -> Plan:
    """All that is not pinned in one room, the first that is enough, or else the last."""
    found = []
    for room in (room for room in rooms if room.open):
        others = (r for r in rooms if r is not room and r.region in pins.regions)
        closed = (replace(other, open=False) for other in others)
        found.append(plan(graph, selection, (room, *closed), pins))
        if found[-1].arenas[0].bytes <= room.bytes:
            break
    return found[-1]
