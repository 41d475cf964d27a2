"""Counts how often a model is carried back up the floors of the house on its way through a build.

    python tools/model_way.py [--list]

The way is followed in the source, nothing is run: from the command `build` and its parameter
`model`, through every function that is handed the model or something made of it. A climb is a call
that leaves the caller's floor for a higher one than the call before it that did: what was made
below is carried up again by hand. Floors are the folders of the package.

What is assigned from the model, or bound by a loop over it, is made of it. A method is found by the
class of what it is called on, where that is annotated or constructed in the same function. A
function that is handed on is taken to be called there. What is chosen as the program runs, such as
an operator's `check`, is not followed; nor is what is raised.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "fwgen"

START = ("fwgen.cli.build_command", "build", "model")

FLOORS = (
    *("pytest_plugin", "cli", "report", "measure", "device", "build", "project", "pipeline source"),
    *("opening", "compile"),
    *("npu kernels", "ops", "contract", "model board", "host", "errors"),
)
"""From the top: folders and modules of the package; those of one floor are in one string."""

FLOOR_OF = {name: -depth for depth, names in enumerate(FLOORS) for name in names.split()}

Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Place:
    """A function, a class, or a method as ``Class.method``, in a module."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module.removeprefix('fwgen.')}:{self.name}"

    @property
    def floor(self) -> int:
        """0 is the highest; lower ones are negative."""
        return FLOOR_OF[self.module.split(".")[1]]


@dataclass(frozen=True)
class Climb:
    """In a line of ``caller``, the call of ``callee`` on a higher floor than ``before``."""

    caller: Place
    line: int
    before: Place
    callee: Place

    def __str__(self) -> str:
        return f"{self.caller}, line {self.line}: {self.before} -> {self.callee}"


@dataclass
class Module:
    """What is defined in a module, and which names it has from other modules of the package."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    imported: dict[str, Place] = field(default_factory=dict)


def modules(package: Path) -> dict[str, Module]:
    """All modules of a package by their dotted names."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        module = found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = Module()
        tree = ast.parse(path.read_text())
        for node in tree.body:
            if isinstance(node, Definition):
                module.definitions[node.name] = node
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef):
                    module.definitions[f"{node.name}.{inner.name}"] = inner
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    place = Place(node.module, alias.name)
                    module.imported[alias.asname or alias.name] = place
    return found


class Way:
    """The functions that a value comes to, and where it climbs."""

    def __init__(self, house: dict[str, Module]) -> None:
        self.house = house
        self.climbs: list[Climb] = []
        self.reached: dict[Place, set[str]] = {}

    def follow(self, place: Place, names: frozenset[str]) -> None:
        """Follow what a function's parameters ``names`` hold."""
        known = self.reached.get(place)
        if known is not None and names <= known:
            return
        known = self.reached.setdefault(place, set())
        known |= names
        calls = list(Calls(self.house, place, frozenset(known)).found())
        before: Place | None = None
        for line, callee, _ in calls:
            if callee.floor == place.floor:
                continue
            climb = Climb(place, line, before, callee) if before else None
            if climb and callee.floor > climb.before.floor and climb not in self.climbs:
                self.climbs.append(climb)
            before = callee
        for _, callee, handed in calls:
            self.follow(callee, handed)


