"""A listing file: its table of kernels, and its sections with loops and conditions expanded."""

from __future__ import annotations

import ast
import operator
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Value = int | str
Values = Mapping[str, Value]

_OPERATORS: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ListingError(Exception):
    """A line of a listing is wrong: where, what, what is expected."""


@dataclass(frozen=True)
class Line:
    """A line as it was written, or as expanded: ``depth`` is its indentation."""

    number: int
    depth: int
    text: str


@dataclass(frozen=True)
class Section:
    """What follows a line ``@name arguments``, up to the next of these."""

    name: str
    arguments: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Source:
    """A listing file. ``rows`` are the parameters of its kernels by the name of each."""

    path: Path
    rows: dict[str, dict[str, Value]]
    sections: tuple[Section, ...]


def read(path: Path) -> Source:
    """The listing file. Raises ListingError."""
    sections: list[Section] = []
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        if raw.startswith("@"):
            name, _, arguments = raw[1:].partition(" ")
            sections.append(Section(name, arguments.strip(), ()))
            continue
        if not sections:
            if raw.strip() and not raw.startswith("#"):
                raise ListingError(f"{path.name}:{number}: text before the first @section")
            continue
        text = raw if sections[-1].name == "c" else re.sub(r"(^|\s)# .*$|^#$", "", raw)
        line = Line(number, len(text) - len(text.lstrip()), text.strip())
        if sections[-1].name == "c":
            line = Line(number, 0, raw.rstrip())
        elif not line.text:
            continue
        last = sections.pop()
        sections.append(Section(last.name, last.arguments, (*last.lines, line)))
    rows: dict[str, dict[str, Value]] = {}
    for section in sections:
        if section.name == "table":
            rows |= _rows(path, section)
    if not rows:
        raise ListingError(f"{path.name}: no @table of kernels")
    return Source(path, rows, tuple(s for s in sections if s.name != "table"))


def _rows(path: Path, section: Section) -> dict[str, dict[str, Value]]:
    names = section.arguments.split()
    found: dict[str, dict[str, Value]] = {}
    for line in section.lines:
        cells = shlex.split(line.text)
        if len(cells) != len(names):
            raise ListingError(
                f"{path.name}:{line.number}: {len(cells)} cells, expected {len(names)}: {names}"
            )
        row = {
            n: int(c) if re.fullmatch(r"-?\d+", c) else c for n, c in zip(names, cells, strict=True)
        }
        found[cells[0]] = row
    return found


def evaluate(expression: str, values: Values) -> Value:
    """Integer arithmetic, comparisons, and, or, not; raises ValueError."""
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body, values)
    except (SyntaxError, KeyError, TypeError, ZeroDivisionError) as error:
        raise ValueError(
            f"{expression.strip()!r} is no expression of known names: {error}"
        ) from None


def _value(node: ast.expr, values: Values) -> Value:
    match node:
        case ast.Constant(value=int() | str() as value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return int(not _value(operand, values))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -int(_value(operand, values))
        case ast.BoolOp(op=op, values=operands):
            found = [bool(_value(o, values)) for o in operands]
            return int(all(found) if isinstance(op, ast.And) else any(found))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            a, b = _value(left, values), _value(right, values)
            if isinstance(a, str) and isinstance(b, str) and isinstance(op, ast.Add):
                return a + b
            return _OPERATORS[type(op)](int(a), int(b))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return int(_OPERATORS[type(op)](_value(left, values), _value(right, values)))  # type: ignore[arg-type]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, values) else orelse, values)
    raise ValueError(f"{ast.unparse(node)!r}: only arithmetic, comparisons and conditions")


def substitute(text: str, values: Values) -> str:
    """The text with the value of each ``${expression}``."""
    return re.sub(r"\$\{([^}]*)\}", lambda m: str(evaluate(m[1], values)), text)


def expand(source: Source, section: Section, values: Values) -> Iterator[Line]:
    """The lines of a section with ``for``, ``if``, ``else`` and ``let`` carried out.

    A block is what is indented further than the line before it. What ``let`` says holds to the end
    of the section, or of the ``for`` around it. Raises ListingError.
    """
    yield from _expand(source, list(section.lines), dict(values))


def _expand(source: Source, lines: list[Line], values: dict[str, Value]) -> Iterator[Line]:
    at, taken = 0, True  # of the last condition
    while at < len(lines):
        line = lines[at]
        end = at + 1
        while end < len(lines) and lines[end].depth > line.depth:
            end += 1
        block = lines[at + 1 : end]
        try:
            if found := re.fullmatch(r"for (\w+) in (.+):", line.text):
                for value in _range(found[2], values):
                    yield from _expand(source, block, {**values, found[1]: value})
            elif found := re.fullmatch(r"if (.+):", line.text):
                taken = bool(evaluate(found[1], values))
                yield from _expand(source, block if taken else [], values)
            elif line.text == "else:":
                yield from _expand(source, [] if taken else block, values)
            elif found := re.fullmatch(r"let (\w+) = (.+)", line.text):
                values[found[1]] = evaluate(found[2], values)
            else:
                yield Line(line.number, line.depth, substitute(line.text, values))
                yield from _expand(source, block, values)
        except ValueError as error:
            raise ListingError(f"{source.path.name}:{line.number}: {error}") from None
        at = end


def _range(text: str, values: Values) -> list[Value]:
    """``a .. b`` with both ends, or values separated by blanks."""
    if ".." in text:
        first, _, last = text.partition("..")
        return list(range(int(evaluate(first, values)), int(evaluate(last, values)) + 1))
    return [evaluate(part, values) for part in text.split()]
