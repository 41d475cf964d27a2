"""The way from a model file to a Program, stage by stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import ceil, inf
from pathlib import Path

from fwgen import GOALS
from fwgen.board import Board
from fwgen.board.placement import (
    NO_PINS,
    OPTION,
    Pins,
    Room,
    arena_rooms,
    elsewhere,
    moves,
    own_room,
    settled,
)
from fwgen.compile.cascade.cascade_operator import CASCADE
from fwgen.compile.cascade.search import cascade
from fwgen.compile.lower.bind import Program, lower
from fwgen.compile.lower.constant_regions import place_weights
from fwgen.compile.lower.fit import Shortage, biggest, movable, shortages, spills, total, unplaced
from fwgen.compile.passes import optimize
from fwgen.compile.plan import Plan, plan
from fwgen.compile.schedule.order import orders
from fwgen.compile.select.choice import (
    Candidates,
    Selection,
    allowed_cycles,
    choose,
    macs,
    options_of,
)
from fwgen.compile.select.goals import DEFAULT_GOAL
from fwgen.compile.select.slow_ops import speed_of
from fwgen.errors import DoesNotFit, UsageError
from fwgen.kernels.providers import OWN, Providers, alone
from fwgen.model.graph import Graph
from fwgen.model.reader import load_all
from fwgen.npu.offload import is_offloaded, offload
from fwgen.ops import check_as_read, check_sound, require_readable, resolve

Progress = Callable[[str, str], None]
"""Called with a stage's name and what came out of it."""


Compiled = tuple[Program, int]
"""A program, and the bytes of the arena in the model's own order of ops."""


def silent(stage: str, outcome: str) -> None:
    """No progress."""


def read_graph(model: Path) -> Graph:
    """A checked graph with typed options. Raises ModelError."""
    graph = loaded(model)
    return resolved(offload(graph, model.read_bytes()) if is_offloaded(graph) else graph)


def loaded(model: Path) -> Graph:
    """A graph as read. Raises ModelError with all that tensors and operators have against it."""
    graph, unread = load_all(model)
    require_readable(graph, unread)
    if not is_offloaded(graph):
        check_as_read(graph)
    return graph


def resolved(graph: Graph) -> Graph:
    """A graph as read, checked and with typed options. Raises ModelError."""
    check_sound(graph)
    return resolve(graph)


def compile_graph(
    graph: Graph,
    board: Board,
    progress: Progress = silent,
    *,
    strict: bool = False,
    goal: str = DEFAULT_GOAL,
    fed: bool = False,
    providers: Providers = OWN,
    pins: Pins = NO_PINS,
    slowdown: float | None = None,
) -> Program:
    """Optimize, order, select, plan and lower. Raises ModelError; not if it does not fit.

    Ops keep their order where an NPU does some, whose arena was planned for that.

    ``strict`` lets passes drop no weight other than 0; ``goal`` is one of ``fwgen.GOALS``, and may
    cost ``slowdown`` times the fastest kernels' cycles, see ``select.allowed_cycles``; ``fed``
    makes the firmware take its input row by row; ``pins`` are the regions of some buffers;
    ``providers`` are those of kernels. Raises UsageError if pins are not in the arena.
    """
    model_ops, model_macs = len(graph.ops), sum(macs(graph).values())
    graph = optimize(graph, strict)
    left = sum(macs(graph).values())
    progress(
        "optimize",
        f"{len(graph.ops)} of {model_ops} ops, {left:,} of {model_macs:,} MACs are left",
    )
    ways, aim = (providers, *alone(providers)), (goal, slowdown)
    ordered = (graph,) if is_offloaded(graph) else tuple(orders(graph))

    def on(board: Board) -> Compiled:
        programs = [
            # what is balanced of all may be slower than what is balanced of one provider
            min((_compiled(g, board, aim, fed, pins, way, model_macs) for way in ways), key=_speed)
            for g in ordered
        ]
        return _best(programs), programs[0].plan.arena_bytes

    input_bytes = sum(graph.tensors[t].bytes for t in graph.inputs)
    program, own_bytes = _moved(on(settled(board, input_bytes)), on)
    program = replace(program, moved=moves(board, program.board))
    cascades = sum(step.code == CASCADE for step in program.steps)
    progress(
        "select",
        f"{len({step.variant for step in program.steps})} variants for {len(program.steps)} ops"
        f"{_of_providers(program)}, "
        + (f"{cascades} cascade{'s' * (cascades > 1)}, " if cascades else "")
        + goal,
    )
    progress("plan", _outcome(program, own_bytes))
    return program


