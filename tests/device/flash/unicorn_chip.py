"""A chip on Unicorn as a flash programmer sees it: a core, RAM, and flash behind its controller."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from unicorn import (
    UC_ARCH_ARM,
    UC_HOOK_CODE,
    UC_HOOK_INTR,
    UC_HOOK_MEM_WRITE_PROT,
    UC_MODE_MCLASS,
    UC_MODE_THUMB,
    UC_PROT_EXEC,
    UC_PROT_READ,
    Uc,
    UcError,
)
from unicorn import arm_const as arm

from tests.device.flash.debug_port import PRIVATE, CoreIds, DebuggedCore, DebugPort
from tests.device.flash.machine import PC, R13, THUMB, XPSR

REGISTERS = (
    *(arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3),
    *(arm.UC_ARM_REG_R4, arm.UC_ARM_REG_R5, arm.UC_ARM_REG_R6, arm.UC_ARM_REG_R7),
    *(arm.UC_ARM_REG_R8, arm.UC_ARM_REG_R9, arm.UC_ARM_REG_R10, arm.UC_ARM_REG_R11),
    *(arm.UC_ARM_REG_R12, arm.UC_ARM_REG_SP, arm.UC_ARM_REG_LR, arm.UC_ARM_REG_PC),
)
SLICE = 20_000
"""Instructions at a time: a loader is fed while it runs."""

DEVICES = range(0x4000_0000, 0xE000_0000)
"""Of those that are not in ``registers``, nothing is modelled: they read as 0."""

_GRAIN = 0x1000
"""Of what Unicorn maps."""

Change = Callable[[int, int], int]
"""What becomes of a word that is programmed, by its address."""


class UnicornChip(ABC):
    """A machine. Its controller's registers are in ``registers``; a write to flash is ``program``,
    and what is written for good goes through ``change``."""

    name: str
    openocd: tuple[str, ...]
    """The files of OpenOCD's for it, of which the first that is there counts."""

    ids: CoreIds
    model: int
    flash: range
    ram: range
    page_bytes: int
    registers: tuple[range, ...]
    """Of devices. The core's own are the debug port's."""

    words: ClassVar[Mapping[int, int]] = {}
    """What identifies the chip, to be read only."""

    chip: tuple[int, int, int]
    """Address, value and mask of what a board's file knows it by."""

    def __init__(self, change: Change = lambda address, word: word) -> None:
        self._change = change
        self.vectors = self.flash.start
        self.locked = False
        self.erased_pages = self.burnt_words = 0
        self.running = self._stop = False
        self._thumb = 1
        self._hooks: list[int] = []
        self._uc = uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        uc.ctl_set_cpu_model(self.model)
        uc.mem_map(self.flash.start, len(self.flash), UC_PROT_READ | UC_PROT_EXEC)
        uc.mem_write(self.flash.start, b"\xff" * len(self.flash))
        uc.mem_map(self.ram.start, len(self.ram))
        for place in self.registers:
            self._map_registers(place)
        uc.hook_add(UC_HOOK_MEM_WRITE_PROT, self._on_write)
        uc.hook_add(UC_HOOK_INTR, lambda uc, number, data: self._halt_now())

    def port(self) -> DebugPort:
        """The debug port before the chip, whose flash is empty, so that its core does not run."""
        own = {at: word for at, word in self.words.items() if at >= PRIVATE}
        return DebugPort(DebuggedCore(self, self.ids, overlay=own, lockup=True))

    @abstractmethod
    def load(self, address: int) -> int:
        """A register of the chip's, as it is read."""

    @abstractmethod
    def store(self, address: int, value: int) -> None:
        """The same, as it is written."""

    @abstractmethod
    def program(self, address: int, data: bytes) -> None:
        """What the controller does with a write to flash."""

    @abstractmethod
    def lock(self) -> None:
        """Keep debuggers out, as far as the chip does."""

    def erase(self, address: int) -> None:
        """The page that an address is in has only ones then."""
        start = address // self.page_bytes * self.page_bytes
        self._uc.mem_write(start, b"\xff" * self.page_bytes)
        self.erased_pages += 1

    def burn(self, address: int, data: bytes) -> None:
        """Flash only loses ones."""
        for at in range(0, len(data), 4):
            word = self._change(address + at, int.from_bytes(data[at : at + 4], "little"))
            old = int.from_bytes(self._uc.mem_read(address + at, 4), "little")
            self._uc.mem_write(address + at, (old & word).to_bytes(4, "little"))
            self.burnt_words += 1

    def is_erased(self, address: int, count: int) -> bool:
        return set(self._uc.mem_read(address, count)) == {0xFF}

    def poll(self) -> None:
        """Go on for a slice: nothing runs by itself."""
        if not self.running:
            return
        self._stop = False
        try:
            self._uc.emu_start(self._uc.reg_read(arm.UC_ARM_REG_PC) | 1, 0xFFFF_FFFE, count=SLICE)
        except UcError:
            self._stop = True  # a fault: where nothing is mapped
        self.running = not self._stop

    def resume(self) -> None:
        self._uc.ctl_flush_tb()  # memory that a debugger wrote may have been translated before
        self.running = True

    def halt(self) -> None:
        self.running = False

    def step(self) -> None:
        self._uc.emu_start(self._uc.reg_read(arm.UC_ARM_REG_PC) | 1, 0xFFFF_FFFE, count=1)

    def reset(self) -> None:
        self.running = False
        stack, start = struct.unpack("<II", self.read(self.flash.start, 8))
        for number, value in ((R13, stack), (PC, start & ~1), (XPSR, (start & 1) * THUMB)):
            self.set_register(number, value)

    def read(self, address: int, count: int) -> bytes:
        known = self.words.get(address & ~3)
        if known is not None or self._is_register(address):
            word = self.load(address & ~3) if known is None else known
            return struct.pack("<I", word)[address & 3 :][:count]
        if address in DEVICES:
            return bytes(count)
        try:
            return bytes(self._uc.mem_read(address, count))
        except UcError as error:
            raise OSError(f"{address:#x}: {error}") from None

    def write(self, address: int, data: bytes) -> None:
        if self._is_register(address):
            self.store(address, int.from_bytes(data, "little"))
        elif address in self.flash:
            for start in range(0, len(data), 4):
                self.program(address + start, data[start : start + 4])
        elif address in self.ram:
            self._uc.mem_write(address, data)
        elif address not in DEVICES:
            raise OSError(f"nothing is at {address:#x}")

    def register(self, number: int) -> int:
        if number == XPSR:
            return int(self._uc.reg_read(arm.UC_ARM_REG_XPSR)) & ~THUMB | self._thumb * THUMB
        return int(self._uc.reg_read(REGISTERS[number])) & 0xFFFF_FFFF

    def set_register(self, number: int, value: int) -> None:
        if number == XPSR:
            self._thumb = value // THUMB & 1
        else:
            self._uc.reg_write(REGISTERS[number], value | 1 if number == PC else value)

    def break_at(self, address: int) -> None:
        hook = self._uc.hook_add(
            UC_HOOK_CODE, lambda uc, at, size, data: self._halt_now(), begin=address, end=address
        )
        self._hooks.append(hook)

    def no_breaks(self) -> None:
        for hook in self._hooks:
            self._uc.hook_del(hook)
        self._hooks.clear()

    def _is_register(self, address: int) -> bool:
        return any(address in place for place in self.registers)

    def _map_registers(self, place: range) -> None:
        start = place.start // _GRAIN * _GRAIN
        self._uc.mmio_map(
            *(start, -(-(place.stop - start) // _GRAIN) * _GRAIN),
            *(lambda uc, at, size, data: self.load(start + at), None),
            *(lambda uc, at, size, value, data: self.store(start + at, value), None),
        )

    def _halt_now(self) -> None:
        self._stop = True
        self._uc.emu_stop()

    def _on_write(
        self, uc: Uc, access: int, address: int, size: int, value: int, data: object
    ) -> bool:
        self.program(address, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))
        return True
