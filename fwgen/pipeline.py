"""The way from a model file to a Program, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen import GOALS
from fwgen.board import Board
from fwgen.cascades import cascade
from fwgen.errors import DoesNotFit
from fwgen.fit import Shortage, biggest, demand, shortages
from fwgen.lower import Program, lower
from fwgen.model.check import check
from fwgen.model.graph import Graph
from fwgen.model.reader import load_model
from fwgen.ops import require_supported, resolve
from fwgen.passes import optimize
from fwgen.passes.order import orders
from fwgen.plan import Plan, plan
from fwgen.select import DEFAULT_GOAL, RAM_SLOWDOWN, Selection, fewest_cycles, macs, select

Progress = Callable[[str, str], None]
"""Called with a stage's name and what came out of it."""


def silent(stage: str, outcome: str) -> None:
    """No progress."""


def read_graph(model: Path) -> Graph:
    """A checked graph with typed options. Raises ModelError."""
    graph = load_model(model)
    require_supported(graph)
    check(graph)
    return resolve(graph)


def compile_graph(
    graph: Graph,
    board: Board,
    progress: Progress = silent,
    *,
    strict: bool = False,
    goal: str = DEFAULT_GOAL,
) -> Program:
    """Optimize, order, select, plan and lower. Raises ModelError; not if it does not fit.

    ``strict`` lets passes drop no weight other than 0; ``goal`` is one of ``fwgen.GOALS``.
    """
    model_ops, model_macs = len(graph.ops), sum(macs(graph).values())
    graph = optimize(graph, strict)
    left = sum(macs(graph).values())
    progress(
        "optimize",
        f"{len(graph.ops)} of {model_ops} ops, {left:,} of {model_macs:,} MACs are left",
    )
    most_cycles = RAM_SLOWDOWN * fewest_cycles(graph, board) if goal == "ram" else None
    laid_out = [_laid_out(ordered, board, goal, most_cycles) for ordered in orders(graph)]
    own = laid_out[0].plan.arena_bytes
    best = min(laid_out, key=lambda found: found.plan.arena_bytes)
    variants = len(set(best.selection.variants))
    progress("select", f"{variants} variants for {len(best.graph.ops)} ops, {goal}")
    arena = f"arena {best.plan.arena_bytes:,} B, {best.plan.certificate}"
    if best.plan.arena_bytes < own:
        arena += f"; {own - best.plan.arena_bytes:,} B less than in the model's order"
    progress("plan", arena)
    return lower(best.graph, board, best.selection, best.plan, model_macs)


@dataclass(frozen=True)
class _LaidOut:
    graph: Graph
    selection: Selection
    plan: Plan


def _laid_out(graph: Graph, board: Board, goal: str, most_cycles: float | None) -> _LaidOut:
    """Cascades where they are asked for, kernels and arena for one order of the ops."""
    if most_cycles is not None:
        graph = cascade(graph, board, most_cycles)
    selection = select(graph, board, goal, most_cycles)
    return _LaidOut(graph, selection, plan(graph, selection))


def require_fit(program: Program, graph: Graph, *, strict: bool = False) -> None:
    """Raise DoesNotFit if the program exceeds the board's memories; says which goal would not.

    ``graph`` and ``strict`` are what the program was compiled from, and is again for other goals.
    """
    lacking = shortages(program)
    if not lacking:
        return
    board = program.board
    others = [
        compile_graph(graph, board, strict=strict, goal=goal)
        for goal in GOALS
        if goal != program.goal
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


def _instead(program: Program, fitting: Sequence[Program], lacking: Sequence[Shortage]) -> str:
    """What the fastest of the programs that fit needs, and costs."""
    other = min(fitting, key=lambda p: p.expected_cycles)
    needs = " and ".join(
        f"{sum(demand(other, each.region).values()):,} bytes of {each.region.name}"
        for each in lacking
    )
    change = other.expected_cycles / max(program.expected_cycles, 1) - 1
    return f"--optimize {other.goal}, which needs {needs}, at {change:+.1%} estimated cycles"


def _least(programs: Sequence[Program], lacking: Shortage) -> str:
    """Which of the programs needs least of a region."""
    region = lacking.region
    needs = [(sum(demand(p, region).values()), p.goal) for p in programs]
    needed, goal = min(needs, key=lambda pair: pair[0])
    return f"{region.name} would need {needed:,} bytes at least ({goal})"
