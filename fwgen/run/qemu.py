"""QEMU: the default runner. Serial line over pipes; with ``-icount`` counts are exact."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from fwgen.board import Board, Counter
from fwgen.errors import DeviceFault, DeviceUnavailable
from fwgen.link import Info, Timeouts
from fwgen.link.faults import Disconnected, FirmwareFault
from fwgen.run.process import Process

PROGRAM = "qemu-system-arm"
ICOUNT_SHIFT = 8
"""Each instruction takes 2**8 ns of the virtual time that all of QEMU's timers count: more than
four ticks of a board's timer, so that a difference of readings gives the instructions exactly."""

_ABORT = re.compile(r"^(?:qemu: fatal: )?(.*(?:Lockup|fatal:).*)$", re.MULTILINE)


def instructions(ticks: int, hz: int) -> int:
    """Ticks of a timer of ``hz`` under icount -> instructions executed, to the nearest."""
    divisor = hz << ICOUNT_SHIFT
    return (ticks * 1_000_000_000 + divisor // 2) // divisor


def explain_end(code: int | None, log: str, heard: bool) -> DeviceFault | DeviceUnavailable:
    """What it means that QEMU ended."""
    abort = _ABORT.search(log)
    if abort:
        return FirmwareFault(f"QEMU gave the core up: {abort[1].strip()}")
    words = log.strip().splitlines()
    reason = f": {words[-1]}" if words else "."
    if not heard and code != 0:
        return DeviceUnavailable(f"QEMU did not start, exit code {code}{reason}")
    return Disconnected(f"QEMU ended in the middle of a session, exit code {code}{reason}")


class Qemu:
    """Boards that QEMU emulates, on ``qemu-system-arm``."""

    name = "qemu"
    rank = 1
    timeouts = Timeouts(boot_s=10.0)
    ends = False

    def suits(self, board: Board) -> bool:
        return board.qemu is not None

    def missing(self, board: Board) -> DeviceUnavailable | None:
        if shutil.which(PROGRAM):
            return None
        return DeviceUnavailable(
            f"QEMU is not installed: there is no {PROGRAM} on the PATH.",
            tries=("apt install qemu-system-arm",),
        )

    def command(self, board: Board, image: Path, *, counters: bool, limit_s: float) -> list[str]:
        assert board.qemu is not None
        icount = ("-icount", f"shift={ICOUNT_SHIFT}") if counters else ()
        return [
            *(PROGRAM, "-M", board.qemu.machine, *board.qemu.args),
            *("-nographic", "-monitor", "none", "-serial", "stdio", *icount),
            *("-kernel", str(image)),
        ]

    def open(self, board: Board, image: Path, *, counters: bool, limit_s: float) -> Process:
        command = self.command(board, image, counters=counters, limit_s=limit_s)
        return Process(command, explain_end, limit_s=limit_s)

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        return Counter("qemu", "instructions") if counters and info.hz else None

    def count(self, ticks: int, info: Info) -> int:
        return instructions(ticks, info.hz)


RUNNER = Qemu()
