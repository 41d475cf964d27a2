"""The wheel: installed alone, in another folder, it builds and runs a model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import OWN_MODELS, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the tree as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*command, "--no-build-isolation", "-w", folder, ROOT], check=True)
    return next(folder.glob("*.whl"))


def test_holds_every_template_and_board_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "boards"):
        files = [p for p in (ROOT / folder).rglob("*") if p.is_file()]
        assert files
        for path in files:
            assert f"fwgen/data/{path.relative_to(ROOT)}" in names
    assert not [n for n in names if n.startswith(("tests", "models", "tools", "docs"))]


@pytest.fixture(scope="module")
def venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it needs."""
    venv = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    install(venv, wheel)
    return venv


def install(venv: Path, *packages: object) -> None:
    """Have pip put packages into an environment, in the versions that tests run with."""
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet"]
    options = ["--disable-pip-version-check", "-c", ROOT / "tools" / "constraints.txt"]
    subprocess.run([*pip, *options, *packages], check=True)


def environment() -> dict[str, str]:
    """Of programs in it: Python looks nowhere else."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}


def test_works_alone(venv: Path, tmp_path: Path) -> None:
    model = next(path for path in OWN_MODELS if path.stem == "digits")
    fwgen = venv / "bin" / "fwgen"
    build = [fwgen, "build", model, "--board", "corstone-300", "-o", "out"]
    subprocess.run(build, cwd=tmp_path, env=environment(), check=True, capture_output=True)
    run = [fwgen, "run", "out", "--json", "run.json"]
    subprocess.run(run, cwd=tmp_path, env=environment(), check=True, capture_output=True)
    result = json.loads((tmp_path / "run.json").read_text())
    assert result["counters"]["unit"] == "instructions" and result["counters"]["total"] > 10_000


def test_the_example_of_the_pytest_plugin_runs_beside_pytest_embedded(
    venv: Path, tmp_path: Path
) -> None:
    """Both have options for a port and a fixture ``dut``, and neither stops the other."""
    install(venv, "pytest", "pytest-embedded>=2,<3")
    for folder in ("examples", "models"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    example = tmp_path / "examples" / "hil"
    (example / "test_embedded.py").write_text(EMBEDDED)
    command = [venv / "bin" / "pytest", "-v", "-rs", "--junitxml=junit.xml", "--target=esp32"]
    done = subprocess.run(
        command, cwd=example, env=environment(), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    plugins = next(line for line in done.stdout.splitlines() if line.startswith("plugins: "))
    assert "embedded-" in plugins and "fwgen-mcu-" in plugins
    assert "test_embedded.py::test_of_embedded PASSED" in done.stdout
    cases = [*ElementTree.parse(example / "junit.xml").getroot().iter("testcase")]
    own = [case for case in cases if case.attrib["classname"].endswith("test_digits")]
    skipped = {case.attrib["name"] for case in own if case.find("skipped") is not None}
    assert skipped == {"test_takes_less_than_a_million_cycles", "test_takes_little_energy"}
    assert len(own) - len(skipped) == 4
    for case in own:
        told = {each.attrib["name"]: each.attrib["value"] for each in case.iter("property")}
        if case.attrib["name"] not in skipped:
            assert told["fwgen.board"] == "corstone-300"
            assert int(told["fwgen.instructions.most"]) > 10_000
            assert told["fwgen.instructions.source"] == "qemu"


EMBEDDED = """
def test_of_embedded(target, port):
    assert (target, port) == ("esp32", None)
"""