def _moved(compiled: Compiled, on: Callable[[Board], Compiled]) -> Compiled:
    """The program, or a better one with code, stack or the runtime's data in other regions, where
    there is no room for all; the first where nothing makes it fit."""
    first = compiled
    while others := [
        on(board)
        for what, needed in movable(compiled[0]).items()
        for board in elsewhere(compiled[0].board, what, needed)
    ]:
        found = min(others, key=_fitness)
        if _fitness(found) >= _fitness(compiled):
            break
        compiled = found
    return first if shortages(compiled[0]) else compiled


def _fitness(compiled: Compiled) -> tuple[int, int, bool]:
    """Bytes that the board lacks, cycles, and whether the best region lacks room for the arena."""
    program = compiled[0]
    lacking = sum(each.missing for each in shortages(program))
    return lacking, _speed(program)[1], spills(program)


def _speed(program: Program) -> tuple[bool, int]:
    """Whether it does not fit, and its cycles, waiting included."""
    return bool(shortages(program)), program.expected_cycles + program.wait_cycles


def _best(programs: Sequence[Program]) -> Program:
    """The smallest that fits; where one takes several regions, the fastest, waiting included."""
    spread = any(spills(program) for program in programs)

    def value(program: Program) -> tuple[int, ...]:
        lacking, cycles = _speed(program)
        return lacking, spread * cycles, program.plan.arena_bytes

    return min(programs, key=value)


def _compiled(
    graph: Graph,
    board: Board,
    aim: tuple[str, float | None],
    fed: bool,
    pins: Pins,
    providers: Providers,
    model_macs: int,
) -> Program:
    """The program for one order of the ops: with cascades for ``ram``, or where it must fit.

    ``aim`` are goal and slowdown.
    """
    goal, slowdown = aim
    options = options_of(graph, board, providers)
    in_bands = partial(cascade, graph, options, board, providers=providers, fed=fed)
    offloaded = is_offloaded(graph)
    whole = (graph, options)
    banded, hopeful = whole, _has_room_for_interface(graph, board, fed, pins)
    if (fed or (goal == "ram" and hopeful)) and not offloaded:
        banded = in_bands(allowed_cycles(options, "ram", slowdown))

    input_bytes = sum(graph.tensors[t].bytes for t in graph.inputs)
    rooms = arena_rooms(board, input_bytes, pins)
    own = own_room(board, input_bytes) if offloaded and goal != "ram" else None

    def planned(graph: Graph, found: Candidates, most_bytes: int | None = None) -> Program:
        selection = choose(found, goal, options, most_bytes, slowdown)
        arena = _arena_for(graph, selection, rooms, pins, own)
        program = lower(graph, board, selection, arena, model_macs)
        speed = speed_of(*whole, (graph, selection), board)
        return place_weights(replace(program, pins=pins, speed=speed, slowdown=slowdown))

    program = planned(*banded)
    for wrong in unplaced(program):
        raise UsageError(wrong, at=OPTION, tries=("--dump plan, which lists the buffers",))
    if spills(program) and not offloaded and hopeful:
        # other forms of the kernels, then cascades, at any price; or what waits for slower memory
        room = int(max(0, rooms[0].bytes))
        trials = [program, planned(*banded, room)]
        if spills(trials[-1]):
            trials.append(planned(*in_bands(inf, enough_bytes=room), room))
        fitting = [t for t in trials if not shortages(t) and not unplaced(t)]
        program = min(fitting, key=lambda t: t.expected_cycles + t.wait_cycles, default=program)
    return program


def _has_room_for_interface(graph: Graph, board: Board, fed: bool, pins: Pins) -> bool:
    """Whether the arena's regions hold the inputs, unless these are fed, and the outputs: what no
    choice of kernels makes smaller."""
    inputs, outputs = (
        sum(graph.tensors[t].bytes for t in bound) for bound in (graph.inputs, graph.outputs)
    )
    rooms = arena_rooms(board, inputs, pins)
    return max(0 if fed else inputs, outputs) <= sum(max(0, room.bytes) for room in rooms)


def _arena_for(
    graph: Graph, selection: Selection, rooms: Sequence[Room], pins: Pins, own: Room | None
) -> Plan:
    """The plan of the arena: spread over all rooms, or for an NPU in the first that is enough.

    Scratch memory is the core's alone, and goes to its ``own`` room where that saves waiting.
    """
    if not is_offloaded(graph):
        return plan(graph, selection, rooms, pins)
    whole = _whole(graph, selection, rooms, pins)
    scratch = {
        op.index: own.region
        for op, chosen in zip(graph.ops, selection.chosen, strict=True)
        if own and chosen.form.scratch_bytes and chosen.form.pinned_scratch_at is None
    }
    if own is None or not scratch or own.region in (room.region for room in rooms):
        return whole
    apart = replace(pins, scratch={**scratch, **pins.scratch})
    divided = _whole(graph, selection, (*rooms, own), apart)
    fits = divided.arenas[-1].bytes <= own.bytes
    return divided if fits and divided.wait_cycles < whole.wait_cycles else whole


