"""CONTRIBUTING.md: each worked example is put into a copy, and its commands do what they say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
PARTS = ("fwgen", "tests", "templates", "boards", "models", "tools", "LICENSE", "pyproject.toml")


@dataclass(frozen=True)
class Example:
    """A section: the files that it adds, by path, and the commands that it runs."""

    title: str
    files: dict[str, str]
    commands: tuple[str, ...]


def examples() -> list[Example]:
    """The sections with commands."""
    found = []
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        title = section.splitlines()[0]
        files = re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        shells = re.findall(r"^```sh\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        commands = tuple(line for shell in shells for line in shell.splitlines() if line)
        if commands:
            found.append(Example(title, dict(files), commands))
    return found


def copied(example: Example, tree: Path) -> None:
    """The tree with the example's files; folders that get none are links to ours.

    Where the example is of an operator that we have, the tree loses that first.
    """
    tops = {Path(name).parts[0] for name in example.files}
    for path in ROOT.iterdir():
        if path.name not in PARTS:
            continue
        if path.name in tops:
            ignored = shutil.ignore_patterns("__pycache__", "adding")
            shutil.copytree(path, tree / path.name, ignore=ignored)
        else:
            (tree / path.name).symlink_to(path)
    for name in (Path(name).stem for name in example.files if name.startswith("fwgen/ops/")):
        for path in (*tree.rglob(f"{name}.py"), *tree.rglob(f"{name}_*.[ch]")):
            path.unlink()
    for name, text in example.files.items():
        assert not (tree / name).exists(), f"{name} would be edited"
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.title)
def test_the_files_of_an_example_are_all_that_it_needs(example: Example, tmp_path: Path) -> None:
    assert example.files
    copied(example, tmp_path)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    for command in example.commands:
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
        assert "passed" in done.stdout or not command.startswith("pytest")
    built = {path.name for path in tmp_path.glob("*/kernels/*.c")}
    assert not built or built >= {Path(name).name for name in example.files if name.endswith(".c")}


def test_sources_of_examples_are_formatted(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / ".clang-format", tmp_path)
    sources = []
    for number, example in enumerate(examples()):
        for name, text in example.files.items():
            path = tmp_path / f"example_{number}" / Path(name).name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            sources += [path] if path.suffix in (".c", ".h") else []
    tools = Path(sys.executable).parent
    commands = [["ruff", "check"], ["ruff", "format", "--check", "--diff"]]
    if sources:
        commands.append(["clang-format", "--dry-run", "--Werror", *map(str, sources)])
    for name, *words in commands:
        done = subprocess.run([tools / name, *words], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
