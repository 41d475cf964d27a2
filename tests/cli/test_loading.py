"""What a command loads: no more of fwgen and of other packages than it has use for."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMPILER = {"fwgen.kernels", "fwgen.compile.plan", "fwgen.npu.proof", "fwgen.project.render"}
TEMPLATES, ARRAYS = "jinja2", "numpy"


def loaded(module: str) -> set[str]:
    """The modules that are there once a fresh interpreter has imported one."""
    program = f"import sys, {module}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_a_build_has_use_for_everything() -> None:
    """So that the names below are right."""
    assert COMPILER | {TEMPLATES, ARRAYS} <= loaded("fwgen.cli.build_command, fwgen.npu.proof")


@pytest.mark.parametrize("command", ["run", "verify", "profile"])
def test_what_a_project_needs_after_it_was_built_is_no_compiler(command: str) -> None:
    found = loaded(f"fwgen.cli.{command}_command")
    assert "fwgen.build.built_project" in found
    assert found.isdisjoint(COMPILER | {TEMPLATES})


def test_help_and_comparisons_need_no_arrays() -> None:
    for module in ("fwgen.cli.parser", "fwgen.cli.compare_command"):
        assert ARRAYS not in loaded(module)
