"""Child programs that run to their end: neither they nor their own children outlive fwgen."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path

from fwgen.errors import ToolError
from fwgen.host.patience import Patience
from fwgen.host.stop import held_back

GRACE_S = 3.0
"""For a program to end when it is told to."""

POLL_S = 0.01

_LOOK_S = 1.0  # how often the clock is looked at while a program runs


def run(
    command: Sequence[str],
    *,
    merged: bool = False,
    stdin: str | None = None,
    timeout_s: float | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program in a process group of its own, which is ended if we are stopped meanwhile.

    Its output is text, whatever its bytes; ``merged`` puts stderr into stdout. Raises ToolError if
    it cannot be started, subprocess.TimeoutExpired after ``timeout_s`` of ``fwgen.host.patience``.
    """
    child: subprocess.Popen[str] | None = None
    try:
        with held_back():
            child = _started(command, stdin is not None, merged, env, cwd)
        out, err = _said(child, stdin, timeout_s)
    except BaseException:
        if child is not None:
            with held_back():
                _end(child)
        raise
    return subprocess.CompletedProcess(command, child.returncode, out, err or "")


def _said(
    child: subprocess.Popen[str], stdin: str | None, timeout_s: float | None
) -> tuple[str, str]:
    """What a program writes until it ends."""
    clock = Patience(child.pid)
    until = clock() + (inf if timeout_s is None else timeout_s)
    while True:
        try:
            return child.communicate(stdin, min(_LOOK_S, max(0.0, until - clock())))
        except subprocess.TimeoutExpired:
            if clock() >= until:
                raise
            stdin = None  # it has been taken


def _started(
    command: Sequence[str],
    fed: bool,
    merged: bool,
    env: Mapping[str, str] | None,
    cwd: Path | None,
) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            text=True,
            errors="replace",
            process_group=0,
            env=env,
            cwd=cwd,
        )
    except OSError as error:
        raise ToolError(
            f"{Path(command[0]).name} could not be started: {error.strerror}.", at=command[0]
        ) from None


def _end(child: subprocess.Popen[str]) -> None:
    """Have a program end what it started and clear its temporary files; then kill what is left.

    Ninja has a process group for each of its children, which only it can end.
    """
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
        until = time.monotonic() + GRACE_S
        while time.monotonic() < until:
            child.poll()  # a child that nobody asked for stays in the group
            os.killpg(child.pid, 0)
            time.sleep(POLL_S)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
