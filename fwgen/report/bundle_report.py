"""The reports of a bundle: what its image takes with all its models, and whether they compute what
TFLM computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fwgen.board import Board
from fwgen.report.speed import speed
from fwgen.report.text_tables import memory, table, verdict


def bundle_memory(result: Mapping[str, Any], board: Board) -> str:
    """A table of the models, and the memory of all: shared kernels once, the largest arena."""
    header = ("model", "ops", "MACs", "constants", "state", "own arena", "expected cycles")
    keys = ("name", "ops", "macs", "weights_bytes", "state_bytes", "arena_bytes", "expected_cycles")
    rows = [[model[key] for key in keys] for model in result["models"]]
    return f"{table(header, rows)}\n{memory(result, board)}"


def bundle_speed(described: Mapping[str, Mapping[str, Any]]) -> str:
    """The speed of each model, by its name."""
    return "\n".join(
        f"{name}: {line}" for name, each in described.items() for line in speed(each).splitlines()
    )


def bundle_verdict(models: Sequence[Mapping[str, Any]]) -> str:
    """A table of all models' comparisons with TFLM, and where those that fail differ."""
    header = ("model", "inputs", "bytes", "differ", "ops compared", "ops differ")
    rows = [
        (
            each["name"],
            each["inputs"],
            each["bytes"],
            each["mismatches"],
            each["op_outputs"]["compared"],
            each["op_outputs"]["mismatches"],
        )
        for each in models
    ]
    failed = (
        f"{each['name']}: {verdict(each)}"
        for each in models
        if each["first_mismatch"] is not None or each["constant_outputs"]
    )
    return "\n".join((table(header, rows), *failed))
