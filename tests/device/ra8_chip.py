"""An RA8D1 as Renesas' device header describes it, with the limits of bsp_feature.h of its FSP."""

from __future__ import annotations

from typing import ClassVar

from fwgen.board import Board
from tests.device.chips import Peripherals

MHZ = 1_000_000
SYSTEM, SCI9 = 0x4001_E000, 0x4035_8900
FLASH_WAITS = (48, 96, 144, 192, 240)
"""MHz of ICLK up to which 0, 1, 2, ... wait states are enough."""

DIVIDERS = {0: 1, 1: 2, 2: 4, 3: 8, 4: 16, 5: 32, 6: 64, 8: 3, 9: 6, 10: 12}


class Ra8(Peripherals):
    """R_SYSTEM, R_FCACHE, R_PSCU, R_MSTP, R_PFS, R_PMISC, R_PORTn and SCI9.

    What a lock protects cannot be written while it is closed. ``steps`` are clocks of the core that
    a write led to, in Hz, and the cycle of each.
    """

    ranges = ((0x4000_0000, 0x0050_0000),)
    PRCR, PWPRS, PSARB, MSTPCRB = SYSTEM + 0x3FA, 0x4040_0D14, 0x4020_4004, 0x4020_3004
    PFS, PMSAR, PORTS = 0x4040_0800, 0x4040_0D30, 0x4040_0000
    FLWT, FCACHEE, FCACHEIV = 0x4001_C11C, 0x4001_C100, 0x4001_C104
    BYTES: ClassVar = {
        SYSTEM + at for at in (0x24, 0x26, 0x2A, 0x32, 0x3C, 0x54, 0x55, 0xA2, 0xA50)
    }
    HALVES: ClassVar = {SYSTEM + at for at in (0x28, 0x4C, 0x3FA)} | {FCACHEE, FCACHEIV}

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self.steps: list[tuple[int, int]] = []
        self.kept |= {SYSTEM + 0x26: 1, SYSTEM + 0x2A: 1, SYSTEM + 0x32: 1, self.PWPRS: 0x80}
        self.kept |= {self.MSTPCRB: 0xFFFF_FFFF, self.PSARB: 0xFFFF_FFFF}
        self.kept |= {self.PMSAR + 4 * port: 0xFFFF for port in range(15)}

    def check_width(self, address: int, width: int) -> None:
        if address in self.BYTES or address in (self.FLWT, self.PWPRS, SCI9 + 4, SCI9 + 0x1C):
            expected = 1
        elif address in self.HALVES or self.PMSAR <= address < self.PMSAR + 60:
            expected = 2
        else:
            expected = 2 if self.PORTS <= address < self.PFS else 4
        assert width == expected, f"{address:#x} has {expected} bytes"

    def system(self, offset: int) -> int:
        return self.read_kept(SYSTEM + offset)

    # ---- clocks

    def stable(self) -> int:
        """OSCSF: the crystal of 20 MHz needs its drive; the PLL a source that is stable."""
        crystal = not self.system(0x32) & 1 and self.system(0xA50) == 3 << 1
        source = crystal and not self.system(0x28) >> 4 & 1
        return crystal << 3 | (source and not self.system(0x2A) & 1) << 5

    def pll_hz(self) -> int:
        """Output P of PLL1."""
        if not self.stable() & 1 << 5:
            return 0
        control = self.system(0x28)
        reference = 20 * MHZ // ((control & 3) + 1)
        assert 6 * MHZ <= reference <= 12 * MHZ and not control >> 6 & 3
        middle = reference * ((control >> 8) + 1)
        assert 640 * MHZ <= middle <= 1440 * MHZ
        return middle // {1: 2, 3: 4}[self.system(0x4C) & 15]

    def source_hz(self) -> int:
        return {1: 8 * MHZ, 3: 20 * MHZ, 5: self.pll_hz()}[self.system(0x26) & 7]

    def core_hz(self) -> int:
        return self.source_hz() // DIVIDERS[self.system(0x24) & 15]

    def check_clocks(self) -> None:
        """The flash waits for its clock; no clock is faster than the core or than it may be."""
        dividers = self.system(0x20)
        memory = self.source_hz() // DIVIDERS[dividers >> 24 & 15]
        assert memory <= self.core_hz() <= 480 * MHZ and memory <= 240 * MHZ
        assert FLASH_WAITS[self.read_kept(self.FLWT) & 7] * MHZ >= memory, "the flash waits less"
        if not self.steps or self.steps[-1][1] != self.core_hz():
            self.steps.append((self.now(), self.core_hz()))

    def line_hz(self) -> int:
        control = self.system(0x55)
        if control & 0x40 or control & 15 != 5:
            return 0
        return self.pll_hz() // {0: 1, 1: 2, 2: 4}[self.system(0x54) & 7]

    # ---- locks

    def locked(self, address: int) -> bool:
        open_locks = self.read_kept(self.PRCR)
        if SYSTEM <= address < SYSTEM + 0x1000 and address != self.PRCR:
            return not open_locks & 1
        if address == self.PSARB or self.PMSAR <= address < self.PMSAR + 60:
            return not open_locks & 1 << 4
        return self.PFS <= address < self.PFS + 0x3C0 and not self.read_kept(self.PWPRS) & 1 << 6

    def write(self, address: int, value: int) -> None:
        assert not self.locked(address), f"{address:#x} is locked"
        if address == self.PRCR:
            assert value >> 8 == 0xA5, "the key"
            value &= 0xFF
        if address == self.PWPRS and self.read_kept(self.PWPRS) & 0x80 and value & 0x40:
            value &= ~0x40  # B0WI
        super().write(address, 0 if address == self.FCACHEIV else value)
        if SYSTEM <= address < SYSTEM + 0x1000:
            self.check_clocks()
        self.write_port(address, value)
        self.watch()
        if address == SCI9 + 4 and self.works(self.uart.tx_pin):
            self.sent.append(value & 0xFF)

    def write_port(self, address: int, value: int) -> None:
        """POSR sets and PORR clears outputs, which are PODR in PFS as well."""
        if not self.PORTS <= address < self.PFS:
            return
        port, register = divmod(address - self.PORTS, 0x20)
        for number in (n for n in range(16) if value >> n & 1):
            pin = self.PFS + 4 * (16 * port + number)
            self.kept[pin] = self.read_kept(pin) & ~1 | {0x8: 1, 0xA: 0}[register]

    def trigger(self) -> bool | None:
        pin = self.board.trigger
        assert pin is not None
        own = self.read_kept(self.PFS + 4 * pin)
        return bool(own & 1) if own & 0x1_0004 == 4 and self.owns(pin) else None

    def owns(self, pin: int) -> bool:
        return not self.read_kept(self.PMSAR + 4 * (pin >> 4)) >> (pin & 15) & 1

    # ---- the serial line

    def works(self, pin: int | None) -> bool:
        """Whether the module runs for the secure state, with queues, 8 bits, at the right rate, and
        is connected to a pin."""
        assert pin is not None
        control, rate, form = (self.read_kept(SCI9 + at) for at in (0x08, 0x10, 0x14))
        halves = (rate >> 4 & 1) + (rate >> 5 & 1)
        clock = self.line_hz() / 4 ** (rate >> 20 & 3)
        real = clock / (32 >> halves) / ((rate >> 8 & 0xFF) + 1)
        function = self.read_kept(self.PFS + 4 * pin)
        return (
            not (self.read_kept(self.MSTPCRB) | self.read_kept(self.PSARB)) >> 22 & 1
            and control & 0x11 == 0x11
            and form & 0x0017_5300 == 0x0010_1200
            and not rate >> 16 & 1
            and abs(real - self.baud) < self.baud / 100
            and function >> 16 & 1
            and function >> 24 & 31 == 5
            and self.owns(pin)
        )

    def read(self, address: int) -> int:
        if address == SYSTEM + 0x3C:
            return self.stable()
        if address == SYSTEM + 0x55:  # CKSRDY follows CKSREQ
            return self.system(0x55) | (self.system(0x55) & 0x40) << 1
        if address == SCI9 + 0x1C:
            return self.read_kept(SCI9 + 8) & 1
        if address == SCI9 + 0x48:
            return 1 << 30
        if address == SCI9 + 0x50:
            return bool(self.waiting and self.works(self.uart.rx_pin)) << 8
        if address == SCI9:
            return self.waiting.pop(0)
        return super().read(address)
