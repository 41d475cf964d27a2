"""The doorbell of the NPU on QEMU: jobs that the firmware rings for are done by the functional
model.

The driver (templates/npu) fills a job and calls ``fw_npu_doorbell``, where a breakpoint stops the
core. The model does the job, and the core goes on as if an NPU had taken no time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.board import Board, Region
from fwgen.device.rsp import Gone
from fwgen.device.run.elf import Bytes, Elf
from fwgen.device.run.gdb import PC, R0, Gdb
from fwgen.errors import DeviceFault, ModelError
from fwgen.npu.board_npu import Npu
from fwgen.npu.model.machine import Machine
from fwgen.npu.payload import Configuration, Payload, read_payload

STATUS_END_REACHED = 1 << 5
"""Of the NPU's register STATUS: the command stream has been executed up to its end."""

REGIONS = 8
"""An NPU has as many base addresses."""

_JOB = struct.Struct(f"<4I{2 * REGIONS}I")
"""fw_npu_job: answer, payload, its bytes, number of regions, then base and bytes of each."""

_NOP_BYTES = 2  # of the doorbell, before it returns
_ALIGNMENT = 16
_GAP_BYTES = 32  # fewer unchanged bytes than a packet costs are written along


@dataclass(frozen=True, eq=False)
class SharedMemory:
    """Memory of the device that is also ours: its first address, and its bytes."""

    base: int
    data: Bytes

    def view(self, start: int, count: int) -> Bytes | None:
        """``count`` bytes at address ``start``; None if they are elsewhere."""
        offset = start - self.base
        return self.data[offset : offset + count] if 0 <= offset <= len(self.data) - count else None


@dataclass(eq=False)
class _Copy:
    """RAM that can only be reached through the debugger: fetched, and written back if changed."""

    start: int
    data: Bytes
    before: Bytes


class Doorbell:
    """The NPU behind the doorbell of ``elf``.

    ``npu`` names the memories of the board that the NPU reaches. An exception in it ends the
    session.
    """

    def __init__(
        self,
        gdb: Gdb,
        elf: Elf,
        board: Board,
        npu: Npu,
        configuration: Configuration,
        shared: SharedMemory | None,
    ) -> None:
        assert elf.doorbell is not None
        self._gdb, self._elf, self._shared = gdb, elf, shared
        self._address = elf.doorbell
        self._machine = Machine(configuration)
        names = {*npu.arena, *npu.fast, *npu.weights}
        self._reached = [region for region in board.regions if region.name in names]
        self._who = f"the {npu.product} of {board.name}"
        self._payloads: dict[tuple[int, int], Payload] = {}
        self._jobs = 0

    def open(self) -> None:
        """Let the core, halted so far, run. Raises as ``Gdb``."""
        self._gdb.arm(self._address)
        self._gdb.resume()

    def serve(self) -> bool:
        """Do the job that the core has stopped for; False once QEMU is gone.

        Raises DeviceFault for whatever an NPU would not do or the model does not.
        """
        try:
            self._gdb.wait_stop()
            pc = self._gdb.register(PC)
            if pc != self._address:
                raise DeviceFault(f"QEMU stopped at {pc:#010x} and not at the NPU's doorbell.")
            self._do(self._gdb.register(R0))
            self._gdb.set_register(PC, self._address + _NOP_BYTES)
            self._gdb.resume()
        except Gone:
            return False
        return True

    def close(self) -> None:
        """End the NPU."""
        self._machine.close()

    def _do(self, job: int) -> None:
        self._jobs += 1
        at = f"NPU job {self._jobs}"
        _, start, count, number, *ranges = _JOB.unpack(self._gdb.read(job, _JOB.size))
        if number > REGIONS:
            raise DeviceFault(f"The job has {number:,} regions, expected {REGIONS} at most.", at=at)
        regions = {
            i: (ranges[2 * i], ranges[2 * i + 1]) for i in range(number) if ranges[2 * i + 1]
        }
        self._check_reach("The command stream", start, count, at)
        for i, (base, size) in regions.items():
            self._check_reach(f"Region {i}", base, size, at)
        payload = self._payload(start, count, at)
        memory, copies = self._memory(regions)
        try:
            self._machine.run(payload, memory, at)
        except ValueError as error:  # numpy's name for it
            if "read-only" not in str(error):
                raise
            raise DeviceFault("The NPU writes to memory that is only read.", at=at) from None
        answer = STATUS_END_REACHED.to_bytes(4, "little")
        self._gdb.write([*_changes(copies), (job, answer)])

    def _check_reach(self, what: str, start: int, count: int, at: str) -> None:
        """It is aligned, and in one of the memories that the NPU has a bus to."""
        if start % _ALIGNMENT:
            raise DeviceFault(
                f"{what} is at {start:#010x}, expected a multiple of {_ALIGNMENT}.", at=at
            )
        if not any(_holds(region, start, count) for region in self._reached):
            names = ", ".join(region.name for region in self._reached)
            raise DeviceFault(
                f"{what}, {count:,} bytes from {start:#010x}, is not in a memory that {self._who} "
                f"reaches.",
                at=at,
                tries=(f"one of {names}",),
            )

    def _payload(self, start: int, count: int, at: str) -> Payload:
        found = self._payloads.get((start, count))
        if found is None:
            constant = self._elf.constant(start, count)
            data = self._gdb.read(start, count) if constant is None else constant.tobytes()
            try:
                found = read_payload(data, at)
            except ModelError as error:  # the firmware's doing, as it built from a valid one
                raise DeviceFault(error.what, at=error.at, tries=error.tries) from None
            if constant is not None:
                self._payloads[start, count] = found
        return found

    def _memory(
        self, regions: Mapping[int, tuple[int, int]]
    ) -> tuple[dict[int, Bytes], list[_Copy]]:
        """Each region's bytes; those that lie over one another are the same bytes."""
        memory: dict[int, Bytes] = {}
        distant: dict[int, tuple[int, int]] = {}
        for i, (base, size) in regions.items():
            data = self._elf.constant(base, size)
            if data is None and self._shared is not None:
                data = self._shared.view(base, size)
            if data is None:
                distant[i] = base, size
            else:
                memory[i] = data
        copies = []
        for start, end in _joined(distant.values()):
            data = np.frombuffer(self._gdb.read(start, end - start), np.uint8)
            copies.append(_Copy(start, data.copy(), data))
            for i, (base, size) in distant.items():
                if start <= base and base + size <= end:
                    memory[i] = copies[-1].data[base - start : base - start + size]
        return memory, copies


def _holds(region: Region, start: int, count: int) -> bool:
    return region.origin <= start and start + count <= region.origin + region.bytes


def _joined(ranges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Ranges (base, bytes) -> disjoint [start, end)."""
    joined: list[list[int]] = []
    for base, size in sorted(ranges):
        if joined and base < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], base + size)
        else:
            joined.append([base, base + size])
    return joined


def _changes(copies: Sequence[_Copy]) -> list[tuple[int, bytes]]:
    """The runs of bytes that are no longer what they were, with their addresses."""
    found = []
    for copy in copies:
        changed = np.flatnonzero(copy.data != copy.before)
        if not len(changed):
            continue
        cuts = np.flatnonzero(np.diff(changed) > _GAP_BYTES)
        firsts = changed[np.concatenate(([0], cuts + 1))]
        lasts = changed[np.concatenate((cuts, [len(changed) - 1]))]
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
            found.append((copy.start + first, copy.data[first : last + 1].tobytes()))
    return found
