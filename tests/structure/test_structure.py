"""The house rules: imports point downwards, modules stay small, nothing has a vague name."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "fwgen").rglob("*.py"))

# Floors from the top: folders, and modules at the root, import from their own floor and below.
FLOORS = (
    ("__main__", "pytest_plugin"),
    ("cli",),
    ("report",),
    ("measure",),
    ("device",),
    ("build",),
    ("project",),
    ("source", "pipeline"),
    ("opening",),
    ("compile",),
    ("npu", "kernels"),
    ("ops",),
    ("contract",),
    ("model", "board"),
    ("host",),
    ("errors", ""),
)
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}

MODULE_LINES = 400
FUNCTION_LINES = 60
PARAMETERS = 6
"""Of a function, ``self`` aside."""


ROOT_MODULES = 6
SHARED_NAMES = ("__init__", "rows", "Options")
"""Names that several modules or classes may have: each operator has ``Options`` of its own."""


def dotted(module: Path) -> str:
    """The name by which a module is imported."""
    parts = module.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(module: Path) -> ast.Module:
    """What a module says."""
    return ast.parse(module.read_text())


NAMES = {dotted(module) for module in MODULES}


def package_of(name: str) -> str:
    """The part of the package that a module is in: its folder or its own name below ``fwgen``."""
    return name.split(".")[1] if "." in name else ""


@cache
def imports_of(module: Path) -> frozenset[str]:
    """The modules of the package that a module imports, wherever in the file."""
    found = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{module}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in NAMES else node.module)
    return frozenset(name for name in found if name.split(".")[0] == "fwgen")


def circle_of(arrows: dict[str, set[str]]) -> list[str]:
    """Names that lead back to where they began, one by one; none if there is no circle."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name not in done:
            for other in sorted(arrows.get(name, ())):
                if found := walk(other, [*way, name]):
                    return found
            done.add(name)
        return []

    return next((found for name in sorted(arrows) if (found := walk(name, []))), [])


def test_imports_point_downwards() -> None:
    for module in MODULES:
        own = FLOOR_OF[package_of(dotted(module))]
        for imported in imports_of(module):
            floor = FLOOR_OF[package_of(imported)]
            assert floor >= own, f"{module} imports {imported} from a floor above"


@pytest.mark.parametrize("folder", sorted({m.parent for m in MODULES}), ids=lambda f: f.name)
def test_the_parts_of_a_folder_import_each_other_in_no_circle(folder: Path) -> None:
    """Parts are its modules and its folders with all that is in them."""
    prefix = f"{dotted(folder / '__init__.py')}."
    arrows: dict[str, set[str]] = {}
    for module in (m for m in MODULES if folder in m.parents):
        own = dotted(module)
        parts = {t.removeprefix(prefix).split(".")[0] for t in imports_of(module) if prefix in t}
        if own.startswith(prefix):
            arrows.setdefault(own.removeprefix(prefix).split(".")[0], set()).update(parts)
    for name in arrows:
        arrows[name].discard(name)
    assert not circle_of(arrows), " -> ".join(circle_of(arrows))


@pytest.mark.parametrize("stage", ["passes", "schedule", "select", "cascade", "plan"])
def test_no_stage_asks_for_an_npu(stage: str) -> None:
    """What it must know of one is a fact on the graph."""
    modules = sorted((ROOT / "fwgen" / "compile" / stage).rglob("*.py"))
    assert modules
    for module in modules:
        assert not [name for name in imports_of(module) if package_of(name) == "npu"], module


def test_few_modules_lie_at_the_root() -> None:
    assert len(list((ROOT / "fwgen").glob("*.py"))) <= ROOT_MODULES


def test_names_of_modules_and_classes_are_unique() -> None:
    places: dict[str, list[str]] = {}
    for module in MODULES:
        places.setdefault(module.stem, []).append(dotted(module))
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(dotted(module))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert set(twice) <= set(SHARED_NAMES), twice


def test_modules_and_functions_are_small() -> None:
    for module in MODULES:
        assert len(module.read_text().splitlines()) <= MODULE_LINES, module
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                assert node.end_lineno - node.lineno < FUNCTION_LINES, f"{module}: {node.name}"
                named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                own = [each for each in named if each.arg not in ("self", "cls")]
                assert len(own) <= PARAMETERS, f"{module}: {node.name}"


def test_every_module_class_and_public_function_has_a_docstring() -> None:
    for module in MODULES:
        tree, folder = tree_of(module), package_of(dotted(module))
        assert ast.get_docstring(tree), f"{module} has no docstring"
        of_operators = folder in ("ops", "kernels") or "_operator" in module.stem
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                # operator files fill the contract of contract/operator.py, which documents them
                contract = of_operators and isinstance(node, ast.FunctionDef)
                assert contract or ast.get_docstring(node), f"{module}: {node.name}"


def test_no_vague_names() -> None:
    for path in [*MODULES, *(ROOT / "templates").rglob("*"), *(ROOT / "tools").rglob("*")]:
        for word in ("util", "helper", "manager", "handler", "misc", "common"):
            assert word not in path.stem, path


def test_no_shell_is_ever_used() -> None:
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
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
    folders = module.relative_to(ROOT / "fwgen").parts[:-1]
    return module.stem == "element" or bool({"kernels", "contract"} & {*folders})


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


def test_limits_of_element_types_are_in_one_table() -> None:
    for module in (module for module in MODULES if not is_of_one_type(module)):
        found = numbers_of_int8(tree_of(module))
        assert not found, f"{module}, lines {found}: take them from fwgen.model.element"


def test_numbers_of_int8_are_found() -> None:
    source = (
        "low = -128\nhigh = [127]\na = np.int8\nb = 'int8'\nc = 128, -126, 'no int8', x & 127\n"
    )
    assert numbers_of_int8(ast.parse(source)) == [1, 2, 3, 4]
