"""A model and an NPU -> the model as Arm's Vela compiles it, and what Vela says of that.

Vela is a package of its own (``ethos-u-vela``) and runs in a process of its own.
"""

from __future__ import annotations

import csv
import re
import shlex
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fwgen.errors import ToolError, UsageError
from fwgen.host.children import run
from fwgen.host.packages import install
from fwgen.host.scratch import scratch_folder
from fwgen.host.spelling import shown
from fwgen.npu.board_npu import Npu

OPTION = "--vela-args"
TIMEOUT_S = 600.0
"""For one model; small ones take less than a second. In seconds of ``fwgen.host.patience``."""

_OURS = {
    "--accelerator-config": "--npu",
    "--output-dir": "-o",
    "--output-format": "",
    "--cop-format": "",
    "--separate-io-regions": "",
}
"""Options that are not passed on, and what to use instead."""

_IGNORE = "--ignore-ops"
_USAGE = 2
"""Vela's exit code for a command line that it does not understand."""

_ESTIMATES = {
    "npu_estimated_cycles": ("cycles_npu", 1.0),
    "total_estimated_cycles": ("cycles_total", 1.0),
    "estimated_inferences_per_s": ("inferences_per_second", 1.0),
    "sram_bytes": ("sram_memory_used", 1024.0),
    "dram_bytes": ("dram_memory_used", 1024.0),
    "flash_bytes": ("off_chip_flash_memory_used", 1024.0),
    "macs": ("nn_macs", 1.0),
    "clock_hz": ("core_clock", 1.0),
}
"""Our name -> Vela's column and what one of its units is."""

_REFUSED = re.compile(r"operator: (?P<code>\w+), ofm: '(?P<tensor>.*)'\nReason: (?P<why>.*)")


@dataclass(frozen=True)
class Compiled:
    """The compiled ``model``; ``estimates`` are Vela's own, of time, memory and work.

    ``refused`` are Vela's reasons for what it left to the core, by the name of the op's output.
    """

    model: bytes
    version: str
    estimates: Mapping[str, float]
    refused: Mapping[str, str]


def vela_release() -> str:
    """The installed version of Vela. Raises ToolError if Vela is not installed."""
    try:
        return version("ethos-u-vela")
    except PackageNotFoundError:
        raise ToolError(
            "Compiling for an Ethos-U needs Vela, the Python package ethos-u-vela.",
            tries=(install("ethosu"),),
        ) from None


def compile_model(
    model: bytes,
    name: str,
    configuration: str,
    npu: Npu,
    args: str,
    left: Collection[str] = (),
) -> Compiled:
    """Compile a .tflite file called ``name`` for a configuration of an NPU of a board.

    ``args`` are further options, which win over the board's; ops with codes ``left`` are the
    core's. Raises ToolError if Vela is missing or fails, UsageError for options that are not to be
    passed.
    """
    release = vela_release()
    with scratch_folder() as folder:
        source, out = folder / "model.tflite", folder / "out"
        source.write_bytes(model)
        options = [
            *("--accelerator-config", configuration, "--config", "Arm/vela.ini"),
            *("--system-config", npu.system_config, "--memory-mode", npu.memory_mode),
            *("--output-dir", str(out), *_leaving(_words(args), left), str(source)),
        ]
        said = _run(options, name)
        compiled = out / "model_vela.tflite"
        if not compiled.is_file() and args.strip():
            raise UsageError(f"With {shown(args)}, Vela compiles nothing.", at=OPTION)
        if not compiled.is_file():
            raise ToolError(f"Vela wrote no model. It said: {_last(said)}", at=name)
        refused = {found["tensor"]: found["why"].strip() for found in _REFUSED.finditer(said)}
        return Compiled(compiled.read_bytes(), release, _estimates(out), refused)


def _words(args: str) -> Sequence[str]:
    try:
        words = shlex.split(args)
    except ValueError as error:
        raise UsageError(f"The options for Vela cannot be read: {error}.", at=OPTION) from None
    for word in words:
        option = word.partition("=")[0]
        ours = next((o for o in _OURS if len(option) > 3 and o.startswith(option)), None)
        if ours is not None:
            instead = (f"fwgen's own {_OURS[ours]}",) if _OURS[ours] else ()
            raise UsageError(
                f"{ours} is not passed on to Vela: fwgen depends on it.", at=OPTION, tries=instead
            )
    return words


def _leaving(words: Sequence[str], left: Collection[str]) -> list[str]:
    """The options with more ops to ignore; Vela heeds the last such list only."""
    codes, others = sorted(left), []
    waiting = iter(words)
    for word in waiting:
        option, equals, value = word.partition("=")
        if len(option) > len("--i") and _IGNORE.startswith(option):
            codes += (value if equals else next(waiting, "")).split(",")
        else:
            others.append(word)
    return [*others, *([_IGNORE, ",".join(dict.fromkeys(codes))] if codes else [])]


def _run(options: Sequence[str], name: str) -> str:
    """What Vela prints."""
    try:
        command = [sys.executable, "-P", "-m", "ethosu.vela", *options]
        done = run(command, merged=True, timeout_s=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise ToolError(f"Vela took longer than {TIMEOUT_S:g} s.", at=name) from None
    if done.returncode == _USAGE:
        raise UsageError(f"Vela does not take the options: {_last(done.stdout)}", at=OPTION)
    if done.returncode != 0:
        raise ToolError(
            f"Vela failed: {_last(done.stdout)}",
            at=name,
            tries=(
                f"{OPTION}='--ignore-ops OP,...', if it names an op, which the core then does",
                "fwgen build without --npu",
            ),
        )
    return done.stdout


def _last(said: str) -> str:
    """The line of an output that tells most: the last error, or the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["nothing"]
    return next((line for line in reversed(lines) if "rror" in line), lines[-1])[:300]


def _estimates(out: Path) -> dict[str, float]:
    """Of the summary that Vela writes beside the model; {} if there is none that can be read."""
    found: dict[str, float] = {}
    for path in sorted(out.glob("*_summary_*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for ours, (theirs, unit) in _ESTIMATES.items():
                    value = row.get(theirs) or ""
                    if re.fullmatch(r"[-+0-9.eE]+", value):
                        found[ours] = float(value) * unit
    return found
