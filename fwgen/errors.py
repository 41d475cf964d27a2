"""The error tree: every failure a user can cause is one sentence with a fixed exit code.

An error says what happened, where it happened (``at``: a file, tensor, op or board key) and what to
try next (``tries``). The command line prints it and exits with ``exit_code``; nothing else in fwgen
calls ``sys.exit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LONGEST = 1000
_MOST_FAULTS = 20
_NEWLINE = "\n"


def printable(text: str, keep: str = "") -> str:
    """As a terminal may have it: names can hold anything, controls of the terminal among it."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}..."
    return "".join(
        c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text
    )


class FwgenError(Exception):
    """Base of all expected errors.

    ``what`` is one sentence, ``at`` names the place, ``tries`` are suggestions in order of promise.
    """

    exit_code = 1

    found: Mapping[str, Any] = {}
    """What a command had to tell before it failed, as of its JSON."""

    def __init__(self, what: str, *, at: str = "", tries: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.at = at
        self.tries = tries

    def __str__(self) -> str:
        lines = [printable(self.what, keep=_NEWLINE)]
        if self.at:
            lines.append(f"  at:  {printable(self.at)}")
        lines.extend(f"  try: {printable(suggestion, keep=_NEWLINE)}" for suggestion in self.tries)
        return "\n".join(lines)


class Mismatch(FwgenError):
    """A measurement that was asked for failed: outputs differ, or a figure regressed."""

    exit_code = 1


class UsageError(FwgenError):
    """The command line, a configuration file or a board file is wrong."""

    exit_code = 2


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a model, at the op with number ``op`` and operator ``code``."""

    op: int
    code: str
    what: str
    at: str
    tries: tuple[str, ...] = ()


class ModelError(FwgenError):
    """The model is malformed, inconsistent or uses something that fwgen does not support.

    ``faults`` are all that ops have, if more is wrong than ``what`` says, or other ops are.
    """

    exit_code = 3

    def __init__(
        self,
        what: str,
        *,
        at: str = "",
        tries: tuple[str, ...] = (),
        faults: tuple[Fault, ...] = (),
    ) -> None:
        super().__init__(what, at=at, tries=tries)
        self.faults = faults

    def __str__(self) -> str:
        alike: dict[tuple[str, str], dict[int, None]] = {}  # ops once each, in their order
        for fault in self.faults:
            alike.setdefault((fault.code, fault.what), {})[fault.op] = None
        lines = [super().__str__()]
        for (code, what), found in [*alike.items()][:_MOST_FAULTS]:
            ops = [*found]
            if what != self.what or len(ops) > 1:
                listed = ", ".join(map(str, ops[:_MOST_FAULTS])) + ", ..." * (
                    len(ops) > _MOST_FAULTS
                )
                place = f"op{'s' * (len(ops) > 1)} {listed} {code}" if min(ops) >= 0 else "a tensor"
                lines.append(f"  and: {printable(place)}: {printable(what)}")
        if len(alike) > _MOST_FAULTS:
            lines.append(f"  and: {len(alike) - _MOST_FAULTS} more kinds, as --json has them")
        return "\n".join(lines)


class DoesNotFit(FwgenError):
    """The model needs more memory than the board has."""

    exit_code = 4


class ToolError(FwgenError):
    """A build tool is missing or failed, or a file could not be written."""

    exit_code = 5


class DeviceUnavailable(FwgenError):
    """There is no device or simulator to run on, more than one fits, or it is busy."""

    exit_code = 6


class DeviceFault(FwgenError):
    """The firmware faulted, timed out or sent something that cannot be trusted."""

    exit_code = 7


class Defect(FwgenError):
    """fwgen itself failed in a way that nobody foresaw."""

    exit_code = 70
