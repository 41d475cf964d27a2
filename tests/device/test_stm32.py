"""Start-up code of STM32 boards, executed in Unicorn against modelled registers.

What it has written in the end means the stated clock, line and pins, and no step on the way breaks
a rule. Reset values and fields are read here anew: from ST's device headers, and from the tables
of the reference manuals RM0090 (F4), RM0351 and RM0432 (L4, L4+), RM0456 (U5), RM0455 (H7A3) as
ST's HAL has them. None of the constants of the C sources is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import unicorn
from elftools.elf.elffile import ELFFile

from fwgen.board import Board, board_names, load_board
from tests.device.firmware.build import ENERGY_MODE, link

BOARDS = [name for name in board_names() if load_board(name).platform.startswith("stm32")]
MHZ = 1_000_000
SENTINEL = 0x0BAD_0000
PERIPHERALS = (0x4000_0000, 0x2000_0000)
SYSTEM = (0xE000_0000, 0x10_0000)
CYCLE_COUNTER, L4_IDCODE, SLEEP_LIMIT = 0xE000_1004, 0xE004_2000, 200_000

LPUART1, LPUART_PRESCALERS = 0x4000_8000, (1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256)

Registers = Mapping[int, int]
Built = tuple[Board, Path]


def bits(value: int, low: int, width: int) -> int:
    return value >> low & (1 << width) - 1


def divided(code: int, steps: tuple[int, ...]) -> int:
    """What a prescaler field of 4 or 3 bits divides by: its top bit is off for 1."""
    half = len(steps)
    return steps[code - half] if code >= half else 1


AHB, APB = (2, 4, 8, 16, 64, 128, 256, 512), (2, 4, 8, 16)


@dataclass(frozen=True)
class Clocks:
    """In Hz: of the core, and of the serial line of the board."""

    core: int
    line: int


@dataclass(frozen=True)
class Family:
    """What a family has where. ``ready`` gives bits that hardware sets in a register, of all
    registers; ``clocks`` reads the tree, and ``waits`` the flash's wait states for a clock of the
    core. ``faults`` says what is wrong with a step to a faster clock."""

    reset: Registers
    ready: Callable[[Registers, int], int]
    clocks: Callable[[Registers], Clocks]
    waits: Callable[[int], int]
    latency: tuple[int, int]
    ports: int
    enables: tuple[tuple[int, int], ...]
    port_enables: int
    usart: tuple[int, int, int]
    faults: Callable[[Registers, int], str]


# ---- STM32F405: RCC 0x4002_3800, PWR 0x4000_7000, flash interface 0x4002_3C00


def f4_ready(r: Registers, at: int) -> int:
    if at == 0x4002_3800:  # PLLRDY follows PLLON
        return bits(r[at], 24, 1) << 25
    return (r[at] & 3) << 2 if at == 0x4002_3808 else 0  # SWS follows SW


def f4_clocks(r: Registers) -> Clocks:
    cfgr, pll = r[0x4002_3808], r[0x4002_3804]
    assert not bits(pll, 22, 1), "the board's crystal is not known"
    middle = 16 * MHZ * bits(pll, 6, 9) // bits(pll, 0, 6)
    source = {0: 16 * MHZ, 2: middle // (2 * bits(pll, 16, 2) + 2)}[cfgr & 3]
    core = source // divided(bits(cfgr, 4, 4), AHB)
    return Clocks(core, core // divided(bits(cfgr, 13, 3), APB))


def f4_faults(r: Registers, core: int) -> str:
    """Above 144 MHz voltage scale 1; the buses at 42 and 84 MHz at most."""
    cfgr = r[0x4002_3808]
    if core > 144 * MHZ and not bits(r[0x4000_7000], 14, 1):
        return "scale 2"
    slow = core // divided(bits(cfgr, 10, 3), APB) > 42 * MHZ
    return "APB1" if slow or core // divided(bits(cfgr, 13, 3), APB) > 84 * MHZ else ""


F4 = Family(
    reset={0x4002_3800: 0x83, 0x4002_3804: 0x2400_3010, 0x4000_7000: 0},
    ready=f4_ready,
    clocks=f4_clocks,
    waits=lambda core: -(-core // (30 * MHZ)) - 1,
    latency=(0x4002_3C00, 3),
    ports=0x4002_0000,
    enables=((0x4002_3844, 4),),  # APB2: USART1
    port_enables=0x4002_3830,
    usart=(0x08, 0x0C, 13),
    faults=f4_faults,
)


# ---- STM32L4 and L4+: RCC 0x4002_1000, PWR 0x4000_7000, flash interface 0x4002_2000


def l4_ready(r: Registers, at: int) -> int:
    if at == 0x4002_1000:  # HSIRDY, PLLRDY; the PLL needs its source
        source = {1: 1, 2: bits(r[at], 8, 1)}.get(r[0x4002_100C] & 3, 0)
        return bits(r[at], 8, 1) << 10 | (bits(r[at], 24, 1) & source) << 25
    return (r[at] & 3) << 2 if at == 0x4002_1008 else 0


def l4_clocks(r: Registers) -> Clocks:
    cfgr, pll = r[0x4002_1008], r[0x4002_100C]
    source = {1: 4 * MHZ, 2: 16 * MHZ}.get(pll & 3, 0)
    middle = source // (bits(pll, 4, 4) + 1) * bits(pll, 8, 7)
    enabled = bits(pll, 24, 1)
    fast = enabled * middle // (2 * bits(pll, 25, 2) + 2)
    core = {0: 4 * MHZ, 1: 16 * MHZ, 3: fast}[cfgr & 3] // divided(bits(cfgr, 4, 4), AHB)
    assert cfgr & 3 != 3 or 64 * MHZ <= middle <= 344 * MHZ
    assert r[0x4002_1088] == 0, "the serial line is clocked by its bus"
    return Clocks(core, core // divided(bits(cfgr, 8, 3), APB))


def l4_faults(r: Registers, core: int) -> str:
    if bits(r[0x4000_7000], 9, 2) != 1:
        return "voltage range 2"
    boosted = not bits(r[0x4000_7080], 8, 1)
    return "range 1 without boost" if core > 80 * MHZ and not boosted else ""


L4 = Family(
    reset={0x4002_1000: 0x63, 0x4000_7000: 0x200, 0x4000_7080: 0x100, 0x4002_2000: 0x600},
    ready=l4_ready,
    clocks=l4_clocks,
    waits=lambda core: -(-core // (16 * MHZ)) - 1,
    latency=(0x4002_2000, 3),
    ports=0x4800_0000,
    enables=((0x4002_1058, 28), (0x4002_1060, 14)),  # PWR, USART1
    port_enables=0x4002_104C,
    usart=(0x0C, 0x00, 0),
    faults=l4_faults,
)
L4_PLUS = Family(
    reset=L4.reset,
    ready=l4_ready,
    clocks=l4_clocks,
    waits=lambda core: -(-core // (20 * MHZ)) - 1,
    latency=(0x4002_2000, 4),
    ports=0x4800_0000,
    enables=((0x4002_1058, 28), (0x4002_105C, 0), (0x4000_7004, 9)),  # PWR, LPUART1, VDDIO2
    port_enables=0x4002_104C,
    usart=(0x0C, 0x00, 0),
    faults=l4_faults,
)


# ---- STM32U575, not secure: RCC 0x4602_0C00, PWR 0x4602_0800, flash interface 0x4002_2000


def u5_ready(r: Registers, at: int) -> int:
    if at == 0x4602_0C00:
        source = {1: 1, 2: bits(r[at], 8, 1)}.get(r[0x4602_0C28] & 3, 0)
        return bits(r[at], 8, 1) << 10 | (bits(r[at], 24, 1) & source) << 25
    if at == 0x4602_0C1C:
        return (r[at] & 3) << 2
    if at == 0x4602_080C:  # VOSRDY; BOOSTRDY follows BOOSTEN in ranges 1 and 2
        boosts = bits(r[at], 18, 1) and bits(r[at], 16, 2) >= 2
        return 1 << 15 | int(boosts) << 14
    return bits(r[0x4602_0808], 1, 1) << 1 if at == 0x4602_083C else 0  # REGS follows REGSEL


def u5_clocks(r: Registers) -> Clocks:
    pll, dividers, prescalers = r[0x4602_0C28], r[0x4602_0C34], r[0x4602_0C20]
    reference = {1: 4 * MHZ, 2: 16 * MHZ}.get(pll & 3, 0) // (bits(pll, 8, 4) + 1)
    fast = bits(pll, 18, 1) * reference * (bits(dividers, 0, 9) + 1) // (bits(dividers, 24, 7) + 1)
    select = r[0x4602_0C1C] & 3
    if select == 3:
        expected = 3 if reference > 8 * MHZ else 0
        assert bits(pll, 2, 2) == expected, "the range of the PLL's input"
    core = {0: 4 * MHZ, 1: 16 * MHZ, 3: fast}[select] // divided(bits(prescalers, 0, 4), AHB)
    assert r[0x4602_0CE0] & 3 == 0, "the serial line is clocked by its bus"
    return Clocks(core, core // divided(bits(prescalers, 8, 3), APB))


def u5_faults(r: Registers, core: int) -> str:
    highest = {3: 160, 2: 110, 1: 55, 0: 25}[bits(r[0x4602_080C], 16, 2)] * MHZ
    if core > highest:
        return "voltage range"
    return "no booster" if core > 55 * MHZ and not bits(r[0x4602_080C], 18, 1) else ""


U5 = Family(
    reset={0x4602_0C00: 0x35, 0x4602_0C34: 0x0101_0280, 0x4602_080C: 0x8000},
    ready=u5_ready,
    clocks=u5_clocks,
    waits=lambda core: -(-core // (32 * MHZ)) - 1,
    latency=(0x4002_2000, 4),
    ports=0x4202_0000,
    enables=((0x4602_0C94, 2), (0x4602_0CA4, 14), (0x4003_0400, 0)),  # PWR, USART1, ICACHE
    port_enables=0x4602_0C8C,
    usart=(0x0C, 0x00, 0),
    faults=u5_faults,
)


# ---- STM32H7A3: RCC 0x5802_4400, PWR 0x5802_4800, flash interface 0x5200_2000


def h7_ready(r: Registers, at: int) -> int:
    if at == 0x5802_4400:
        return bits(r[at], 24, 1) << 25
    if at == 0x5802_4410:  # SWS, bits 3 to 5
        return (r[at] & 7) << 3
    if at == 0x5802_4804:  # ACTVOSRDY once a supply is chosen
        return int(r[0x5802_480C] & 7 in (1, 2, 4)) << 13
    return 1 << 13 if at == 0x5802_4818 else 0


def h7_clocks(r: Registers) -> Clocks:
    sources, pll, dividers = r[0x5802_4428], r[0x5802_442C], r[0x5802_4430]
    assert sources & 3 == 0 and bits(r[0x5802_4400], 3, 2) == 0, "HSI, undivided"
    reference = 64 * MHZ // (bits(sources, 4, 6) or 1 << 32)
    middle = reference * (bits(dividers, 0, 9) + 1)
    fast = bits(pll, 16, 1) * middle // (bits(dividers, 9, 7) + 1)
    select = r[0x5802_4410] & 7
    if select == 3:
        assert bits(pll, 2, 2) == 3 and 8 * MHZ <= reference <= 16 * MHZ
        assert not bits(pll, 1, 1) and 128 * MHZ <= middle <= 560 * MHZ
        assert not bits(pll, 0, 1), "no fraction"
    source = {0: 64 * MHZ, 3: fast}[select]
    core = source // divided(bits(r[0x5802_4418], 8, 4), AHB)
    bus = core // divided(bits(r[0x5802_4418], 0, 4), AHB)
    assert r[0x5802_4454] & 7 == 0, "the serial line is clocked by its bus"
    return Clocks(core, bus // divided(bits(r[0x5802_441C], 4, 3), APB))


def h7_faults(r: Registers, core: int) -> str:
    highest = {3: 280, 2: 225, 1: 160, 0: 88}[bits(r[0x5802_4818], 14, 2)] * MHZ
    if core > highest:
        return "voltage scale"
    buses = (bits(r[0x5802_4418], 4, 3), bits(r[0x5802_441C], 4, 3))
    buses += (bits(r[0x5802_441C], 8, 3), bits(r[0x5802_4420], 4, 3))
    return "a bus" if any(core // divided(each, APB) > 140 * MHZ for each in buses) else ""


H7 = Family(
    reset={
        **{0x5802_4400: 0x25, 0x5802_4428: 0x0202_0200, 0x5802_442C: 0x01FF_0000},
        **{0x5802_4430: 0x0101_0280, 0x5802_480C: 6},
    },
    ready=h7_ready,
    clocks=h7_clocks,
    waits=lambda core: -(-core // (44 * MHZ)) - 1,
    latency=(0x5200_2000, 4),
    ports=0x5802_0000,
    enables=((0x5802_4548, 18), (0x5C00_1004, 21)),  # USART3, the core's debug clock
    port_enables=0x5802_4540,
    usart=(0x0C, 0x00, 0),
    faults=h7_faults,
)


@dataclass(frozen=True)
class Wiring:
    """What the board's manual and Zephyr's file of it say: pins of the line, their function, the
    trigger's pin, "" for none."""

    family: Family
    tx: str
    rx: str
    function: int
    trigger: str


