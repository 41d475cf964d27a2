"""The energy of an inference: measured by a probe, beside what the board's file estimates.

The firmware runs as many inferences between two edges of its trigger pin as make a window that is
long enough. Their energy over their number is that of one, with the copy of its input, and with
all that the board does besides.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from fwgen.board import Board
from fwgen.board import energy as board_energy
from fwgen.device.energy import Measured, Meter, Supply, find_energy_probe
from fwgen.device.link import FirmwareWindow
from fwgen.device.run import Session
from fwgen.device.run.runner import Runner
from fwgen.errors import UsageError

MOST_INFERENCES = 1_000_000
_PATIENCE = 4.0  # by what a window may take longer than its inferences did before
_DIGITS = 4  # of a coefficient
_NAME = 60  # most letters of a model's name


@dataclass(frozen=True)
class EnergyWish:
    """What is asked for: ``probe`` as of ``--energy``, and how the board is supplied.

    A window lasts ``window_s`` or longer, None for what the probe needs. With ``calibrate``, the pJ
    per cycle are told as a section of a board file.
    """

    probe: str
    supply: Supply
    window_s: float | None = None
    calibrate: bool = False


@dataclass(frozen=True)
class InferenceEnergy:
    """``measured`` is the energy of what the firmware ``told`` of. ``probe`` is the one that
    measured."""

    measured: Measured
    told: FirmwareWindow
    probe: str

    @property
    def source(self) -> str:
        """The kind of probe."""
        return self.probe.split()[0]

    @property
    def uj(self) -> float:
        """Microjoules of one inference."""
        return self.measured.joules / self.told.inferences * 1e6


def check_wish(wish: EnergyWish, board: Board, runner: Runner) -> None:
    """Raise UsageError where no energy can be measured, or no coefficient, and what
    ``find_energy_probe`` does."""
    probe, _ = find_energy_probe(wish.probe)
    if not runner.attached:
        raise UsageError(
            f"{board.name} runs on {runner.name}, which takes no energy that could be measured.",
            at=f"--energy {wish.probe}",
            tries=("--port URL, where the board is", "--runner serial, if it is the only one"),
        )
    refusal = probe.refusal(board)
    if refusal is not None:
        raise refusal
    if board.timer is None:
        raise UsageError(
            f"{board.name} has no counter by which to know how long an inference takes.",
            at=f"--energy {wish.probe}",
            tries=("a [timer] in the board file",),
        )
    if wish.calibrate and board.timer.unit != "cycles":
        raise _no_cycles(board.name)


def _no_cycles(name: str) -> UsageError:
    return UsageError(
        f"{name} counts no cycles, so that there is nothing to divide the energy by.",
        at="--calibrate-energy",
        tries=('source = "dwt" or "pmu" in [timer], if the core has one of them',),
    )


def measure_energy(
    session: Session, meter: Meter, ticks: int, window_s: float | None, limit_s: float
) -> InferenceEnergy:
    """The energy of inferences on the loaded input, of which one took so many ``ticks`` and may
    take ``limit_s``. A model with state goes on as if there had been none.

    Raises the failures of ``energy_faults``, DeviceFaults of the link.
    """
    one_s = ticks / session.info.hz
    count = min(MOST_INFERENCES, ceil(max(window_s or 0.0, meter.least_s) / one_s))
    meter.arm()
    told = session.link.window(count, limit_s + _PATIENCE * count * one_s)
    return InferenceEnergy(meter.joules(meter.window(told), told), told, meter.source)


def describe_energy(
    found: InferenceEnergy,
    board: Board,
    counter: str | None,
    *,
    expected_cycles: int,
    model: str | None = None,
) -> dict[str, Any]:
    """The energy as JSON, beside an estimate if the board's file has a coefficient.

    ``counter`` is what counted cycles of the core, such as "dwt", None if nothing did: the estimate
    is then made of those that the build expected. With the name of a ``model``, pJ per cycle as a
    section of a board file are in it, too. Raises UsageError then if no cycles were counted, as by
    a simulator in the place of a board that counts them.
    """
    if model is not None and counter is None:
        raise _no_cycles(f"What runs in the place of {board.name}")
    measured, told = found.measured, found.told
    result: dict[str, Any] = {
        "unit": "uj",
        "total": float(f"{found.uj:.6g}"),
        "source": found.source,
        "probe": found.probe,
        "inferences": told.inferences,
        **{k: v for k, v in asdict(measured).items() if k not in ("unit", "source")},
    }
    cycles = told.ticks / told.inferences if counter is not None else expected_cycles
    coefficient = board.section(board_energy.SECTION)
    if coefficient is not None:
        result["estimate"] = {
            "unit": "estimated_uj",
            "total": board_energy.estimated_uj(cycles, coefficient),
            "cycles": round(cycles),
            "counter": counter or "expected by the build",
            **asdict(coefficient),
        }
    if model is not None:
        result["calibration"] = {
            "pj_per_cycle": float(f"{found.uj * 1e6 / cycles:.{_DIGITS}g}"),
            "calibrated": True,
            "source": _origin(found, board, model),
        }
    return result


def _origin(found: InferenceEnergy, board: Board, model: str) -> str:
    volts = f", {found.measured.volts:g} V" if found.measured.volts is not None else ""
    clock = f"{board.clock_hz / 1e6:g} MHz" if board.clock_hz else "its clock"
    words = (
        f"measured by {found.source}: {model[:_NAME]} on {board.name} at {clock}{volts}, "
        f"{found.told.inferences} inferences, {time.strftime('%Y-%m-%d')}"
    )
    return "".join(
        c if c.isascii() and c.isprintable() and c not in "'\"*\\" else "_" for c in words
    )[:200]
