"""A debug port as a probe sees it: DP, one MEM-AP, and the debug registers of a Cortex-M.

Sources: "Arm Debug Interface Architecture Specification ADIv5" (DP, MEM-AP), "Armv6-M" and "Armv7-M
Architecture Reference Manual", chapters on debug (DHCSR, DCRSR, DEMCR, FPB, ROM table).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.device.flash.machine import LR, PC, R13, THUMB, XPSR, Machine

CPUID, AIRCR, DFSR, DHCSR = 0xE000_ED00, 0xE000_ED0C, 0xE000_ED30, 0xE000_EDF0
DCRSR, DCRDR, DEMCR = 0xE000_EDF4, 0xE000_EDF8, 0xE000_EDFC
FP_CTRL, FP_COMP, ROM_TABLE = 0xE000_2000, 0xE000_2008, 0xE00F_F000
PRIVATE = 0xE000_0000
"""From here on, addresses are the core's own registers."""

COMPARATORS = 4
CSW, DEVICE_ENABLED, STICKY_CLEAR = 0x2300_0042, 0x40, 0x1E
BREAKPOINT = 0xBE  # upper byte of BKPT
LOADER_BYTES = 0x600
"""Of code in RAM that is looked through for BKPT: loaders are shorter."""


MEMORY, CONTROL = "memory", "control"


@dataclass(frozen=True)
class CoreIds:
    """What identifies a core: CPUID, and part numbers of its SCS, DWT, FPB and ROM table.

    ``others`` are further APs by number: IDR and whether they reach memory, too, or are a CTRL-AP
    of Nordic's, whose status reads ``open_status`` while debuggers may look.
    """

    cpuid: int
    parts: tuple[int, int, int, int]
    dpidr: int
    apidr: int
    wrap: int
    """Bytes over which the MEM-AP counts its address up."""

    second_fpb: bool = False
    """Comparators of the second revision, which hold the whole address."""

    others: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    open_status: int = 1


M0 = CoreIds(0x410C_C200, (0x008, 0x00A, 0x00B, 0x471), 0x0BB1_1477, 0x0477_0021, 1 << 10)
M4 = CoreIds(0x410F_C241, (0x00C, 0x002, 0x003, 0x470), 0x2BA0_1477, 0x2477_0011, 1 << 12)
M7 = CoreIds(
    *(0x411F_C271, (0x00C, 0x002, 0x00E, 0x4C8), 0x6BA0_2477, 0x8477_0001, 1 << 12, True),
    {2: (0x5477_0002, MEMORY)},
)
M33 = CoreIds(0x410F_D214, (0xD21, 0xD21, 0xD21, 0x4C9), 0x0BE1_2477, 0x1477_0015, 1 << 10, True)


def id_registers(part: int, kind: int) -> dict[int, int]:
    """PIDR and CIDR of a component of Arm's, from 0xFD0 on."""
    words = (4, 0, 0, 0, part & 255, part >> 8 | 0xB0, 0xB, 0, 0x0D, kind << 4, 5, 0xB1)
    return {0xFD0 + 4 * number: word for number, word in enumerate(words)}


