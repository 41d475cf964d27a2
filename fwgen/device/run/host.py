"""The native executable of board ``host``, over pipes."""

from __future__ import annotations

import os

from fwgen.board import Board, Counter
from fwgen.device.link import Info
from fwgen.device.link.faults import Disconnected, FirmwareFault
from fwgen.device.run.process import Process
from fwgen.device.run.runner import Launch, Runner
from fwgen.errors import DeviceFault, DeviceUnavailable

SANITIZERS = {"UBSAN_OPTIONS": "print_stacktrace=1", "ASAN_OPTIONS": "exitcode=99"}


def explain_end(code: int | None, log: str, heard: bool) -> DeviceFault | DeviceUnavailable:
    """An error that explains the end of the executable: its log has a sanitizer's reports, if
    there are any."""
    reports = [
        line.strip() for line in log.splitlines() if "runtime error:" in line or "ERROR: " in line
    ]
    if reports:
        return FirmwareFault(f"A sanitizer reports: {reports[0]}")
    if code == 0:
        return Disconnected("The executable ended.")
    return FirmwareFault(f"The executable ended with exit code {code}.", at=log.strip()[-200:])


class Host(Runner):
    """The board ``host``: the image is an executable of this machine."""

    name = "host"
    rank = 0
    ends = True

    def suits(self, board: Board) -> bool:
        return board.native

    def command(self, launch: Launch) -> list[str]:
        return [str(launch.image.absolute())]

    def connect(self, launch: Launch) -> Process:
        environment = SANITIZERS | os.environ
        command = self.command(launch)
        return Process(command, explain_end, limit_s=launch.limit_s, env=environment)

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        return Counter(info.counter, info.unit) if info.hz else None


RUNNER = Host()
