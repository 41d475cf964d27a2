"""The rules of operators and of kernel families: who may import whom, and which C is whose."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fwgen.contract.call import each_call
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.kernels import families, kernels_of
from fwgen.kernels.c_files import kernel_files
from fwgen.ops import operators
from tests.conftest import OWN_MODELS, ROOT
from tests.ops.drawn import op_graph
from tests.structure.test_structure import MODULES, dotted, imports_of
from tests.tflite_models import OPERATORS, random_op_model

KERNELS = ROOT / "fwgen" / "kernels"
SHARED = ("dsp", "mve", "reference", "v6m", "v7m")
"""Families whose C files those of others call."""

OPERATOR_LINES = 220


def rows() -> list[Kernel]:
    return [row for op in operators() for row in kernels_of(op)]


def c_files(family: str) -> set[str]:
    return {path.stem for path in (KERNELS / family).glob("*.c")}


def family_of(module: str) -> str | None:
    """The family that a module is in."""
    parts = module.split(".")
    inside = parts[:2] == ["fwgen", "kernels"] and len(parts) > 2
    return parts[2] if inside and (KERNELS / parts[2]).is_dir() else None


# Operators


@pytest.mark.parametrize("module", sorted((ROOT / "fwgen" / "ops").glob("[!_]*.py")), ids=str)
def test_an_operator_is_a_small_file_that_knows_no_kernels(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= OPERATOR_LINES
    assert len(re.findall(r"^OPERATOR = ", text, re.M)) == 1
    allowed = ("fwgen.contract", "fwgen.model", "fwgen.ops.parts")
    for imported in imports_of(module):
        assert imported.startswith(allowed), f"{module} imports {imported}"


@pytest.mark.parametrize("folder", ["model", "contract", "ops", "compile/passes"])
def test_what_ops_mean_does_not_depend_on_kernels(folder: str) -> None:
    for module in (ROOT / "fwgen" / folder).rglob("*.py"):
        for imported in imports_of(module):
            assert not imported.startswith("fwgen.kernels"), f"{module} imports {imported}"


# Families


def test_no_family_imports_another() -> None:
    for module in (m for m in MODULES if KERNELS in m.parents and m.parent != KERNELS):
        may = {None, family_of(dotted(module)), *SHARED} - {"reference"}
        for imported in imports_of(module):
            assert family_of(imported) in may, f"{module} imports {imported}"


@pytest.mark.parametrize("module", [m for m in MODULES if KERNELS not in m.parents], ids=dotted)
def test_nobody_names_a_family(module: Path) -> None:
    for imported in imports_of(module):
        assert family_of(imported) is None, f"{module} imports {imported}"


def test_rows_name_operators_and_differ_in_name() -> None:
    for kernels in families().values():
        assert all(row.op in operators() for row in kernels)
    for op in operators():
        names = [row.name for row in kernels_of(op) if row.provider != "cmsis-nn"]
        assert len(set(names)) == len(names), (op, names)


def test_each_c_file_is_one_that_a_row_of_its_family_calls() -> None:
    """And each that a row names exists, in its family, or in one that is shared."""
    sources = [path for path in kernel_files().values() if path.suffix == ".c"]
    folder_of = {path.stem: path.parent.name for path in sources}
    called: dict[str, set[str]] = {family: set() for family in folder_of.values()}
    everywhere = set()
    for family, kernels in families().items():
        for row in kernels:
            for name in row.c_files:
                assert folder_of[name] in (family, *SHARED), (row.name, name)
                everywhere.add(name)
                if folder_of[name] == family:
                    called[family].add(name)
    for family in called.keys() - set(SHARED) - {"ethos_u"}:
        assert called[family] == c_files(family), family
    for operator in operators().values():
        for row in operator.reference:
            everywhere.update(row.c_files)
    orphans = {name for name in folder_of if name not in everywhere}
    assert not orphans


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.op}-{row.name}")
def test_a_row_is_named_like_its_first_function(row: Kernel) -> None:
    """Less what tells the rows of one function apart, such as the class of core."""
    first = row.c_files[0]
    if row.name in ("matrix_s8_mve", "cascade"):
        assert row.functions, "it has a function for each size, or none of its own"
        return
    words = [word for word in first.split("_") if word in row.name.split("_")]
    assert words == first.split("_"), (row.name, first)
    source = kernel_files()[f"{first}.c"].read_text()
    functions = re.findall(r"^(?!static)\w[\w *]*?\b(fw_\w+)\(", source, re.M)
    assert functions and functions[0] == f"fw_{first}" and len(set(functions)) <= 2


@pytest.mark.parametrize("code", OPERATORS)
def test_rows_call_what_they_state(code: str) -> None:
    for seed in range(25):
        graph = op_graph(random_op_model(code, np.random.default_rng(seed)))
        node = Node(graph, graph.ops[0])
        for row in kernels_of(code):
            if row.takes(node):
                for form in row.forms(node):
                    back = () if form.reversed is None else form.reversed.calls
                    for call in each_call((*form.calls, *back)):
                        assert set(call.kernels) <= set(row.c_files), (row.name, call)


# Without a library


@pytest.fixture(scope="module")
def without_cmsis_nn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree without the family of CMSIS-NN."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("fwgen", "templates", "boards"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "LICENSE", tree)
    shutil.rmtree(tree / "fwgen" / "kernels" / "cmsis_nn")
    return tree


def build(tree: Path, folder: Path, kernels: str, *more: str) -> subprocess.CompletedProcess[str]:
    model = next(path for path in OWN_MODELS if path.stem == "digits")
    command = [sys.executable, "-m", "fwgen", "build", str(model), "-b", "mps2-an386"]
    return subprocess.run(
        [*command, "--kernels", kernels, "-o", str(folder), *more],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_product_works_without_the_folder_of_a_library(
    without_cmsis_nn: Path, tmp_path: Path
) -> None:
    done = build(without_cmsis_nn, tmp_path / "auto", "auto")
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "auto").rglob("*.elf"))
    done = build(without_cmsis_nn, tmp_path / "fwgen", "fwgen", "--no-compile")
    assert done.returncode == 0, done.stderr
    sources = [(tmp_path / name / "src" / "model.c").read_text() for name in ("auto", "fwgen")]
    assert all("fw_model_invoke" in source and "cmsis" not in source for source in sources)


def test_a_library_whose_folder_is_missing_is_refused(
    without_cmsis_nn: Path, tmp_path: Path
) -> None:
    done = build(without_cmsis_nn, tmp_path / "o", "cmsis-nn", "--no-compile")
    assert done.returncode == 2
    assert "This fwgen has no kernels of cmsis-nn" in done.stderr
    assert "--kernels fwgen" in done.stderr and "Traceback" not in done.stderr


def test_modules_of_families_are_parsed() -> None:
    """What the tests above look at is there: a family or more, rows, and C files."""
    assert len(families()) >= 6 and len(rows()) > 60
    assert all(ast.parse((KERNELS / name / "rows.py").read_text()).body for name in families())