@dataclass
class DebuggedCore:
    """The debug registers of a core; everything else is its machine's memory, or ``overlay``."""

    machine: Machine
    ids: CoreIds
    overlay: dict[int, int] = field(default_factory=dict)
    lockup: bool = False
    _kept: dict[int, int] = field(default_factory=dict)
    _comparators: list[int] = field(default_factory=lambda: [0] * COMPARATORS)
    _debugged: int = 0
    _was_reset: bool = False

    def __post_init__(self) -> None:
        kinds = (0xE, 0xE, 0xE, 1)
        bases = (0xE000_E000, 0xE000_1000, FP_CTRL, ROM_TABLE)
        for base, part, kind in zip(bases, self.ids.parts, kinds, strict=True):
            self.overlay |= {base + at: word for at, word in id_registers(part, kind).items()}
        table = (0xFFF0_F003, 0xFFF0_2003, 0xFFF0_3003, 0)  # SCS, DWT, FPB, end
        self.overlay |= {ROM_TABLE + 4 * n: word for n, word in enumerate(table)}
        self.overlay |= {CPUID: self.ids.cpuid, AIRCR: 0xFA05_0000}

    def read_word(self, address: int) -> int:
        if address == DHCSR:
            return self._status()
        if address == FP_CTRL:
            return self.ids.second_fpb << 28 | COMPARATORS << 4 | self._kept.get(FP_CTRL, 0)
        if 0 <= address - FP_COMP < 4 * COMPARATORS:
            return self._comparators[(address - FP_COMP) // 4]
        if address in self.overlay:
            return self.overlay[address]
        if address >= PRIVATE:
            return self._kept.get(address, 0)
        return int.from_bytes(self.machine.read(address, 4), "little")

    def write_word(self, address: int, value: int) -> None:
        if address == DHCSR:
            if value >> 16 == 0xA05F:
                self._control(value)
        elif address == DCRSR:
            self._transfer(value)
        elif address == DFSR:
            self._kept[DFSR] = self._kept.get(DFSR, 0) & ~value
        elif address == AIRCR:
            if value >> 16 == 0x05FA and value & 5:
                self.reset()
        elif address == FP_CTRL:
            self._kept[FP_CTRL] = value & 1
        elif 0 <= address - FP_COMP < 4 * COMPARATORS:
            self._comparators[(address - FP_COMP) // 4] = value
        elif address >= PRIVATE:
            self._kept[address] = value
        else:
            self.machine.write(address, struct.pack("<I", value))

    def reset(self) -> None:
        """A reset of the system; the core halts at its vector if DEMCR says so."""
        self.machine.halt()
        self.machine.no_breaks()
        self.machine.reset()
        self._was_reset = True
        self.lockup = False
        if not self._kept.get(DEMCR, 0) & 1:
            _, start = struct.unpack("<II", self.machine.read(self.machine.vectors, 8))
            self.lockup = not start & 1 or start == 0xFFFF_FFFF
            if not self.lockup:
                self.machine.resume()

    def _status(self) -> int:
        self.machine.poll()
        halted = not self.machine.running and not self.lockup
        bits = self._debugged | 1 << 16 | halted << 17 | halted << 1
        bits |= self.lockup << 19 | self._was_reset << 25
        self._was_reset = False
        return bits

    def _control(self, value: int) -> None:
        self._debugged = value & 1
        if not value & 1:
            return
        if value & 2:
            self.machine.halt()
            self.lockup = False
        elif not self.machine.running and not self.lockup:
            self.machine.no_breaks()
            if value & 4:
                self.machine.step()
                self._kept[DFSR] = self._kept.get(DFSR, 0) | 1
            else:
                self._resume()

    def _transfer(self, value: int) -> None:
        """DCRSR: registers by their numbers there; those that the stub lacks read as 0."""
        known = {**{number: number for number in range(16)}, 16: XPSR, 17: R13}
        number = known.get(value & 0x7F)
        if not value >> 16 & 1:
            self._kept[DCRDR] = self.machine.register(number) if number is not None else 0
        elif number is not None:
            self.machine.set_register(number, self._kept.get(DCRDR, 0))

    def _resume(self) -> None:
        """Run, with hardware breakpoints where a loader in RAM has BKPT: QEMU halts at none."""
        machine = self.machine
        if not machine.register(XPSR) & THUMB:
            self.lockup = True
            return
        points = [
            each & ~1 if self.ids.second_fpb else each & 0x1FFF_FFFC | (each >> 30 == 2) << 1
            for each in self._comparators
            if each & 1 and self._kept.get(FP_CTRL, 0)
        ]
        back = machine.register(LR) & ~1
        if back in machine.ram and machine.read(back, 2)[1] == BREAKPOINT:
            points.append(back)
        start = machine.register(PC)
        if start in machine.ram:
            first = machine.ram.start if start - machine.ram.start < 0x1000 else start
            code = machine.read(first, min(LOADER_BYTES, machine.ram.stop - first))
            points += [first + n for n in range(0, len(code), 2) if code[n + 1] == BREAKPOINT]
        for point in dict.fromkeys(points):
            machine.break_at(point)
        machine.resume()


@dataclass
class DebugPort:
    """DP and APs. Accesses to memory that fault raise OSError, and then are faults until the error
    is cleared (``sticky``)."""

    core: DebuggedCore
    sticky: bool = False
    _select: int = 0
    _control: int = 0
    _csw: dict[int, int] = field(default_factory=dict)
    _tar: int = 0

    def read_dp(self, address: int) -> int:
        if address == 0:
            return self.core.ids.dpidr
        if address == 4 and not self._select & 15:
            asked = self._control & 0x5000_0000  # power-up requests, all of which are granted
            return self._control & 0x5000_0F00 | asked << 1 | self.sticky << 5
        return 0

    def write_dp(self, address: int, value: int) -> None:
        if address == 0:  # ABORT
            self.sticky = self.sticky and not value & STICKY_CLEAR
        elif address == 4 and not self._select & 15:
            self._control = value
        elif address == 8:
            self._select = value

    def read_ap(self, address: int) -> int:
        number, register = self._select >> 24, self._select & 0xF0 | address
        idr, kind = self._aps.get(number, (0, ""))
        if register == 0xFC:
            return idr
        if kind != MEMORY:
            open_ = 0 if self.core.machine.locked else self.core.ids.open_status
            return open_ if kind == CONTROL and register == 0x0C else 0
        if register == 0x0C:
            return self._read_memory()
        if 0x10 <= register < 0x20:
            self._require_open()
            return self.core.read_word(self._tar & ~15 | register & 15)
        csw = self._csw.get(number, CSW) & ~(self.core.machine.locked * DEVICE_ENABLED)
        return {0: csw, 4: self._tar, 0xF8: ROM_TABLE | 3}.get(register, 0)

    def write_ap(self, address: int, value: int) -> None:
        number, register = self._select >> 24, self._select & 0xF0 | address
        if self._aps.get(number, (0, ""))[1] != MEMORY:
            return
        if register == 0:
            self._csw[number] = value & ~0xF40 | DEVICE_ENABLED
        elif register == 4:
            self._tar = value
        elif register == 0x0C:
            self._write_memory(value)
        elif 0x10 <= register < 0x20:
            self._require_open()
            self.core.write_word(self._tar & ~15 | register & 15, value)

    @property
    def _aps(self) -> Mapping[int, tuple[int, str]]:
        return {0: (self.core.ids.apidr, MEMORY), **self.core.ids.others}

    def _require_open(self) -> None:
        if self.core.machine.locked:
            raise OSError("the chip is locked")

    def read_block(self, count: int) -> list[int]:
        """``count`` times DRW, at once where nothing but memory is touched."""
        found: list[int] = []
        while len(found) < count:
            run = self._run(count - len(found))
            if run:
                data = self.core.machine.read(self._tar, 4 * run)
                found += struct.unpack(f"<{run}I", data)
                self._count_up(4 * run)
            else:
                found.append(self._read_memory())
        return found

    def write_block(self, words: list[int]) -> None:
        """The same for writing."""
        done = 0
        while done < len(words):
            run = self._run(len(words) - done)
            if run and self._tar in self.core.machine.ram:
                part = words[done : done + run]
                self.core.machine.write(self._tar, struct.pack(f"<{run}I", *part))
                self._count_up(4 * run)
                done += run
            else:
                self._write_memory(words[done])
                done += 1

    def _run(self, most: int) -> int:
        """Words that may be taken at once."""
        if self._bytes != 4 or not self._counts or self._tar >= 0x4000_0000:
            return 0
        if self._tar & ~0xFFF in {at & ~0xFFF for at in self.core.overlay}:
            return 0
        return min(most, (self.core.ids.wrap - self._tar % self.core.ids.wrap) // 4)

    @property
    def _bytes(self) -> int:
        return 1 << (self._csw.get(self._select >> 24, CSW) & 7)

    @property
    def _counts(self) -> bool:
        """Whether the address counts up."""
        return bool(self._csw.get(self._select >> 24, CSW) & 0x30)

    def _count_up(self, count: int) -> None:
        if self._counts:
            low = self.core.ids.wrap - 1
            self._tar = self._tar & ~low | (self._tar + count) & low

    def _read_memory(self) -> int:
        self._require_open()
        if self._bytes == 4 or self._tar >= PRIVATE:
            value = self.core.read_word(self._tar & ~3)
        else:
            data = self.core.machine.read(self._tar, self._bytes)
            value = int.from_bytes(data, "little") << 8 * (self._tar & 3)
        self._count_up(self._bytes)
        return value

    def _write_memory(self, value: int) -> None:
        self._require_open()
        if self._bytes == 4:
            self.core.write_word(self._tar & ~3, value)
        else:
            lane = value >> 8 * (self._tar & 3) & (1 << 8 * self._bytes) - 1
            self.core.machine.write(self._tar, lane.to_bytes(self._bytes, "little"))
        self._count_up(self._bytes)
