"""The house rules: imports point downwards, modules stay small, nothing has a vague name."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "fwgen").rglob("*.py"))

# Floors from the top: a module may import from its own floor and those below it.
FLOORS = (
    (
        *("cli", "arguments", "__main__", "doctor", "progress"),
        *("commands", "build_command", "inspect_command", "report_command"),
    ),
    ("cmsis_nn", "config"),
    ("report",),
    ("verify", "samples", "profile", "regression", "rounding"),
    ("project",),
    ("run", "link", "build", "build_id", "cmake_state", "size", "stack"),
    ("render",),
    ("source", "pipeline", "fit", "weights", "lower"),
    ("plan",),
    ("cascades",),
    ("select", "slow_ops"),
    ("goals",),
    ("passes",),
    ("lifetimes",),
    ("proof",),
    ("ops", "npu", "oracle", "oracle_worker"),
    ("placement",),
    ("model", "board", "quant", "toml_table"),
    (
        *("resources", "counters", "native", "cache", "alignment", "files", "thumb"),
        *("arrays", "json_form", "stack_offsets"),
    ),
    ("lock",),
    ("children", "scratch", "environment", "naming", "patience"),
    ("stop", "spelling", "programs"),
    ("errors", "packages", ""),
)
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}

MODULE_LINES = 400
FUNCTION_LINES = 60


def package_of(module: Path) -> str:
    """The part of the package that a module is in: its folder or its own name below ``fwgen``."""
    parts = module.relative_to(ROOT / "fwgen").with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports_of(module: Path) -> set[str]:
    """The parts of the package that a module imports from, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "fwgen":
                known = len(parts) > 1 and parts[1] in FLOOR_OF
                found.add(parts[1] if known else "")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_imports_point_downwards(module: Path) -> None:
    own = FLOOR_OF[package_of(module)]
    for imported in imports_of(module):
        assert FLOOR_OF[imported] >= own, f"{module} imports fwgen.{imported} from a floor above"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_modules_and_functions_are_small(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < FUNCTION_LINES, f"{module}: {node.name}"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT)))
def test_every_module_class_and_public_function_has_a_docstring(module: Path) -> None:
    tree = ast.parse(module.read_text())
    assert ast.get_docstring(tree), f"{module} has no docstring"
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            # operator files fill the contract of ops/operator.py, which documents each function
            contract = package_of(module) == "ops" and isinstance(node, ast.FunctionDef)
            assert contract or ast.get_docstring(node), f"{module}: {node.name}"


def test_no_vague_names() -> None:
    for path in [*MODULES, *(ROOT / "templates").rglob("*"), *(ROOT / "tools").rglob("*")]:
        for word in ("util", "helper", "manager", "handler", "misc", "common"):
            assert word not in path.stem, path


def test_no_shell_is_ever_used() -> None:
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "shell":
                pytest.fail(f"{module} passes shell=")
            if isinstance(node, ast.Attribute) and node.attr in ("system", "popen"):
                pytest.fail(f"{module} calls os.{node.attr}")


def test_templates_only_print() -> None:
    """No C kernel or runtime code in templates, and nothing but loops and tests in their logic."""
    for template in (ROOT / "templates").rglob("*.j2"):
        assert template.parent.name in ("project", "report")
        assert "{% macro" not in template.read_text()
    for source in (ROOT / "templates").rglob("*.[ch]"):
        assert not re.search(r"\{\{ |\{%", source.read_text()), source


def is_of_one_type(module: Path) -> bool:
    """Whether a module is the table of element types, or has rows of kernels of one of them."""
    rows = module.stem.startswith(("mve_", "cmsis_"))
    folders = module.relative_to(ROOT / "fwgen").parts[:-1]
    return rows or module.stem == "element" or bool({"kernels", "contract"} & {*folders})


def numbers_of_int8(tree: ast.AST) -> list[int]:
    """Lines with -128, 127 (but as a mask of 7 bits) or NumPy's ``int8``."""
    found, masks = [], set[ast.AST]()
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(op=ast.BitAnd()):
                masks.update((node.left, node.right))
            case (
                ast.UnaryOp(ast.USub(), ast.Constant(128))
                | ast.Constant(127 | "int8")
                | ast.Name("int8")
                | ast.Attribute(attr="int8")
            ) if node not in masks:
                found.append(node.lineno)
    return sorted(found)


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if not is_of_one_type(module)],
    ids=lambda m: str(m.relative_to(ROOT)),
)
def test_limits_of_element_types_are_in_one_table(module: Path) -> None:
    found = numbers_of_int8(ast.parse(module.read_text()))
    assert not found, f"{module}, lines {found}: take them from fwgen.model.element"


def test_numbers_of_int8_are_found() -> None:
    source = (
        "low = -128\nhigh = [127]\na = np.int8\nb = 'int8'\nc = 128, -126, 'no int8', x & 127\n"
    )
    assert numbers_of_int8(ast.parse(source)) == [1, 2, 3, 4]
