"""A Cortex-M with its counters, on which firmware of the netduino sample runs as it is.

Unicorn executes the instructions. The counters are modelled here by the architecture manuals:
Armv7-M (DDI 0403E: B3.3 the system timer, C1.8 the Data Watchpoint and Trace unit, C1.6.5 DEMCR)
and Armv8-M (DDI 0553: the Performance Monitoring Extension). This shares nothing with the code of
the firmware but the manuals. Each instruction takes ``rate`` cycles.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_HOOK_CODE, UC_MODE_MCLASS, UC_MODE_THUMB, Uc
from unicorn import arm_const as arm

from tests.device.firmware.device import READY, answer_lines

PERIPHERALS = 0xE000_0000  # of the core
USART = 0x4001_1000
RETURN = 0x080F_FFF0  # where a handler returns to, in place of EXC_RETURN
SYSTICK_VECTOR = 15
FRAME = (
    *(arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3),
    *(arm.UC_ARM_REG_R12, arm.UC_ARM_REG_LR, arm.UC_ARM_REG_PC, arm.UC_ARM_REG_XPSR),
)
WORD = 1 << 32
MOST_INSTRUCTIONS = 100_000_000


class Counters:
    """Registers of the core by address. Any that is not modelled keeps what is written."""

    def __init__(self) -> None:
        self.kept: dict[int, int] = {}
        self.cycles = 0

    def advance(self, cycles: int) -> None:
        """An instruction has been executed, which took so many cycles."""
        self.cycles += cycles

    def read(self, address: int) -> int:
        return self.kept.get(address, 0)

    def write(self, address: int, value: int) -> None:
        self.kept[address] = value

    def takes_exception(self) -> bool:
        """Whether SysTick waits to be taken; it is taken then."""
        return False


class Traced(Counters):
    """A core with DEMCR.TRCENA (bit 24), without which DWT and PMU are off."""

    DEMCR = 0xE000_EDFC

    @property
    def traces(self) -> bool:
        return bool(self.read(self.DEMCR) & 1 << 24)


class Dwt(Traced):
    """DWT_CTRL, DWT_CYCCNT (C1.8.7, C1.8.8) and the CoreSight lock that a Cortex-M7 has on them.

    ``absent`` sets NOCYCCNT; ``locked`` begins with a closed lock, which does not open if
    ``jammed``. A counter advances by ``step`` times the cycles: 0 if it is stuck.
    """

    CTRL, CYCCNT, LAR, LSR = 0xE000_1000, 0xE000_1004, 0xE000_1FB0, 0xE000_1FB4
    KEY = 0xC5AC_CE55

    def __init__(
        self, *, absent: bool = False, locked: bool = False, jammed: bool = False, step: int = 1
    ) -> None:
        super().__init__()
        self.absent, self.lockable, self.locked = absent, locked or jammed, locked or jammed
        self.jammed, self.step = jammed, step
        self.enabled, self.count = False, 0x8765_4321

    def advance(self, cycles: int) -> None:
        super().advance(cycles)
        if self.enabled and self.traces:
            self.count = (self.count + self.step * cycles) % WORD

    def read(self, address: int) -> int:
        if address == self.LSR:
            return self.lockable | self.locked << 1
        if not self.CTRL <= address < self.LSR:
            return super().read(address)
        if not self.traces:
            return 0
        if address == self.CTRL:
            return 0x4000_0000 | self.absent << 25 | self.enabled
        return self.count if address == self.CYCCNT and not self.absent else 0

    def write(self, address: int, value: int) -> None:
        if address == self.LAR:
            self.locked = self.lockable and (value != self.KEY or self.jammed)
        elif not self.CTRL <= address < self.LSR:
            super().write(address, value)
        elif self.traces and not self.locked and not self.absent:
            if address == self.CTRL:
                self.enabled = bool(value & 1)
            elif address == self.CYCCNT:
                self.count = value


class Pmu(Traced):
    """PMU_CCNTR, event counters of 16 bits, and what controls them; no registers if ``absent``.

    An odd counter with event CHAIN counts the overflows of the one before, unless ``unchained``.
    Each instruction is one INST_RETIRED, and its cycles but the first stall the backend.
    """

    COUNTERS = 8
    EVCNTR, EVTYPER = 0xE000_3000, 0xE000_3400
    INST_RETIRED, CPU_CYCLES, CHAIN, STALL_BACKEND = 0x08, 0x11, 0x1E, 0x24

    BEGIN, END = 0xE000_3000, 0xE000_4000
    CCNTR, CNTENSET, CNTENCLR = 0xE000_307C, 0xE000_3C00, 0xE000_3C20
    TYPE, CTRL = 0xE000_3E00, 0xE000_3E04

    def __init__(
        self, *, absent: bool = False, step: int = 1, event_step: int = 1, unchained: bool = False
    ) -> None:
        super().__init__()
        self.absent, self.step = absent, step
        self.event_step, self.unchained = event_step, unchained
        self.types, self.counts = [0] * self.COUNTERS, [0xABCD] * self.COUNTERS
        self.enabled, self.chosen, self.count = False, 0, 0x8765_4321

    def advance(self, cycles: int) -> None:
        super().advance(cycles)
        if not self.enabled or not self.traces:
            return
        if self.chosen >> 31:
            self.count = (self.count + self.step * cycles) % WORD
        if not self.chosen & (1 << self.COUNTERS) - 1:
            return
        happened = {self.INST_RETIRED: 1, self.CPU_CYCLES: cycles, self.STALL_BACKEND: cycles - 1}
        overflows = 0
        for n, kind in enumerate(self.types):
            chained = kind == self.CHAIN and n % 2 and not self.unchained
            more = overflows if chained else self.event_step * happened.get(kind, 0)
            total = self.counts[n] + (more if self.chosen >> n & 1 else 0)
            overflows, self.counts[n] = divmod(total, 1 << 16)

    def read(self, address: int) -> int:
        if not self.BEGIN <= address < self.END:
            return super().read(address)
        if self.absent or not self.traces:
            return 0
        if self.EVCNTR <= address < self.EVCNTR + 4 * self.COUNTERS:
            return self.counts[(address - self.EVCNTR) // 4]
        found = {self.CCNTR: self.count, self.CNTENSET: self.chosen, self.CTRL: int(self.enabled)}
        return found.get(address, 0x00A0_5F08 if address == self.TYPE else 0)

    def write(self, address: int, value: int) -> None:
        if not self.BEGIN <= address < self.END:
            super().write(address, value)
        elif self.traces and not self.absent:
            if address == self.CTRL:
                self.enabled = bool(value & 1)
                self.count = 0 if value & 4 else self.count
                self.counts = [0] * self.COUNTERS if value & 2 else self.counts
            elif self.EVTYPER <= address < self.EVTYPER + 4 * self.COUNTERS:
                self.types[(address - self.EVTYPER) // 4] = value & 0xFFFF
            elif address == self.CNTENSET:
                self.chosen |= value
            elif address == self.CNTENCLR:
                self.chosen &= ~value


class SysTick(Counters):
    """SYST_CSR, SYST_RVR, SYST_CVR (B3.3): down to 0, where the exception is raised, then from the
    reload value again; a write to CVR clears it and raises nothing. ICSR has PENDSTSET."""

    CSR, RVR, CVR, ICSR = 0xE000_E010, 0xE000_E014, 0xE000_E018, 0xE000_ED04
    PENDING = 1 << 26

    def __init__(self, *, step: int = 1) -> None:
        super().__init__()
        self.step, self.control, self.reload, self.value = step, 0, 0, 0x123456
        self.pending = False

    def advance(self, cycles: int) -> None:
        super().advance(cycles)
        ticks = self.step * cycles
        if not self.control & 1 or not ticks:
            return
        if self.value > ticks > 0:
            self.value -= ticks
            return
        period = self.reload + 1
        after = (self.value - ticks) % period
        self.pending |= bool(self.control & 2) and (self.value > 0 or ticks >= period)
        self.value = after

    def read(self, address: int) -> int:
        found = {self.CSR: self.control, self.RVR: self.reload, self.CVR: self.value}
        if address == self.ICSR:
            return self.PENDING if self.pending else 0
        return found.get(address, super().read(address))

    def write(self, address: int, value: int) -> None:
        if address == self.CSR:
            self.control = value & 7
        elif address == self.RVR:
            self.reload = value & 0xFF_FFFF
        elif address == self.CVR:
            self.value = 0
        elif address == self.ICSR:
            self.pending |= bool(value & self.PENDING)
        else:
            super().write(address, value)

    def takes_exception(self) -> bool:
        taken, self.pending = self.pending, False
        return taken


class Core:
    """The core and a USART, which takes all that is sent and holds what is to be received.

    Where time ``stands_still``, it runs much faster.
    """

    def __init__(
        self, elf: Path, model: int, counters: Counters, *, stands_still: bool = False
    ) -> None:
        self.counters, self.rate = counters, 1
        self.exceptions = 0
        self.heard, self.sending = bytearray(), bytearray()
        self._waits = self._interrupted = False
        self._uc = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self._uc.ctl_set_cpu_model(model)
        self._uc.mem_map(0x0800_0000, 1 << 20)
        self._uc.mem_map(0x2000_0000, 1 << 17)
        with elf.open("rb") as file:
            for segment in ELFFile(file).iter_segments("PT_LOAD"):
                self._uc.mem_write(segment["p_paddr"], segment.data())
        self._map(PERIPHERALS, 0x10_0000, counters.read, counters.write)
        self._map(USART, 0x1000, self._usart_read, self._usart_write)
        self._vectors = struct.unpack("<16I", self._uc.mem_read(0x0800_0000, 64))
        self._uc.reg_write(arm.UC_ARM_REG_SP, self._vectors[0])
        self._uc.reg_write(arm.UC_ARM_REG_PC, self._vectors[1])
        if not stands_still:
            self._uc.hook_add(UC_HOOK_CODE, self._execute)

    def run(self) -> bytes:
        """What the firmware says until it waits for a command, or ends."""
        self._waits = False
        while not self._waits:
            at = self._uc.reg_read(arm.UC_ARM_REG_PC)
            self._uc.emu_start(at | 1, RETURN, count=MOST_INSTRUCTIONS)
            if self._interrupted:
                self._interrupted = False
                self._take_exception()
        said, self.heard = bytes(self.heard), bytearray()
        return said

    def ask(self, command: str, raw: bytes = b"") -> list[str]:
        """The lines of the answer to a command, whose checksums are right."""
        self.sending += command.encode() + b"%" + raw
        said = self.run()
        assert said.endswith(READY), said
        return answer_lines(said)

    def _map(
        self,
        base: int,
        size: int,
        read: Callable[[int], int],
        write: Callable[[int, int], None],
    ) -> None:
        self._uc.mmio_map(
            *(base, size),
            *(lambda _, at, _size, _data: read(base + at), None),
            *(lambda _, at, _size, value, _data: write(base + at, value % WORD), None),
        )

    def _execute(self, uc: Any, at: int, size: int, data: object) -> None:
        if not self._interrupted and self.counters.takes_exception():
            self._interrupted = True
            uc.emu_stop()
        elif not self._interrupted:
            self.counters.advance(self.rate)

    def _take_exception(self) -> None:
        """What the core saves and brings back around a handler (B1.5.6, B1.5.8)."""
        self.exceptions += 1
        saved = [self._uc.reg_read(register) for register in FRAME]
        sp = self._uc.reg_read(arm.UC_ARM_REG_SP)
        self._uc.mem_write((sp - 32) & ~7, struct.pack("<8I", *(v % WORD for v in saved)))
        self._uc.reg_write(arm.UC_ARM_REG_SP, (sp - 32) & ~7)
        self._uc.reg_write(arm.UC_ARM_REG_LR, RETURN | 1)
        self._uc.emu_start(self._vectors[SYSTICK_VECTOR] | 1, RETURN, count=100)
        assert not self._interrupted and self._uc.reg_read(arm.UC_ARM_REG_PC) & ~1 == RETURN
        for register, value in zip(FRAME, saved, strict=True):
            self._uc.reg_write(register, value)
        self._uc.reg_write(arm.UC_ARM_REG_SP, sp)

    def _usart_read(self, address: int) -> int:
        if address == USART:
            if not self.sending and self.heard.endswith(READY):
                self._waits = True
                self._uc.emu_stop()
            return 1 << 7 | 1 << 6 | bool(self.sending) << 5
        return self.sending.pop(0) if address == USART + 4 and self.sending else 0

    def _usart_write(self, address: int, value: int) -> None:
        if address == USART + 4:
            self.heard.append(value & 0xFF)
            if value == 4:  # the end of transmission
                self._waits = True
                self._uc.emu_stop()
