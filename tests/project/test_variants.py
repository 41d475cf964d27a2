"""Variants of a model have folders of their own, and two builds of one folder wait."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fwgen.host.lock import exclusive
from tests.conftest import OWN_MODELS, Fwgen

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


@pytest.mark.parametrize(
    ("options", "suffix"),
    [
        ((), ""),
        (("--optimize", "balanced", "--kernels", "auto"), ""),
        (("--optimize", "size"), "-size"),
        (("--kernels", "reference"), "-reference-kernels"),
        (("--strict",), "-strict"),
        (("--sanitize",), "-sanitize"),
        (("--canaries", "--strict", "--optimize", "ram"), "-ram-strict-canaries"),
        (("--name", "kws"), "-kws"),
    ],
)
def test_options_that_change_the_firmware_are_in_the_name(
    fwgen: Fwgen, tmp_path: Path, options: tuple[str, ...], suffix: str
) -> None:
    done = fwgen("build", DIGITS, "-b", "host", "--no-compile", *options)
    assert done.returncode == 0, done.stderr
    (project,) = (tmp_path / "build").iterdir()
    assert project.name == f"digits-host{suffix}"
    assert fwgen("report", project).returncode == 0
    assert [path.name for path in tmp_path.glob("*.html")] == [f"digits-host{suffix}.html"]


def test_places_tell_variants_apart(fwgen: Fwgen, tmp_path: Path) -> None:
    for place in ("arena=ISRAM", "arena=DTCM"):
        options = ("-b", "corstone-300", "--no-compile", "--place", place)
        assert fwgen("build", DIGITS, *options).returncode == 0
    assert len(list((tmp_path / "build").iterdir())) == 2


def test_the_variant_of_an_npu_is_named_by_it(fwgen: Fwgen, tmp_path: Path) -> None:
    pytest.importorskip("ethosu")
    options = ("-b", "corstone-300", "--no-compile", "--npu", "ethos-u55-128")
    done = fwgen("build", DIGITS, *options)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "build" / "digits-corstone-300-ethos-u55-128" / "fwgen.json").is_file()


def test_one_at_a_time_and_nothing_left(tmp_path: Path) -> None:
    inside, most = 0, 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(20):
            with exclusive(tmp_path / "out"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and not list(tmp_path.iterdir())


def test_two_builds_of_one_folder_wait_for_one_another(fwgen: Fwgen, tmp_path: Path) -> None:
    """With different options, so that each writes and compiles."""
    command = [sys.executable, "-m", "fwgen", "build", str(DIGITS), "-b", "host", "-o", "out"]
    builds = [
        subprocess.Popen([*command, *more], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        for more in ([], ["--canaries"])
    ]
    told = [build.communicate()[1] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], told
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert fwgen("verify", "out", "--inputs", 1).returncode == 0
