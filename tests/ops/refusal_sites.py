"""Refusal sites: where ``check`` of an operator can refuse an op, and where it did.

A site is a ``raise``, or a call of something whose name begins with ``require`` or ``check``. They
are found in the source of all functions that ``check`` reaches.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType, TracebackType

PACKAGE = "fwgen."


@dataclass(frozen=True, order=True)
class Site:
    """A statement: module and first and last line."""

    module: str
    line: int
    end: int

    @property
    def text(self) -> str:
        """Where it is and how it begins."""
        lines = _source(self.module).splitlines()
        return f"{self.module}:{self.line}: {' '.join(lines[self.line - 1 : self.end])[:90]}"


@cache
def _source(module: str) -> str:
    return Path(str(sys.modules[module].__file__)).read_text()


@cache
def _definitions(module: str) -> dict[int, ast.FunctionDef]:
    """The functions of a module by their first line."""
    tree = ast.parse(_source(module))
    return {node.lineno: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _definition(function: FunctionType) -> ast.FunctionDef | None:
    return _definitions(function.__module__).get(function.__code__.co_firstlineno)


def _name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""


def _callee(call: ast.Call, function: FunctionType) -> FunctionType | None:
    """The function of the package that a call in ``function`` calls, as far as names tell."""
    found: object = None
    match call.func:
        case ast.Name(name):
            found = inspect.getclosurevars(function).nonlocals.get(name)
            found = found or function.__globals__.get(name)
        case ast.Attribute(ast.Name(module), name):
            owner = function.__globals__.get(module)
            found = getattr(owner, name, None) if isinstance(owner, ModuleType) else None
    inside = isinstance(found, FunctionType) and found.__module__.startswith(PACKAGE)
    return found if inside else None  # type: ignore[return-value]


@cache
def _sites_of(function: FunctionType) -> tuple[frozenset[Site], frozenset[FunctionType]]:
    """The sites in the function itself, and the functions that it calls."""
    definition, module = _definition(function), function.__module__
    own: set[Site] = set()
    calls: set[FunctionType] = set()
    for node in ast.walk(definition) if definition is not None else ():
        if isinstance(node, ast.Raise):
            own.add(Site(module, node.lineno, node.end_lineno or node.lineno))
        if isinstance(node, ast.Call):
            if _name_of(node).lstrip("_").startswith(("require", "check")):
                own.add(Site(module, node.lineno, node.end_lineno or node.lineno))
            if (callee := _callee(node, function)) is not None:
                calls.add(callee)
    return frozenset(own), frozenset(calls)


def reachable(check: Callable[..., None]) -> dict[FunctionType, frozenset[Site]]:
    """The sites by function of all that ``check`` reaches, itself included."""
    assert isinstance(check, FunctionType)
    found: dict[FunctionType, frozenset[Site]] = {}
    left = [check]
    while left:
        function = left.pop()
        if function not in found:
            own, calls = _sites_of(function)
            found[function] = own
            left += calls
    return found


def passed(traceback: TracebackType | None) -> set[Site]:
    """The sites through which an error was raised."""
    found = set()
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module.startswith(PACKAGE):
            line = traceback.tb_lineno
            found |= {site for site in _all_sites(module) if site.line <= line <= site.end}
        traceback = traceback.tb_next
    return found


@cache
def _all_sites(module: str) -> frozenset[Site]:
    """The ``raise`` statements and calls of a module, by their lines."""
    nodes = [n for n in ast.walk(ast.parse(_source(module))) if isinstance(n, ast.Raise | ast.Call)]
    return frozenset(Site(module, n.lineno, n.end_lineno or n.lineno) for n in nodes)
