"""The log of a serial line: what host and device said, line by line, with the time of each."""

from __future__ import annotations

import time
from pathlib import Path

from fwgen.errors import printable

MOST_BYTES = 8 << 20
"""Of the log of a test: a device that floods the line does not fill the disk."""

LINE_BYTES = 1 << 16
"""What is kept of a line without end until it is logged as one."""


class SerialLog:
    """Appends to ``path``: seconds since the log began, ``>`` to the device or ``<`` from it, and a
    line. Data that is no text is told by its size.

    What an earlier run left there goes with the first line, unless it is to be kept. A log that
    cannot be written ends there, and ``fault`` says why; nothing else stops.
    """

    def __init__(self, path: Path, *, keep: bool = False) -> None:
        self.path = path
        self.fault = ""
        self._mode = "a" if keep else "w"
        self._began = time.monotonic()
        self._room = MOST_BYTES
        self._pending = b""

    def told(self, data: bytes) -> None:
        """Log what the host writes: commands, each of which ends with ``%``, or data."""
        *commands, rest = data.split(b"%")
        for number, command in enumerate(commands):
            if not (command.isascii() and command.decode().isprintable()):
                rest = b"%".join([*commands[number:], rest])
                break
            self._write(">", command + b"%")
        if rest:
            self._write(">", f"({len(rest)} bytes)".encode())

    def heard(self, data: bytes) -> None:
        """Log what the device says, once a line is whole."""
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._write("<", line)
        if len(self._pending) > LINE_BYTES:
            self.close()

    def close(self) -> None:
        """Log the line that has begun, if there is one. More may follow."""
        if self._pending:
            self._write("<", self._pending)
        self._pending = b""

    @property
    def text(self) -> str:
        """All of the log, as far as it could be written."""
        if self._mode == "w":
            return ""
        try:
            return self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def _write(self, direction: str, line: bytes) -> None:
        if self._room <= 0:
            return
        said = printable(line.decode("latin-1").rstrip("\r"))
        entry = f"{time.monotonic() - self._began:9.3f} {direction} {said}\n"
        self._room -= len(entry)
        if self._room <= 0:
            entry += f"The log has {MOST_BYTES:,} bytes; what follows is left out.\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open(self._mode, encoding="utf-8", errors="replace") as file:
                file.write(entry)
            self._mode = "a"
        except OSError as error:
            self._room, self.fault = 0, f"The log cannot be written: {error.strerror}."
