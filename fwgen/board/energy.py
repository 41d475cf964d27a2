"""Cycles -> joules, first order: a constant energy per cycle of a part at one voltage and clock.

MLPerf Tiny's closed division publishes latency and energy of the same models on the same boards.
Energy divided by cycles (latency times clock) is nearly the same for every model on one part: PARTS
has these rows. What the memories take is not told apart. Datasheet headlines (uA/MHz) are not used:
for an STM32U5 they give less than half of what was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean

from fwgen.board.keys import SENTENCE, Key, Number, Truth
from fwgen.board.sections import Section


@dataclass(frozen=True)
class Energy:
    """Picojoules per core cycle, whether they come from a measurement of energy, and which."""

    pj_per_cycle: float
    calibrated: bool
    source: str


SECTION = Section(
    "energy",
    "The energy of the core, for estimates of `fwgen profile`.",
    (
        Key("pj_per_cycle", Number(0.01, 1e6), "picojoules of one core cycle"),
        Key("calibrated", Truth(), "whether they come from a measurement of energy"),
        Key("source", SENTENCE, "where they come from, told beside every estimate"),
    ),
    Energy,
)


@dataclass(frozen=True)
class EnergyRow:
    """A published result: microjoules and milliseconds of one inference of ``model``."""

    model: str
    uj: float
    ms: float


@dataclass(frozen=True)
class EnergyPart:
    """A part that was measured: its core, clock, and who published what and when."""

    name: str
    core: str
    clock_mhz: float
    source: str
    rows: tuple[EnergyRow, ...]

    @property
    def pj_per_cycle(self) -> float:
        """The mean over the models."""
        return mean(self._coefficients().values())

    def errors_left_out(self) -> dict[str, float]:
        """By model, the relative error of its energy when predicted from the other models alone."""
        found = self._coefficients()
        return {
            model: mean(c for other, c in found.items() if other != model) / own - 1
            for model, own in found.items()
        }

    def _coefficients(self) -> dict[str, float]:
        """By model, pJ per cycle."""
        return {row.model: row.uj / (row.ms * self.clock_mhz) * 1e3 for row in self.rows}


def _part(
    name: str, core: str, clock_mhz: float, source: str, *figures: tuple[float, float]
) -> EnergyPart:
    rows = zip(("kws", "vww", "ic", "ad"), figures, strict=True)
    return EnergyPart(
        name, core, clock_mhz, source, tuple(EnergyRow(model, *pair) for model, pair in rows)
    )


PARTS = (
    _part(
        "STM32L4R5",
        "cortex-m4",
        120.0,
        "MLPerf Tiny v1.3 closed, ST: STM32L4R5 at 120 MHz, 3 V, external SMPS",
        *((1431, 43.4), (3030, 89.3), (5496, 165.7), (160, 4.80)),
    ),
    _part(
        "STM32U575",
        "cortex-m33",
        160.0,
        "MLPerf Tiny v1.3 closed, ST: STM32U575 at 160 MHz, 1.8 V, SMPS",
        *((664, 29.0), (1372, 59.3), (2565, 109.5), (77, 3.21)),
    ),
    _part(
        "STM32U385",
        "cortex-m33",
        96.0,
        "MLPerf Tiny v1.3 closed, ST: STM32U385 at 96 MHz, 1.8 V, SMPS",
        *((245, 48.3), (519, 98.7), (966, 182.5), (31.8, 5.41)),
    ),
    _part(
        "STM32H7A3",
        "cortex-m7",
        280.0,
        "MLPerf Tiny v1.2 closed, ST: STM32H7A3 at 280 MHz",
        *((1376, 11.3), (2965, 23.8), (5090, 40.8), (166, 1.23)),
    ),
)
"""Rows of the closed division with X-CUBE-AI. Where the energy runs used another clock than the
latency runs, the cycles are still those of the latency run: an inference takes as many."""


def estimated_uj(cycles: float, energy: Energy) -> float:
    """Microjoules of that many cycles, to four digits."""
    return float(f"{cycles * energy.pj_per_cycle * 1e-6:.4g}")
