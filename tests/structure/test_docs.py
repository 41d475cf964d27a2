"""The documentation names what there is: modules and functions, C functions, generated code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.conftest import OWN_MODELS, Fwgen

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PARTS = {path.stem for path in (ROOT / "fwgen").iterdir() if path.suffix in ("", ".py")}
NAMED = re.compile(r"`(?:fwgen\.)?((\w+)(?:\.\w+)+)(?:\(\))?`")
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


def exists(name: str) -> bool:
    """Whether ``a.b.c`` below the package is a module, or is in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["fwgen", *parts[:end]]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


def names_in(page: Path) -> list[str]:
    """The dotted names of the package; ``fwgen.json`` and its like are files."""
    endings = ("py", "c", "h", "md", "toml", "json", "tflite", "s", "so", "elf", "csv", "html")
    found = NAMED.findall(page.read_text())
    return [name for name, top in found if top in PARTS and name.split(".")[-1] not in endings]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_modules_and_functions_that_a_page_names_exist(page: Path) -> None:
    missing = [name for name in names_in(page) if not exists(name)]
    assert not missing, f"{page.name} names {missing}"


def test_architecture_names_functions_of_each_stage() -> None:
    """The test above would pass a page that names nothing."""
    folders = {name.split(".")[0] for name in names_in(ROOT / "docs" / "architecture.md")}
    assert {"model", "ops", "contract", "compile", "project", "build", "device"} <= folders
    assert not exists("model.reader.read_everything") and not exists("model.nothing.read")


def test_folders_that_architecture_lists_are_those_there_are() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    packages = {path.parent.name for path in (ROOT / "fwgen").glob("*/*.py")}
    assert sorted(listed) == sorted(packages)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_op_that_architecture_follows_is_generated_like_that(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    blocks = re.findall(r"^ +```c\n(.*?)^ +```$", text, re.DOTALL | re.MULTILINE)
    done = fwgen(
        *("build", DIGITS, "-b", "corstone-300", "-o", tmp_path / "out", "--no-compile", "-q")
    )
    assert done.returncode == 0, done.stderr
    source = (tmp_path / "out" / "src" / "model.c").read_text()
    assert blocks
    for block in blocks:
        comment, function = block.replace("\n   ", "\n").strip().split("*/\n")
        assert comment in source and function in source
