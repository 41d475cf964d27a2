"""Energy probes: what a board takes between two edges of its trigger pin -> joules.

Every module here that holds a ``PROBE`` is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fwgen.board import Board
from fwgen.board.sections import modules_holding
from fwgen.device.energy.probe import EnergyProbe, Measured, Meter, Supply
from fwgen.errors import UsageError
from fwgen.host.spelling import meant, shown


def _find_probes() -> dict[str, EnergyProbe]:
    modules = modules_holding("PROBE", Path(__file__).resolve().parent)
    return {module.PROBE.name: module.PROBE for module in modules}


PROBES = _find_probes()
"""By name."""


def find_energy_probe(asked: str) -> tuple[EnergyProbe, str | None]:
    """The kind of probe that ``NAME`` or ``NAME:PLACE`` says, and the place, None if there is none.

    Raises UsageError for a name that is unknown, DeviceUnavailable if what it needs is not here.
    """
    name, _, place = asked.partition(":")
    probe = PROBES.get(name)
    if probe is None:
        raise UsageError(
            f"There is no energy probe {shown(name)}; known: {', '.join(PROBES)}.",
            at="--energy",
            tries=meant(name, PROBES),
        )
    missing = probe.missing()
    if missing is not None:
        raise missing
    return probe, place or None


@contextmanager
def energy_meter(asked: str, supply: Supply, board: Board) -> Iterator[Meter]:
    """A probe that is open and feeds or meters the board, until the end.

    Raises as ``find_energy_probe``, ``EnergyProbe.open`` and ``Meter.supply``.
    """
    probe, place = find_energy_probe(asked)
    meter = probe.open(probe.only() if place is None else place, board)
    try:
        meter.supply(supply)
        yield meter
    finally:
        meter.close()


__all__ = [
    "PROBES",
    "EnergyProbe",
    "Measured",
    "Meter",
    "Supply",
    "energy_meter",
    "find_energy_probe",
]
