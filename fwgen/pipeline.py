"""The way from a model file to a Program, stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fwgen.board import Board
from fwgen.fit import check_fit
from fwgen.lower import Program, lower
from fwgen.model.check import check
from fwgen.model.graph import Graph
from fwgen.model.reader import load_model
from fwgen.ops import require_supported, resolve
from fwgen.passes import optimize
from fwgen.passes.order import orders
from fwgen.plan import plan
from fwgen.select import DEFAULT_GOAL, macs, select

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
    """Optimize, order, select, plan and lower. Raises ModelError or DoesNotFit.

    ``strict`` lets passes drop no weight other than 0; ``goal`` is one of ``fwgen.GOALS``.
    """
    model_ops, model_macs = len(graph.ops), sum(macs(graph).values())
    graph = optimize(graph, strict)
    left = sum(macs(graph).values())
    progress(
        "optimize",
        f"{len(graph.ops)} of {model_ops} ops, {left:,} of {model_macs:,} MACs are left",
    )
    laid_out = []
    for ordered in orders(graph):
        selection = select(ordered, board, goal)
        laid_out.append((ordered, selection, plan(ordered, selection)))
    own = laid_out[0][2].arena_bytes
    graph, selection, arena = min(laid_out, key=lambda found: found[2].arena_bytes)
    progress("select", f"{len(set(selection.variants))} variants for {len(graph.ops)} ops, {goal}")
    saved = f"; {own - arena.arena_bytes:,} B less than in the model's order"
    progress(
        "plan",
        f"arena {arena.arena_bytes:,} B, {arena.certificate}"
        + (saved if arena.arena_bytes < own else ""),
    )
    program = lower(graph, board, selection, arena, model_macs)
    check_fit(program)
    return program