def _whole(graph: Graph, selection: Selection, rooms: Sequence[Room], pins: Pins) -> Plan:
    """All that is not pinned in one room, the first that is enough, or else the last."""
    found = []
    for room in (room for room in rooms if room.open):
        others = (r for r in rooms if r is not room and r.region in pins.regions)
        closed = (replace(other, open=False) for other in others)
        found.append(plan(graph, selection, (room, *closed), pins))
        if found[-1].arenas[0].bytes <= room.bytes:
            break
    return found[-1]


def _outcome(program: Program, own_bytes: int) -> str:
    """The arena in a few words. ``own_bytes`` are those in the model's own order."""
    arena = program.plan
    said = f"arena {arena.arena_bytes:,} B, {arena.certificate}"
    if len(arena.arenas) > 1:
        parts = ", ".join(f"{a.region} {a.bytes:,} B" for a in arena.arenas)
        said += f" in each region: {parts}"
    waits = f", about {program.wait_cycles:,} cycles of waiting" if program.wait_cycles else ""
    saved = f"; {own_bytes - arena.arena_bytes:,} B less than in the model's order"
    return said + waits + (saved if arena.arena_bytes < own_bytes else "")


def _of_providers(program: Program) -> str:
    """How many ops each provider does, where there is more than fwgen's own."""
    counts = Counter(step.provider for step in program.steps)
    if not program.uses_cmsis_nn:
        return ""
    return " (" + ", ".join(f"{n} of {name}" for name, n in counts.most_common()) + ")"


def require_fit(
    program: Program, graph: Graph, *, strict: bool = False, providers: Providers = OWN
) -> None:
    """Raise DoesNotFit if the program exceeds the board's memories; says which goal would not.

    ``graph``, ``strict`` and ``providers`` are what the program was compiled from, and is again for
    other goals.
    """
    lacking = shortages(program)
    if not lacking:
        return
    board = program.board
    goals: list[tuple[str, float | None]] = [(goal, None) for goal in GOALS if goal != program.goal]
    goals += [("size", inf)] * (program.slowdown is None)
    others = [
        compile_graph(
            graph,
            board,
            strict=strict,
            goal=goal,
            slowdown=slowdown,
            fed=program.graph.fed is not None,
            providers=providers,
            pins=program.pins,
        )
        for goal, slowdown in goals
        if any(_goal_matters(program, each) for each in lacking)
    ]
    what = "; ".join(map(str, lacking))
    tries = [*(biggest(program, each) for each in lacking)]
    fitting = [other for other in others if not shortages(other)]
    if not fitting:
        least = (_least([program, *others], each) for each in lacking)
        what += f". No goal of --optimize makes it fit: {', '.join(least)}"
    else:
        tries.insert(0, _instead(program, fitting, lacking))
    tries.append(f"a board with more memory than {board.name} (fwgen boards)")
    raise DoesNotFit(f"{what[0].upper()}{what[1:]}.", at=f"board {board.name}", tries=tuple(tries))


def _goal_matters(program: Program, lacking: Shortage) -> bool:
    """Whether other kernels could need less of the regions: not than the interface as a whole."""
    graph, fed = program.graph, program.graph.fed is not None
    if "arena" in lacking.needed and len(program.plan.arenas) == 1:
        given = 0 if fed else program.input_bytes
        return max(given, sum(graph.tensors[t].bytes for t in graph.outputs)) <= lacking.bytes
    if {"arena", "weights"}.isdisjoint(lacking.needed):
        return False
    return _has_room_for_interface(graph, program.board, fed, program.pins)


def _instead(program: Program, fitting: Sequence[Program], lacking: Sequence[Shortage]) -> str:
    """What the fastest of the programs that fit needs, and costs."""
    other = min(fitting, key=lambda p: p.expected_cycles)
    needs = " and ".join(
        f"{total(other, each.regions):,} bytes of {each.names}" for each in lacking
    )
    change = other.expected_cycles / max(program.expected_cycles, 1) - 1
    how = f"--optimize {other.goal}"
    if other.slowdown is not None:
        how += f" --max-slowdown {ceil(other.expected_cycles / max(other.fastest_cycles, 1))}"
    return f"{how}, which needs {needs}, at {change:+.1%} estimated cycles"


def _least(programs: Sequence[Program], lacking: Shortage) -> str:
    """Which of the programs needs least of a region."""
    needs = [(total(p, lacking.regions), p.goal) for p in programs]
    needed, goal = min(needs, key=lambda pair: pair[0])
    return f"{lacking.names} would need {needed:,} bytes at least ({goal})"
