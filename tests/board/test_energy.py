"""The energy model: what it is made of, how well it predicts, and how boards use it."""

from __future__ import annotations

import pytest

from fwgen.board import board_names, load_board, parse_board
from fwgen.board.energy import PARTS, SECTION, Energy, EnergyPart, estimated_uj
from fwgen.errors import UsageError
from fwgen.host.resources import boards_dir

WORST = {"STM32L4R5": 0.03, "STM32U575": 0.04, "STM32U385": 0.12, "STM32H7A3": 0.09}
"""Largest error of a model's energy when predicted from the other three models, in
docs/counters.md."""


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_model_is_predicted_from_the_others(part: EnergyPart) -> None:
    errors = part.errors_left_out()
    assert sorted(errors) == ["ad", "ic", "kws", "vww"]
    worst = max(map(abs, errors.values()))
    assert WORST[part.name] - 0.01 < worst <= WORST[part.name]
    for row in part.rows:  # the same by hand
        others = [r.uj / r.ms for r in part.rows if r is not row]
        predicted = sum(others) / len(others) * row.ms
        assert errors[row.model] == pytest.approx(predicted / row.uj - 1)


def test_the_mean_error_over_all_published_rows() -> None:
    errors = [abs(error) for part in PARTS for error in part.errors_left_out().values()]
    assert len(errors) == 16
    assert sum(errors) / len(errors) < 0.04


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_power_and_clock_are_plausible(part: EnergyPart) -> None:
    """An independent view of the rows: power is a few to 150 mW, and the same in each."""
    powers = [row.uj / row.ms for row in part.rows]
    assert all(3 < mw < 150 for mw in powers)
    assert max(powers) / min(powers) < 1.2
    assert part.pj_per_cycle == pytest.approx(
        sum(powers) / len(powers) / part.clock_mhz * 1e3, rel=1e-9
    )


def test_estimates() -> None:
    assert estimated_uj(1_000_000, Energy(20.0, False, "")) == 20.0
    assert estimated_uj(0, Energy(20.0, False, "")) == 0.0
    assert estimated_uj(1_234_567, Energy(277.9, True, "")) == pytest.approx(343.1, abs=0.05)


@pytest.mark.parametrize("name", board_names())
def test_calibrated_boards_have_the_coefficient_of_a_part_of_their_core(name: str) -> None:
    board = load_board(name)
    energy = board.section(SECTION)
    if energy is None or not energy.calibrated:
        assert energy is None or "no published measurement" in energy.source
        return
    (part,) = (part for part in PARTS if part.name in energy.source)
    assert part.core == board.cpu.name
    assert energy.pj_per_cycle == round(part.pj_per_cycle, 1)


def test_some_boards_are_calibrated_and_a_cortex_m55_is_not() -> None:
    energies = {name: load_board(name).section(SECTION) for name in board_names()}
    assert any(energy and energy.calibrated for energy in energies.values())
    m55 = energies["corstone-300"]
    assert m55 and not m55.calibrated


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("calibrated = true\nsource = 'x'", "energy.pj_per_cycle"),
        ("pj_per_cycle = 20\nsource = 'x'", "energy.calibrated"),
        ("pj_per_cycle = 20\ncalibrated = true", "energy.source"),
        ("pj_per_cycle = 0\ncalibrated = true\nsource = 'x'", "energy.pj_per_cycle"),
        ("pj_per_cycle = nan\ncalibrated = true\nsource = 'x'", "energy.pj_per_cycle"),
        ("pj_per_cycle = inf\ncalibrated = true\nsource = 'x'", "energy.pj_per_cycle"),
        ("pj_per_cycle = '20'\ncalibrated = true\nsource = 'x'", "energy.pj_per_cycle"),
        ("pj_per_cycle = true\ncalibrated = true\nsource = 'x'", "energy.pj_per_cycle"),
        ("pj_per_cycle = 20\ncalibrated = 1\nsource = 'x'", "energy.calibrated"),
        ("pj_per_cycle = 20\ncalibrated = true\nsource = ''", "energy.source"),
        ("pj_per_cycle = 20\ncalibrated = true\nsource = 'x'\njoules = 1", "energy.joules"),
    ],
)
def test_a_wrong_energy_table_is_refused_by_key(table: str, key: str) -> None:
    source = (boards_dir() / "mps2-an385.toml").read_bytes() + f"\n[energy]\n{table}\n".encode()
    with pytest.raises(UsageError) as caught:
        parse_board(source, "my.toml")
    assert caught.value.at == f"my.toml: {key}"


def test_an_energy_table_of_ones_own() -> None:
    table = "\n[energy]\npj_per_cycle = 20\ncalibrated = true\nsource = 'a probe, 2025'\n"
    source = (boards_dir() / "mps2-an385.toml").read_bytes() + table.encode()
    assert parse_board(source, "my.toml").section(SECTION) == Energy(20.0, True, "a probe, 2025")
