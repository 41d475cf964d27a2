"""The regression between two results: a Comparison of figures, of which less is always better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from fwgen.errors import UsageError
from fwgen.host.files import parse_json, read_input
from fwgen.host.spelling import shown
from fwgen.measure.limits import Limits

_BYTES = 1 << 26


_MOST = 1 << 62

_CIRCUMSTANCES = {
    "options.words": "options",
    "goal": "--optimize",
    "fed_rows": "rows that are fed at a time",
    "npu.configuration": "--npu",
    "cmsis_nn.revision": "CMSIS-NN",
    "toolchain": "compiler",
    "runner": "--runner",
    "fwgen": "fwgen",
}
"""The keys of a result that tell how it came about, each with its name in a sentence."""


@dataclass(frozen=True)
class Figure:
    """One number of a result: ``source`` and ``unit`` say which others it may be compared with."""

    value: float
    source: str
    unit: str


@dataclass(frozen=True)
class ComparisonRow:
    """A figure of both results. ``ratio`` is new / old, None where old is 0 and new is not.

    ``cell`` is that of ``fwgen bench`` whose figure it is, "" for other results.
    """

    name: str
    unit: str
    source: str
    old: float
    new: float
    ratio: float | None
    regressed: bool
    cell: str = ""


@dataclass(frozen=True)
class Comparison:
    """The figures that both results have.

    ``vanished`` are figures of the old result that the new one lacks, which is as bad as a
    regression. ``notes`` name further differences between the results, and figures that were not
    compared.
    """

    limits: Limits
    rows: tuple[ComparisonRow, ...]
    regressions: int
    vanished: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether a figure grew by more than its limit, or is gone."""
        return bool(self.regressions or self.vanished)


def load(path: Path) -> dict[str, Any]:
    """A result that a command wrote with --json. Raises UsageError."""
    data = read_input(path, _BYTES, "The result")
    try:
        result = parse_json(data)
    except ValueError as error:
        raise UsageError(f"This is no JSON file: {error}.", at=str(path)) from None
    if not isinstance(result, dict):
        raise UsageError("This is no result of fwgen.", at=str(path))
    if "error" in result:
        what = _said(_at(result, "error.what"))
        raise UsageError(f"This is the result of a command that failed: {what}", at=str(path))
    return result


def compare(old: Mapping[str, Any], new: Mapping[str, Any], limits: Limits) -> Comparison:
    """Compare what can be compared; a figure that grew by more than its limit regressed.

    Raises UsageError for results of different boards or schemas, and for figures of unlike source
    or unit. Nothing to compare is one, too, and so is a limit of a figure that is in neither.
    """
    found = compare_figures(old, new, limits)
    limits.require_known({name: None for each in (old, new) for name, _ in figures(each, True)})
    if not found.rows:
        raise UsageError(
            "The results have no figure in common.",
            at="fwgen compare",
            tries=("results of the same command: build, run or profile, with --json",),
        )
    return found


def compare_figures(old: Mapping[str, Any], new: Mapping[str, Any], limits: Limits) -> Comparison:
    """As ``compare``, where there may be nothing to compare, or limits of other figures."""
    for key in ("schema", "board"):
        if old.get(key) != new.get(key):
            raise UsageError(
                f"The results are of different {key}s: {_said(old.get(key))} and "
                f"{_said(new.get(key))}.",
                at="fwgen compare",
            )
    same_ops = _ops(old) == _ops(new)
    befores, afters = dict(figures(old, same_ops)), dict(figures(new, same_ops))
    vanished = [name for name in befores if name not in afters]
    if not same_ops and _counts_ops(old) and not _counts_ops(new):
        vanished.append("the counts of ops")
    notes = list(_unlike(old, new))
    if not same_ops:
        notes.append("the ops differ: totals only")
    notes += [f"only in the new result: {name}" for name in afters if name not in befores]
    rows = tuple(_row(n, befores[n], afters[n], limits) for n in befores if n in afters)
    regressions = sum(row.regressed for row in rows)
    return Comparison(limits, rows, regressions, tuple(vanished), tuple(sorted(notes)))


