"""What --op, --changed and --reached-by choose, and that every folder of tests is a marker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.choice_of_tests import UNIT, areas, changed_files, concerns
from tests.conftest import ROOT
from tests.import_graph import ImportGraph

FILES = {
    "fwgen/__init__.py": "",
    "fwgen/low.py": "",
    "fwgen/middle.py": "def lazy():\n    from fwgen import low\n",
    "fwgen/kinds/__init__.py": "import pkgutil\nfound = pkgutil.iter_modules(__path__)\n",
    "fwgen/kinds/one.py": "from fwgen.low import name\n",
    "fwgen/kinds/two.py": "",
    "fwgen/kinds/two.c": "",
    "fwgen/data.py": "FOLDER = 'templates'\n",
    "templates/runtime/start.c": "",
    "tests/conftest.py": "import fwgen.data\n",
    "tests/support/__init__.py": "from .part import name\n",
    "tests/support/part.py": "import fwgen.middle\n",
    "tests/unit/test_low.py": "import conftest\nfrom support import name\n",
    "tests/unit/test_kinds.py": "from fwgen.kinds import found\n",
    "tests/unit/test_one.py": "import fwgen.kinds.one\n",
    "tests/test_data.py": "import fwgen.data\n",
    "tests/test_kinds_there.py": "import pkgutil, fwgen.kinds\npkgutil.iter_modules()\n",
    "tests/cases/some.py": "",
    "tests/test_cases.py": "import importlib\nimportlib.import_module('cases.some')\n",
}


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("fwgen/low.py", {"test_low", "test_kinds", "test_kinds_there", "test_one"}),
        ("fwgen/kinds/one.py", {"test_kinds", "test_kinds_there", "test_one"}),
        ("fwgen/kinds/two.py", {"test_kinds", "test_kinds_there"}),
        ("fwgen/kinds/two.c", {"test_kinds", "test_kinds_there", "test_one"}),
        ("fwgen/data.py", {"test_data"}),
        ("templates/runtime/start.c", {"test_data"}),
        ("tests/support/part.py", {"test_low"}),
        ("tests/unit/test_low.py", {"test_low"}),
        ("tests/cases/some.py", {"test_cases"}),
        ("README.md", set()),
    ],
)
def test_what_imports_or_reads_a_file_is_reached(
    tmp_path: Path, changed: str, tests: set[str]
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = ImportGraph(tmp_path).reached([Path(changed)])
    assert {path.stem for path in found if path.stem.startswith("test_")} == tests


def test_a_test_concerns_what_its_parameters_name() -> None:
    test = "tests/kernels/test_relu.py::test_exact[CONV_2D-matrix_4_s8_mve-gcc]"
    for name in ("CONV_2D", "conv_2d", "matrix_4_s8_mve"):
        assert concerns(test, name)
    for name in ("CONV", "2D", "RELU", "matrix"):
        assert not concerns(test, name)


def test_changed_files_are_those_of_the_branch_and_of_the_work_tree(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", "-C", tmp_path, *identity, *words], check=True, capture_output=True)

    git("init", "-b", "main")
    for number, name in enumerate(("old", "committed", "edited", "new")):
        if name == "committed":
            git("switch", "-c", "branch")
        (tmp_path / name).write_text("a")
        if number < 3:
            git("add", ".")
            git("commit", "-m", name)
    (tmp_path / "old").write_text("b")
    assert changed_files(tmp_path) == [Path(n) for n in ("committed", "edited", "old", "new")]
    git("switch", "main", "-f")
    assert changed_files(tmp_path) == [Path("new")]


def test_every_folder_of_tests_is_a_marker() -> None:
    assert "structure" in areas()
    command = [sys.executable, "-m", "pytest", "-q", "--co", "-p", "no:cacheprovider", "-m", "unit"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    folders = {line.split("/")[1] for line in done.stdout.splitlines() if "::" in line}
    assert folders == set(UNIT) & set(areas())
