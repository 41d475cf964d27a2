"""The table of a problem or a solution: CSV in MiniMalloc's format, ``id,lower,upper,size``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.compile.plan.problem import Buffer, Problem
from fwgen.errors import UsageError
from fwgen.host.files import read_input, write_file
from fwgen.host.spelling import shown

_NEEDED = ("id", "lower", "upper", "size")
_OPTIONAL = ("alignment", "offset")
_MOST = 1 << 40
_BYTES = 64 << 20

Row = Mapping[str, str]


@dataclass(frozen=True)
class ProblemTable:
    """A file of buffers: what stands in it, and the problem that it states."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problem: Problem

    @property
    def ids(self) -> list[str]:
        """The buffers' names."""
        return [row["id"] for row in self.rows]


def read_table(path: Path) -> ProblemTable:
    """The buffers of a CSV file: half-open life [lower, upper), size in bytes.

    Optional columns: ``alignment`` in bytes (1 where empty), ``offset`` if it is fixed (not where
    empty). Raises UsageError with the line that is wrong.
    """
    data = read_input(path, _BYTES, "The table of buffers")
    try:
        text = data.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"The file is not CSV: {error}.", at=str(path)) from None
    columns = tuple(name.strip() for name in lines[0]) if lines else ()
    _check_columns(path, columns)
    rows: list[Row] = []
    buffers: list[Buffer] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        if len(line) != len(columns):
            expected = f"expected {len(columns)} values ({','.join(columns)}), got {len(line)}"
            raise _wrong(path, number, expected)
        row = dict(zip(columns, (cell.strip() for cell in line), strict=True))
        buffers.append(_buffer(path, number, row))
        rows.append(row)
    table = ProblemTable(columns, tuple(rows), Problem(tuple(buffers)))
    _check_whole(path, table)
    return table


def write_table(path: Path, table: ProblemTable, offsets: Sequence[int]) -> None:
    """The same table with the column ``offset``. Raises ToolError."""
    columns = [*(c for c in table.columns if c != "offset"), "offset"]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row, offset in zip(table.rows, offsets, strict=True):
        writer.writerow({**row, "offset": offset})
    write_file(path, text.getvalue().encode())


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    known = {*_NEEDED, *_OPTIONAL}
    if set(_NEEDED) <= set(columns) <= known and len(set(columns)) == len(columns):
        return
    raise _wrong(
        path,
        1,
        f"expected the columns {','.join(_NEEDED)} and, if wanted, {' and '.join(_OPTIONAL)}, "
        f"got {','.join(columns) or 'nothing'}",
    )


def _buffer(path: Path, number: int, row: Row) -> Buffer:
    def value(name: str, least: int, most: int = _MOST) -> int:
        given = shown(row[name])
        try:
            found = int(row[name])
        except ValueError:
            raise _wrong(path, number, f"{name}: expected an integer, got {given}") from None
        if not least <= found <= most:
            raise _wrong(path, number, f"{name}: expected {least:,} to {most:,}, got {given[1:-1]}")
        return found

    first = value("lower", -_MOST)
    buffer = Buffer(
        bytes=value("size", 1),
        first=first,
        last=value("upper", first + 1),
        alignment=value("alignment", 1) if row.get("alignment") else 1,
        offset=value("offset", 0) if row.get("offset") else None,
    )
    if buffer.offset is not None and buffer.offset % buffer.alignment:
        raise _wrong(
            path,
            number,
            f"offset: expected a multiple of the alignment {buffer.alignment}, got {buffer.offset}",
        )
    return buffer


def _check_whole(path: Path, table: ProblemTable) -> None:
    seen: set[str] = set()
    for name in table.ids:
        if name in seen:
            raise UsageError(
                f"Two buffers have the id {name!r}.", at=str(path), tries=("a different id each",)
            )
        seen.add(name)
    for a, b in _collisions(table.problem):
        raise UsageError(
            f"The fixed offsets of buffers {table.ids[a]!r} and {table.ids[b]!r} make them share "
            "memory while both are live.",
            at=str(path),
            tries=("leave the offset of one of them empty",),
        )


def _collisions(problem: Problem) -> Iterator[tuple[int, int]]:
    """Pairs of fixed buffers that cannot both be where they are."""
    fixed = {j: b.offset for j, b in enumerate(problem.buffers) if b.offset is not None}
    for pair in problem.pairs() if len(fixed) > 1 else ():
        if pair.a in fixed and pair.b in fixed:
            apart = fixed[pair.b] - fixed[pair.a]
            if -pair.back < apart < pair.forth:
                yield pair.a, pair.b


def _wrong(path: Path, number: int, what: str) -> UsageError:
    return UsageError(
        f"The table of buffers is wrong: {what}.",
        at=f"{path}, line {number}",
        tries=("a table such as\n         id,lower,upper,size\n         a,0,3,1024",),
    )
