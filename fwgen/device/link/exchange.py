"""The exchange of commands and answers: one at a time, until nothing is in doubt of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from fwgen.device.link import answers
from fwgen.device.link.answers import shown
from fwgen.device.link.faults import (
    BadAnswer,
    BootTimeout,
    DeviceError,
    Disconnected,
    NoAnswer,
    Restarted,
)
from fwgen.device.link.lines import Clock, Lines, Stream
from fwgen.errors import DeviceFault

T = TypeVar("T")

RETRIES = 3
"""How often a command is repeated, and how often ``%`` is sent to find the place again."""

LINES = 64  # most lines of an answer whose size is not known beforehand
READY = "m-ready"
_MARKS = (1 << 32) - 1  # there is no mark 0
BANNER = ("m-timestamp-mode-", "m-init-done")


@dataclass(frozen=True)
class Timeouts:
    """How long the host waits, in s. ``resync_s`` outlasts the two seconds of a broken load.

    Of ``boot_s``, the first ``banner_s`` are for what the firmware says by itself (None: one half).
    Data come with ``bytes_per_s`` at least: a busy simulator, or a line at 19200 baud.
    """

    boot_s: float = 5.0
    banner_s: float | None = None
    command_s: float = 5.0
    resync_s: float = 2.5
    inference_s: float = 60.0
    bytes_per_s: float = 2000.0


class Exchange:
    """Commands and answers over ``stream``; what they mean is the business of ``Link``."""

    def __init__(
        self,
        stream: Stream,
        *,
        timeouts: Timeouts | None = None,
        clock: Clock = time.monotonic,
        token: str | None = None,
    ) -> None:
        self._stream = stream
        self._lines = Lines(stream, clock)
        self._timeouts = timeouts or Timeouts()
        self._clock = clock
        self._token = token or secrets.token_hex(2)
        self._words = 0
        self._mark = secrets.randbelow(_MARKS)  # so that no earlier session had the same
        self._before: int | None = None
        self._in_session = False
        self._doubt: DeviceFault | None = None

    def restore(self) -> None:
        """Bring the device to the state that it is to have."""

    def wait_boot(self) -> None:
        """Wait until the firmware is ready for commands.

        After a part of the time the host asks, in case the banner was lost or is long past.
        """
        wait_s, resync_s = self._timeouts.boot_s, self._timeouts.resync_s
        banner_s = self._timeouts.banner_s
        start_s = self._clock()
        line: str | None = ""
        while line != READY and line is not None:
            line = self._line(start_s + (wait_s / 2 if banner_s is None else banner_s))
        while (left_s := start_s + wait_s - self._clock()) > 0:
            with suppress(NoAnswer, BadAnswer):
                self._part(min(left_s, resync_s), flush=True)
                self._in_session = True
                return
        heard = "something but does not answer" if self._lines.heard else "nothing"
        raise BootTimeout(
            f"The firmware said {heard} within {wait_s:g} s of its start.",
            tries=(
                "check that the image was built for this board",
                "check [uart] and [timer] in the board file, if it is one of yours",
            ),
        )

    def resync(self) -> None:
        """Find the place again: ``%`` ends what the device reads, a mark parts old from new."""
        wait_s = self._timeouts.resync_s
        for _ in range(RETRIES):
            with suppress(NoAnswer, BadAnswer):
                return self._part(wait_s, flush=True)
        raise NoAnswer(
            f"The device did not find its place again: {RETRIES} times % without m-ready, "
            f"{wait_s:g} s each."
        )

    def _retry(self, attempt: Callable[[], T], retries: int = RETRIES) -> T:
        """``attempt``, repeated while its answer is in doubt, each time from a sure state.

        The doubt outlives a last attempt that failed, so that no later command builds on it.
        """
        for left in range(retries, -1, -1):
            if self._doubt is not None:
                self._resync_after(self._doubt)
            try:
                if self._doubt is not None:
                    self.restore()
                    self._doubt = None
                return attempt()
            except (NoAnswer, BadAnswer, DeviceError) as doubt:
                self._doubt = doubt
                if not left:
                    raise
        raise AssertionError("a last attempt returns or raises")

    def _resync_after(self, doubt: DeviceFault) -> None:
        try:
            self.resync()
        except NoAnswer as lost:
            raise NoAnswer(doubt.what, at=f"thereafter: {lost.what}") from None

    def _exchange(
        self,
        text: str,
        payload: bytes = b"",
        *,
        wait_s: float = 0.0,
        most_lines: int = LINES,
        marked: bool = True,
    ) -> list[str]:
        """One command and the lines of its answer, ``wait_s`` beyond the time of any command.

        Only fwgen's own commands can be ``marked``.
        """
        wait_s += self._timeouts.command_s
        self._part(self._timeouts.resync_s)
        self._mark = self._mark % _MARKS + 1
        before, self._before = self._before, None
        self._send(f"{text} @{self._mark}" if marked else text, payload)
        deadline = self._clock() + wait_s
        lines: list[str] = []
        while (line := self._line(deadline)) != READY:
            if line is None:
                raise NoAnswer(f"The device did not answer {text} within {wait_s:g} s.")
            if len(lines) == most_lines:
                raise BadAnswer(f"The device answered {text} with more than {most_lines} lines.")
            lines.append(line)
        for line in lines:
            if line.startswith("e-["):
                raise DeviceError(f"The device refused {text}: {shown(line)}.")
        if marked:
            answers.check_marks(lines, self._mark, before)
        self._before = self._mark if marked else 0
        return lines

    def _part(self, wait_s: float, *, flush: bool = False) -> None:
        """Send a word never used before and read up to its echo: all before it is old.

        With ``flush`` a ``%`` goes before it and old lines are dropped; else they are a doubt.
        """
        self._words += 1
        word = f"sync-{self._token}-{self._words}"
        self._send(f"%{word}" if flush else word)
        deadline = self._clock() + wait_s
        while (line := self._line(deadline)) != f"e-[Unknown command: {word}]":
            if line is None:
                raise NoAnswer(f"The device did not answer within {wait_s:g} s.")
            if not flush:
                raise BadAnswer("The device sent what nobody asked for.", at=f"line {shown(line)}")
        if (line := self._line(deadline)) != READY:
            raise BadAnswer("The device did not end an answer.", at=f"line {shown(line or '')}")

    def _send(self, text: str, payload: bytes = b"") -> None:
        self._stream.write(f"{text}%".encode("ascii", "replace") + payload)

    def _line(self, deadline: float) -> str | None:
        """The next line before ``deadline``, or None; a fault or a restart ends the session."""
        line = self._lines.next(deadline)
        if line is None:
            return None
        if "e-[fault " in line:
            raise answers.read_fault(line)
        if self._in_session and line.startswith(BANNER):
            raise Restarted("The device started anew in the middle of a session.")
        if self._in_session and line.startswith("m-fw-end"):
            raise Disconnected("The firmware ended its run unasked.")
        return line
