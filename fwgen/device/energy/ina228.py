"""An INA228 of TI on the board: the firmware reads over I2C what it counts, and tells the host.

The chip adds up energy by itself, so that no sample passes a cable and none is lost. It lies
between the board and its supply, and is on the board's own I2C bus. Source: datasheet of the
INA228, section 8.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.board import Board
from fwgen.board.keys import Integer, Key, Number
from fwgen.board.sections import Section
from fwgen.device.energy.energy_faults import EnergyDoubt, NoEnergyProbe
from fwgen.device.energy.probe import EnergyProbe, FoundProbe, Meter, MeterWindow, Supply
from fwgen.device.link import FirmwareWindow
from fwgen.errors import UsageError

STEPS = 1 << 19  # of the current, up to the most that is expected
MOST_SHUNT_VOLTS = 0.16384
_SCALE = 13_107.2e6  # of the calibration, 1 / (ampere * ohm)
_ENERGY_UNITS = 16 * 3.2  # of the current's, in joules
_CONVERSION_S = 2 * 150e-6  # of shunt and bus, one after the other


@dataclass(frozen=True)
class Ina228:
    """The chip at an ``address``, with a shunt of ``shunt_ohms``, for currents up to
    ``most_amperes``."""

    address: int
    shunt_ohms: float
    most_amperes: float

    def __post_init__(self) -> None:
        if self.most_amperes * self.shunt_ohms > MOST_SHUNT_VOLTS:
            raise ValueError(
                f"most_amperes: at the shunt it is {self.most_amperes * self.shunt_ohms:g} V, "
                f"expected at most {MOST_SHUNT_VOLTS} V"
            )
        if self.shunt_cal < 1:
            raise ValueError("most_amperes: it is too little for this shunt")

    @property
    def shunt_cal(self) -> int:
        """What its register SHUNT_CAL has."""
        return round(_SCALE * self.most_amperes / STEPS * self.shunt_ohms)

    @property
    def joules(self) -> float:
        """The unit of its register ENERGY: by what SHUNT_CAL is after rounding."""
        return _ENERGY_UNITS * self.shunt_cal / (_SCALE * self.shunt_ohms)


def _check(board: Board, chips: tuple[Ina228, ...]) -> None:
    """Firmware with the chip needs the part of platforms that reads it."""
    if SECTION.name not in board.folders and not board.library_only:
        raise ValueError(f'shares: shares needs "{SECTION.name}"')


SECTION = Section(
    "ina228",
    'An INA228 that meters the board, for `fwgen run --energy ina228`; with "ina228" in `shares`.',
    (
        Key("address", Integer(0x40, 0x4F), "its address on the I2C bus"),
        Key("shunt_ohms", Number(1e-5, 1000.0), "the resistor whose voltage it measures, in ohm"),
        Key("most_amperes", Number(1e-4, 1000.0), "the most current that is expected, in A"),
    ),
    Ina228,
    check=_check,
)


class Ina228Meter(Meter):
    """The chip of a board; the firmware does all the work."""

    rate_hz = 1 / _CONVERSION_S
    source = "ina228"

    def __init__(self, chip: Ina228) -> None:
        self._chip = chip
        self.range_a = (0.0, chip.most_amperes)

    def supply(self, supply: Supply) -> None:
        """Nothing is switched."""
        if supply.volts is not None:
            raise NoEnergyProbe(
                "An INA228 measures the voltage of the board, and feeds none.",
                at="--energy-volts",
                tries=("the same without --energy-volts",),
            )

    def arm(self) -> None:
        """The firmware does it when a window begins."""

    def window(self, told: FirmwareWindow) -> MeterWindow:
        """What the chip counted. Its conversions are not counted: there are as many as its rate
        says."""
        if told.energy is None:
            raise EnergyDoubt(
                "The firmware does not tell what the INA228 counted.",
                at=self.source,
                tries=("fwgen build, with a board file that has [ina228]",),
            )
        return MeterWindow(told.energy * self._chip.joules, round(told.seconds * self.rate_hz))

    def close(self) -> None:
        """Nothing is open."""


class Ina228Probe(EnergyProbe):
    """The chip that a board's file tells of."""

    name = "ina228"
    what = "INA228 of the board"

    def refusal(self, board: Board) -> UsageError | None:
        if board.section(SECTION) is not None:
            return None
        return UsageError(
            f"The file of {board.name} tells of no INA228.",
            at=f"--energy {self.name}",
            tries=("[ina228] in the board file: address, shunt_ohms and most_amperes",),
        )

    def found(self) -> tuple[FoundProbe, ...]:
        return (FoundProbe("board"),)

    def open(self, name: str, board: Board) -> Ina228Meter:
        chip = board.section(SECTION)
        assert chip is not None, "other boards are refused before"
        if name != "board":
            raise NoEnergyProbe(
                f"An INA228 is on the board, and not at {name}.",
                at=f"--energy {self.name}:{name}",
                tries=(f"--energy {self.name}",),
            )
        return Ina228Meter(chip)


PROBE = Ina228Probe()
