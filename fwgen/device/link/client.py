"""The client of docs/protocol.md: the host's end, over any byte stream.

No number is accepted that may be wrong. Before each command the host sends a word never used
before; the device echoes it as an unknown command, and whatever came earlier is no answer to what
follows. The command itself has a mark: a number never used before. Each line of the answer repeats
this mark under its checksum, and also the mark of the command that the device obeyed before. So an
answer to another command is never taken, nor one of a device that lost its state in between. An
answer that is late, damaged, doubled, foreign or missing puts the device's state in doubt. Then the
host resynchronizes with ``%``, loads the input anew and repeats the command, a bounded number of
times. A restart or a fault ends the session at once.
"""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from fwgen.device.link import answers
from fwgen.device.link.answers import Info, NpuCounts, shown
from fwgen.device.link.faults import (
    BadAnswer,
    BootTimeout,
    CounterStopped,
    DeviceError,
    Disconnected,
    NoAnswer,
    Restarted,
    WrongBuild,
)
from fwgen.device.link.lines import Clock, Lines, Stream
from fwgen.errors import DeviceFault, UsageError

T = TypeVar("T")

RETRIES = 3
"""How often a command is repeated, and how often ``%`` is sent to find the place again."""

LINES = 64  # most lines of an answer whose size is not known beforehand
BYTES_PER_S = 2000  # slowest transfer to expect: a busy simulator, or a line at 19200 baud
READY = "m-ready"
_MARKS = (1 << 32) - 1  # there is no mark 0
BANNER = ("m-timestamp-mode-", "m-init-done")


@dataclass(frozen=True)
class Timeouts:
    """How long the host waits, in s. ``resync_s`` outlasts the two seconds of a broken load."""

    boot_s: float = 5.0
    command_s: float = 5.0
    resync_s: float = 2.5
    inference_s: float = 60.0


