"""nRF52840 and nRF5340 with their flash controllers: what OpenOCD needs to write to them.

Sources: Nordic's nRF52840 and nRF5340 product specifications, chapters "NVMC" and "FICR", and
OpenOCD's ``src/flash/nor/nrf5.c``, which says what it asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from unicorn import arm_const as arm

from tests.device.flash.debug_port import CONTROL, M4, M33
from tests.device.flash.unicorn_chip import Change, UnicornChip

READY, CONFIG, ERASEPAGE = 0x400, 0x504, 0x508
WRITE, ERASE = 1, 2
"""Values of CONFIG."""


M4_OF_NRF52 = replace(M4, others={1: (0x0288_0000, CONTROL)})
M33_OF_NRF53 = replace(M33, dpidr=0x6BA0_2477, others={2: (0x1288_0000, CONTROL)}, open_status=3)


class Nrf52840(UnicornChip):
    """Pages of 4 KB, which a register erases; words of 32 bits."""

    name, openocd, ids = "nRF52840", ("target/nordic/nrf52.cfg", "target/nrf52.cfg"), M4_OF_NRF52
    model = arm.UC_CPU_ARM_CORTEX_M4
    flash, ram = range(0, 0x10_0000), range(0x2000_0000, 0x2004_0000)
    page_bytes = 4096
    controller = 0x4001_E000
    registers = (range(0x4001_0000, 0x4001_1000), range(0x4001_E000, 0x4001_F000))
    words: ClassVar[Mapping[int, int]] = {
        **{0x1000_0010: 4096, 0x1000_0014: 256, 0x1000_005C: 0xFFFF_FFFF},
        **{0x1000_0100: 0x52840, 0x1000_0104: 0x4141_4430, 0x1000_0108: 0x2004},
        **{0x1000_010C: 256, 0x1000_0110: 1024},
    }
    chip = (0x1000_0100, 0x52840, 0xFFFF_FFFF)

    def __init__(self, change: Change = lambda address, word: word) -> None:
        super().__init__(change)
        self._config = 0

    def lock(self) -> None:
        self.locked = True

    def reset(self) -> None:
        self._config = 0
        super().reset()

    def load(self, address: int) -> int:
        return {READY: 1, CONFIG: self._config}.get(address - self.controller, 0)

    def store(self, address: int, value: int) -> None:
        at = address - self.controller
        if at == CONFIG:
            self._config = value
        elif at == ERASEPAGE and self._config == ERASE:
            self.erase(value)

    def program(self, address: int, data: bytes) -> None:
        """Writes that are not enabled are forgotten, without a word."""
        if self._config == WRITE and len(data) == 4 and not address % 4:
            self.burn(address, data)


class Nrf5340(Nrf52840):
    """The application core. A page is erased by ones in its first word."""

    name, openocd, ids = "nRF5340", ("target/nordic/nrf53.cfg",), M33_OF_NRF53
    model = arm.UC_CPU_ARM_CORTEX_M33
    ram = range(0x2000_0000, 0x2008_0000)
    controller = 0x5003_9000
    registers = (range(0x5003_9000, 0x5003_A000), range(0x5001_8000, 0x5001_9000))
    words: ClassVar[Mapping[int, int]] = {
        **{0x00FF_0200: 0xFFFF_FFFF, 0x00FF_020C: 0x5340, 0x00FF_0210: 0x514B_4141},
        **{0x00FF_0214: 0x2000, 0x00FF_0218: 512, 0x00FF_021C: 1024},
        **{0x00FF_0220: 4096, 0x00FF_0224: 256},
    }
    chip = (0x00FF_020C, 0x5340, 0xFFFF_FFFF)

    def program(self, address: int, data: bytes) -> None:
        if self._config == ERASE and data == b"\xff" * 4 and not address % self.page_bytes:
            self.erase(address)
        else:
            super().program(address, data)
