"""The import graph of fwgen and its tests, which tells which tests a file reaches.

It is read from the sources: imports wherever they stand, packages that import all of their modules
by discovery, and files that are no modules by those that name them.
What conftest.py imports counts only for tests that ask for its fixtures, which is not seen here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

FOLDERS = ("fwgen", "tests")
DISCOVERY = ("iter_modules", "walk_packages", "import_module", "spec_from_file_location")


class Module:
    """One file of Python: what it imports, as far as it can be told, and which words it says."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.imported: set[str] = set()
        self.words: set[str] = set()
        self.discovers = False
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Import(names):
                    self.imported |= {alias.name for alias in names}
                case ast.ImportFrom(module, names, level):
                    base = self._base(module or "", level)
                    self.imported |= {base, *(f"{base}.{alias.name}" for alias in names)}
                case ast.Attribute(attr=word) | ast.Name(id=word):
                    self.discovers |= word in DISCOVERY
                case ast.Constant(value="fwgen") if path.name.startswith("test_"):
                    self.imported.add("fwgen.cli")  # as in [sys.executable, "-m", "fwgen"]
                case ast.Constant(value=str(text)) if "\n" not in text:
                    self.words |= set(re.findall(r"[\w.-]+", text) + re.findall(r"\w+", text))

    def _base(self, module: str, level: int) -> str:
        if not level:
            return module
        package = self.name.split(".")
        if self.path.name != "__init__.py":
            package.pop()
        return ".".join([*package[: len(package) - level + 1], *filter(None, [module])])


class ImportGraph:
    """All modules below a checkout's ``fwgen`` and ``tests``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules: dict[str, Module] = {}
        for path in (p for folder in FOLDERS for p in sorted((root / folder).rglob("*.py"))):
            name = self._name(path)
            self.modules[name] = Module(name, path)

    def _name(self, path: Path) -> str:
        parts = path.relative_to(self.root).with_suffix("").parts
        if parts[0] == "tests" and not (self.root / "tests" / "__init__.py").exists():
            parts = parts[1:]  # pytest puts the folder itself on the path
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def importers(self) -> dict[str, set[str]]:
        """Of each module, those that import it."""
        found: dict[str, set[str]] = {name: set() for name in self.modules}
        for module in self.modules.values():
            for imported in self._imports(module):
                found[imported].add(module.name)
        return found

    def _imports(self, module: Module) -> Iterator[str]:
        if module.path.name != "conftest.py":
            yield from module.imported & self.modules.keys()
        if module.discovers:
            yield from (name for name in self.modules if self._discovers(module, name))

    def _discovers(self, module: Module, name: str) -> bool:
        """A package finds the modules in it, another module those of packages and folders that it
        names."""
        package = name.rpartition(".")[0]
        if module.path.name == "__init__.py":
            return name.startswith(f"{module.name}.")
        return package in module.imported or self.modules[name].path.parent.name in module.words

    def reached(self, files: Iterable[Path]) -> set[Path]:
        """The files of all modules that import or read one of the files, by whatever way."""
        left = [module.name for file in files for module in self._of(file)]
        found: set[str] = set()
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left += self.importers[name]
        return {self.modules[name].path for name in found}

    def _of(self, file: Path) -> Iterator[Module]:
        """The module that a file is, or those that lie beside it or name it or its folders."""
        path = self.root / file
        own = next((m for m in self.modules.values() if m.path == path), None)
        if own is not None:
            yield own
            return
        names = {path.name, *path.relative_to(self.root).parts[:-1]} - set(FOLDERS)
        for module in self.modules.values():
            if module.path.parent == path.parent or module.words & names:
                yield module
