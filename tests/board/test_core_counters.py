"""[timer] of board files that name a counter of the core."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwgen.board import load_board, parse_board
from fwgen.board.core_counters import counters_of, require_countable, window_s
from fwgen.board.facts import CORES
from fwgen.errors import UsageError

SAMPLE = Path(__file__).parents[1] / "samples" / "netduino" / "netduino-plus-2.toml"
GOOD = SAMPLE.read_text().partition("[qemu]")[0]
QEMU = SAMPLE.read_text().removeprefix(GOOD)


def board_of(source: str) -> str:
    return GOOD.replace('source = "systick"', f'source = "{source}"')


@pytest.mark.parametrize(("source", "unit"), [("dwt", "cycles"), ("systick", "ticks")])
def test_counter_of_the_core_has_its_clock(source: str, unit: str) -> None:
    board = parse_board(board_of(source).encode(), str(SAMPLE))
    assert board.timer is not None
    assert (board.timer.hz, board.timer.base, board.timer.unit) == (168_000_000, 0, unit)


@pytest.mark.parametrize("core", CORES)
def test_every_core_has_systick_and_those_with_helium_a_pmu(core: str) -> None:
    has = counters_of(core)
    assert has[-1] == "systick" and ("pmu" in has) == ("mve" in CORES[core])
    assert ("dwt" in has) == (core not in ("cortex-m0", "cortex-m0plus"))


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        (board_of("pmu"), "timer.source", "no cortex-m4 has pmu, expected one of dwt, systick"),
        (board_of("dwt") + QEMU, "timer.source", "counts on silicon only"),
        (board_of("tim2"), "timer.hz", "the key is missing"),
        (board_of('tim2"\nhz = 84_000_000\n#"'), "timer.base", "the key is missing"),
        (board_of('dwt"\nbase = 0xE000_1000\n#"'), "timer.base", "whose address is known"),
        (board_of('dwt"\nhz = 84_000_000\n#"'), "timer.hz", "expected 168000000"),
        (board_of('tim2"\nhz = 84_000_000\nbase = 1\n#"'), "timer.source", "is shared"),
        (GOOD.replace(', "cortex_m_counter"', ""), "timer.source", "in shares"),
        (GOOD.replace("168_000_000", "168_000_001"), "clock_hz", "multiple of 1000000"),
        (GOOD.replace("[timer]", "[timers]"), "timers", "unknown key"),
    ],
)
def test_wrong_counter_is_refused_with_its_key(text: str, key: str, why: str) -> None:
    assert text != GOOD
    with pytest.raises(UsageError) as caught:
        parse_board(text.encode(), str(SAMPLE))
    assert caught.value.at.endswith(f": {key}") and why in caught.value.what


def test_longest_inference_that_can_be_counted() -> None:
    """2^32 ticks of 168 MHz; of other timers nothing is known."""
    board = parse_board(GOOD.encode(), str(SAMPLE))
    assert window_s(board) == pytest.approx(25.565, abs=1e-3)
    require_countable(board, 2**32 - 1)
    with pytest.raises(UsageError, match="wraps after 4,294,967,296") as caught:
        require_countable(board, 2**32)
    assert "timer.source" in caught.value.at
    other = load_board("mps2-an386")
    assert window_s(other) is None
    require_countable(other, 2**40)
