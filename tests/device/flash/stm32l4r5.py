"""An STM32L4R5 on Unicorn, with its flash controller: what OpenOCD needs to write to it.

Source: ST's RM0432, chapter "Embedded flash memory" (FLASH_KEYR, FLASH_SR, FLASH_CR, FLASH_OPTR),
and OpenOCD's ``src/flash/nor/stm32l4x.c``, which says what it asks.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

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
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R3,
    UC_ARM_REG_R4,
    UC_ARM_REG_R5,
    UC_ARM_REG_R6,
    UC_ARM_REG_R7,
    UC_ARM_REG_R8,
    UC_ARM_REG_R9,
    UC_ARM_REG_R10,
    UC_ARM_REG_R11,
    UC_ARM_REG_R12,
    UC_ARM_REG_SP,
    UC_ARM_REG_XPSR,
    UC_CPU_ARM_CORTEX_M4,
)

from tests.device.flash.machine import PC, R13, THUMB, XPSR

REGISTERS = (
    *(UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R4, UC_ARM_REG_R5),
    *(UC_ARM_REG_R6, UC_ARM_REG_R7, UC_ARM_REG_R8, UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11),
    *(UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC),
)
SLICE = 20_000
"""Instructions at a time: a loader is fed while it runs."""

FLASH, FLASH_BYTES, PAGE_BYTES = 0x0800_0000, 2 << 20, 4096
CONTROLLER, SIZE_REGISTER = 0x4002_2000, 0x1FFF_75E0
KEYR, SR, CR, OPTR = 0x08, 0x10, 0x14, 0x20
KEYS = (0x4567_0123, 0xCDEF_89AB)
PG, PER, STRT, LOCK = 1, 2, 1 << 16, 1 << 31
PROGRAMMING_ERROR = 1 << 7
UNLOCKED_OPTIONS = 0xFFFF_F8AA  # RDP level 0, two banks
WHOLE = {OPTR: UNLOCKED_OPTIONS, 0x24: 0xFFFF, 0x2C: 0xFF, 0x30: 0xFF, 0x44: 0xFFFF, 0x4C: 0xFF}
"""Option bytes: nothing is protected."""
IDCODE = {0xE004_2000: 0x1001_6470}


class Stm32L4R5:
    """The chip. ``change`` is what becomes of a word that is programmed."""

    vectors = FLASH
    ram = range(0x2000_0000, 0x200A_0000)

    def __init__(self, change: Callable[[int, int], int] = lambda address, word: word) -> None:
        self._change = change
        self.options = {**WHOLE, 0x50: 0xFF}
        self.erased_pages = 0
        self.running = self._stop = False
        self._thumb, self._keys = 1, 0
        self._cr, self._sr = LOCK | 1 << 30, 0
        self._hooks: list[int] = []
        self._uc = uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        uc.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M4)
        uc.mem_map(FLASH, FLASH_BYTES, UC_PROT_READ | UC_PROT_EXEC)
        uc.mem_write(FLASH, b"\xff" * FLASH_BYTES)
        uc.mem_map(self.ram.start, len(self.ram))
        uc.mem_map(SIZE_REGISTER & ~0xFFFF, 0x1_0000)
        uc.mem_write(SIZE_REGISTER, struct.pack("<H", FLASH_BYTES >> 10))
        uc.mmio_map(
            *(CONTROLLER, 0x1000, lambda uc, at, size, data: self._load(at), None),
            *(lambda uc, at, size, value, data: self._store(at, value), None),
        )
        uc.hook_add(UC_HOOK_MEM_WRITE_PROT, self._on_write)
        uc.hook_add(UC_HOOK_INTR, lambda uc, number, data: self._halt_now())

    def poll(self) -> None:
        """Go on for a slice: nothing runs by itself."""
        if not self.running:
            return
        self._stop = False
        try:
            self._uc.emu_start(self._uc.reg_read(UC_ARM_REG_PC) | 1, 0xFFFF_FFFE, count=SLICE)
        except UcError:
            self._stop = True  # a fault: where nothing is mapped
        self.running = not self._stop

    def resume(self) -> None:
        self._uc.ctl_flush_tb()  # memory that a debugger wrote may have been translated before
        self.running = True

    def halt(self) -> None:
        self.running = False

    def step(self) -> None:
        self._uc.emu_start(self._uc.reg_read(UC_ARM_REG_PC) | 1, 0xFFFF_FFFE, count=1)

    def reset(self) -> None:
        self.running = False
        self._cr, self._sr, self._keys = LOCK | 1 << 30, 0, 0
        stack, start = struct.unpack("<II", self.read(FLASH, 8))
        for number, value in ((R13, stack), (PC, start & ~1), (XPSR, (start & 1) * THUMB)):
            self.set_register(number, value)

    def read(self, address: int, count: int) -> bytes:
        if CONTROLLER <= address < CONTROLLER + 0x1000:
            return struct.pack("<I", self._load(address - CONTROLLER))[:count]
        try:
            return bytes(self._uc.mem_read(address, count))
        except UcError as error:
            raise OSError(f"{address:#x}: {error}") from None

    def write(self, address: int, data: bytes) -> None:
        if CONTROLLER <= address < CONTROLLER + 0x1000:
            self._store(address - CONTROLLER, int.from_bytes(data, "little"))
        elif FLASH <= address < FLASH + FLASH_BYTES:
            for start in range(0, len(data), 4):
                self._program(address + start, data[start : start + 4])
        elif address in self.ram:
            self._uc.mem_write(address, data)
        elif not 0x4000_0000 <= address < 0xE000_0000:  # of other devices, nothing is modelled
            raise OSError(f"nothing is at {address:#x}")

    def register(self, number: int) -> int:
        if number == XPSR:
            return int(self._uc.reg_read(UC_ARM_REG_XPSR)) & ~THUMB | self._thumb * THUMB
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

    def _halt_now(self) -> None:
        self._stop = True
        self._uc.emu_stop()

    def _load(self, at: int) -> int:
        return {SR: self._sr, CR: self._cr}.get(at, self.options.get(at, 0))

    def _store(self, at: int, value: int) -> None:
        if at == KEYR:
            self._keys = self._keys + 1 if value == KEYS[self._keys % 2] else 0
            if self._keys == 2:
                self._cr &= ~LOCK
                self._keys = 0
        elif at == SR:
            self._sr &= ~value
        elif at == CR and not self._cr & LOCK:
            self._cr = value
            if value & STRT:
                if value & PER:
                    page = (value >> 3 & 0xFF) + (256 if value & 1 << 11 else 0)
                    self._uc.mem_write(FLASH + page * PAGE_BYTES, b"\xff" * PAGE_BYTES)
                    self.erased_pages += 1
                self._cr &= ~STRT
                self._sr |= 1

    def _on_write(
        self, uc: Uc, access: int, address: int, size: int, value: int, data: object
    ) -> bool:
        self._program(address, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))
        return True

    def _program(self, address: int, data: bytes) -> None:
        """Flash only loses ones, and only with PG set and the controller unlocked."""
        if not self._cr & PG or self._cr & LOCK:
            self._sr |= PROGRAMMING_ERROR
            return
        word = self._change(address, int.from_bytes(data, "little"))
        old = int.from_bytes(self._uc.mem_read(address, len(data)), "little")
        self._uc.mem_write(address, (old & word).to_bytes(len(data), "little"))
        self._sr |= 1
