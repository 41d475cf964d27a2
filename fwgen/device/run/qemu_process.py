"""A process of QEMU, with the NPU of its board behind the image's doorbell."""

from __future__ import annotations

import mmap
import re
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


class StubMemory:
    """The memory of a running core by QEMU's debugger stub: the core stands meanwhile."""

    def __init__(self, gdb: Gdb, process: Process) -> None:
        self._gdb, self._process = gdb, process

    def read(self, address: int, count: int) -> bytes:
        with self._halted():
            return self._gdb.read(address, count)

    def write(self, address: int, data: bytes) -> None:
        with self._halted():
            self._gdb.write([(address, data)])

    @contextmanager
    def _halted(self) -> Iterator[None]:
        try:
            with _explained(self._process), self._gdb.halted():
                yield
        except DeviceFault as fault:
            fault.tries = (*fault.tries, "--link serial")
            raise


class QemuProcess(Process):
    """QEMU, perhaps with a debugger stub."""

    _gdb: Gdb | None = None

    def debug(self, connection: socket.socket) -> Gdb:
        """Its debugger stub, at the other end of ``connection``, which ends with the process."""
        self._sockets.append(connection)
        self._gdb = Gdb(connection, Patience(self.clock.pid))
        return self._gdb

    @property
    def memory(self) -> StubMemory | None:
        """The memory by its stub, None if it has none."""
        return None if self._gdb is None else StubMemory(self._gdb, self)


@contextmanager
def _explained(process: Process) -> Iterator[None]:
    """If the stub is gone, say why QEMU is."""
    try:
        yield
    except Gone:
        process.read(END_S)  # which raises why
        raise Disconnected("QEMU's debugger stub is gone, QEMU is not.") from None


def start(command: Sequence[str], launch: Launch) -> QemuProcess:
    """Run QEMU with a command line, and the NPU behind the image's doorbell, if it has both.

    It has a debugger stub for the NPU, or to reach the memory. Raises DeviceUnavailable,
    DeviceFault.
    """
    elf = read_elf(launch.image) if launch.npu else None
    if elf is not None and elf.doorbell is None:
        elf = None  # its driver is for the registers, which QEMU does not have
    if elf is None and launch.choice.serial:
        return QemuProcess(command, explain_end, limit_s=launch.limit_s)
    ours, theirs = socket.socketpair()
    with theirs, scratch_file() as file:
        shared, more = (None, []) if elf is None else _share(launch.board, elf, file)
        more += ["-S"] if elf is not None else []  # until the doorbell is armed
        stub = ["-chardev", f"socket,id=gdb,fd={theirs.fileno()}", "-gdb", "chardev:gdb"]
        fds = (theirs.fileno(), file.fileno())
        try:
            process = QemuProcess(
                [*command, *more, *stub], explain_end, limit_s=launch.limit_s, pass_fds=fds
            )
        except BaseException:
            ours.close()
            raise
    try:
        gdb = process.debug(ours)
        if elf is not None and launch.npu is not None:
            own = npu_of(launch.board, launch.npu.name)
            doorbell = Doorbell(gdb, elf, launch.board, own, launch.npu, shared)
            process.attend(ours, doorbell)
            with _explained(process):
                doorbell.open()
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
