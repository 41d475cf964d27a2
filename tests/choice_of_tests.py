"""The choice of tests: markers by folder; --nightly, --op, --changed and --reached-by."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.import_graph import ImportGraph

TESTS = Path(__file__).parent
ROOT = TESTS.parent
EVERYTHING = ("tests/conftest.py", "tests/choice_of_tests.py", "pyproject.toml")
"""Files that concern every test."""
UNIT = ("contract", "model", "structure")
"""Folders whose tests together take some seconds: the marker ``unit``."""
COMMAND_LINE = frozenset(("fwgen", "fwgen_process"))
"""Fixtures that call fwgen/cli."""


def areas() -> list[str]:
    """The folders with tests, each of which is a marker of all tests in it."""
    return sorted({path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")})


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("selection", "which tests run")
    group.addoption("--nightly", action="store_true", help="also those that take long")
    group.addoption(
        "--op", metavar="NAME", help="those of an operator or a kernel, by the words of their ids"
    )
    group.addoption(
        "--changed",
        action="store_true",
        help="those reached by files that differ from where the branch left main",
    )
    group.addoption(
        "--reached-by", action="append", default=[], metavar="FILE", help="those a file reaches"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "nightly: takes long; only --nightly runs it")
    config.addinivalue_line("markers", f"unit: takes a moment; what is in {', '.join(UNIT)}")
    for area in areas():
        config.addinivalue_line("markers", f"{area}: what is in tests/{area}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m AREA``, other folders are not even read."""
    area = config.getoption("-m")
    read = UNIT if area == "unit" else (area,) if area in areas() else ()
    other = read and collection_path.parent == TESTS and collection_path.name not in read
    return True if other else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        area = item.path.relative_to(TESTS).parts[0]
        if area != item.path.name:
            item.add_marker(area)
        if area in UNIT:
            item.add_marker("unit")
    kept: Sequence[pytest.Item] = items
    if not config.getoption("--nightly"):
        kept = [item for item in kept if item.get_closest_marker("nightly") is None]
    name: str | None = config.getoption("--op")
    if name is not None:
        kept = [item for item in kept if concerns(item.nodeid, name)]
    files = [Path(file) for file in config.getoption("--reached-by")]
    if config.getoption("--changed"):
        files += changed_files(ROOT)
    if files or config.getoption("--changed"):
        kept = reached(kept, files)
    if len(kept) < len(items):
        chosen = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = kept


def words_of(test: str) -> set[str]:
    """The words of a test's parameters, such as ``RELU`` and ``lookup_s8_mve``, in lower case."""
    return set(re.findall(r"\w+", test.partition("[")[2].lower()))


def concerns(test: str, name: str) -> bool:
    """Whether a test's parameters name an operator or a kernel."""
    return name.lower() in words_of(test)


def changed_files(root: Path) -> list[Path]:
    """The files of a checkout that differ from where its branch left main, or are new."""
    base = _git(root, "merge-base", "HEAD", "main") or ["HEAD"]
    differing = _git(root, "diff", "--name-only", base[0])
    return [Path(name) for name in differing + _git(root, "ls-files", "-o", "--exclude-standard")]


def _git(root: Path, *words: str) -> list[str]:
    done = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def _commands(item: pytest.Item, paths: set[Path]) -> bool:
    """Whether a test takes the command line as a fixture, which is reached."""
    fixtures = getattr(item, "fixturenames", ())
    return ROOT / "fwgen/cli/__init__.py" in paths and not COMMAND_LINE.isdisjoint(fixtures)


def reached(items: Iterable[pytest.Item], files: Sequence[Path]) -> list[pytest.Item]:
    """The tests whose modules import or read one of the files, which are relative to the root.

    If all that changed are files of operators, tests of other operators are none of them.
    """
    if any(file.as_posix() in EVERYTHING for file in files):
        return list(items)
    from fwgen.ops import operators  # only where it is asked for: it takes a while

    paths = ImportGraph(ROOT).reached(files)
    found = [item for item in items if item.path in paths or _commands(item, paths)]
    names = {name.lower() for name in operators()}
    own = {file.stem for file in files if file.parent == Path("fwgen/ops")}
    if len(own) < len(files) or not own <= names:
        return found
    return [item for item in found if not (others := words_of(item.nodeid) & names) or others & own]
