"""``fwgen monitor``: what a device says, as it comes, and to the device what is typed.

Text of a device goes to standard output at once, not when the command is over. A fault is explained
below its line.
"""

from __future__ import annotations

import argparse
import os
import select
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, TextIO

from fwgen import SCHEMA
from fwgen.build.built_project import open_project
from fwgen.cli.arguments import chosen_runner
from fwgen.cli.progress import tell
from fwgen.cli.standard_streams import refused, silence
from fwgen.device.link.answers import read_fault
from fwgen.device.run.runner import Connection, Launch
from fwgen.device.run.serial import BAUD, PORT, RUNNER, read_baud
from fwgen.device.run.symbols import places
from fwgen.device.run.venue import find_venue
from fwgen.device.serial.port import open_port
from fwgen.device.serial.ports import BAUD as USUAL_BAUD
from fwgen.device.serial.ports import find_place
from fwgen.errors import UsageError
from fwgen.host.files import STDOUT, write_json

WAIT_S = 0.05  # between looks at what is typed
CHUNK_BYTES = 4096
LINE_LIMIT = 4096


@dataclass
class Screen:
    """What is shown of a device's bytes. ``image`` is its firmware and ``ops`` those of its model,
    if they are known."""

    stream: TextIO
    image: Path | None = None
    ops: tuple[Mapping[str, Any], ...] = ()
    said: int = 0
    faults: list[str] = field(default_factory=list)
    _line: str = ""

    def show(self, data: bytes) -> None:
        """Write text as it is, the rest escaped; explain each fault after its line.

        Raises ToolError if the stream takes no more, BrokenPipeError if its reader is gone.
        """
        try:
            self._show(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise refused(self.stream, "What the device says", error) from None

    def _show(self, data: bytes) -> None:
        self.said += len(data)
        for part in data.decode("latin-1").splitlines(keepends=True):
            text = "".join(c if c in "\n\t" or " " <= c <= "~" else _escaped(c) for c in part)
            self._line = (self._line + text)[:LINE_LIMIT]
            self.stream.write(text)
            if text.endswith("\n"):
                line, self._line = self._line, ""
                if "e-[fault " in line:
                    self._explain(line.strip())
        self.stream.flush()

    def _explain(self, line: str) -> None:
        fault = read_fault(line)
        where = places(fault.fields, self.image) if self.image else ""
        op = fault.fields.get("op", "-1")
        if op.isdecimal() and int(op) < len(self.ops):
            where = ", ".join(filter(None, (f"{self.ops[int(op)]['op']} is op {op}", where)))
        self.faults.append(fault.what)
        self.stream.write(f"fwgen: {fault.what}{f' It was: {where}.' if where else ''}\n")


def run(args: argparse.Namespace) -> int:
    """Show and send until the time is over, or the user ends it."""
    stream = sys.__stderr__ if args.json == STDOUT else sys.__stdout__
    assert stream is not None, "standard streams were there when the command began"
    screen = Screen(stream)
    with closing(_connection(args, screen)) as connection:
        if not args.quiet:
            tell("Commands end with %, such as name%; Ctrl-C ends the monitor.")
        try:
            _talk(connection, screen, args.for_s or inf)
        except BrokenPipeError:  # the reader has seen enough, as in `| head`
            silence(stream)
    write_json(args.json, {"schema": SCHEMA, "bytes": screen.said, "faults": screen.faults})
    return 0


def _connection(args: argparse.Namespace, screen: Screen) -> Connection:
    """The line to a device: of a project on the runner of the user's choice, or at a port."""
    choice = chosen_runner(args)
    if args.project is None:
        port, baud = choice.options.get(PORT.flag), choice.options.get(BAUD.flag)
        if port is None or choice.name not in (None, RUNNER.name):
            raise UsageError(
                "It is not said what to listen to.",
                at="fwgen monitor",
                tries=("--port /dev/ttyACM0", "a folder that `fwgen build` made"),
            )
        return open_port(find_place(port), USUAL_BAUD if baud is None else read_baud(baud))
    if str(args.project).startswith("/dev/"):
        raise UsageError(
            "This is a serial port, expected a project's folder.",
            at=str(args.project),
            tries=(f"fwgen monitor --port {args.project}",),
        )
    project = open_project(args.project)
    venue = find_venue(project.board, choice, project.npu)
    image = project.image_on(venue.board)
    screen.image, screen.ops = image, tuple(project.result["ops"])
    return venue.runner.connect(Launch(venue.board, image, choice, project.npu))


def _talk(connection: Connection, screen: Screen, for_s: float) -> None:
    typed = _typed()
    until = connection.clock() + for_s
    while connection.clock() < until:
        if typed is not None and select.select([typed], [], [], 0)[0]:
            words = os.read(typed, CHUNK_BYTES)
            if words:
                connection.write(words)
            else:
                typed = None  # its end, as of a pipe: what is asked is still to be answered
        if data := connection.read(WAIT_S):
            screen.show(data)


def _typed() -> int | None:
    """Standard input, None if there is none."""
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return None


def _escaped(character: str) -> str:
    return "" if character in "\r\x04" else f"\\x{ord(character):02x}"
