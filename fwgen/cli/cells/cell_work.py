"""The work of a cell: the commands, one after the other, in a process of the cell's own.

A line of JSON on standard input says what to do. The outcome goes to standard output as JSON, and
what the commands print goes to standard error. The end of standard input is the end of who
wanted it: then the work stops, too, and nothing of it is left.
"""

from __future__ import annotations

import base64
import json
import os
import platform
import shlex
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median_low
from typing import Any

from fwgen.cli import main
from fwgen.errors import FwgenError, Mismatch
from fwgen.host.scratch import scratch_folder
from fwgen.host.stop import Stopped, ends_by_exception
from fwgen.measure.regression import figures

_TOLD = ("goal", "cpu", "toolchain", "runner", "ran_on", "cmsis_nn", "build_id", "macs")
"""What the results of commands have that says how the figures came about."""

_BY_UNIT = ("total", "energy", "NPU", "NPU estimate")
"""Figures that several commands have, each in a unit of its own, which is their name in a cell."""

_STOPPED = (129, 130, 143)


@dataclass
class _Gathered:
    """What the commands have told so far."""

    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    tool_s: dict[str, float] = field(default_factory=dict)

    def add(self, command: str, results: Sequence[Mapping[str, Any]]) -> None:
        """The figures of a command's results; of several runs the median, and how far they lie
        apart."""
        for result in results:
            self.told |= {key: result[key] for key in _TOLD if key in result}
            if "configuration" in (result.get("npu") or {}):
                self.told["npu"] = {"configuration": result["npu"]["configuration"]}
        runs = [dict(figures(result, by_op=False)) for result in results]
        for name, figure in runs[-1].items() if runs else ():
            known = figure.unit if name in _BY_UNIT else name
            if command == "profile" and name == "instructions":
                continue  # the window of a profile has a few less than an inference
            values = [_plain(run[name].value) for run in runs if name in run]
            apart = {"least": min(values), "most": max(values)} if len(values) > 1 else {}
            found = {"value": median_low(values), "source": figure.source, "unit": figure.unit}
            self.figures.setdefault(known, found | apart)


def _plain(value: float) -> float:
    """A whole number as such."""
    return int(value) if float(value).is_integer() else value


def measured(request: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome of a cell. Raises Stopped."""
    gathered, code, error, command, scratch = _Gathered(), 0, None, "", ""
    try:
        with scratch_folder() as folder:
            scratch = f"{folder}/"
            for command, words in _commands(request, folder):
                times = request["repeat"] if command == "run" else 1
                code, results = _called(command, words, times, folder, gathered)
                gathered.add(command, [r for r in results if "error" not in r])
                if code:
                    error = _error(command, code, results[-1])
                    break
    except FwgenError as ours:  # there is no room for the folder
        code, error = (
            ours.exit_code,
            {"type": type(ours).__name__, "what": ours.what, "at": ours.at},
        )
    return {
        "exit_code": code,
        "command": command if code else "",
        "error": error,
        "figures": gathered.figures,
        **gathered.told,
        "tool_s": gathered.tool_s,
        "machine": platform.node(),
        "scratch": scratch,
    }


def _commands(request: Mapping[str, Any], folder: Path) -> list[tuple[str, list[str]]]:
    """The command lines: ``build``, then those that measure what was built."""
    board, files = request["board"]["name"], request["board"]["files"]
    for name, content in {request["model"]["file"]: request["model"]["content"], **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))
    model, project = str(folder / request["model"]["file"]), str(folder / "project")
    own = str(folder / "board.toml") if files else board
    inputs = ["--inputs", str(request["inputs"]), "--seed", str(request["seed"])]
    words = {
        "build": [model, "--board", own, "-o", project, *request["build"]],
        "run": [project, *request["run"]],
        "verify": [project, *inputs, *request["verify"]],
        "profile": [project],
    }
    return [(name, words[name]) for name in ("build", *request["measure"])]


def _called(
    command: str, words: Sequence[str], times: int, folder: Path, gathered: _Gathered
) -> tuple[int, list[dict[str, Any]]]:
    """A command, so many times or until it fails: its last exit code, and what each told."""
    results: list[dict[str, Any]] = []
    code, since = 0, time.monotonic()
    for _ in range(times):
        path = folder / f"{command}.json"
        path.unlink(missing_ok=True)
        print(f"$ fwgen {command} {shlex.join(words)}", file=sys.stderr, flush=True)
        code = main([command, *words, "--json", str(path)])
        if code in _STOPPED:
            raise Stopped(code - 128)
        results.append(json.loads(path.read_bytes()) if path.exists() else {"error": None})
        if code:
            break
    gathered.tool_s[command] = round(time.monotonic() - since, 3)
    return code, results


def _error(command: str, code: int, result: Mapping[str, Any]) -> dict[str, Any]:
    """Why a command failed."""
    if result.get("error"):
        return dict(result["error"])
    if "mismatches" in result:
        wrong = Mismatch(
            f"{result['mismatches']:,} of {result['bytes']:,} output bytes differ from TFLM.",
            at=f"inputs of seed {result['seed']}",
        )
        if not result["mismatches"]:
            wrong.what = "What ops or variables inside the model hold differs from TFLM."
        return {"type": "Mismatch", "what": wrong.what, "at": wrong.at}
    return {"type": "Defect", "what": f"fwgen {command} ended with exit {code} and told nothing."}


def _end_with_parent() -> None:
    """Stop when nobody wants the outcome any more."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def work() -> int:
    """What the process does."""
    with os.fdopen(os.dup(0), "rb", buffering=0) as asked:
        request = json.loads(_line(asked.fileno()))
    outcome = os.dup(1)
    os.dup2(2, 1)  # commands print reports there
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with ends_by_exception():
            result = json.dumps(measured(request)).encode()
    except Stopped as stop:
        return stop.exit_code
    with os.fdopen(outcome, "wb") as file:
        file.write(result)
    return 0


def _line(source: int) -> bytes:
    """All up to a line break, and not a byte more."""
    parts: list[bytes] = []
    while not (parts and parts[-1].endswith(b"\n")):
        part = os.read(source, 1 << 16)
        if not part:
            sys.exit(143)
        parts.append(part)
    return b"".join(parts)


if __name__ == "__main__":
    sys.exit(work())