class Link:
    """A session with the firmware at the other end of ``stream``.

    ``build`` is the build id that the firmware must have, None for any. All methods raise the
    DeviceFaults of ``fwgen.device.link.faults`` and what the stream raises, in bounded time.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        build: str | None = None,
        timeouts: Timeouts | None = None,
        clock: Clock = time.monotonic,
        token: str | None = None,
    ) -> None:
        self._stream = stream
        self._lines = Lines(stream, clock)
        self._build = build
        self._timeouts = timeouts or Timeouts()
        self._clock = clock
        self._token = token or secrets.token_hex(2)
        self._words = 0
        self._mark = secrets.randbelow(_MARKS)  # so that no earlier session had the same
        self._before: int | None = None
        self._in_session = False
        self._doubt: DeviceFault | None = None
        self._info: Info | None = None
        self._model: int | None = None
        self._input: bytes | None = None
        self._ran = False

    def wait_boot(self) -> None:
        """Wait until the firmware is ready for commands.

        After half of the time the host asks, in case the banner was lost or is long past.
        """
        wait_s, resync_s = self._timeouts.boot_s, self._timeouts.resync_s
        start_s = self._clock()
        line: str | None = ""
        while line != READY and line is not None:
            line = self._line(start_s + wait_s / 2)
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

    def command(self, text: str) -> list[str]:
        """The lines that answer any command, without ``m-ready``.

        They may carry no checksum, so no number is to be taken from them; and the command is not
        repeated, as it may not bear it.
        """
        return self._retry(
            lambda: self._exchange(text, most_lines=64 * LINES, marked=False), retries=0
        )

    def info(self) -> Info:
        """What the firmware says about itself; WrongBuild when it is not the image expected."""
        try:
            info = self._ask("fw-info", answers.read_info)
        except DeviceError as refused:
            raise DeviceError(
                refused.what, tries=("fwgen build, if another version of it made the firmware",)
            ) from None
        if self._build is not None and info.build != self._build:
            raise WrongBuild(
                f"The device runs build {info.build} and not {self._build}.",
                tries=("start or flash the image of this project again",),
            )
        self._info = info
        return info

    def choose(self, model: int) -> None:
        """Make all that follows be about a model of several in the image, by its number.

        Its input is to be loaded after that.
        """
        self._model, self._info = model, None
        self._input, self._ran = None, False
        self._retry(self._choose)

    def load(self, data: bytes) -> None:
        """Give the firmware its input: the bytes of all model inputs in order."""
        expected = self._known().input_bytes
        if len(data) != expected:
            raise UsageError(f"The model takes {expected} bytes of input, not {len(data)}.")
        self._input, self._ran = None, False
        self._retry(lambda: self._load(data))
        self._input = data

    def run(self) -> int | None:
        """One inference on the loaded input: the counter's ticks, None without a counter."""
        assert self._input is not None, "an input is loaded before it is run"
        ticks = self._retry(self._run)
        if ticks == 0:
            raise CounterStopped("The device's counter did not advance during an inference.")
        self._ran = True
        return ticks

    def outputs(self) -> bytes:
        """The bytes of all model outputs in order, of an inference on the loaded input."""
        size = self._known().output_bytes
        if not self._ran:
            self.run()

        def read(lines: list[str]) -> bytes:
            return answers.read_bytes(lines, "out", size)

        return self._ask("fw-out", read, data_bytes=size)

    def op_counts(self) -> tuple[int, ...] | None:
        """The counter's ticks of each op, in one inference; None without a counter."""
        ops = self._known().ops
        if self._known().hz == 0:
            return None
        return self._trace("fw-ops", lambda lines: answers.read_op_counts(lines, ops))

    def op_crcs(self) -> tuple[int, ...]:
        """The CRC-32 of each op's output right after the op, in one inference."""
        ops = self._known().ops
        return self._trace("fw-crc", lambda lines: answers.read_op_crcs(lines, ops))

    def dump(self, op: int) -> bytes:
        """The bytes of an op's output right after the op.

        The answer does not name the op, so it must agree with ``op_crcs``: a command damaged on
        its way would else bring another op's bytes.
        """
        crc = self.op_crcs()[op]

        def read(lines: list[str]) -> bytes:
            data = answers.read_bytes(lines, "dump")
            if zlib.crc32(data) != crc:
                raise BadAnswer(f"The device dumped other bytes than op {op} left.")
            return data

        return self._trace(f"fw-dump {op}", read, data_bytes=self._known().arena_bytes)

    def stack(self) -> tuple[int, int] | None:
        """(size, used) of the stack in bytes since boot, None where it is not measured."""
        if self._known().stack_bytes == 0:
            return None
        return self._ask("fw-stack", answers.read_stack)

    def npu_counts(self) -> NpuCounts | None:
        """What the NPU counted in the latest inference; None if it did not count."""
        return self._ask("fw-npu", answers.read_npu)

    def end(self) -> None:
        """Tell the firmware to stop. What it still says does not matter, unless it is a fault."""
        self._in_session = False
        with suppress(Disconnected, NoAnswer):
            self._send("fw-end")
            self._line(self._clock() + self._timeouts.resync_s)

    def _known(self) -> Info:
        return self._info or self.info()

    def _trace(self, text: str, read: Callable[[list[str]], T], *, data_bytes: int = 0) -> T:
        """A command that runs the model, and leaves outputs that are not to be read."""
        assert self._input is not None, "an input is loaded before it is run"
        self._ran = False
        return self._ask(
            text,
            read,
            wait_s=self._timeouts.inference_s,
            most_lines=LINES + self._known().ops,
            data_bytes=data_bytes,
        )

    def _ask(
        self,
        text: str,
        read: Callable[[list[str]], T],
        *,
        wait_s: float = 0.0,
        most_lines: int = LINES,
        data_bytes: int = 0,
    ) -> T:
        """The answer to a command that may be repeated, with ``data_bytes`` of data at most."""
        wait_s += 3 * data_bytes / BYTES_PER_S
        most_lines += data_bytes // 32
        return self._retry(lambda: read(self._exchange(text, wait_s=wait_s, most_lines=most_lines)))

    def _retry(self, attempt: Callable[[], T], retries: int = RETRIES) -> T:
        """``attempt``, repeated while its answer is in doubt, each time from a sure state.

        The doubt outlives a last attempt that failed, so that no later command builds on it.
        """
        for left in range(retries, -1, -1):
            if self._doubt is not None:
                self._resync_after(self._doubt)
            try:
                if self._doubt is not None:
                    self._restore()
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

    def _restore(self) -> None:
        """Bring the device to the state it is to have: it may have lost it unnoticed."""
        if self._model is not None:
            self._choose()
        if self._input is not None:
            self._load(self._input)
        if self._ran:
            self._run()
        self._doubt = None

    def _choose(self) -> None:
        assert self._model is not None
        answers.read_model(self._exchange(f"fw-model {self._model}"), self._model)

    def _load(self, data: bytes) -> None:
        payload = data + zlib.crc32(data).to_bytes(4, "little")
        lines = self._exchange(f"fw-load {len(data)}", payload, wait_s=len(data) / BYTES_PER_S)
        answers.read_loaded(lines, data)

    def _run(self) -> int | None:
        return answers.read_count(self._exchange("fw-run", wait_s=self._timeouts.inference_s))

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
