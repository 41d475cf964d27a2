"""QEMU: the default runner. Serial line over pipes; with ``-icount`` counts are exact."""

from __future__ import annotations

import mmap
import re
import socket
import tempfile
from collections.abc import Sequence
from typing import IO

import numpy as np

from fwgen.board import Board, Counter
from fwgen.device.link import Info, Timeouts
from fwgen.device.link.faults import Disconnected, FirmwareFault
from fwgen.device.run.doorbell import Doorbell, SharedMemory
from fwgen.device.run.elf import Elf, read_elf
from fwgen.device.run.gdb import Gdb, Gone
from fwgen.device.run.process import END_S, Process
from fwgen.device.run.runner import Launch
from fwgen.errors import DeviceFault, DeviceUnavailable, UsageError
from fwgen.host.patience import Patience
from fwgen.host.programs import find_program, why_missing
from fwgen.host.scratch import scratch_file
from fwgen.npu.payload import Configuration
from fwgen.npu.target import npu_of

PROGRAM = "qemu-system-arm"
ICOUNT_SHIFT = 8
"""Each instruction takes 2**8 ns of the virtual time that all of QEMU's timers count: more than
four ticks of a board's timer, so that a difference of readings gives the instructions exactly."""

MODELLED = frozenset({"ethos-u55", "ethos-u65"})
"""NPUs that ``fwgen.npu`` has a model of."""

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
    telling = [line for line in words if line.startswith(f"{PROGRAM}:")] or words[-1:]
    reason = f": {telling[0]}" if telling else "."
    if not heard and code != 0:
        return DeviceUnavailable(f"QEMU did not start, exit code {code}{reason}")
    return Disconnected(f"QEMU ended in the middle of a session, exit code {code}{reason}")


def start(command: Sequence[str], launch: Launch) -> Process:
    """Run QEMU with a command line, and the NPU behind the image's doorbell, if it has both.

    Raises UsageError for an NPU that is not modelled, DeviceUnavailable, DeviceFault.
    """
    board, npu, limit_s = launch.board, launch.npu, launch.limit_s
    if npu is None:
        return Process(command, explain_end, limit_s=limit_s)
    own = npu_of(board, npu.name)
    if npu.product not in MODELLED:
        raise UsageError(
            f"An {npu.product} is not modelled on QEMU, only by Arm's FVP.",
            at=f"--runner {Qemu.name}",
            tries=("--runner fvp",),
        )
    elf = read_elf(launch.image)
    if elf.doorbell is None:  # its driver is for the registers, which QEMU does not have
        return Process(command, explain_end, limit_s=limit_s)
    ours, theirs = socket.socketpair()
    with theirs, scratch_file() as file:
        shared, args = _share(board, elf, file)
        args += ["-chardev", f"socket,id=gdb,fd={theirs.fileno()}", "-gdb", "chardev:gdb", "-S"]
        fds = (theirs.fileno(), file.fileno())
        try:
            process = Process([*command, *args], explain_end, limit_s=limit_s, pass_fds=fds)
        except BaseException:
            ours.close()
            raise
    try:
        gdb = Gdb(ours, Patience(process.clock.pid))
        doorbell = Doorbell(gdb, elf, board, own, npu, shared)
        process.attend(ours, doorbell)
        try:
            doorbell.open()
        except Gone:
            process.read(END_S)  # which raises why
            raise Disconnected("QEMU's debugger stub is gone, QEMU is not.") from None
    except BaseException:
        process.close()
        raise
    return process


def _share(board: Board, elf: Elf, file: IO[bytes]) -> tuple[SharedMemory | None, list[str]]:
    """The machine's main memory as ``file``, if the image uses it, and QEMU's arguments for it."""
    assert board.qemu is not None
    base, size = board.qemu.shared_base, board.qemu.shared_bytes
    if not elf.touches(base, size):
        return None, []
    try:
        file.truncate(size)  # of which only what is written takes room
        data = np.frombuffer(mmap.mmap(file.fileno(), size), np.uint8)
    except (OSError, ValueError) as error:
        raise DeviceUnavailable(
            f"The memory of QEMU's machine could not be made: {error}.",
            at=f"a file of {size:,} bytes in {tempfile.gettempdir()}",
            tries=("TMPDIR=FOLDER, one that takes sparse files",),
        ) from None
    backend = f"memory-backend-file,id=shared,size={size},mem-path=/dev/fd/{file.fileno()},share=on"
    return SharedMemory(base, data), ["-object", backend, "-machine", "memory-backend=shared"]


class Qemu:
    """Boards that QEMU emulates, on ``qemu-system-arm``."""

    name = "qemu"
    rank = 1
    timeouts = Timeouts(boot_s=10.0)
    ends = False

    def suits(self, board: Board) -> bool:
        return board.qemu is not None

    def missing(self, board: Board, npu: Configuration | None = None) -> DeviceUnavailable | None:
        if find_program(PROGRAM):
            return None
        return DeviceUnavailable(
            f"QEMU is not installed: {why_missing(PROGRAM)}.",
            tries=("apt install qemu-system-arm",),
        )

    def command(self, launch: Launch) -> list[str]:
        board = launch.board
        assert board.qemu is not None
        # While an NPU's job is done, the time that passes here must not pass there.
        sleep = ",sleep=off" if launch.npu else ""
        icount = ("-icount", f"shift={ICOUNT_SHIFT}{sleep}") if launch.counters else ()
        return [
            *(PROGRAM, "-M", board.qemu.machine, *board.qemu.args),
            *("-nographic", "-monitor", "none", "-serial", "stdio", *icount),
            *("-kernel", str(launch.image)),
        ]

    def open(self, launch: Launch) -> Process:
        return start(self.command(launch), launch)

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        return Counter("qemu", "instructions") if counters and info.hz else None

    def count(self, ticks: int, info: Info) -> int:
        return instructions(ticks, info.hz)


RUNNER = Qemu()
