"""A process of QEMU, with the NPU of its board behind the image's doorbell."""

from __future__ import annotations

import mmap
import re
import socket
import tempfile
from collections.abc import Sequence
from typing import IO

import numpy as np

from fwgen.board import Board
from fwgen.device.link.faults import Disconnected, FirmwareFault
from fwgen.device.rsp import Gone
from fwgen.device.run.doorbell import Doorbell, SharedMemory
from fwgen.device.run.elf import Elf, read_elf
from fwgen.device.run.gdb import Gdb
from fwgen.device.run.process import END_S, Process
from fwgen.device.run.qemu_machine import PROGRAM, machine_of
from fwgen.device.run.runner import Launch
from fwgen.errors import DeviceFault, DeviceUnavailable
from fwgen.host.patience import Patience
from fwgen.host.scratch import scratch_file
from fwgen.npu.board_npu import npu_of

_ABORT = re.compile(r"^(?:qemu: fatal: )?(.*(?:Lockup|fatal:).*)$", re.MULTILINE)


def explain_end(code: int | None, log: str, heard: bool) -> DeviceFault | DeviceUnavailable:
    """An error that explains the end of QEMU."""
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

    Raises DeviceUnavailable, DeviceFault.
    """
    board, npu, limit_s = launch.board, launch.npu, launch.limit_s
    if npu is None:
        return Process(command, explain_end, limit_s=limit_s)
    own = npu_of(board, npu.name)
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
    machine = machine_of(board)
    base, size = machine.shared_base, machine.shared_bytes
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