WIRING = {
    "netduinoplus2": Wiring(F4, "A9", "A10", 7, ""),
    "nucleo-l4r5zi": Wiring(L4_PLUS, "G7", "G8", 8, "F13"),
    "b-l475e-iot01a": Wiring(L4, "B6", "B7", 7, "A4"),
    "nucleo-u575zi-q": Wiring(U5, "A9", "A10", 7, "F13"),
    "nucleo-h7a3zi-q": Wiring(H7, "D8", "D9", 7, "G12"),
}


@dataclass
class Run:
    """Registers after the start-up code has run, and what was wrong on the way."""

    family: Family
    registers: dict[int, int]
    faults: list[str] = field(default_factory=list)
    cycles: int = 0
    stopped: bool = False
    written: list[tuple[int, int]] = field(default_factory=list)

    def write(self, at: int, value: int) -> None:
        before = self.family.clocks(self.registers).core
        self.registers[at] = value
        self.written.append((at, value))
        core = self.family.clocks(self.registers).core
        register, width = self.family.latency
        if core > before:
            if bits(self.registers[register], 0, width) < self.family.waits(core):
                self.faults.append(f"{core} Hz before the flash waits")
            why = self.family.faults(self.registers, core)
            self.faults += [f"{core} Hz: {why}"] if why else []

    def read(self, at: int) -> int:
        if at == CYCLE_COUNTER:
            self.cycles += 0 if self.stopped else 3000
            return self.cycles
        if at == L4_IDCODE:  # which tells a chip from QEMU
            return 0x1001_6415
        return self.registers[at] | self.family.ready(self.registers, at)


