"""Firmware on a chip that is modelled: Unicorn executes its instructions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_HOOK_BLOCK, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn import arm_const as arm

from fwgen.board import Board
from tests.device.chips import Nordic, Nrf53, Peripherals, Rp2350
from tests.device.core_model import Counters, Dwt, Pmu
from tests.device.ra8_chip import Ra8

_PAGE = 0x1000
_SLICE = 200_000  # instructions
_CORES = {
    "cortex-m4": arm.UC_CPU_ARM_CORTEX_M4,
    "cortex-m33": arm.UC_CPU_ARM_CORTEX_M33,
}
COUNTERS: Mapping[str, type[Counters]] = {"dwt": Dwt, "pmu": Pmu}
"""By the source that a board file names."""

CHIPS: dict[str, type[Peripherals]] = {
    "nrf52": Nordic,
    "nrf53": Nrf53,
    "ra8": Ra8,
    "rp2350": Rp2350,
}
"""By the platform of a board."""


class ChipRun:
    """Firmware on a chip."""

    def __init__(self, board: Board, elf: Path, kept: Mapping[int, int] | None = None) -> None:
        """``kept`` is what registers hold at first."""
        self.chip = CHIPS[board.platform](board)
        self.chip.kept |= kept or {}
        self.chip.now = lambda: self.counters.cycles
        self.counters = COUNTERS[board.timer.source if board.timer else ""]()
        self.uc = uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        uc.ctl_set_cpu_model(_CORES.get(board.cpu.name, arm.UC_CPU_ARM_CORTEX_M33))
        self.chip.memory = uc
        for region in board.regions:
            uc.mem_map(region.origin, -(-region.bytes // _PAGE) * _PAGE)
        self._map(0xE000_0000, 0x10_0000, self.counters.read, self.counters.write)
        for base, size in self.chip.ranges:
            self._map(base, size, self.chip.read, self.chip.write, self.chip.check_width)
        with elf.open("rb") as file:
            image = ELFFile(file)
            for segment in image.iter_segments():
                if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]:
                    uc.mem_write(segment["p_paddr"], segment.data())
            self.place = image["e_entry"] | 1
        uc.hook_add(UC_HOOK_BLOCK, self._count)

    def _map(
        self,
        base: int,
        size: int,
        read: Callable[[int], int],
        write: Callable[[int, int], None],
        check: Callable[[int, int], None] = lambda address, width: None,
    ) -> None:
        def on_read(uc: Uc, offset: int, width: int, data: object) -> int:
            check(base + offset, width)
            return read(base + offset)

        def on_write(uc: Uc, offset: int, width: int, value: int, data: object) -> None:
            check(base + offset, width)
            write(base + offset, value)

        self.uc.mmio_map(base, size, on_read, None, on_write, None)

    def _count(self, uc: Uc, address: int, size: int, data: object) -> None:
        self.counters.advance(size // 2)

    def until(self, end: bytes, slices: int = 40) -> bytes:
        """Run until the chip has said ``end``; all that it said."""
        for _ in range(slices):
            if end in self.chip.sent:
                break
            self.uc.emu_start(self.place, 0xFFFF_FFFE, count=_SLICE)
            self.place = self.uc.reg_read(arm.UC_ARM_REG_PC) | 1
        said, self.chip.sent = bytes(self.chip.sent), bytearray()
        assert end in said, f"{hex(self.place)}: {said!r}"
        return said
