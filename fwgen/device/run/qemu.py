"""QEMU: the default runner. Serial line over pipes; with ``-icount`` counts are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fwgen.board import Board, Counter
from fwgen.device.link import Info, Timeouts
from fwgen.device.link.memory import DeviceMemory
from fwgen.device.run.qemu_machine import SECTION, machine_of
from fwgen.device.run.runner import Capability, Choice, Connection, Launch, Runner
from fwgen.errors import DeviceUnavailable, UsageError

if TYPE_CHECKING:
    from fwgen.npu.payload import Configuration

ICOUNT_SHIFT = 8
"""Each instruction takes 2**8 ns of QEMU's virtual time, which all of its timers count.

This is more than four ticks of a board's timer, so that a difference of readings gives the exact
number of instructions.
"""

MODELLED = frozenset({"ethos-u55", "ethos-u65"})
"""NPUs that ``fwgen.npu`` has a model of."""


def instructions(ticks: int, hz: int) -> int:
    """Ticks of a timer of ``hz`` under icount -> instructions executed, to the nearest."""
    divisor = hz << ICOUNT_SHIFT
    return (ticks * 1_000_000_000 + divisor // 2) // divisor


class Qemu(Runner):
    """Boards that QEMU emulates, on ``qemu-system-arm``."""

    name = "qemu"
    rank = 1
    capabilities = frozenset(
        {Capability.COUNTERS, Capability.NPU, Capability.RECORD, Capability.MEMORY}
    )
    timeouts = Timeouts(boot_s=10.0)

    def suits(self, board: Board) -> bool:
        return board.section(SECTION) is not None

    def refusal(self, board: Board, npu: Configuration | None) -> UsageError | None:
        if npu is None or npu.product in MODELLED:
            return None
        return UsageError(
            f"An {npu.product} is not modelled on QEMU, only by Arm's FVP.",
            at=f"--runner {self.name}",
            tries=("--runner fvp",),
        )

    def missing(
        self, board: Board, npu: Configuration | None = None, choice: Choice | None = None
    ) -> DeviceUnavailable | None:
        return machine_of(board).missing()

    def notes(self, board: Board) -> tuple[str, ...]:
        return machine_of(board).notes

    def command(self, launch: Launch) -> list[str]:
        """The command line."""
        machine = machine_of(launch.board)
        # While an NPU's job is done, the time that passes here must not pass there.
        sleep = ",sleep=off" if launch.npu else ""
        counts = launch.counters or machine.icount
        icount = ("-icount", f"shift={ICOUNT_SHIFT}{sleep}") if counts else ()
        return [
            *(machine.program, *machine.args),
            *("-nographic", "-monitor", "none", "-serial", "stdio", *icount),
            *("-kernel", str(launch.image)),
        ]

    def connect(self, launch: Launch) -> Connection:
        from fwgen.device.run.qemu_process import start  # with a model of an NPU, which few need

        return start(self.command(launch), launch)

    def memory(self, connection: Connection) -> DeviceMemory | None:
        from fwgen.device.run.qemu_process import QemuProcess

        assert isinstance(connection, QemuProcess), "it is from connect"
        return connection.memory

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        return Counter("qemu", "instructions") if counters and info.hz else None

    def count(self, ticks: int, info: Info) -> int:
        return instructions(ticks, info.hz)


RUNNER = Qemu()
