"""Chips as their makers describe them, on which firmware runs as it is: clocks, pins, serial line.

Unicorn executes the instructions. What is modelled is what the firmware has to set up: a serial
line that is off, without a pin, in reset, or at a wrong rate says nothing. Sources are the makers'
descriptions of registers; nothing is shared with the code of the firmware.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from unicorn import Uc

from fwgen.board import Board

BAUD = 115_200


class Peripherals:
    """Registers by address. Any that is not modelled keeps what is written."""

    ranges: tuple[tuple[int, int], ...] = ((0x4000_0000, 0x0020_0000), (0x5000_0000, 0x0100_0000))

    def __init__(self, board: Board) -> None:
        assert board.uart is not None
        self.board, self.uart = board, board.uart
        self.kept: dict[int, int] = {}
        self.sent, self.waiting = bytearray(), bytearray()
        self.baud = BAUD
        self.memory: Uc | None = None
        self.now: Callable[[], int] = lambda: 0
        self.edges: list[tuple[int, bool]] = []

    def read(self, address: int) -> int:
        return self.kept.get(address, 0)

    def read_kept(self, address: int) -> int:
        """A register as it is, without what a read does."""
        return self.kept.get(address, 0)

    def write(self, address: int, value: int) -> None:
        self.kept[address] = value

    def check_width(self, address: int, width: int) -> None:
        """Raise AssertionError for a register that has another width, in bytes."""

    def core_hz(self) -> int:
        """The clock of the core, by what the registers say."""
        raise NotImplementedError

    def trigger(self) -> bool | None:
        """The level of the board's trigger pin, None if nothing drives it."""
        raise NotImplementedError

    def watch(self) -> None:
        """Note when the trigger pin changes, and to what."""
        level = self.trigger() if self.board.trigger is not None else None
        if level is not None and (not self.edges or self.edges[-1][1] != level):
            self.edges.append((self.now(), level))


class Nordic(Peripherals):
    """nRF52840 and nRF5340: CLOCK, GPIO, NVMC and UARTE of the product specifications, and UICR,
    which is flash: a write clears bits, while the NVMC lets it."""

    ranges = (*Peripherals.ranges, (0x1000_0000, 0x2000))
    clock, port, flash_cache, nvmc = 0x4000_0000, 0x5000_0504, 0x4001_E540, 0x4001_E000
    uicr = range(0x1000_1000, 0x1000_2000)
    protections: ClassVar = {0x1000_1208: 0x4000_0558}
    """APPROTECT of UICR, and the register that takes the same from firmware."""
    open_value = 0xFFFF_FF5A
    REVISION = 0x1000_0134

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self.listens = False
        self.kept |= {self.REVISION: 5, self.nvmc + 0x400: 1}
        self.kept |= dict.fromkeys(self.protections, 0xFFFF_FFFF)

    def core_hz(self) -> int:
        assert self.read_kept(self.flash_cache) == 1, "the flash has no cache"
        return 64_000_000

    def trigger(self) -> bool | None:
        pin = self.board.trigger
        assert pin is not None
        port = self.port + 0x300 * (pin >> 5)
        driven = self.read_kept(port + 0x10) >> (pin & 31) & 1
        return bool(self.read_kept(port) >> (pin & 31) & 1) if driven else None

    def write(self, address: int, value: int) -> None:
        if address in self.uicr:
            assert self.read_kept(self.nvmc + 0x504) == 1, "UICR is written through the NVMC"
            value &= self.read_kept(address)
        super().write(address, value)
        if address == self.clock and value:  # HFCLKSTART
            self.kept[self.clock + 0x100] = 1
        for port in (self.port, self.port + 0x300):
            out, direction = self.read_kept(port), self.read_kept(port + 0x10)
            if address == port + 0x04:  # OUTSET
                self.kept[port] = out | value
            if address == port + 0x08:  # OUTCLR
                self.kept[port] = out & ~value
            if address == port + 0x14:  # DIRSET
                self.kept[port + 0x10] = direction | value
        self.watch()
        if address == self.uart.base + 0x008 and value and self.works(0x50C):  # STARTTX
            assert self.read_kept(self.port) >> self.read(self.uart.base + 0x50C) & 1, "a low line"
            self.sent += self.ram(0x544)
            self.kept[self.uart.base + 0x120] = 1  # ENDTX
        if address == self.uart.base and value:  # STARTRX
            self.listens = self.works(0x514)
        self.receive()

    def works(self, select: int) -> bool:
        """Whether the line is on, at the right rate by the crystal, at the pin of the board."""
        pin = self.kept.get(self.uart.base + select)
        wanted = self.uart.tx_pin if select == 0x50C else self.uart.rx_pin
        rate = self.read_kept(self.uart.base + 0x524) * 16_000_000 / 2**32
        return (
            self.read_kept(self.uart.base + 0x500) == 8
            and pin == wanted
            and abs(rate - self.baud) < self.baud / 100
            and self.read_kept(self.clock + 0x100) == 1
        )

    def ram(self, pointer: int) -> bytes:
        """What EasyDMA, which reaches RAM alone, has at a pointer: one byte."""
        assert self.memory is not None
        place = self.read_kept(self.uart.base + pointer)
        ram = self.board.region("data")
        assert ram.origin <= place < ram.origin + ram.bytes and self.read_kept(
            self.uart.base + pointer + 4
        )
        return bytes(self.memory.mem_read(place, 1))

    def receive(self) -> None:
        """A byte that waits goes to RAM."""
        if self.listens and self.waiting:
            self.ram(0x534)
            assert self.memory is not None
            place = self.read_kept(self.uart.base + 0x534)
            self.memory.mem_write(place, bytes([self.waiting.pop(0)]))
            self.listens = False
            self.kept[self.uart.base + 0x110] = 1  # ENDRX

    def read(self, address: int) -> int:
        self.receive()
        return super().read(address)


