"""The trials of whole compilations: of several ways to a program, the one that serves best.

The worth of some choices is known only once all others are made. These are the order of ops, the
providers of kernels, cascades, a smaller limit of the arena, and other regions. So all of them are
tried. A trial is one straight way, which ``pipeline.py`` goes: nothing is searched there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from fwgen.board.placement import OPTION, arena_rooms, elsewhere, settled
from fwgen.compile.cascade.search import cascade, covers
from fwgen.compile.kept_bytes import kept_bytes
from fwgen.compile.lower.constant_regions import estimated_code
from fwgen.compile.lower.fit import movable, shortages, spills, unplaced
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.compile.schedule.views import with_views
from fwgen.compile.select.choices import Choices, choices_of
from fwgen.compile.select.goals import DEFAULT_GOAL, GOAL_OF, SLOWDOWN, Totals, within
from fwgen.compile.select.kernel_search import allowed_cycles
from fwgen.errors import UsageError
from fwgen.kernels.providers import alone, providers_of
from fwgen.model.control import has_control
from fwgen.model.graph import Graph

StraightWay = Callable[[Choices, Request], Program]
"""From the candidates of each op to a program."""


@dataclass(frozen=True)
class BestProgram:
    """The best program, and the bytes of the arena in the model's own order of ops."""

    program: Program
    own_bytes: int


def best_program(orders: Sequence[Graph], request: Request, straight: StraightWay) -> BestProgram:
    """The best of all ways from a graph in ``orders``, the model's own first, to a program.

    The program's request has the board with everything in the regions where it is. Raises
    UsageError if pins are not in the arena, ModelError if an op has no kernel.
    """
    board = settled(request.board, kept_bytes(orders[0], request.board))
    first = found = _in_best_order(orders, replace(request, board=board), straight)
    while others := [
        _in_best_order(orders, replace(request, board=board), straight)
        for what, needed in movable(found.program).items()
        for board in elsewhere(found.program.board, what, needed)
    ]:
        best = min(others, key=_fitness)
        if _fitness(best) >= _fitness(found):
            break
        found = best
    return first if shortages(found.program) else found


def _fitness(found: BestProgram) -> tuple[int, int, bool]:
    """Bytes that the board lacks, cycles, and whether the best region lacks room for the arena."""
    program = found.program
    return _lacking(program), _speed(program)[1], spills(program)


def _lacking(program: Program) -> int:
    """Bytes that the board lacks for it."""
    return sum(each.missing for each in shortages(program))


def _speed(program: Program) -> tuple[bool, int]:
    """Whether it does not fit, and its cycles, waiting included."""
    return bool(shortages(program)), program.expected_cycles + program.wait_cycles


def _in_best_order(orders: Sequence[Graph], request: Request, straight: StraightWay) -> BestProgram:
    """The smallest that fits, with views or without; where one takes several regions, the one that
    is best by the goal, waiting included."""
    viewed = [(graph, with_views(graph)) for graph in orders]
    graphs = (*orders, *(found for graph, found in viewed if found is not graph))
    programs = [_of_best_providers(graph, request, straight) for graph in graphs]
    spread = any(spills(program) for program in programs)
    fastest = min(map(_speed, programs))[1]

    def value(program: Program) -> tuple[float, ...]:
        moved = 0 if program.graph.views else 1
        worth = _worth(program, fastest) if spread else ()
        return bool(shortages(program)), *worth, program.plan.arena_bytes, moved

    return BestProgram(min(programs, key=value), programs[0].plan.arena_bytes)


def _of_best_providers(graph: Graph, request: Request, straight: StraightWay) -> Program:
    """The fastest program among those with all providers together and those with one provider
    before the others. A balanced choice among all may be slower than a balanced choice within
    one."""
    programs = (
        _in_best_form(graph, replace(request, providers=ranks), straight)
        for ranks in (request.providers, *alone(request.providers))
    )
    best = min(programs, key=_speed)
    return replace(best, request=replace(best.request, providers=request.providers))


def _in_best_form(graph: Graph, request: Request, straight: StraightWay) -> Program:
    """With cascades for ``ram``, or else where the arena must fit the best of its regions."""
    plain = banded = choices_of(graph, request)
    hopeful = has_room_for_interface(graph, request)
    free = not (graph.fixed_order or has_control(graph))
    if free and (request.fed or (request.goal == "ram" and hopeful)):
        allowed = allowed_cycles(plain.candidates, "ram", request.slowdown)
        banded = cascade(plain, request, allowed)
    program = straight(banded, request)
    for wrong in unplaced(program):
        raise UsageError(wrong, at=OPTION, tries=("--dump plan, which lists the buffers",))
    if not (free and hopeful and spills(program)):
        return program
    # other forms of the kernels, then cascades, at any price; or what waits for slower memory
    kept = kept_bytes(graph, request.board)
    room = int(max(0, arena_rooms(request.board, kept, request.pins)[0].bytes))
    trials = [program, straight(replace(banded, most_bytes=room), request)]
    for lower, asked in _cascaded(plain, request, room):
        if lower.most_bytes is None and not spills(trials[-1]):
            break
        trials.append(straight(replace(lower, most_bytes=lower.most_bytes or room), asked))
    found = [trial for trial in trials if not unplaced(trial)]
    fastest = min(_speed(trial) for trial in found)[1]
    return min(found, key=lambda trial: (_lacking(trial), _worth(trial, fastest)))


def _cascaded(own: Choices, request: Request, room: int) -> Iterator[tuple[Choices, Request]]:
    """Candidates with cascades at any price, of which a plan may fit the room; the slowest last."""
    # a plan may need more than the largest peak, and less may be worth as much
    for lower in covers(own, request, (room * 7 // 8, room // 2)):
        yield lower, request
    yield cascade(own, request, inf), request
    # plain C needs no scratch memory, but is slow
    bare = replace(request, providers=providers_of("reference", cmsis_nn=False))
    for enough in (room, 0):
        yield cascade(choices_of(own.graph, bare), bare, inf, enough_bytes=enough), bare


def _worth(program: Program, fastest: float) -> tuple[float, ...]:
    """What is to be small of programs that fit: cycles, waiting included. The default goal weighs
    these against memory, unless they are too far above the ``fastest``."""
    cycles = program.expected_cycles + program.wait_cycles
    if program.goal != DEFAULT_GOAL:
        return (cycles,)
    most = (program.request.slowdown or SLOWDOWN[DEFAULT_GOAL]) * fastest
    flash = program.weights_bytes + estimated_code(program)
    totals = Totals(1.0 + cycles, flash, program.plan.arena_bytes)  # some do nothing at all
    return within(most, GOAL_OF[DEFAULT_GOAL])(totals)


def has_room_for_interface(graph: Graph, request: Request) -> bool:
    """Whether the arena's regions hold the inputs, unless these are fed, and the outputs: what no
    choice of kernels makes smaller."""
    rooms = arena_rooms(request.board, kept_bytes(graph, request.board), request.pins)
    needed = max(0 if request.fed else graph.input_bytes, graph.output_bytes)
    return needed <= sum(max(0, room.bytes) for room in rooms)
