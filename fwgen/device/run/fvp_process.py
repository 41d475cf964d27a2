"""A process of an FVP: its terminal is the byte stream, its output is kept, and its end is
explained.

The exit code of an FVP carries nothing about the firmware, so a run is only good if the firmware
itself said that it ends.
"""

from __future__ import annotations

import re
import shlex
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO

from fwgen.device.link.faults import Disconnected, NoAnswer, OutOfTime
from fwgen.device.run.process import Process
from fwgen.errors import DeviceFault, DeviceUnavailable

END = b"m-fw-end"
"""The firmware's last line, from every path."""

_SAID_BYTES = 1 << 12
_TELNET = re.compile(
    rb"\xff(?:[\xfb-\xfe].|\xfa.*?\xff\xf0|[\xf0-\xf9\xff])"  # option, subnegotiation, other
    rb"|(\xff(?:[\xfb-\xfe]?|\xfa(?:(?!\xff\xf0).){0,256}))\Z",  # the beginning of one
    re.DOTALL,
)
_LATE = re.compile(r"(?:CPU|[Ss]imulat\w+|Wall) time has been exceeded|Reason: .*time.?limit")
_KNOWN = (
    (
        re.compile(r"libpython[\d.]+\.so"),
        (
            "source INSTALL/scripts/runtime.sh before, INSTALL being the model's folder",
            "PYTHONHOME=INSTALL/python LD_LIBRARY_PATH=INSTALL/python/lib",
        ),
    ),
    (
        re.compile(r"(?i)config mismatch|not been compiled for this product"),
        ("build again: the image is for another NPU than the model has",),
    ),
    (
        re.compile(
            r"(?i)licen[cs]e.*(?:fail|error|denied|expired|invalid|not )|EULA|no licen[cs]e"
        ),
        ("accept Arm's licence: install the model anew, with its own installer",),
    ),
    (
        re.compile(r"error while loading shared libraries"),
        ("install the library that it names, or the model for this machine's processor",),
    ),
)


class TelnetFilter:
    """Takes telnet's own bytes out of a stream that comes in pieces."""

    def __init__(self) -> None:
        self._held = b""

    def __call__(self, data: bytes) -> bytes:
        data, self._held = self._held + data, b""
        return _TELNET.sub(self._replace, data)

    def _replace(self, match: re.Match[bytes]) -> bytes:
        self._held = match[1] or b""
        return b"\xff" if match[0] == b"\xff\xff" else b""


class _Transcript:
    """A file of what two sources say, in whole lines, so that they do not mix; none if it cannot be
    written."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] | None = None
        self._begun = {"model": b"", "firmware": b""}
        with suppress(OSError):
            self._file = path.open("wb")

    def __bool__(self) -> bool:
        return self._file is not None

    def add(self, source: str, data: bytes) -> None:
        lines, end, self._begun[source] = (self._begun[source] + data).rpartition(b"\n")
        self._write(lines + end)

    def close(self) -> None:
        """May be called again."""
        self._write(b"".join(self._begun.values()))
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, data: bytes) -> None:
        if self._file is not None and data:
            with suppress(OSError):  # a full disk is no reason to stop
                self._file.write(data)
                self._file.flush()


class FvpProcess(Process):
    """An FVP whose stream is its terminal, once it has one; ``log_file`` gets whatever is said."""

    def __init__(
        self, command: Sequence[str], log_file: Path, *, limit_s: float, env: Mapping[str, str]
    ) -> None:
        self._transcript = _Transcript(log_file)
        if self._transcript:
            self.log_file = log_file.absolute()
        self._transcript.add("model", f"$ {shlex.join(command)}\n".encode())
        self._speaking = False
        self._said = b""
        super().__init__(command, self._explain, limit_s=limit_s, env=env)

    @cached_property
    def _strip(self) -> TelnetFilter:
        return TelnetFilter()

    def speak_through(self, connection: socket.socket) -> None:
        super().speak_through(connection)
        self._speaking = True

    def read(self, timeout_s: float) -> bytes:
        data = super().read(timeout_s)
        if self._speaking:
            data = self._strip(data)
            self._said = (self._said + data)[-_SAID_BYTES:]
            self._transcript.add("firmware", data)
        return data

    def finish(self, timeout_s: float) -> None:
        """Raises Disconnected if the firmware did not say that it ended; the model may stay."""
        with suppress(NoAnswer):
            super().finish(timeout_s)
        if END not in self._said:
            raise Disconnected("The run is over, but the firmware never said that it ended.")

    def close(self) -> None:
        super().close()
        self._transcript.close()

    def _note(self, data: bytes) -> None:
        super()._note(data)
        self._transcript.add("model", data)

    def _explain(self, code: int | None, log: str, heard: bool) -> DeviceFault | DeviceUnavailable:
        """An error that explains the end of the FVP."""
        text = log + self._said.decode("ascii", "replace")
        if _LATE.search(text):
            return OutOfTime(
                "The FVP ended at its own time limit, before the firmware did.",
                tries=("a larger --timeout",),
            )
        if END in self._said:
            return Disconnected("The firmware ended its run, and the FVP ended with it.")
        words = " / ".join(line.strip() for line in log.strip().splitlines()[-3:])
        ended = f"The FVP ended before the firmware did, exit code {code}."
        return Disconnected(f"{ended} Its last words: {words or 'none'}", tries=_tries(text))


def _tries(text: str) -> tuple[str, ...]:
    """What helps against a failure that is known by what was said."""
    return next((tries for pattern, tries in _KNOWN if pattern.search(text)), ())
