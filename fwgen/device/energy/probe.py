"""The contract of an energy probe: how the energy of a window between two edges is measured.

``energy/<name>.py`` holds one ``PROBE``; ``energy/__init__.py`` finds it by itself. It opens a
``Meter``, which goes through steps. ``supply`` says at which voltage the board runs and who feeds
it. ``arm`` begins to watch. The firmware then runs inferences between two edges of its trigger pin.
``window`` takes what lies between them, ``joules`` decides whether that can be trusted. ``close``
leaves nothing switched on that was off before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import isfinite

from fwgen.board import Board
from fwgen.device.energy.energy_faults import EnergyDoubt, NoEnergyProbe, several_probes
from fwgen.device.link import FirmwareWindow
from fwgen.errors import DeviceUnavailable, UsageError

MOST_LOST = 0.001
"""Share of a window's samples that may be missing. Their energy is counted as that of the others
on average, so that the error is less than this share times how much the current varies."""

CLOCKS = 0.02
"""How far the window may differ between the probe's clock and the firmware's: a chip that runs from
its RC oscillator may be 1 % off."""

EDGES = 3
"""Samples by which two edges may lie otherwise than the firmware says, beside that."""

RESOLUTION = 0.0005
"""What one sample may be of a window: an edge is known to one sample."""


@dataclass(frozen=True)
class FoundProbe:
    """An energy probe that is there: ``name`` is what ``--energy PROBE:NAME`` calls it."""

    name: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.what})" if self.what else self.name


@dataclass(frozen=True)
class Supply:
    """The board's supply: ``volts`` at it, None if the probe measures them itself. Where it is not
    ``fed`` by the probe, it has a supply of its own, whose current the probe only meters."""

    volts: float | None = None
    fed: bool = True


@dataclass(frozen=True)
class MeterWindow:
    """What a meter took between two edges.

    ``lost`` are samples that are missing or damaged, ``clipped`` those at the end of the range.
    ``edges`` are all that came since the meter was armed.
    """

    joules: float
    samples: int
    lost: int = 0
    clipped: int = 0
    edges: int = 2


@dataclass(frozen=True)
class Measured:
    """An energy that can be trusted: ``joules`` over ``seconds`` by the probe's clock.

    ``lost`` is the share of samples that are missing. ``range_a`` are the currents that the probe
    can measure, ``rate_hz`` how often it does. ``source`` is the probe and ``volts`` the supply,
    None if the probe measured it.
    """

    joules: float
    seconds: float
    samples: int
    lost: float
    range_a: tuple[float, float]
    rate_hz: float
    source: str
    volts: float | None
    unit: str = "J"


class Meter(ABC):
    """An energy probe that is open. All methods end in bounded time and raise the failures of
    ``energy_faults``."""

    source: str
    """The probe's name, and which one it is."""
    range_a: tuple[float, float]
    rate_hz: float
    volts: float | None = None

    @property
    def least_s(self) -> float:
        """The shortest window that is worth measuring, in s."""
        return max(1.0, 1.0 / (self.rate_hz * RESOLUTION))

    @abstractmethod
    def supply(self, supply: Supply) -> None:
        """Feed the board, or only meter it. Raises NoEnergyProbe for what the probe cannot do."""

    @abstractmethod
    def arm(self) -> None:
        """Forget all that was, and watch for edges from now on."""

    @abstractmethod
    def window(self, told: FirmwareWindow) -> MeterWindow:
        """What lies between the latest two edges; ``told`` is what the firmware says of them."""

    @abstractmethod
    def close(self) -> None:
        """Stop, switch off what was switched on, let go. May be called again."""

    def joules(self, window: MeterWindow, told: FirmwareWindow) -> Measured:
        """The energy of a window. Raises EnergyDoubt if it may be wrong."""
        count = window.samples + window.lost
        seconds = count / self.rate_hz
        share = window.lost / count if count else 1.0
        if share > MOST_LOST:
            raise EnergyDoubt(
                f"{window.lost:,} of {count:,} samples are lost or damaged, which is {share:.2%}; "
                f"at most {MOST_LOST:.1%} may be.",
                at=self.source,
                tries=(
                    "measure again, with less else to do for this machine",
                    "a port of the machine itself, and no hub",
                ),
            )
        if window.clipped:
            raise EnergyDoubt(
                f"{window.clipped:,} samples are at the end of the range, "
                f"{self.range_a[1] * 1e3:g} mA: the board takes more than the probe can measure.",
                at=self.source,
            )
        off_s = abs(seconds - told.seconds)
        if off_s > CLOCKS * told.seconds + EDGES / self.rate_hz:
            raise EnergyDoubt(
                f"The two edges are {seconds:.4g} s apart for the probe, and {told.seconds:.4g} s "
                "for the firmware.",
                at=self.source,
                tries=(
                    "look at the wire from the trigger pin to the probe, and at its ground",
                    f"the right clock_hz in the board file: {window.edges} edges came",
                ),
            )
        if not (isfinite(window.joules) and window.joules > 0):
            raise EnergyDoubt(
                f"The probe measured {window.joules:.4g} J.",
                at=self.source,
                tries=("see that the board's supply goes through the probe",),
            )
        return Measured(
            joules=window.joules * (count / window.samples),
            seconds=seconds,
            samples=window.samples,
            lost=share,
            range_a=self.range_a,
            rate_hz=self.rate_hz,
            source=self.source,
            volts=self.volts,
        )


class EnergyProbe(ABC):
    """One kind of energy probe."""

    name: str
    what: str
    """What it is, in a few words."""

    def missing(self) -> DeviceUnavailable | None:
        """The reason why it cannot work on this machine, with what to install; None if it can."""
        return None

    def refusal(self, board: Board) -> UsageError | None:
        """The reason why it cannot measure such a board, None if it can. Most take their window
        from edges of its trigger pin."""
        if board.trigger is not None:
            return None
        return UsageError(
            f"{board.name} has no pin that tells the probe when inferences begin and end.",
            at=f"--energy {self.name}",
            tries=('trigger = "PA8" in the board file, a pin that is free',),
        )

    @abstractmethod
    def found(self) -> tuple[FoundProbe, ...]:
        """Those that are there now."""

    def only(self) -> str:
        """The name of the only one that is there. Raises NoEnergyProbe, SeveralEnergyProbes."""
        found = self.found()
        if not found:
            raise NoEnergyProbe(
                f"No {self.what} is there.",
                at=f"--energy {self.name}",
                tries=("plug it in", f"--energy {self.name}:PORT, where it is"),
            )
        if len(found) > 1:
            raise several_probes(self.name, found, [each.name for each in found])
        return found[0].name

    @abstractmethod
    def open(self, name: str, board: Board) -> Meter:
        """The probe of that name, as of ``found``, at a board that it does not refuse; the caller
        closes it.

        Raises DeviceUnavailable if it is not there, is used by others, or is something else.
        """
