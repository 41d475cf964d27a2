"""Programs that are run to their end: none of them, nor what they start, outlives its caller."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from fwgen.stop import held_back


def run(
    command: Sequence[str],
    *,
    merged: bool = False,
    stdin: str | None = None,
    timeout_s: float | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program in a process group of its own, which is killed if we are stopped meanwhile.

    Its output is text, whatever its bytes; ``merged`` puts stderr into stdout. Raises OSError if it
    cannot be started, subprocess.TimeoutExpired.
    """
    child: subprocess.Popen[str] | None = None
    try:
        with held_back():
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if merged else subprocess.PIPE,
                text=True,
                errors="replace",
                process_group=0,
                env=env,
            )
        out, err = child.communicate(stdin, timeout_s)
    except BaseException:
        if child is not None:
            with held_back():
                _end(child)
        raise
    return subprocess.CompletedProcess(command, child.returncode, out, err or "")


def _end(child: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
