"""The process of a cell: started, looked at, and ended with all that it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import fwgen
from fwgen.errors import DeviceFault, FwgenError, ToolError
from fwgen.host.children import GRACE_S, POLL_S
from fwgen.host.patience import Patience
from fwgen.host.scratch import scratch_file

LOG_BYTES = 1 << 20
"""Of what the commands print, so much of the end is kept."""

_OUTCOME_BYTES = 1 << 24
_END_S = 3 * GRACE_S  # for the process to end what its commands have started


class CellProcess:
    """The process that does the ``request`` of a cell within ``limit_s``."""

    def __init__(self, request: bytes, limit_s: float) -> None:
        """Start it. Raises ToolError if it cannot be started."""
        self._outcome, self._log = scratch_file(), scratch_file()
        self._limit_s = limit_s
        package = os.fspath(Path(fwgen.__file__).resolve().parents[1])
        paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        try:
            self._child = subprocess.Popen(
                # -P: modules of the current folder must not shadow those of the standard library
                [sys.executable, "-P", "-m", "fwgen.cli.cells.cell_work"],
                stdin=subprocess.PIPE,
                stdout=self._outcome,
                stderr=self._log,
                env={**os.environ, "PYTHONPATH": paths},
                process_group=0,
            )
        except OSError as error:
            raise ToolError(f"A process cannot be started: {error.strerror}.") from None
        self._clock = Patience(self._child.pid)
        self._until = self._clock() + limit_s
        self.log = ""
        assert self._child.stdin is not None
        with suppress(BrokenPipeError):  # it ended at once, which the outcome tells
            self._child.stdin.write(request + b"\n")
            self._child.stdin.flush()

    def outcome(self) -> dict[str, Any] | None:
        """What it told, once it has ended; None before. A process that told nothing failed."""
        if self._child.poll() is None:
            if self._clock() < self._until:
                return None
            end_all([self])
            return failed(
                DeviceFault(
                    f"The cell took longer than {self._limit_s:,.6g} s and was stopped.",
                    tries=("a longer --cell-timeout",),
                )
            )
        self.log = self._tail()
        self._outcome.seek(0)
        data = self._outcome.read(_OUTCOME_BYTES)
        self._close()
        with suppress(ValueError):
            told = json.loads(data)
            if self._child.returncode == 0 and isinstance(told, dict):
                return self._as_users_know_it(told)
        return failed(ToolError(self._why()))

    def _as_users_know_it(self, told: dict[str, Any]) -> dict[str, Any]:
        """What was told, and the log, with paths less the folder, which is gone by now."""
        scratch = str(told.pop("scratch"))
        if scratch:
            self.log = self.log.replace(scratch, "")
            if told["error"]:
                told["error"] = {
                    key: value.replace(scratch, "") if isinstance(value, str) else value
                    for key, value in told["error"].items()
                }
        return told

    def ask_to_end(self) -> None:
        """Have it stop what it does."""
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGTERM)

    def await_end(self, until: float) -> None:
        """Wait until a time of ``time.monotonic``, then kill it."""
        while self._child.poll() is None and time.monotonic() < until:
            time.sleep(POLL_S)
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self.log = self._tail() if not self._log.closed else self.log
        self._close()

    def _tail(self) -> str:
        """The end of what the commands printed."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_BYTES))
        return self._log.read(LOG_BYTES).decode(errors="replace")

    def _close(self) -> None:
        assert self._child.stdin is not None
        with suppress(OSError):
            self._child.stdin.close()
        self._outcome.close()
        self._log.close()

    def _why(self) -> str:
        code = self._child.returncode
        if code < 0:
            name = signal.Signals(-code).name
            reason = ", as Linux does where memory is short" if name == "SIGKILL" else ""
            return f"The process of the cell was ended by {name}{reason}."
        return f"The process of the cell ended with exit {code} and told nothing."


def end_all(processes: Iterable[CellProcess]) -> None:
    """End processes and all that they have started, together."""
    ending = list(processes)
    for process in ending:
        process.ask_to_end()
    until = time.monotonic() + _END_S
    for process in ending:
        process.await_end(until)


def failed(error: FwgenError) -> dict[str, Any]:
    """The outcome of a cell of which nothing is known but an error of ours."""
    return {
        "exit_code": error.exit_code,
        "command": "",
        "error": {
            "type": type(error).__name__,
            "what": error.what,
            "at": error.at,
            "tries": list(error.tries),
        },
        "figures": {},
        "tool_s": {},
    }
