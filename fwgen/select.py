"""Graph + Board -> Selection: the kernel variant of each op."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fwgen.board import Board
from fwgen.errors import ModelError
from fwgen.model.graph import Graph, Op
from fwgen.ops import operators
from fwgen.ops.operator import Variant, place


@dataclass(frozen=True)
class Selection:
    """The chosen variant of each op, by position in ``Graph.ops``."""

    variants: tuple[Variant, ...]


def select(graph: Graph, board: Board) -> Selection:
    """The cheapest variant per op among those that the core can run and that hold for the op.

    Raises ModelError if an op has none.
    """
    known = operators()
    return Selection(
        tuple(_cheapest(graph, op, board, known[op.code].variants) for op in graph.ops)
    )


def _cheapest(graph: Graph, op: Op, board: Board, variants: tuple[Variant, ...]) -> Variant:
    usable = [v for v in variants if v.needs <= board.cpu.features and v.holds(graph, op)]
    if not usable:
        raise ModelError(
            f"None of the kernels of {op.code} ({', '.join(v.name for v in variants)}) covers "
            f"this op on a {board.cpu.name}.",
            at=place(graph, op),
        )
    return min(usable, key=lambda variant: variant.cost(graph, op))


def macs(graph: Graph) -> Mapping[int, int]:
    """Multiply-accumulates of one inference by op index."""
    known = operators()
    return {op.index: known[op.code].macs(graph, op) for op in graph.ops}
