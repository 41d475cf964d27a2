"""Counters of the core: Arm code against models of DWT, PMU and SysTick, made from the manuals."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from unicorn import arm_const as arm

from fwgen.board import Board, parse_board
from fwgen.board.core_counters import WINDOW_TICKS
from fwgen.device.link.answers import crc16, read_fault, read_op_counts
from tests.device.core_model import Core, Counters, Dwt, Pmu, SysTick
from tests.device.firmware.build import link
from tests.device.firmware.device import answer_lines
from tests.device.firmware.tiny_model import model_input

SAMPLE = Path(__file__).parents[1] / "samples" / "netduino" / "netduino-plus-2.toml"
FOLDER = tempfile.TemporaryDirectory(prefix="fwgen-counters-")
UNITS = {"dwt": "cycles", "pmu": "cycles", "systick": "ticks"}
M33 = ("-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16")
CORES = {  # what Unicorn executes; a PMU's core has instructions that it does not
    "cortex-m4": (arm.UC_CPU_ARM_CORTEX_M4, ("-mcpu=cortex-m4", "-mthumb")),
    "cortex-m7": (arm.UC_CPU_ARM_CORTEX_M7, ("-mcpu=cortex-m7", "-mthumb")),
    "cortex-m33": (arm.UC_CPU_ARM_CORTEX_M33, M33),
    "cortex-m55": (arm.UC_CPU_ARM_CORTEX_M33, M33),
}
HANDLER = 5  # instructions of fw_systick


def board(core: str, source: str) -> Board:
    text = SAMPLE.read_text().replace('source = "systick"', f'source = "{source}"')
    text = text.replace("cortex-m4", core).partition("[qemu]")[0]
    text = re.sub(r"features = .*", "features = []", text)
    text = re.sub(r"flags = .*", "flags = []", text)
    found = parse_board(text.encode(), str(SAMPLE))
    return replace(found, cpu=replace(found.cpu, flags=CORES[core][1]))


@cache
def image(core: str, source: str) -> Path:
    folder = Path(FOLDER.name, f"{core}-{source}")
    folder.mkdir()
    return link(board(core, source), folder)


def booted(core: str, source: str, counters: Counters) -> Core:
    found = Core(image(core, source), CORES[core][0], counters)
    banner = answer_lines(found.run())
    assert banner[0] == "m-timestamp-mode-performance"
    return found


def count(core: Core) -> int:
    (line,) = core.ask("fw-run")
    match = re.fullmatch(r"m-fw-run-\[count=(\d+)\]", line)
    assert match
    return int(match[1])


def load(core: Core, rounds: int) -> None:
    data = model_input(rounds=rounds)
    core.ask(f"db load {len(data)}")
    core.ask(f"db {data.hex()}")


COUNTING = [
    ("cortex-m4", "dwt", Dwt),
    ("cortex-m7", "dwt", lambda: Dwt(locked=True)),
    ("cortex-m33", "dwt", Dwt),
    ("cortex-m55", "pmu", Pmu),
    ("cortex-m4", "systick", SysTick),
]


@pytest.mark.parametrize(("name", "source", "counters"), COUNTING)
def test_counts_are_those_of_the_model(name: str, source: str, counters: type[Counters]) -> None:
    """The op spins for two instructions a round; reading the counter is not counted."""
    core = booted(name, source, counters())
    (info,) = core.ask("fw-info")
    assert f",counter={source},unit={UNITS[source]},hz=168000000" in info
    load(core, 1)
    one = count(core)
    for rate in (1, 3):
        core.rate = rate
        for rounds in (1, 10, 777):
            load(core, rounds)
            # reading was found to cost what it does at one cycle for each instruction
            assert abs(count(core) - rate * (one + 2 * (rounds - 1))) <= 40 * (rate - 1)


@pytest.mark.parametrize(("name", "source", "counters"), COUNTING)
def test_counts_do_not_wrap(name: str, source: str, counters: type[Counters]) -> None:
    """Inferences shorter than the window add up to many times 2^32 ticks; between two of them the
    counter passes 0 at any place."""
    core = booted(name, source, counters())
    load(core, 1000)
    slow = count(core)
    handled = 0
    core.rate = 400_000
    (early,) = (int(line[9:]) for line in core.ask("timestamp"))
    begin = core.counters.cycles
    for _ in range(6):
        before = core.exceptions
        ticks = count(core)
        handled += core.exceptions - before
        assert ticks < WINDOW_TICKS
        # each wrap of SysTick is counted by five instructions
        assert abs(ticks - core.rate * slow) <= core.rate * (
            80 + HANDLER * (core.exceptions - before)
        )
    (late,) = (int(line[9:]) for line in core.ask("timestamp"))
    passed = core.counters.cycles - begin
    assert passed > 2 * WINDOW_TICKS
    assert (late - early) % 2**32 == pytest.approx(
        passed / 168, rel=0.01
    )  # as many digits as it prints
    assert bool(handled) == (source == "systick")


FAULTY = [
    ("cortex-m4", "dwt", lambda: Dwt(absent=True), "counter-absent"),
    ("cortex-m4", "dwt", Dwt, "counter-stopped"),
    ("cortex-m33", "dwt", Dwt, "counter-stopped"),
    ("cortex-m4", "dwt", lambda: Dwt(step=-1), "counter-implausible"),
    ("cortex-m4", "dwt", lambda: Dwt(step=5000), "counter-implausible"),
    ("cortex-m7", "dwt", lambda: Dwt(jammed=True), "counter-locked"),
    ("cortex-m33", "dwt", lambda: Dwt(locked=True), "counter-stopped"),
    ("cortex-m4", "dwt", Counters, "counter-stopped"),  # memory that keeps what is written
    ("cortex-m55", "pmu", lambda: Pmu(absent=True), "counter-absent"),
    ("cortex-m55", "pmu", Pmu, "counter-stopped"),
    ("cortex-m55", "pmu", lambda: Pmu(step=-1), "counter-implausible"),
    ("cortex-m55", "pmu", lambda: Pmu(event_step=0), "counter-stopped"),
    ("cortex-m55", "pmu", lambda: Pmu(event_step=-1), "counter-implausible"),
    ("cortex-m55", "pmu", lambda: Pmu(unchained=True), "counter-implausible"),
    ("cortex-m4", "systick", SysTick, "counter-stopped"),
]


@pytest.mark.parametrize(("name", "source", "counters", "fault"), FAULTY)
def test_counter_that_does_not_count_ends_the_run(
    name: str, source: str, counters: type[Counters], fault: str
) -> None:
    model = counters()
    still = fault == "counter-stopped" and getattr(model, "event_step", 1) == 1
    core = Core(image(name, source), CORES[name][0], model, stands_still=still)
    said = core.run().decode()
    line, end, rest = said.split("\r\n")
    assert line.startswith(f"e-[fault {fault} ") and end.startswith("m-fw-end") and rest == "\x04"
    error = read_fault(line)
    assert fault in error.what and error.tries


def events(core: Core, event: int) -> list[int]:
    """By op, of a model with three."""
    lines = core.ask(f"fw-ops {event}")
    counts = read_op_counts([line + f"*{crc16(line.encode()):04X}" for line in lines], 3, event)
    return list(counts)


def test_events_of_ops_are_those_of_the_model() -> None:
    core = booted("cortex-m55", "pmu", Pmu())
    load(core, 1)
    one = events(core, Pmu.INST_RETIRED)
    for rounds, rate in ((1000, 1), (300, 5000)):
        core.rate = rate
        load(core, rounds)
        instructions = events(core, Pmu.INST_RETIRED)
        assert instructions == [one[0], one[1] + 2 * (rounds - 1), one[2]]
        assert events(core, Pmu.CPU_CYCLES) == [rate * each for each in instructions]
        assert events(core, Pmu.STALL_BACKEND) == [(rate - 1) * each for each in instructions]
        assert events(core, 0x0228) == [0, 0, 0]
    core.rate = 1
    # At one cycle for each instruction, and after what tracing takes was found out anew, both agree
    # but for the two instructions by which an op is called.
    assert events(core, Pmu.INST_RETIRED) == instructions
    ticks = [int(line.split("=")[1][:-1]) for line in core.ask("fw-ops")[:3]]
    assert max(abs(a - b) for a, b in zip(ticks, instructions, strict=True)) <= 2
    assert core.ask("fw-ops 65536") == ["e-[An event is a number from 0 to 65535]"]


def test_no_events_without_a_pmu() -> None:
    core = booted("cortex-m4", "dwt", Dwt())
    assert core.ask("fw-ops 8") == ["e-[This target counts no events]"]


def test_systick_is_right_where_interrupts_are_held_back() -> None:
    """A wrap that waits to be counted is counted by whoever reads."""
    core = booted("cortex-m4", "systick", SysTick())
    counters = core.counters
    assert isinstance(counters, SysTick)
    load(core, 1000)
    slow = count(core)
    counters.takes_exception = lambda: False  # type: ignore[method-assign]
    counters.value = 700
    counted = count(core)
    assert counters.pending and abs(counted - slow) < 80