class Memory(dict[int, int]):
    """Registers; those that were never written are 0."""

    def __missing__(self, at: int) -> int:
        return 0


def execute(board: Board, elf_path: Path, run: Run, function: str = "fw_platform_init") -> str:
    """A function, the start-up code of the platform, from its first instruction to its return; or
    the name of the fault that it ends with."""
    with elf_path.open("rb") as file:
        elf = ELFFile(file)
        names = elf.get_section_by_name(".symtab")
        entry, stack, fails = (
            names.get_symbol_by_name(name)[0]["st_value"]
            for name in (function, "fw_stack_top", "fw_fail")
        )
        segments = [(s["p_vaddr"], s.data()) for s in elf.iter_segments("PT_LOAD")]
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    for start, size in (
        PERIPHERALS,
        SYSTEM,
        (SENTINEL, 0x1000),
        *((r.origin, -(-r.bytes // 4096) * 4096) for r in board.regions),
    ):
        machine.mem_map(start, size)
    for start, content in segments:
        machine.mem_write(start, content)

    def on_read(uc: object, _: int, at: int, size: int, __: int, ___: object) -> None:
        machine.mem_write(at & ~3, run.read(at & ~3).to_bytes(4, "little"))

    def on_write(uc: object, _: int, at: int, size: int, value: int, __: object) -> None:
        run.write(at, value & 0xFFFF_FFFF)

    for start, size in (PERIPHERALS, SYSTEM):
        machine.hook_add(unicorn.UC_HOOK_MEM_READ, on_read, None, start, start + size - 1)
        machine.hook_add(unicorn.UC_HOOK_MEM_WRITE, on_write, None, start, start + size - 1)
    machine.reg_write(unicorn.arm_const.UC_ARM_REG_SP, stack)
    machine.reg_write(unicorn.arm_const.UC_ARM_REG_LR, SENTINEL | 1)
    failed = ""

    def on_fail(uc: object, *_: object) -> None:
        nonlocal failed
        name = machine.mem_read(machine.reg_read(unicorn.arm_const.UC_ARM_REG_R0), 32)
        failed = bytes(name).partition(b"\0")[0].decode()
        machine.emu_stop()

    fails &= ~1
    machine.hook_add(unicorn.UC_HOOK_CODE, on_fail, None, fails, fails)
    machine.emu_start(entry | 1, SENTINEL, timeout=20 * MHZ, count=SLEEP_LIMIT)
    assert failed or machine.reg_read(unicorn.arm_const.UC_ARM_REG_PC) == SENTINEL, "no return"
    return failed


@pytest.fixture(scope="module", params=BOARDS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    board = load_board(request.param)
    return board, link(board, tmp_path_factory.mktemp("stm32"))


def fresh(board: Board, *, stopped: bool = False) -> Run:
    family = WIRING[board.name].family
    return Run(family, Memory(family.reset), stopped=stopped)


@pytest.fixture(scope="module")
def started(built: Built) -> tuple[Board, Run]:
    board, elf = built
    run = fresh(board)
    assert not execute(board, elf, run)
    return board, run


def test_a_chip_whose_counter_stands_still_ends_its_run(built: Built) -> None:
    """Nothing stands in for it there, as on a simulator."""
    board, elf = built
    assert execute(board, elf, fresh(board, stopped=True)) == "counter-stopped"


def test_the_clocks_are_those_of_the_board_file(started: tuple[Board, Run]) -> None:
    board, run = started
    clocks = run.family.clocks(run.registers)
    assert board.uart is not None
    assert (clocks.core, clocks.line) == (board.clock_hz, board.uart.hz)


def test_no_step_is_faster_than_flash_voltage_and_buses_allow(started: tuple[Board, Run]) -> None:
    assert started[1].faults == []


def baud(board: Board, run: Run) -> float:
    """The speed of the line."""
    assert board.uart is not None
    line = run.family.clocks(run.registers).line
    divider = run.registers[board.uart.base + run.family.usart[0]]
    if board.uart.base != LPUART1:
        return line / (divider & 0xFFFF)
    line //= LPUART_PRESCALERS[run.registers[LPUART1 + 0x2C]]
    assert bits(divider, 0, 20) >= 0x300
    speed = 256 * line / bits(divider, 0, 20)
    assert 3 * speed <= line <= 4096 * speed
    return speed


def test_the_line_has_115200_baud(started: tuple[Board, Run]) -> None:
    board, run = started
    assert board.uart is not None
    _, control, on = run.family.usart
    assert abs(baud(board, run) / 115_200 - 1) < 0.02
    value = run.registers[board.uart.base + control]
    assert bits(value, on, 1) and bits(value, 2, 2) == 3, "on, with receiver and transmitter"
    assert not bits(value, 15, 1) and not bits(value, 12, 1), "oversampling by 16, 8 bits"
    for register, bit in run.family.enables:
        assert bits(run.registers[register], bit, 1), hex(register)


def test_the_pins_are_the_boards(started: tuple[Board, Run]) -> None:
    board, run = started
    wiring = WIRING[board.name]
    modes = {pin: (2, wiring.function) for pin in (wiring.tx, wiring.rx)}
    if wiring.trigger:
        modes[wiring.trigger] = (1, 0)
    for pin, expected in modes.items():
        port, number = ord(pin[0]) - ord("A"), int(pin[1:])
        base = run.family.ports + 0x400 * port
        mode = bits(run.registers[base], 2 * number, 2)
        function = bits(run.registers[base + 0x20 + 4 * (number // 8)], 4 * (number % 8), 4)
        assert (mode, function) == expected, pin
        assert bits(run.registers[run.family.port_enables], port, 1), pin
    if wiring.trigger:
        assert run.registers[base + 0x18] == 1 << number, "high, by the last write to BSRR"


@pytest.mark.parametrize("name", BOARDS)
def test_energy_mode_is_slow_and_marks_times_by_the_pin_alone(name: str, tmp_path: Path) -> None:
    board, wiring = load_board(name), WIRING[name]
    elf = link(board, tmp_path, task=ENERGY_MODE)
    up, run = fresh(board), fresh(board)
    assert not execute(board, elf, up) and not execute(board, elf, run, "fw_put_timestamp")
    assert abs(baud(board, up) / 9600 - 1) < 0.02
    pin = wiring.trigger or "A0"
    port, number = ord(pin[0]) - ord("A"), int(pin[1:])
    base = wiring.family.ports + 0x400 * port + 0x18
    edges = [(base, 1 << number + 16), (base, 1 << number)]
    assert run.written == (edges if wiring.trigger else [])


def test_every_stm32_board_is_checked() -> None:
    assert sorted(WIRING) == sorted(BOARDS)
