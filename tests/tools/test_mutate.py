"""The tool that plants faults: what it plants, that it is undone, and what counts as found."""

from __future__ import annotations

import ast
import importlib
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

RELU = '''"""RELU."""

def fold(x, y):
    return max(x - x.zero_point, -128) if x <= 5 else y

def cost(x):
    return 3 * x

def forwards_of(x) -> int:
    return x.bytes

TYPES = (Element.S8,)
'''
CLAMP = """#include "clamp_s8.h"
/* 1 + 1 */
int fw_clamp_s8(int x) { return x > 0 ? x : 0; }
int fw_other(int x) { __asm__("adds r11, r12, #17" : "+r"(x)); return x; }
"""


@pytest.fixture(scope="module")
def tool() -> Iterator[tuple[ModuleType, ModuleType]]:
    """The modules ``mutations`` and ``mutate``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "tools")
        yield importlib.import_module("mutations"), importlib.import_module("mutate")


Tool = tuple[ModuleType, ModuleType]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with one operator and one kernel."""
    files = {
        "fwgen/ops/relu.py": RELU,
        "fwgen/kernels/clamps/clamp_s8.c": CLAMP,
        "fwgen/kernels/clamps/clamp_s8.h": "int fw_clamp_s8(int x);\nint fw_other(int x);\n",
        "fwgen/cli.py": "ONE = 1 + 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def contents(tree: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in tree.rglob("*.*")}


def test_every_kind_of_fault_is_planted_where_it_matters(tool: Tool, tree: Path) -> None:
    found = tool[0].mutations(tree)
    faults = {
        name: {(m.kind, m.applied((tree / m.path).read_text())) for some in files for m in some}
        for name, files in found.items()
    }
    expected = [
        ("clamp", "min(x - x.zero_point, -128) if x <= 5"),
        ("arithmetic", "max(x + x.zero_point, -128) if x <= 5"),
        ("zero point", "max(x - (x.zero_point + 1), -128) if x <= 5"),
        ("constant", "max(x - x.zero_point, -129) if x <= 5"),
        ("comparison", "max(x - x.zero_point, -128) if x < 5"),
        ("constant", "max(x - x.zero_point, -128) if x <= 6"),
    ]
    whole = "max(x - x.zero_point, -128) if x <= 5"
    assert faults["meaning"] == {(kind, RELU.replace(whole, new)) for kind, new in expected}
    assert faults["overlap"] == {("distance", RELU.replace("x.bytes", "(x.bytes) - 1"))}
    assert faults["types"] == {("types", RELU.replace("Element.S8", "Element.S16"))}
    assert faults["kernel"] == {
        ("comparison", CLAMP.replace("x > 0", "x >= 0")),
        ("constant", CLAMP.replace("x > 0", "x > 1")),
        ("constant", CLAMP.replace(": 0;", ": 1;")),
        ("constant", CLAMP.replace("#17", "#18")),
    }
    assert faults["packing"] == set()


def test_survivors_are_told_and_nothing_stays(tool: Tool, tree: Path) -> None:
    """One that changes no object code is not counted: ``x >= 0 ? x : 0`` is ``x > 0 ? x : 0``."""
    before = contents(tree)

    def suite(root: Path, name: str, mutation: object) -> str | None:
        changed = [path for path, text in contents(root).items() if before[path] != text]
        assert root == tree and name == "kernel" and len(changed) == 1
        return "test_it" if "#18" in changed[0].read_text() else None

    done = list(tool[1].trials(tree, 10, 0, "kernel", suite))
    assert contents(tree) == before
    assert {trial.mutation.kind for trial in done} == {"constant"}
    assert [trial.found_by for trial in done if "+int fw_other" in trial.diff] == ["test_it"]
    survived = "".join(trial.diff for trial in done if trial.found_by is None)
    assert survived.count("-int fw_clamp_s8(int x) { return x > 0 ? x : 0; }") == 2


def test_a_seed_draws_the_same_from_every_class(tool: Tool) -> None:
    found = tool[0].mutations(ROOT)
    first, again, other = (list(islice(tool[0].drawn(found, seed), 40)) for seed in (1, 1, 2))
    assert first == again != other
    assert {name for name, _ in first} == {name for name, files in found.items() if files}
    for _, mutation in first + other:
        text = (ROOT / mutation.path).read_text()
        changed = mutation.applied(text)
        assert changed != text and mutation.diff(text).count("\n-") == 1
        if mutation.path.suffix == ".py":
            ast.parse(changed)


def test_what_is_tested_is_the_work_tree(tool: Tool, tmp_path: Path, tree: Path) -> None:
    subprocess.run(["git", "init", "-q", tree], check=True)
    (tree / ".gitignore").write_text("*.log\n")
    (tree / "out.log").write_text("")
    copy = tool[1].copied(tree, tmp_path / "elsewhere")
    assert (copy / "fwgen/ops/relu.py").read_text() == RELU
    assert not (copy / "out.log").exists() and not (copy / ".git").exists()
