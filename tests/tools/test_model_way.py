"""The way of a model through a build: every stage is visible, and little is carried up again."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

from tests.structure.test_structure import FLOORS

ROOT = Path(__file__).parents[2]
MOST_CLIMBS = 8
STAGES = {
    "read": "fwgen.source",
    "optimize": "fwgen.compile.passes",
    "orders": "fwgen.compile.schedule.order",
    "select": "fwgen.compile.select.choices",
    "plan_arena": "fwgen.compile.plan.arena_plan",
    "lower": "fwgen.compile.lower.bind",
}

_SPEC = importlib.util.spec_from_file_location("model_way", ROOT / "tools" / "model_way.py")
assert _SPEC is not None and _SPEC.loader is not None
model_way = importlib.util.module_from_spec(_SPEC)
sys.modules["model_way"] = model_way
_SPEC.loader.exec_module(model_way)

BELOW = """
def opened(path): return path
def checked(graph): return graph
class Store:
    def __init__(self, graph): self.graph = graph
    def kept(self) -> int: return optimized(self.graph)
"""
ABOVE = """
from fwgen.model.file import Store, checked, opened
def optimized(graph): return checked(graph)
def searched(graph, way): return way(graph)
"""


def climbs_of(folder: Path, build: str, above: str = ABOVE) -> list[str]:
    """The climbs of a house of three floors with this ``build``."""
    head = (
        "from fwgen.compile.passes import optimized, searched\n"
        "from fwgen.model.file import Store, checked, opened\n"
    )
    for path, text in (
        ("cli/build_command.py", head + build),
        ("compile/passes.py", above),
        ("model/file.py", BELOW),
    ):
        (folder / "fwgen" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "fwgen" / path).write_text(text)
    return [str(climb) for climb in model_way.way(folder / "fwgen").climbs]


@pytest.mark.parametrize(
    ("build", "climbs"),
    [
        ("def build(model): return checked(optimized(model))", 0),
        ("def build(model): return optimized(opened(model))", 1),
        ("def build(model): return optimized(opened(3))", 0),
        ("def build(model, other):\n opened(model)\n return optimized(other)", 0),
        ("def build(model):\n graph = opened(model)\n return optimized(graph=graph)", 1),
        ("def build(model):\n for x in opened(model): optimized(x)", 1),
        ("def build(model): return [optimized(x) for x in opened(model)]", 1),
        ("def build(model):\n with opened(model) as x: optimized(x)", 1),
        ("def build(model):\n opened(model)\n raise optimized(model)", 0),
        ("def build(model): return inner(opened(model))\ndef inner(x): return optimized(x)", 0),
        ("def build(model):\n checked(model)\n return opened(optimized(model))", 1),
    ],
)
def test_what_is_a_climb(tmp_path: Path, build: str, climbs: int) -> None:
    assert len(climbs_of(tmp_path, build)) == climbs


def test_climbs_are_found_in_what_is_called(tmp_path: Path) -> None:
    """In functions, in methods of a class that is constructed there, in what is handed on."""
    above = ABOVE + "def climbing(graph):\n checked(graph)\n return both(graph)\n"
    above += "from fwgen.npu.core import both\n"
    (tmp_path / "fwgen" / "npu").mkdir(parents=True)
    (tmp_path / "fwgen" / "npu" / "core.py").write_text("def both(graph): return graph\n")
    head = "from fwgen.compile.passes import climbing\n"
    expected = "compile.passes:climbing, line 7: model.file:checked -> npu.core:both"
    for build in (
        "def build(model): return climbing(model)",
        "def build(model): return searched(model, climbing)",
        "class Work:\n def __init__(self, graph): self.graph = graph\n"
        " def done(self): return climbing(self)\n"
        "def build(model):\n work = Work(model)\n return work.done()",
    ):
        assert climbs_of(tmp_path, head + build, above) == [expected]


def test_every_stage_is_a_call_in_the_pipeline() -> None:
    text = (ROOT / "fwgen" / "pipeline.py").read_text()
    assert len(text.splitlines()) <= 150
    called = [
        node.func.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    for stage in STAGES:
        assert called.count(stage) == 1, stage


def test_the_model_seldom_goes_up_again() -> None:
    found = model_way.way()
    for stage, module in STAGES.items():
        assert model_way.Place(module, stage) in found.reached, "the way was lost"
    said = "\n".join(map(str, found.climbs))
    assert len(found.climbs) <= MOST_CLIMBS, said


def test_floors_are_those_that_imports_keep_to() -> None:
    floors = [set(names) - {"__main__", ""} for names in FLOORS]
    assert [set(names.split()) for names in model_way.FLOORS] == [each for each in floors if each]
