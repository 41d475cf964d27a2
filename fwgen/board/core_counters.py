"""Section ``[timer]`` of a board file: a timer of the chip, or one of the counters of the core."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fwgen.board.facts import CORE_COUNTERS, CORES, Board, Timer
from fwgen.board.keys import ADDRESS, WORD, Integer, Key, OneOf
from fwgen.board.sections import Section, refuse
from fwgen.errors import UsageError

COUNTER_PART = "cortex_m_counter"
"""The part of platforms that reads the counters of the core."""

WINDOW_TICKS = 1 << 32
"""Ticks of a counter of the core between two readings, at most: it has 32 bits, or the firmware
makes 32 bits of it."""

_MHZ = 1_000_000
_TICKS = Integer(_MHZ, 4_000_000_000, _MHZ)
_NO_CYCLE_COUNTER = frozenset({"cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m23"})
"""Armv6-M has none, Armv8-M without the main extension need not have one: Cortex-M23 has none."""


def counters_of(core: str) -> tuple[str, ...]:
    """The counters that a core has, the one to prefer first."""

    def found() -> Iterator[str]:
        if core not in _NO_CYCLE_COUNTER:
            yield "dwt"
        if "mve" in CORES.get(core, ()):  # Armv8.1-M
            yield "pmu"
        yield "systick"

    return tuple(found())


def _timer(
    *, source: str, hz: int | None, base: int | None, control: int, simulated: str | None
) -> Timer:
    if simulated and source != "dwt":
        raise ValueError(f"simulated: {source} has none, only dwt has")
    if source in CORE_COUNTERS:
        for key, value in (("base", base), ("control", control)):
            if value:
                raise ValueError(
                    f"{key}: {source} is a counter of the core, whose address is known"
                )
        return Timer(source, hz or 0, 0, simulated=simulated)
    counters = ", ".join(sorted(CORE_COUNTERS))
    for key, value, kind in (("hz", hz, _TICKS), ("base", base, ADDRESS)):
        if value is None:
            why = f"the key is missing, expected {kind.expected}; only {counters} do without"
            raise ValueError(f"{key}: {why}")
    return Timer(source, hz or 0, base or 0, control)


TIMER = Section(
    "timer",
    "The counter that the firmware reads; without it, nothing is counted.",
    (
        Key(
            "source",
            WORD,
            "what it is called in results; dwt, pmu and systick are counters of the core",
        ),
        Key(
            "hz",
            _TICKS,
            "its ticks per second; a counter of the core has clock_hz",
            None,
        ),
        Key("base", ADDRESS, "the address of its registers; a counter of the core has none", None),
        Key("control", ADDRESS, "the address of further registers", 0),
        Key(
            "simulated",
            OneOf(lambda: ("systick",)),
            "what counts in place of dwt where the platform finds that it runs on a simulator",
            None,
        ),
    ),
    _timer,
)


def with_counter_of_core(board: Board, file: str) -> Board:
    """The board with the ticks per second of its counter, if that is one of the core.

    Raises UsageError for a counter that the core has not got, or that no part of the platform
    reads.
    """
    timer = board.timer
    reads = COUNTER_PART in board.folders
    if timer is None or not timer.in_core:
        if reads:
            expected = ", ".join(counters_of(board.cpu.name))
            refuse(f"{file}: timer.source", f"{COUNTER_PART} is shared, expected one of {expected}")
        return board
    at = f"{file}: timer"
    has = counters_of(board.cpu.name)
    if timer.source not in has:
        why = f"no {board.cpu.name} has {timer.source}, expected one of {', '.join(has)}"
        refuse(f"{at}.source", why)
    if not reads and not board.library_only:
        why = f"{timer.source} is read by a part of platforms, expected {COUNTER_PART} in shares"
        refuse(f"{at}.source", why)
    if timer.hz not in (0, board.clock_hz):
        refuse(
            f"{at}.hz", f"{timer.source} counts the clock of the core, expected {board.clock_hz}"
        )
    if board.clock_hz % _MHZ:
        refuse(f"{file}: clock_hz", f"expected a multiple of {_MHZ}, as {timer.source} counts it")
    return replace(board, timer=replace(timer, hz=board.clock_hz))


def window_s(board: Board) -> float | None:
    """The longest time between two readings of a counter of the core; None for other counters."""
    timer = board.timer
    return WINDOW_TICKS / timer.hz if timer is not None and timer.in_core and timer.hz else None


def require_countable(board: Board, cycles: int) -> None:
    """Raise UsageError if an inference of so many cycles, by estimate, is longer than a counter of
    the core can count between two readings: the count would lack 2^32."""
    if window_s(board) is not None and cycles >= WINDOW_TICKS:
        raise UsageError(
            f"An inference takes about {cycles:,} cycles by estimate, but {board.name} counts them "
            f"by a counter that wraps after {WINDOW_TICKS:,}.",
            at=f"board {board.name}: timer.source",
            tries=("a timer of the chip that is wider, or counts more slowly", "a smaller model"),
        )
