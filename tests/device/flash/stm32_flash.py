"""STM32 chips with their flash controllers: what OpenOCD needs to write to them.

Sources: ST's RM0432 (L4+), RM0456 (U5), RM0455 (H7A3) and RM0433 (H743), chapters "Embedded flash
memory"; OpenOCD's ``src/flash/nor/stm32l4x.c`` and ``stm32h7x.c``, which say what it asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from unicorn import arm_const as arm

from tests.device.flash.debug_port import M4, M7, M33
from tests.device.flash.unicorn_chip import Change, UnicornChip

KEYS = (0x4567_0123, 0xCDEF_89AB)
RDP_0, RDP_1 = 0xAA, 0xBB


class FlashWord:
    """The words of one flash word, which are programmed together: in a row, from its beginning."""

    def __init__(self, count: int) -> None:
        self._bytes = count
        self._start = 0
        self._got = b""

    def add(self, address: int, data: bytes) -> tuple[int, bytes] | None:
        """The flash word if it is whole now. Raises ValueError for one out of the row."""
        if not self._got:
            self._start = address
        whole = address == self._start + len(self._got) and len(data) == 4
        if not whole or self._start % self._bytes:
            self._got = b""
            raise ValueError
        self._got += data
        if len(self._got) < self._bytes:
            return None
        found, self._got = self._got, b""
        return self._start, found


class Stm32L4R5(UnicornChip):
    """Pages of 4 KB in two banks, double words of 8 bytes."""

    name, openocd, ids = "STM32L4R5", ("target/stm32l4x.cfg",), M4
    model = arm.UC_CPU_ARM_CORTEX_M4
    flash, ram = range(0x0800_0000, 0x0820_0000), range(0x2000_0000, 0x200A_0000)
    page_bytes, word_bytes = 4096, 8
    controller = 0x4002_2000
    registers = (range(0x4002_2000, 0x4002_3000),)
    words: ClassVar[Mapping[int, int]] = {0x1FFF_75E0: 2048, 0xE004_2000: 0x1001_6470}
    chip = (0xE004_2000, 0x470, 0xFFF)
    KEYR, SR, CR, OPTR = 0x08, 0x10, 0x14, 0x20
    PG, PER, BKER, STRT, LOCK = 1, 2, 1 << 11, 1 << 16, 1 << 31
    EOP, PROGRAMMING, SEQUENCE = 1, 1 << 3, 1 << 7
    bank_pages = 256
    options: ClassVar[Mapping[int, int]] = {
        **{0x24: 0xFFFF, 0x2C: 0xFF, 0x30: 0xFF, 0x44: 0xFFFF, 0x4C: 0xFF, 0x50: 0xFF},
        0x20: 0xFFFF_F800 | RDP_0,
    }
    """Option bytes: read protection of level 0, two banks, nothing is protected."""

    def __init__(self, change: Change = lambda address, word: word) -> None:
        super().__init__(change)
        self._options = dict(self.options)
        self._word = FlashWord(self.word_bytes)
        self._forget()

    def _forget(self) -> None:
        self._keys, self._cr, self._sr = 0, self.LOCK | 1 << 30, 0

    def reset(self) -> None:
        self._forget()
        super().reset()

    def lock(self) -> None:
        self._options[self.OPTR] = self._options[self.OPTR] & ~0xFF | RDP_1

    def load(self, address: int) -> int:
        at = address - self.controller
        return {self.SR: self._sr, self.CR: self._cr}.get(at, self._options.get(at, 0))

    def store(self, address: int, value: int) -> None:
        at = address - self.controller
        if at == self.KEYR:
            self._keys = self._keys + 1 if value == KEYS[self._keys % 2] else 0
            if self._keys == 2:
                self._cr, self._keys = self._cr & ~self.LOCK, 0
        elif at == self.SR:
            self._sr &= ~value
        elif at == self.CR and not self._cr & self.LOCK:
            self._cr = value & ~self.STRT
            if value & self.STRT and value & self.PER:
                page = (value >> 3) % self.bank_pages + bool(value & self.BKER) * self.bank_pages
                self.erase(self.flash.start + page * self.page_bytes)
                self._sr |= self.EOP

    def program(self, address: int, data: bytes) -> None:
        """Only with PG, an unlocked controller and an erased flash word."""
        try:
            if not self._cr & self.PG or self._cr & self.LOCK:
                raise ValueError
            found = self._word.add(address, data)
        except ValueError:
            self._sr |= self.SEQUENCE
            return
        if found is None:
            return
        if self.is_erased(found[0], self.word_bytes):
            self.burn(*found)
            self._sr |= self.EOP
        else:
            self._sr |= self.PROGRAMMING


class Stm32U575(Stm32L4R5):
    """Pages of 8 KB in two banks, quad words of 16 bytes; registers of the non-secure state."""

    name, openocd, ids = "STM32U575", ("target/stm32u5x.cfg",), M33
    model = arm.UC_CPU_ARM_CORTEX_M33
    ram = range(0x2000_0000, 0x200C_0000)
    page_bytes, word_bytes, bank_pages = 8192, 16, 128
    words: ClassVar[Mapping[int, int]] = {0x0BFA_07A0: 2048, 0xE004_4000: 0x3001_6482}
    chip = (0xE004_4000, 0x482, 0xFFF)
    SR, CR, OPTR = 0x20, 0x28, 0x40
    options: ClassVar[Mapping[int, int]] = {
        **{0x58: 0x8000_007F, 0x5C: 0x8000_007F, 0x68: 0x8000_007F, 0x6C: 0x8000_007F},
        0x40: 1 << 21 | RDP_0,  # two banks, TZEN = 0
    }


class Stm32H7A3(UnicornChip):
    """Sectors of 8 KB in two banks, each with a controller, and flash words of 128 bits."""

    name, openocd, ids = "STM32H7A3", ("target/stm32h7x_dual_bank.cfg",), M7
    model = arm.UC_CPU_ARM_CORTEX_M7
    flash, ram = range(0x0800_0000, 0x0820_0000), range(0x2000_0000, 0x2002_0000)
    page_bytes, word_bytes = 8192, 16
    controller = 0x5200_2000
    registers = (range(0x5200_2000, 0x5200_3000),)
    words: ClassVar[Mapping[int, int]] = {0x08FF_F80C: 2048, 0x5C00_1000: 0x1000_6480}
    chip = (0x5C00_1000, 0x480, 0xFFF)
    START, SECTOR = 1 << 5, 6
    """In CR: what begins to erase, and where the number of the sector is."""

    KEYR, CR, SR, CCR, OPTSR, WPSN = 0x04, 0x0C, 0x10, 0x14, 0x1C, 0x38
    LOCK, PG, SER = 1, 2, 4
    SEQUENCE, INCONSISTENT = 1 << 18, 1 << 21
    BANK_BYTES, BANK_REGISTERS = 1 << 20, 0x100

    def __init__(self, change: Change = lambda address, word: word) -> None:
        super().__init__(change)
        self._rdp = RDP_0
        self._words = [FlashWord(self.word_bytes) for _ in range(2)]
        self._forget()

    def _forget(self) -> None:
        self._keys, self._sr, self._cr = [0, 0], [0, 0], [self.LOCK, self.LOCK]

    def reset(self) -> None:
        self._forget()
        super().reset()

    def lock(self) -> None:
        self._rdp = RDP_1

    def load(self, address: int) -> int:
        bank, at = divmod(address - self.controller, self.BANK_REGISTERS)
        if bank > 1:
            return 0
        fixed = {self.OPTSR: self._rdp << 8, self.WPSN: 0xFFFF_FFFF}
        return fixed.get(at, {self.CR: self._cr[bank], self.SR: self._sr[bank]}.get(at, 0))

    def store(self, address: int, value: int) -> None:
        bank, at = divmod(address - self.controller, self.BANK_REGISTERS)
        if bank > 1:
            return
        if at == self.KEYR:
            self._keys[bank] = self._keys[bank] + 1 if value == KEYS[self._keys[bank] % 2] else 0
            if self._keys[bank] == 2:
                self._cr[bank], self._keys[bank] = self._cr[bank] & ~self.LOCK, 0
        elif at == self.CCR:
            self._sr[bank] &= ~value
        elif at == self.CR and not self._cr[bank] & self.LOCK:
            self._cr[bank] = value & ~self.START
            if value & self.START and value & self.SER:
                sector = (value >> self.SECTOR) % (self.BANK_BYTES // self.page_bytes)
                start = self.flash.start + bank * self.BANK_BYTES
                self.erase(start + sector * self.page_bytes)

    def program(self, address: int, data: bytes) -> None:
        """Only with PG and an unlocked controller of the bank, and an erased flash word."""
        bank = (address - self.flash.start) // self.BANK_BYTES
        try:
            if not self._cr[bank] & self.PG or self._cr[bank] & self.LOCK:
                raise ValueError
            found = self._words[bank].add(address, data)
        except ValueError:
            self._sr[bank] |= self.SEQUENCE
            return
        if found is None:
            return
        if self.is_erased(found[0], self.word_bytes):
            self.burn(*found)
        else:
            self._sr[bank] |= self.INCONSISTENT


class Stm32H743(Stm32H7A3):
    """Sectors of 128 KB and flash words of 256 bits."""

    name = "STM32H743"
    page_bytes, word_bytes = 128 << 10, 32
    words: ClassVar[Mapping[int, int]] = {0x1FF1_E880: 2048, 0x5C00_1000: 0x2003_6450}
    chip = (0x5C00_1000, 0x450, 0xFFF)
    START, SECTOR = 1 << 7, 8
