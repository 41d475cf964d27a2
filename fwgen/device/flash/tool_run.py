"""A run of a flash tool such as pyOCD: a process that ends in bounded time, and what it said."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.device.flash.flash_faults import LockedChip, NoProbe, ProbeLost, WrongChip
from fwgen.errors import (
    DeviceFault,
    DeviceUnavailable,
    FwgenError,
    ToolError,
    UsageError,
    printable,
)
from fwgen.host.prerequisite import Prerequisite, program_beside
from fwgen.host.programs import why_missing
from fwgen.host.scratch import scratch_file

Patterns = Mapping[type[FwgenError], str]
"""What a tool says when it meets one of our named failures, as a regular expression."""

_SAID_BYTES = 1 << 16
_SENTENCES: Mapping[type[FwgenError], tuple[str, tuple[str, ...]]] = {
    NoProbe: (
        "No debug probe answers",
        ("plug the probe in, with a cable for data", "fwgen flash --probes"),
    ),
    UsageError: (
        "The tool does not know the chip that the board's file names",
        ("pyocd pack find CHIP, then pyocd pack install CHIP", "another --flasher"),
    ),
    WrongChip: (
        "The chip is another one than the board's",
        ("--probe ID, if the board is elsewhere", "fwgen build for the board that it is"),
    ),
    LockedChip: (
        "The chip is locked against debuggers",
        ("unlock it with its maker's tool: that erases all of its flash",),
    ),
    ProbeLost: (
        "The probe or the chip went away in the middle",
        ("look at the plug and at the power of the board", "fwgen flash again"),
    ),
}


@dataclass(frozen=True)
class FlashTool:
    """A program that talks to probes: one of ``programs``, on the PATH or beside this Python."""

    title: str
    programs: tuple[str, ...]
    patterns: Patterns
    tries: tuple[str, ...]
    """How to get it."""

    def find(self) -> str | None:
        """The path of the program, None if there is none."""
        return program_beside(self.programs)

    def needed_for(self, purpose: str) -> Prerequisite:
        """The program as `fwgen doctor` shows it."""
        return Prerequisite(self.title, purpose, self.tries[0], self.programs)

    def missing(self) -> DeviceUnavailable | None:
        """The reason why it cannot be run, None if it can."""
        if self.find():
            return None
        why = why_missing(self.programs[0])
        return DeviceUnavailable(f"{self.title} is not installed: {why}.", tries=self.tries)

    def run(self, args: Sequence[str], folder: Path, limit_s: float) -> str:
        """What the tool said, standard error included, once it has ended with exit code 0.

        It runs in ``folder``. Raises one of our named failures if what it said tells which, or else
        DeviceFault; ToolError if it cannot be started.
        """
        program = self.find()
        if program is None:
            raise ToolError(f"{self.title} is not installed.", tries=self.tries)
        with scratch_file() as output:
            try:
                code = subprocess.run(
                    [program, *args],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=limit_s,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                code = None
            except OSError as error:
                raise ToolError(
                    f"{self.title} could not be started: {error.strerror or error}.", at=program
                ) from None
            output.seek(0, 2)
            output.seek(max(0, output.tell() - _SAID_BYTES))
            said = output.read().decode("utf-8", "replace")
        if code == 0:
            return said
        if code is None:  # pyOCD, for one, never notices that a remote probe is gone
            raise ProbeLost(
                f"{self.title} did not end within {limit_s:g} s: the probe or the chip does not "
                "answer it any more.",
                at=f"{self.title}: {_telling(said)}",
                tries=_SENTENCES[ProbeLost][1],
            )
        raise self.failure(said, args)

    def failure(self, said: str, args: Sequence[str]) -> FwgenError:
        """The error for a run that failed."""
        at = f"{self.title}: {_telling(said)}"
        for error, pattern in self.patterns.items():
            if re.search(pattern, said):
                what, tries = _SENTENCES[error]
                return error(f"{what}.", at=at, tries=tries)
        return DeviceFault(
            f"{self.title} failed.", at=at, tries=(f"see what it says: {_shown(args)}",)
        )


def _telling(said: str) -> str:
    """The first line that tells of an error, or else the last."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    bad = [
        line
        for line in lines
        if re.search(r"(?i)\b(error|critical|failed|fault)\b", line) and not line.endswith("Error:")
    ]
    found = (bad or lines[-1:] or ["it said nothing"])[0]
    return printable(re.sub(r"\x1b\[[0-9;]*m", "", found))


def _shown(args: Sequence[str]) -> str:
    return " ".join(args)