def _unlike(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What the figures are of, where it is not the same."""
    if _identity(old) != _identity(new):
        yield "the models differ"
    for path, what in _CIRCUMSTANCES.items():
        before, after = _at(old, path), _at(new, path)
        if before != after:
            yield f"{what}: {_said(before)} before, {_said(after)} now"


def _identity(result: Mapping[str, Any]) -> object:
    """What tells a model from others: the hash of its file."""
    return _at(result, "model.sha256") or _at(result, "model.name")


def _at(result: Mapping[str, Any], path: str) -> Any:
    """The value of a result under a key, None if the key is missing."""
    value: Any = result
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _said(value: object) -> str:
    return "none" if value in (None, "") else str(value)[:100]


def _counts_ops(result: Mapping[str, Any]) -> bool:
    return bool(_at(result, "counters.ops"))


def _row(name: str, old: Figure, new: Figure, limits: Limits) -> ComparisonRow:
    if (old.source, old.unit) != (new.source, new.unit):
        raise UsageError(
            f"{name} is not the same thing in both: {old.unit} from {old.source!r}, and {new.unit} "
            f"from {new.source!r}.",
            at="fwgen compare",
            tries=("measure both in the same way, with the same tools",),
        )
    ratio = new.value / old.value if old.value else None if new.value else 1.0
    regressed = Fraction(new.value) > limits.of(name).most(Fraction(old.value))
    return ComparisonRow(name, old.unit, old.source, old.value, new.value, ratio, regressed)


def figures(result: Mapping[str, Any], by_op: bool) -> Iterator[tuple[str, Figure]]:
    """The figures of a result by name, those of its ops if ``by_op``.

    Raises UsageError if they are not where they should be.
    """
    try:
        for name, found in result.get("figures", {}).items():  # of a cell
            yield name, _counter(found["value"], found)
        for name, value in result.get("memory", {}).items():
            if name.endswith("_bytes") and not name.endswith("lower_bound_bytes"):
                yield name, Figure(_number(value), "image", "bytes")
        counters = result.get("counters")
        if counters:
            yield "total", _counter(counters["total"], counters)
            names = dict(_ops(result))
            for op in counters["ops"] if by_op else ():
                yield f"op {op['index']} {names[op['index']]}", _counter(op["value"], counters)
        for found in result.get("estimates", ()):
            yield f"total by {found['name']}", _counter(found["total"], found)
        if "profile" in result:
            value = _number(result["profile"]["instructions"])
            yield "instructions", Figure(value, "qemu", "instructions")
        if "energy" in result:
            energy = result["energy"]
            measured = energy["unit"] == "uj"
            by = f"{energy['volts']} V" if measured else f"{energy['pj_per_cycle']} pJ/cycle"
            source = f"{by}, {energy['source']}"
            yield "energy", Figure(_number(energy["total"]), source, energy["unit"])
        if "mismatches" in result:
            source = f"TFLM, {result['inputs']} inputs of seed {result['seed']}"
            yield "mismatches", Figure(_number(result["mismatches"]), source, "bytes")
        if "samples" in result:
            total, correct = (_number(result["samples"][key]) for key in ("total", "correct"))
            yield "wrong samples", Figure(total - correct, f"{total} labelled samples", "samples")
        if _at(result, "npu.counters"):
            counted = result["npu"]["counters"]
            yield "NPU", _counter(counted["cycles"], counted)
        estimates = _at(result, "npu.estimates")
        if estimates and "npu_estimated_cycles" in estimates:
            value = _number(estimates["npu_estimated_cycles"])
            yield "NPU estimate", Figure(value, str(estimates["source"]), "npu_estimated_cycles")
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"This is no result of fwgen: {shown(str(error))}.", at="fwgen compare"
        ) from None


def _counter(value: object, counters: Mapping[str, Any]) -> Figure:
    return Figure(_number(value), str(counters["source"]), str(counters["unit"]))


def _number(value: object) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if not known or not 0 <= value <= _MOST:  # type: ignore[operator]
        raise TypeError(f"{shown(value)} is no figure")
    return value  # type: ignore[return-value]


def _ops(result: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Index and code of each op."""
    try:
        found = [(op["index"], op["op"]) for op in result.get("ops", ())]
        hash(tuple(found))
        return found
    except (KeyError, TypeError) as error:
        raise UsageError(
            f"This is no result of fwgen: {shown(str(error))}.", at="fwgen compare"
        ) from None
