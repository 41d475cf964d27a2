"""Mutations: small faults that somebody could make in fwgen's arithmetic, as edits of its sources.

They are of five classes, each with files of its own kind: what an operator means (``meaning``: its
checks and its fold), the packing of constants (``packing``), the C of kernels (``kernel``), how far
an output may lie over an input (``overlap``), and for which element types something holds
(``types``).
"""

from __future__ import annotations

import ast
import difflib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CLASSES = ("meaning", "packing", "kernel", "overlap", "types")

_COMPARISONS = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
}
_ARITHMETIC = {ast.Add: "-", ast.Sub: "+", ast.LShift: ">>", ast.RShift: "<<"}
_NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}
_TYPES = {"S8": "S16", "S16": "S32", "S32": "S8", "U8": "S8", "F32": "S8", "BOOL": "S8"}
_COST = re.compile(r"cost|cycles|macs|bytes_of|obstacle")
"""Functions whose numbers only choose between kernels: a wrong one computes nothing wrong."""

_POSITIONS = ("input", "output", "i32", "f32", "boolean")
"""Functions whose arguments are positions: a wrong one is no arithmetic."""

_C_TOKENS = {
    **{" < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == "},
    **{" + ": " - ", " - ": " + ", " << ": " >> ", " >> ": " << ", "vmin": "vmax", "vmax": "vmin"},
}
_C_NUMBER = r"(?<![\w.])\d+(?![\w.])"
_C_PLACE = re.compile("|".join([_C_NUMBER, *map(re.escape, sorted(_C_TOKENS, key=len)[::-1])]))
_C_UNSEEN = re.compile(r"/\*.*?\*/|//[^\n]*|^#\s*(?:include|if|elif|error)[^\n]*", re.DOTALL | re.M)
_C_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_C_OPERAND = re.compile(r"(?<![#\d])\d+|[^#\d]")
"""What is in a string beside immediate operands of assembly, such as ``#7``."""


@dataclass(frozen=True)
class Mutation:
    """``new`` in the place of the characters from ``start`` to ``end`` of a file."""

    path: Path
    kind: str
    start: int
    end: int
    new: str

    def applied(self, text: str) -> str:
        """The file's text with the fault."""
        return text[: self.start] + self.new + text[self.end :]

    def diff(self, text: str) -> str:
        """The fault as a patch of the file's ``text``."""
        before, after = text.splitlines(True), self.applied(text).splitlines(True)
        name = self.path.as_posix()
        return "".join(difflib.unified_diff(before, after, name, name, n=1))


def mutations(root: Path) -> dict[str, list[list[Mutation]]]:
    """All mutations of a checkout: by class, and in a class by file."""
    found: dict[str, list[list[Mutation]]] = {name: [] for name in CLASSES}
    for path in sorted((root / "fwgen").rglob("*.py")):
        relative = path.relative_to(root)
        if not _is_arithmetic(relative):
            continue
        own: dict[str, list[Mutation]] = {name: [] for name in CLASSES}
        for name, mutation in _of_python(relative, path.read_text()):
            own[name].append(mutation)
        for name, some in own.items():
            found[name] += [some] if some else []
    for folder in ("fwgen/kernels", "templates/kernels"):
        for path in sorted((root / folder).rglob("*.[ch]")):
            some = list(_of_c(path.relative_to(root), path.read_text()))
            found["kernel"] += [some] if some else []
    return found


def drawn(found: dict[str, list[list[Mutation]]], seed: int) -> Iterator[tuple[str, Mutation]]:
    """Mutations with their classes, of each class and each file in turn, at random by ``seed``."""
    queues = {name: _in_turn(files, f"{seed} {name}") for name, files in found.items() if files}
    while queues:
        for name in list(queues):
            mutation = next(queues[name], None)
            if mutation is None:
                del queues[name]
            else:
                yield name, mutation


def _in_turn(files: list[list[Mutation]], seed: str) -> Iterator[Mutation]:
    chance = random.Random(seed)
    left = [chance.sample(some, len(some)) for some in chance.sample(files, len(files))]
    while left:
        for some in left:
            yield some.pop()
        left = [some for some in left if some]


