"""The table of cells: their figures for people, in 80 columns, and for other programs as CSV."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fwgen.errors import printable
from fwgen.report.text_tables import table

WIDTH = 80
_NAME = 18  # characters of a model, board or set of options: three of them leave room for figures
_GAP = 2
_BYTES = {
    "flash_bytes": "flash",
    "ram_bytes": "RAM",
    "arena_bytes": "arena",
    "state_bytes": "state",
}
"""Sizes in the table for people, all in bytes; CSV and JSON have more."""

Cell = Mapping[str, Any]


def cell_table(cells: Sequence[Cell], folder: str) -> str:
    """A row per cell, in several tables where one would be wider than 80 columns.

    Below it: where counts come from, what failed and why, and what is to be known of figures.
    """
    names, alike = _names(cells)
    results: list[object] = [_result(cell) for cell in cells]
    columns = [*_figure_columns(cells), ("result", results)]
    blocks = [
        table([header for header, _ in block], list(zip(*(rows for _, rows in block), strict=True)))
        for block in _blocks(names, columns)
    ]
    lines = ["\n\n".join(blocks), *(f"all     {text}" for text in alike)]
    lines += ["sizes   in bytes"] if any("flash_bytes" in cell["figures"] for cell in cells) else []
    lines += [f"count   {unit}: {source}" for unit, source in _sources(cells)]
    lines += [f"note    {note}" for note in _notes(cells)]
    lines += _failures(cells, folder)
    return "\n".join([*map(_wrapped, "\n".join(lines).split("\n")), _summary(cells)])


Column = tuple[str, list[object]]


def _names(cells: Sequence[Cell]) -> tuple[list[Column], list[str]]:
    """The columns that tell cells apart, and what is the same of all."""
    columns: list[Column] = []
    alike = []
    for header, values in (
        ("model", [cell["model"]["name"] for cell in cells]),
        ("board", [_board(cell) for cell in cells]),
        ("options", [cell["options"]["name"] for cell in cells]),
    ):
        if len(set(values)) > 1 or header == "model":
            columns.append((header, [_elided(printable(value)) for value in values]))
        else:
            alike.append(f"{header} {printable(values[0])}")
    return columns, alike


def _board(cell: Cell) -> str:
    return " ".join(filter(None, (cell["board"], cell["run_options"])))


def _elided(name: str) -> str:
    """A name, without its middle if it is long: beginnings and ends tell more."""
    if len(name) <= _NAME:
        return name
    head = _NAME * 2 // 3
    return f"{name[:head]}~{name[head + 1 - _NAME :]}"


def _figure_columns(cells: Sequence[Cell]) -> Iterator[Column]:
    """Sizes, then all that is no size, if any cell has it; state only where a model has some."""
    known = dict.fromkeys(name for cell in cells for name in cell["figures"])
    counted = (name for name in known if not name.endswith("_bytes"))
    for name in (*_BYTES, *sorted(counted, key=lambda name: name == "mismatches")):
        values = [cell["figures"].get(name, {}).get("value") for cell in cells]
        if name in known and (name != "state_bytes" or any(values)):
            yield _BYTES.get(name, name), ["-" if v is None else _rounded(v) for v in values]


def _rounded(value: float) -> object:
    """A whole number as it is, others to a part in a thousand or better."""
    return value if isinstance(value, int) else f"{value:,.1f}" if value >= 1000 else f"{value:.4g}"


def _blocks(names: Sequence[Column], columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Tables of at most 80 columns, each with the names."""
    block, width = [*names], sum(map(_width, names))
    for column in columns:
        if width + _width(column) - _GAP > WIDTH and len(block) > len(names):
            yield block
            block, width = [*names], sum(map(_width, names))
        block.append(column)
        width += _width(column)
    yield block


def _width(column: Column) -> int:
    header, values = column
    texts = (f"{value:,}" if isinstance(value, int) else str(value) for value in values)
    return max(len(header), *map(len, texts)) + _GAP


def _result(cell: Cell) -> str:
    if cell.get("todo"):
        return "to do"
    return f"exit {cell['exit_code']}" if cell["exit_code"] else "ok"