class Calls:
    """The calls in a function that get something made of some of its parameters."""

    def __init__(self, house: dict[str, Module], place: Place, names: frozenset[str]) -> None:
        self.house, self.place, self.module = house, place, house[place.module]
        self.node = self.module.definitions[place.name]
        self.made = set(names)
        self.types: dict[str, Place] = {}

    def found(self) -> Iterator[tuple[int, Place, frozenset[str]]]:
        """Line, function that is called, its parameters that get it, in the order of the code."""
        assert isinstance(self.node, ast.FunctionDef)
        arguments = self.node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            self._note_type(each.arg, each.annotation)
        if "." in self.place.name:
            self.types["self"] = Place(self.place.module, self.place.name.split(".")[0])
        for statement in self.node.body:
            yield from self._in(statement)

    def _in(self, node: ast.AST) -> Iterator[tuple[int, Place, frozenset[str]]]:
        """Those in a piece of code, inner ones first; names that it binds are noted."""
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from self._in(value)
                for target in targets:
                    self._bind(target, value)
            case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr() as value):
                yield from self._in(value)
                self._bind(target, value)
                if isinstance(target, ast.Name):
                    self._note_type(target.id, annotation)
            case (
                ast.NamedExpr(target=target, value=value)
                | ast.AugAssign(target=target, value=value)
            ):
                yield from self._in(value)
                self._bind(target, value)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                yield from self._in(value)
                self._bind(target, value)
                for child in ast.iter_child_nodes(node):
                    if child not in (target, value):
                        yield from self._in(child)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                yield from self._in(value)
                self._bind(target, value)
            case (
                ast.ListComp(generators=generators)
                | ast.SetComp(generators=generators)
                | ast.GeneratorExp(generators=generators)
                | ast.DictComp(generators=generators)
            ):
                for each in (*generators, *self._elements(node)):
                    yield from self._in(each)
            case ast.Raise():
                return  # the way ends here
            case ast.Call():
                for child in ast.iter_child_nodes(node):
                    yield from self._in(child)
                yield from self._call(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    yield from self._in(child)

    @staticmethod
    def _elements(node: ast.AST) -> Iterator[ast.AST]:
        match node:
            case ast.DictComp(key=key, value=value):
                yield from (key, value)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element):
                yield element
            case ast.GeneratorExp(elt=element):
                yield element

    def _call(self, node: ast.Call) -> Iterator[tuple[int, Place, frozenset[str]]]:
        on = node.func.value if isinstance(node.func, ast.Attribute) else None
        callee = self._resolved(node.func)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(map(self._is_made, given)) or (on is not None and self._is_made(on)):
            if callee is not None:
                yield node.lineno, callee, self._parameters(callee, node)
            for value in given:
                function = self._resolved(value) if isinstance(value, ast.Name) else None
                if function is not None and value.id not in self.made:
                    yield node.lineno, function, frozenset(self._names(function))

    def _parameters(self, callee: Place, node: ast.Call) -> frozenset[str]:
        """The callee's parameters that get something made of the model."""
        names = self._names(callee)
        got = {k.arg for k in node.keywords if k.arg and self._is_made(k.value)}
        if "." in callee.name:
            on = node.func.value if isinstance(node.func, ast.Attribute) else None
            if on is not None and self._is_made(on):
                got.add(names[0])
            names = names[1:]
        if any(isinstance(each, ast.Starred) and self._is_made(each) for each in node.args):
            got.update(names)
        pairs = zip(names, node.args, strict=False)
        return frozenset(got | {name for name, each in pairs if self._is_made(each)})

    def _names(self, callee: Place) -> list[str]:
        node = self.house[callee.module].definitions[callee.name]
        assert isinstance(node, ast.FunctionDef)
        return [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]

    def _resolved(self, func: ast.expr) -> Place | None:
        """The function of the package that an expression names."""
        if isinstance(func, ast.Name):
            return self._function(self._place(func.id))
        if isinstance(func, ast.Attribute):
            kind = self._type(func.value)
            if kind is not None:
                return self._function(Place(kind.module, f"{kind.name}.{func.attr}"))
            if isinstance(func.value, ast.Name):  # a module that was imported
                place = self.module.imported.get(func.value.id)
                if place is not None and f"{place.module}.{place.name}" in self.house:
                    return self._function(Place(f"{place.module}.{place.name}", func.attr))
        return None

    def _function(self, place: Place | None) -> Place | None:
        """A function at a place, or the constructor of a class that has one."""
        place = self._at_home(place)
        if place is None:
            return None
        node = self.house[place.module].definitions[place.name]
        if isinstance(node, ast.FunctionDef):
            return place
        return self._function(Place(place.module, f"{place.name}.__init__"))

    def _at_home(self, place: Place | None) -> Place | None:
        """Where a name is defined, if it is in the package; packages hand on names of others."""
        for _ in range(3):
            if place is None or place.module not in self.house:
                return None
            module = self.house[place.module]
            if place.name in module.definitions:
                return place
            place = module.imported.get(place.name)
        return None

    def _place(self, name: str) -> Place | None:
        if name in self.module.definitions:
            return Place(self.place.module, name)
        return self.module.imported.get(name)

    def _type(self, value: ast.expr) -> Place | None:
        """The class of an expression, where it is plain to see."""
        match value:
            case ast.Name(id=name):
                return self.types.get(name)
            case ast.Call(func=func):
                return self._returned(func)
        return None

    def _returned(self, func: ast.expr) -> Place | None:
        if isinstance(func, ast.Name):
            place = self._at_home(self._place(func.id))
            if place is not None:
                node = self.house[place.module].definitions[place.name]
                if isinstance(node, ast.ClassDef):
                    return place
        callee = self._resolved(func)
        if callee is None:
            return None
        node = self.house[callee.module].definitions[callee.name]
        assert isinstance(node, ast.FunctionDef)
        return self._class(node.returns, callee.module)

    def _class(self, annotation: ast.expr | None, module: str) -> Place | None:
        """The class of the package that an annotation names, None aside."""
        match annotation:
            case ast.BinOp(left=left, right=ast.Constant(value=None)):
                return self._class(left, module)
            case ast.Name(id=name):
                home = self.house[module]
                here = Place(module, name) if name in home.definitions else home.imported.get(name)
                place = self._at_home(here)
                if place is not None:
                    node = self.house[place.module].definitions[place.name]
                    return place if isinstance(node, ast.ClassDef) else None
        return None

    def _note_type(self, name: str, annotation: ast.expr | None) -> None:
        kind = self._class(annotation, self.place.module)
        if kind is not None:
            self.types[name] = kind

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        kind = self._type(value)
        if isinstance(target, ast.Name) and kind is not None:
            self.types[target.id] = kind
        if self._is_made(value):
            self.made |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)} - {"self"}

    def _is_made(self, value: ast.AST) -> bool:
        """Whether an expression names something made of the model."""
        return any(isinstance(n, ast.Name) and n.id in self.made for n in ast.walk(value))


def way(package: Path = PACKAGE, start: tuple[str, str, str] = START) -> Way:
    """The way of a function's parameter through a package."""
    module, function, parameter = start
    found = Way(modules(package))
    found.follow(Place(module, function), frozenset({parameter}))
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Print the count, and with ``--list`` every climb."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--list", action="store_true", help="every climb, too")
    args = parser.parse_args(words)
    found = way()
    for climb in found.climbs if args.list else ():
        print(climb)
    reached = {place.module for place in found.reached}
    print(f"{len(found.reached)} functions in {len(reached)} modules, {len(found.climbs)} climbs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
