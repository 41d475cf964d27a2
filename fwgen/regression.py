"""Two results -> Comparison: what grew, what shrank, and by how much. Less is better throughout."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.errors import UsageError

_BYTES = 1 << 26


@dataclass(frozen=True)
class Figure:
    """One number of a result: ``source`` and ``unit`` say which others it may be compared with."""

    value: float
    source: str
    unit: str


@dataclass(frozen=True)
class Row:
    """A figure of both results. ``ratio`` is new / old, None where old is 0 and new is not."""

    name: str
    unit: str
    source: str
    old: float
    new: float
    ratio: float | None
    regressed: bool


@dataclass(frozen=True)
class Comparison:
    """All figures that both results have. ``notes`` say what was not compared."""

    limit: float
    rows: tuple[Row, ...]
    regressions: int
    notes: tuple[str, ...]


def load(path: Path) -> dict[str, Any]:
    """A result that a command wrote with --json. Raises UsageError."""
    try:
        with path.open("rb") as file:
            result = json.loads(file.read(_BYTES))
    except OSError as error:
        raise UsageError(f"The result cannot be read: {error.strerror}.", at=str(path)) from None
    except (ValueError, RecursionError):
        raise UsageError("This is no JSON file.", at=str(path)) from None
    if not isinstance(result, dict):
        raise UsageError("This is no result of fwgen.", at=str(path))
    return result


def compare(old: Mapping[str, Any], new: Mapping[str, Any], limit: float) -> Comparison:
    """Compare what can be compared; a figure that grew by more than ``limit`` (0.02: 2 %)
    regressed.

    Raises UsageError for results of different boards or schemas, for figures of unlike source or
    unit, and where there is nothing to compare.
    """
    for key in ("schema", "board"):
        if old.get(key) != new.get(key):
            raise UsageError(
                f"The results are of different {key}s: {old.get(key)} and {new.get(key)}.",
                at="fwgen compare",
            )
    notes = []
    same_ops = _ops(old) == _ops(new)
    if not same_ops:
        notes.append("the ops differ: totals only")
    if old.get("model") != new.get("model"):
        notes.append("the models differ")
    befores, afters = dict(_figures(old, same_ops)), dict(_figures(new, same_ops))
    for name in befores.keys() ^ afters.keys():
        notes.append(f"only in the {'old' if name in befores else 'new'} result: {name}")
    rows = tuple(_row(n, befores[n], afters[n], limit) for n in befores if n in afters)
    if not rows:
        raise UsageError(
            "The results have no figure in common.",
            at="fwgen compare",
            tries=("results of the same command: build, run or profile, with --json",),
        )
    return Comparison(limit, rows, sum(row.regressed for row in rows), tuple(sorted(notes)))


def _row(name: str, old: Figure, new: Figure, limit: float) -> Row:
    if (old.source, old.unit) != (new.source, new.unit):
        raise UsageError(
            f"{name} is not the same thing in both: {old.unit} from {old.source!r}, and {new.unit} "
            f"from {new.source!r}.",
            at="fwgen compare",
            tries=("measure both in the same way, with the same tools",),
        )
    ratio = new.value / old.value if old.value else None if new.value else 1.0
    regressed = new.value > old.value * (1 + limit)
    return Row(name, old.unit, old.source, old.value, new.value, ratio, regressed)


def _figures(result: Mapping[str, Any], by_op: bool) -> Iterator[tuple[str, Figure]]:
    """The figures of a result by name. Raises UsageError if they are not where they should be."""
    try:
        for name, value in result.get("memory", {}).items():
            if name.endswith("_bytes") and not name.endswith("lower_bound_bytes"):
                yield name, Figure(_number(value), "image", "bytes")
        counters = result.get("counters")
        if counters:
            yield "total", _counter(counters["total"], counters)
            names = dict(_ops(result))
            for op in counters["ops"] if by_op else ():
                yield f"op {op['index']} {names[op['index']]}", _counter(op["value"], counters)
        if "profile" in result:
            value = _number(result["profile"]["instructions"])
            yield "instructions", Figure(value, "qemu", "instructions")
        if "energy" in result:
            energy = result["energy"]
            source = f"{energy['pj_per_cycle']} pJ/cycle, {energy['source']}"
            yield "energy", Figure(_number(energy["total"]), source, energy["unit"])
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"This is no result of fwgen: {error!r}.", at="fwgen compare") from None


def _counter(value: object, counters: Mapping[str, Any]) -> Figure:
    return Figure(_number(value), str(counters["source"]), str(counters["unit"]))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return value


def _ops(result: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Index and code of each op."""
    try:
        return [(op["index"], op["op"]) for op in result.get("ops", ())]
    except (KeyError, TypeError) as error:
        raise UsageError(f"This is no result of fwgen: {error!r}.", at="fwgen compare") from None