def _sources(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """The sources of counts by unit, once each."""
    figures = (figure for cell in cells for figure in cell["figures"].values())
    counted = ((f["unit"], f["source"]) for f in figures if f["unit"] not in ("bytes",))
    return list(dict.fromkeys(counted))


def _notes(cells: Sequence[Cell]) -> Iterator[str]:
    """What makes figures of different cells, or of one, unlike."""
    toolchains = dict.fromkeys(cell["toolchain"] for cell in cells if cell.get("toolchain"))
    versions = {word.split()[0]: set[str]() for word in toolchains}
    for word in toolchains:
        versions[word.split()[0]].add(word)
    for found in versions.values():
        if len(found) > 1:
            yield f"several versions of a compiler: {', '.join(sorted(found))}"
    places = ((cell["board"], cell["ran_on"]) for cell in cells if cell.get("ran_on"))
    for board, place in dict.fromkeys(places):
        yield f"what is for {board} was run on {place} in its place"
    for cell in cells:
        for name, figure in cell["figures"].items():
            least, most = figure.get("least"), figure.get("most")
            if least != most:
                yield f"{cell['cell']}: {name} from {least:,} to {most:,} in {cell['repeat']} runs"


def _failures(cells: Sequence[Cell], folder: str) -> Iterator[str]:
    """Each reason once, with the cells that failed for it and their logs."""
    alike: dict[str, list[Cell]] = {}
    for cell in (cell for cell in cells if cell["exit_code"]):
        where = f" at {cell['command']}" if cell.get("command") else ""
        why = f"exit {cell['exit_code']}{where}: {cell['error']['what']}"
        alike.setdefault(why, []).append(cell)
    for why, failed in alike.items():
        yield f"FAILED  {why}"
        yield from (f"        {cell['cell']}: {folder}/{cell['log']}" for cell in failed)


def _wrapped(line: str) -> str:
    """A line in as many of at most 80 columns, but for words that are longer."""
    line = printable(line)
    if len(line) <= WIDTH:
        return line
    return textwrap.fill(
        line, WIDTH, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False
    )


def _summary(cells: Sequence[Cell]) -> str:
    """How many cells there are, and how they ended."""
    failed = sum(bool(cell["exit_code"]) for cell in cells)
    todo = sum(bool(cell.get("todo")) for cell in cells)
    counted = [f"{len(cells) - failed - todo:,} ok"]
    counted += [f"{failed:,} failed"] if failed else []
    counted += [f"{todo:,} to do"] if todo else []
    seconds = sum(sum(cell.get("tool_s", {}).values()) for cell in cells)
    took = f"; fwgen and the simulators took {seconds:,.1f} s for them" if seconds else ""
    return f"{len(cells):,} cells: {', '.join(counted)}{took}"


def csv_table(cells: Sequence[Cell]) -> str:
    """A line per cell: what it is, how it ended, each figure, then its unit and source."""
    names = list(dict.fromkeys(name for cell in cells for name in cell["figures"]))
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    head = ["model", "sha256", "board", "run_options", "options", "words", "exit_code", "command"]
    tail = [
        "error",
        "build_id",
        "toolchain",
        "runner",
        "ran_on",
        "machine",
        "fwgen",
        "tool_s",
        "log",
    ]
    parts = [part for name in names for part in (name, f"{name} unit", f"{name} source")]
    lines.writerow([*head, *parts, *tail])
    for cell in cells:
        figures = [cell["figures"].get(name, {}) for name in names]
        lines.writerow(
            [
                *(cell["model"]["name"], cell["model"]["sha256"], cell["board"]),
                *(cell["run_options"], cell["options"]["name"], cell["options"]["words"]),
                *("" if cell.get("todo") else cell["exit_code"], cell.get("command", "")),
                *(figure.get(key, "") for figure in figures for key in ("value", "unit", "source")),
                (cell["error"] or {}).get("what", ""),
                *(cell.get(key, "") for key in tail[1:7]),
                *(round(sum(cell.get("tool_s", {}).values()), 3), cell.get("log", "")),
            ]
        )
    return text.getvalue()