def _is_arithmetic(path: Path) -> bool:
    return path.parts[1] in ("ops", "kernels") or path.stem in ("quant", "fixed_point")


def _of_c(path: Path, text: str) -> Iterator[Mutation]:
    """Faults in C, of assembly in strings the immediate operands alone."""
    seen = _C_UNSEEN.sub(_blank, text)
    seen = _C_STRING.sub(lambda found: _C_OPERAND.sub(_blank, found[0]), seen)
    for place in _C_PLACE.finditer(seen):
        old = place[0]
        if old.isdigit():
            yield Mutation(path, "constant", place.start(), place.end(), str(int(old) + 1))
        else:
            kind = "clamp" if old.isalpha() else "arithmetic"
            kind = "comparison" if re.search("[<>=!]=| [<>] ", old) else kind
            yield Mutation(path, kind, place.start(), place.end(), _C_TOKENS[old])


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _of_python(path: Path, text: str) -> Iterator[tuple[str, Mutation]]:
    """Faults in a module, each with its class."""
    edits = _Edits(path, text)
    edits.visit(ast.parse(text))
    yield from edits.found


class _Edits(ast.NodeVisitor):
    """Collects the mutations of a module; knows in which function it is."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.found: list[tuple[str, Mutation]] = []
        self.function = ""
        self.lines = [0]
        for line in text.splitlines(True):
            self.lines.append(self.lines[-1] + len(line))

    def _at(self, line: int, column: int) -> int:
        """The character of a place that ``ast`` gives in bytes of UTF-8."""
        begin = self.lines[line - 1]
        row = self.text[begin : self.lines[line]].encode()
        return begin + len(row[:column].decode())

    def _span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._at(node.lineno, node.col_offset)
        return start, self._at(node.end_lineno, node.end_col_offset)

    def _class(self) -> str | None:
        """That of a fault where the visitor is; None where none would compute anything wrong."""
        name = f"{self.path.stem} {self.function}"
        if _COST.search(self.function):
            return None
        if re.search("overlap|distance|in_place|forwards|backwards", name):
            return "overlap"
        if self.path.parts[1] == "kernels":
            return "packing" if re.search("pack|record|table|words|folded", name) else None
        return "meaning" if self.function else None

    def _add(self, kind: str, span: tuple[int, int], new: str, name: str | None = None) -> None:
        name = name or self._class()
        if name is not None:
            self.found.append((name, Mutation(self.path, kind, *span, new)))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.function = self.function, f"{self.function} {node.name}".strip()
        for statement in node.body:
            self.visit(statement)
        if self._class() == "overlap" and ast.unparse(node.returns or node) == "int":
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    old = self.text[slice(*self._span(inner.value))]
                    self._add("distance", self._span(inner.value), f"({old}) - 1")
        self.function = outer

    def visit_Compare(self, node: ast.Compare) -> None:
        ends = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, ends, ends[1:], strict=False):
            if new := _COMPARISONS.get(type(operator)):
                self._between(left, right, "comparison", new)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if new := _ARITHMETIC.get(type(node.op)):
            self._between(node.left, node.right, "arithmetic", new)
        self.generic_visit(node)

    def _between(self, left: ast.expr, right: ast.expr, kind: str, new: str) -> None:
        """Another operator between two operands."""
        start, end = self._span(left)[1], self._span(right)[0]
        place = re.search(r"[<>=!+-]+", self.text[start:end])
        if place is not None:
            self._add(kind, (start + place.start(), start + place.end()), new)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func
        word = getattr(name, "attr", getattr(name, "id", ""))
        if new := _NAMES.get(word):
            end = self._span(name)[1]
            self._add("clamp", (end - len(word), end), new)
        if word not in _POSITIONS:
            self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        start, end = self._span(node)
        if node.attr == "zero_point" and isinstance(node.ctx, ast.Load):
            self._add("zero point", (start, end), f"({self.text[start:end]} + 1)")
        if ast.unparse(node.value) in ("Element", "ElementType") and node.attr in _TYPES:
            self._add("types", (end - len(node.attr), end), _TYPES[node.attr], "types")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) is int:
            self._add("constant", self._span(node), str(node.value + 1))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)  # nor is an index
