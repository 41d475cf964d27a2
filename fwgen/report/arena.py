"""The arena that the planner found for a table of buffers, as text and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fwgen import SCHEMA
from fwgen.compile.plan.solve import Solution


def arena_data(solution: Solution, ids: Sequence[str], capacity: int | None) -> dict[str, Any]:
    """The result as data; ``proof`` is what is known beyond doubt."""
    return {
        "schema": SCHEMA,
        "buffers": len(ids),
        "capacity_bytes": capacity,
        "fits": capacity is None or solution.bytes <= capacity,
        "arena_bytes": solution.bytes,
        "arena_lower_bound_bytes": solution.lower_bound_bytes,
        "optimal": solution.optimal,
        "gap_bytes": solution.bytes - solution.lower_bound_bytes,
        "nodes": solution.nodes,
        "offsets": dict(zip(ids, solution.offsets, strict=True)),
    }


def arena_text(solution: Solution, capacity: int | None, seconds: float) -> str:
    """The result in a few lines."""
    gap = solution.bytes - solution.lower_bound_bytes
    share = gap / solution.lower_bound_bytes if solution.lower_bound_bytes else 0.0
    proof = "proven optimal" if solution.optimal else f"gap of {gap:,} bytes ({share:.2%})"
    of = "" if capacity is None else f" of {capacity:,}"
    return "\n".join(
        (
            f"arena        {solution.bytes:,}{of} bytes",
            f"lower bound  {solution.lower_bound_bytes:,} bytes",
            f"proof        {proof}",
            f"search       {solution.nodes:,} nodes in {seconds:.2f} s",
        )
    )
