"""What pip is told: a name that is ours, the packages that are used, and their versions."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from fwgen.host import packages
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
PROGRAMS = {
    *("ruff", "mypy", "clang-format", "pytest-timeout", "pytest-xdist", "hatchling"),
    "openocd-esp32",
}
"""Of the extra ``dev``, those that tools/test, its plugins, the build and tests run, and none
imports."""


def distribution(requirement: str) -> str:
    """The name in a requirement such as ``numpy>=2.0``, as pip compares it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def imported(folder: str) -> set[str]:
    """The distributions that the modules of a folder import from, by the installed ones."""
    names: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    ours = [path for name in ("tests", "tools") for path in (ROOT / name).rglob("*")]
    local = {path.stem for path in ours} | {"fwgen", "tests"}
    known = metadata.packages_distributions()
    return {
        distribution(known.get(name, [name])[0])
        for name in names
        if name not in sys.stdlib_module_names and name not in local
    }


def test_everything_that_is_declared_is_used_and_the_other_way_round() -> None:
    always = {distribution(r) for r in PROJECT["dependencies"]}
    optional = {
        distribution(r)
        for name in ("verify", "npu", "pytest", "farm", "cluster", "energy")
        for r in EXTRAS[name]
    }
    assert set(EXTRAS) == {"verify", "npu", "flash", "pytest", "farm", "cluster", "energy", "dev"}
    assert imported("fwgen") == always | optional
    dev = {distribution(r) for r in EXTRAS["dev"]}
    assert dev - PROGRAMS - optional == imported("tests") - always - optional
    assert dev >= PROGRAMS


def test_advice_asks_for_what_is_declared() -> None:
    extras = (r for name in ("verify", "npu", "pytest", "cluster", "energy") for r in EXTRAS[name])
    declared = {*PROJECT["dependencies"], *extras}
    assert set(packages.REQUIREMENTS.values()) == declared
    for name in packages.REQUIREMENTS:
        command = packages.install(name)
        assert command.startswith(f"{sys.executable} -m pip install ")


STRANGER = re.compile(
    r"(?:pip3?|pipx|uv|poetry|conda)\b[^\n#`]*\b(?:install|add|download|run)\b[^\n#`]*?"
    r"(?<![\w./\\-])fwgen(?![\w./-])|\bfwgen\[",
    re.IGNORECASE,
)


def test_nobody_is_told_to_install_a_strangers_package() -> None:
    assert PROJECT["name"] == "fwgen-mcu"
    for wrong in ("pip install 'fwgen[npu]'", "pip install -U fwgen", "pipx install fwgen"):
        assert STRANGER.search(wrong)
    for right in ("pip install fwgen-mcu", "pip install '.[npu]'", "pip install -e ../fwgen"):
        assert not STRANGER.search(right)
    folders = ("fwgen", "templates", "docs", "tools", "boards", ".ci")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.is_file()]
    files += [ROOT / name for name in ("README.md", "CHANGELOG.md", "pyproject.toml")]
    for path in files:
        if path.suffix in (".pyc", ".npz"):
            continue
        found = STRANGER.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path}: {found[0]}"


def constraints(file: str = "constraints.txt") -> dict[str, str]:
    """Versions by distribution."""
    lines = (ROOT / "tools" / file).read_text().splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs)
    return {distribution(name): version for name, version in pairs}


def closure(names: set[str]) -> set[str]:
    """The distributions and all that they need here, by what is installed."""
    found: set[str] = set()
    left = set(names)
    while left:
        name = left.pop()
        found.add(name)
        for requirement in metadata.requires(name) or ():
            condition = requirement.partition(";")[2]
            if not re.search("extra|platform_|sys_|os_name|python_|implementation", condition):
                left |= {distribution(requirement)} - found
    return found


def test_all_that_tests_run_with_has_an_exact_version() -> None:
    pinned = constraints()
    here = [rs for name, rs in EXTRAS.items() if name != "farm"]
    declared = {distribution(r) for rs in (PROJECT["dependencies"], *here) for r in rs}
    needed = closure(declared)
    assert needed <= set(pinned), f"not pinned: {needed - set(pinned)}"
    assert "-c tools/constraints.txt" in (ROOT / "tools" / "setup").read_text()


@pytest.mark.skipif(
    Path(sys.prefix) != ROOT / ".venv" and Path(sys.prefix).resolve() != (ROOT / ".venv").resolve(),
    reason="another environment than the one that tools/setup makes",
)
def test_tests_run_with_those_versions() -> None:
    pinned = constraints()
    here = {name: metadata.version(name) for name in closure(set(pinned))}
    assert here == {name: version for name, version in pinned.items() if name in here}


def test_labgrid_has_an_environment_of_its_own_with_exact_versions() -> None:
    pinned = constraints("labgrid-requirements.txt")
    assert {distribution(r) for r in EXTRAS["farm"]} <= set(pinned)
    assert "-r tools/labgrid-requirements.txt" in (ROOT / "tools" / "setup").read_text()
    folders = [str(path) for path in (ROOT / ".venv" / "labgrid").glob("lib/python*/site-packages")]
    found = {
        distribution(each.metadata["Name"]): each.version
        for each in metadata.distributions(path=folders)
    }
    assert pinned.items() <= found.items()
