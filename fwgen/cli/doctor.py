"""The doctor's findings: the tools and packages that are installed, those that are missing, and
the command that installs each."""

from __future__ import annotations

import importlib.metadata
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.board.sections import modules_holding
from fwgen.cli import cmsis_nn_checkout
from fwgen.errors import FwgenError, ToolError
from fwgen.host.children import run
from fwgen.host.packages import install
from fwgen.host.prerequisite import Prerequisite, program_beside
from fwgen.host.programs import find_program, why_missing


@dataclass(frozen=True)
class Finding:
    """One tool or package.

    ``version`` is None if it is missing; ``remedy`` is the command that installs it.
    """

    name: str
    purpose: str
    version: str | None
    remedy: str
    required: bool


_TOOLS = (
    # name, what for, how to get it, whether the default way needs it
    ("cmake", "build", "apt install cmake", True),
    ("ninja", "build", "apt install ninja-build", True),
    ("arm-none-eabi-gcc", "build for Cortex-M", "apt install gcc-arm-none-eabi", True),
    ("gcc", "build for board host", "apt install gcc", True),
    ("qemu-system-arm", "run on QEMU", "apt install qemu-system-arm", True),
    ("llvm-mca-19", "fwgen profile (any version from 19 on)", "apt install llvm-19", False),
    (
        "FVP_Corstone_SSE-300_Ethos-U55",
        "run corstone-300 on Arm's FVP (--runner fvp)",
        "download from Arm's Ecosystem FVPs and accept its licence",
        False,
    ),
    (
        "FVP_Corstone_SSE-310",
        "run corstone-310 on Arm's FVP (--runner fvp)",
        "download from Arm's Ecosystem FVPs and accept its licence",
        False,
    ),
    (
        "FVP_Corstone_SSE-320",
        "run corstone-320, with an Ethos-U85, on Arm's FVP",
        "download from Arm's Ecosystem FVPs and accept its licence",
        False,
    ),
)

_PACKAGES = (
    ("numpy", "fwgen", "numpy", True),
    ("jinja2", "fwgen", "jinja2", True),
    ("pyelftools", "memory report", "elftools", True),
    ("intelhex", "fwgen flash", "intelhex", True),
    ("pyserial", "boards at a serial port", "serial", True),
    ("filelock", "boards at a serial port", "filelock", True),
    ("tflite-micro", "fwgen verify", "tflite_micro", True),
    ("ethos-u-vela", "fwgen build --npu; NPUs on QEMU", "ethosu", False),
)


def examine() -> tuple[Finding, ...]:
    """Look for every tool and package that fwgen can use."""
    return (*examine_makers(), *_prerequisites())


def examine_makers() -> tuple[Finding, ...]:
    """Look for those that images and figures depend on: what makes images, runs and models them."""
    tools = (
        Finding(name, purpose, _tool_version(name), _remedy(name, remedy), required)
        for name, purpose, remedy, required in _TOOLS
    )
    packages = (
        Finding(name, purpose, _package_version(name), install(imported), required)
        for name, purpose, imported, required in _PACKAGES
    )
    return (*tools, _cmsis_nn(), *packages)


def _prerequisites() -> Iterator[Finding]:
    """What modules say that they need, whichever they are."""
    for module in modules_holding("PREREQUISITES", Path(__file__).resolve().parents[1]):
        found: tuple[Prerequisite, ...] = module.PREREQUISITES
        for each in found:
            version = _package_version(each.package) if each.package else None
            version = each.version() if each.version else version
            if path := program_beside(each.programs):
                version = version or first_line([path, "--version"])
            yield Finding(each.name, each.purpose, version, each.remedy, False)


def _cmsis_nn() -> Finding:
    """The library, and which of its releases are tested."""
    name, tested = "CMSIS-NN", ", ".join(cmsis_nn_checkout.TESTED.values())
    purpose = f"--kernels cmsis-nn (tested: {tested})"
    try:
        found = cmsis_nn_checkout.find_cmsis_nn()
    except FwgenError as error:
        what = f"{error.what} It is {error.at}. To get it: {cmsis_nn_checkout.GET}"
        return Finding(name, purpose, None, what, False)
    version = f"{found.version}, {found.root} by {found.named_by}" if found else None
    return Finding(name, purpose, version, cmsis_nn_checkout.GET, False)


def _remedy(name: str, remedy: str) -> str:
    """How to get a tool; of one that is there in vain, why it is."""
    why = why_missing(name)
    return remedy if why.startswith("there is no") else f"{remedy} ({why})"


def _tool_version(name: str) -> str | None:
    path = find_program(name)
    if path is None:
        return None
    if name.startswith("FVP"):
        return path  # its --version checks a licence and may take long
    return first_line([path, "--version"])


def first_line(command: Sequence[str]) -> str:
    """The first line that a tool prints, or a word that says it printed none."""
    try:
        done = run(command, timeout_s=20, merged=True)
    except subprocess.TimeoutExpired:
        return "does not run: it takes too long to say its version"
    except ToolError as error:
        return f"does not run: {error.what}"
    lines = done.stdout.splitlines()
    return lines[0].strip() if lines else f"prints no version (exit {done.returncode})"


def _package_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