class Nrf53(Nordic):
    """The application core, secure."""

    clock, port, flash_cache, nvmc = 0x5000_5000, 0x5084_2504, 0x5000_1500, 0x5003_9000
    ranges = (*Peripherals.ranges, (0x00FF_0000, 0x1000), (0x00FF_8000, 0x1000))
    uicr = range(0x00FF_8000, 0x00FF_9000)
    protections: ClassVar = {0x00FF_8000: 0x5000_6544, 0x00FF_801C: 0x5000_654C}
    open_value = 0x50FA_50FA
    TRIMMED: ClassVar = {0x5003_2100: 0x1234, 0x5003_2104: 0x5678}
    """Registers, and what the factory has left in FICR.TRIMCNF for them."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        words = [word for pair in self.TRIMMED.items() for word in pair] + [0xFFFF_FFFF]
        self.kept |= {0x00FF_0300 + 4 * i: word for i, word in enumerate(words)}

    def core_hz(self) -> int:
        assert self.read_kept(self.clock + 0x514) == 1, "not from the crystal"
        assert self.read_kept(self.flash_cache) == 1, "the flash has no cache"
        assert self.TRIMMED.items() <= self.kept.items(), "not trimmed"
        return 128_000_000 >> (self.kept.get(self.clock + 0x558, 1) & 3)


class Rp2350(Peripherals):
    """RESETS, XOSC, PLL_SYS, CLOCKS, PADS, IO, SIO and UART0 of the RP2350 datasheet."""

    ranges = (*Peripherals.ranges, (0xD000_0000, 0x1000))

    RESETS, XOSC, PLL, CLOCKS = 0x4002_0000, 0x4004_8000, 0x4005_0000, 0x4001_0000
    PADS, IO, SIO = 0x4003_8000, 0x4002_8000, 0xD000_0000
    BLOCKS: ClassVar = {6: IO, 9: PADS, 14: PLL, 26: 0x4007_0000}
    """Bits of RESETS, and what they hold in reset."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self.kept = {self.RESETS: 0xFFFF_FFFF, self.PLL + 4: 0x2D, self.PLL: 1}
        self.kept |= {self.PADS + 4 + 4 * pin: 0x116 for pin in range(48)}

    def in_reset(self, address: int) -> bool:
        block = address & ~0x3FFF
        return any(
            self.kept[self.RESETS] >> bit & 1 for bit, base in self.BLOCKS.items() if base == block
        )

    def trigger(self) -> bool | None:
        pin = self.board.trigger
        assert pin is not None
        driven = (
            self.kept.get(self.IO + 4 + 8 * pin, 0) & 31 == 5
            and not self.kept[self.PADS + 4 + 4 * pin] & 0x180
            and self.kept.get(self.SIO + 0x30, 0) >> pin & 1
        )
        return bool(self.kept.get(self.SIO + 0x10, 0) >> pin & 1) if driven else None

    def write_pins(self, address: int, value: int) -> None:
        """GPIO_OUT and GPIO_OE: 8 bytes after each a register that sets bits, then one that
        clears them."""
        for register in (self.SIO + 0x10, self.SIO + 0x30):
            old = self.kept.get(register, 0)
            if address == register + 8:
                self.kept[register] = old | value
            if address == register + 16:
                self.kept[register] = old & ~value

    def write(self, address: int, value: int) -> None:
        if address >= self.SIO:
            self.write_pins(address, value)
        else:
            self.write_block(address, value)
        self.watch()

    def write_block(self, address: int, value: int) -> None:
        """A register on the bus of peripherals, or an alias of it."""
        register, alias = address & ~0x3000, address >> 12 & 3
        if self.in_reset(register):
            return
        old = self.kept.get(register, 0)
        self.kept[register] = (value, old ^ value, old | value, old & ~value)[alias]
        if register == self.uart.base and self.works(self.uart.tx_pin):
            self.sent.append(value & 0xFF)

    def read(self, address: int) -> int:
        register = address & ~0x3000
        if self.in_reset(register):
            return 0
        if register == self.RESETS + 8:
            return ~self.kept[self.RESETS] & 0xFFFF_FFFF
        if register == self.XOSC + 4:
            return self.crystal() << 31
        if register == self.PLL:
            return self.kept[register] | self.locked() << 31
        if register == self.CLOCKS + 0x38:
            return 1 << (self.kept.get(self.CLOCKS + 0x30, 0) & 3)
        if register == self.CLOCKS + 0x44:
            return 1 << (self.kept.get(self.CLOCKS + 0x3C, 0) & 1)
        if register == self.uart.base + 0x18:
            return 0 if self.waiting and self.works(self.uart.rx_pin) else 1 << 4
        if register == self.uart.base:
            return self.waiting.pop(0)
        return super().read(register)

    def crystal(self) -> bool:
        return self.kept.get(self.XOSC, 0) == 0xFAB << 12 | 0xAA0

    def locked(self) -> bool:
        """Powered, with a reference and a factor."""
        return (
            not self.kept[self.PLL + 4] & 0x21
            and self.kept[self.PLL] & 63 > 0
            and 16 <= self.kept.get(self.PLL + 8, 0) <= 320
            and self.reference_hz() == 12_000_000
        )

    def reference_hz(self) -> int:
        return 12_000_000 if self.crystal() else 0

    def core_hz(self) -> int:
        assert self.kept[self.CLOCKS + 0x30] & 3 == 2, "the reference is not the crystal"
        control = self.kept[self.CLOCKS + 0x3C]
        if not control & 1:
            return self.reference_hz()
        assert control >> 5 & 7 == 0 and self.locked() and not self.kept[self.PLL + 4] & 8
        vco = self.reference_hz() // (self.kept[self.PLL] & 63) * self.kept[self.PLL + 8]
        assert 750_000_000 <= vco <= 1_600_000_000
        dividers = self.kept[self.PLL + 12]
        return vco // (dividers >> 16 & 7) // (dividers >> 12 & 7)

    def works(self, pin: int | None) -> bool:
        """Whether the line is on, of 8 bits, at the right rate, and connected to a pin."""
        assert pin is not None
        base = self.uart.base
        divider = self.kept.get(base + 0x24, 0) * 64 + self.kept.get(base + 0x28, 0)
        pad = self.kept[self.PADS + 4 + 4 * pin]
        return (
            self.kept.get(self.CLOCKS + 0x48, 0) & 0x8E0 == 0x800
            and divider > 0
            and abs(self.core_hz() * 4 / divider - self.baud) < self.baud / 100
            and self.kept.get(base + 0x2C, 0) >> 5 & 3 == 3
            and self.kept.get(base + 0x30, 0) & 0x301 == 0x301
            and self.kept.get(self.IO + 4 + 8 * pin, 0) & 31 == 2
            and not pad & 0x180
            and bool(pad & 0x40 or pin == self.uart.tx_pin)
        )
