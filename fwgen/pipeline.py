"""The pipeline from a model file to a Program: one visible call per stage.

    read -> Source -> optimize -> Graph -> orders -> Graphs -> [select -> plan -> lower] -> Program

What is in brackets is gone several times, for what can be compared only as whole programs; the
search is ``compile/trials.py``. Stages hand on frozen values and touch no disk, ``read`` apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from fwgen.board.placement import moves
from fwgen.compile.cascade.cascade_operator import CASCADE
from fwgen.compile.lower.bind import lower
from fwgen.compile.lower.constant_regions import place_weights
from fwgen.compile.lower.fit import measured, shortages
from fwgen.compile.lower.program import Program
from fwgen.compile.macs import macs
from fwgen.compile.passes import optimize
from fwgen.compile.plan.arena_plan import plan_arena
from fwgen.compile.remedies import require_room
from fwgen.compile.request import Request, placed
from fwgen.compile.schedule.order import orders
from fwgen.compile.select.choices import Choices, select
from fwgen.compile.trials import best_program
from fwgen.model.graph import Graph
from fwgen.model.input_shape import InputShape
from fwgen.source import CORE_ALONE, NpuChoice, Source, read

Progress = Callable[[str, str], None]
"""Called with a stage's name and what came out of it."""


def silent(stage: str, outcome: str) -> None:
    """No progress."""


def compile_model(
    model: Path,
    request: Request,
    npu: NpuChoice = CORE_ALONE,
    progress: Progress = silent,
    shapes: Sequence[InputShape] = (),
    signature: str | None = None,
) -> tuple[Source, Program]:
    """What a model file holds, and the program for it, with the ``shapes`` that inputs are to have,
    of the entry point with the ``signature``. Raises what ``read`` and the rest do."""
    source = read(model, request.board, npu, shapes, signature)
    progress("read", source.summary)
    return source, compile_source(source, request, progress)


def compile_source(source: Source, request: Request, progress: Progress = silent) -> Program:
    """The program with things in the places that are asked for. Raises UsageError if they cannot be
    there, and what ``compile_graph`` does."""
    return compile_graph(source.graph, placed(request, source.graph, source.npu), progress)


def compile_graph(graph: Graph, request: Request, progress: Progress = silent) -> Program:
    """The program that serves a request best. It may need more memory than the board has.

    ``graph`` is a ``Source``'s. Raises ModelError if there is no kernel for an op, and UsageError
    if pins are not in the arena.
    """
    model_ops, model_macs = len(graph.ops), sum(macs(graph).values())
    optimized = optimize(graph, request.strict)
    left = sum(macs(optimized).values())
    progress(
        "optimize",
        f"{len(optimized.ops)} of {model_ops} ops, {left:,} of {model_macs:,} MACs are left",
    )
    found = best_program(orders(optimized), request, _straight)
    moved = moves(request.board, found.program.board)
    program = replace(found.program, model_macs=model_macs, moved=moved)
    progress("select", _selected(program))
    progress("plan", _planned(program, found.own_bytes))
    return program


def _straight(choices: Choices, request: Request) -> Program:
    """From the candidates of each op to a program, without a look to the side."""
    selection = select(choices, request)
    plan = plan_arena(choices.graph, selection, request.board, request.pins)
    return lower(choices.graph, selection, plan, request)


def with_room_for(
    program: Program, source: Source, request: Request, bytes_over: Mapping[str, int]
) -> Program:
    """The program once the linker has found regions too small, by so many bytes each.

    Only the regions of constants change if that is enough; otherwise the program is compiled anew.
    ``source`` and ``request`` are what it was compiled from.
    """
    found = measured(program, bytes_over)
    spread = place_weights(replace(program, request=_measured(program.request, found)))
    over = [region for region in program.board.regions if region.name in bytes_over]
    if all(region.kind == "rom" for region in over) and not shortages(spread):
        return spread
    return compile_source(source, _measured(request, found))


def _measured(request: Request, found: Mapping[str, int]) -> Request:
    """The request for the same board, of which more is known after linking."""
    return replace(request, board=replace(request.board, measured=found))


def require_fit(program: Program, graph: Graph) -> None:
    """Raise DoesNotFit if the program exceeds the board's memories; says which goal would not.

    ``graph`` is what it was compiled from, and is again for other goals.
    """
    require_room(program, partial(compile_graph, graph))


def _selected(program: Program) -> str:
    """Kernels, cascades and goal in a few words."""
    cascades = sum(step.code == CASCADE for step in program.steps)
    return (
        f"{len({step.kernel for step in program.steps})} kernels for {len(program.steps)} ops"
        f"{_of_providers(program)}, "
        + (f"{cascades} cascade{'s' * (cascades > 1)}, " if cascades else "")
        + program.goal
    )


def _of_providers(program: Program) -> str:
    """How many ops each provider does, where there is more than fwgen's own."""
    counts = Counter(step.provider for step in program.steps)
    if not program.uses_cmsis_nn:
        return ""
    return " (" + ", ".join(f"{n} of {name}" for name, n in counts.most_common()) + ")"


def _planned(program: Program, own_bytes: int) -> str:
    """The arena in a few words. ``own_bytes`` are those in the model's own order."""
    arena = program.plan
    said = f"arena {arena.arena_bytes:,} B, {arena.certificate}"
    if len(arena.arenas) > 1:
        parts = ", ".join(f"{a.region} {a.bytes:,} B" for a in arena.arenas)
        said += f" in each region: {parts}"
    waits = f", about {program.wait_cycles:,} cycles of waiting" if program.wait_cycles else ""
    saved = f"; {own_bytes - arena.arena_bytes:,} B less than in the model's order"
    return said + waits + (saved if arena.arena_bytes < own_bytes else "")
