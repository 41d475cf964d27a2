"""The options of a measurement of energy, which `fwgen run` has."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from fwgen.cli.arguments import named, seconds
from fwgen.cli.usage import Parser
from fwgen.errors import UsageError

if TYPE_CHECKING:
    from fwgen.measure.counters.inference_energy import EnergyWish

_DEPENDENT = ("--energy-volts", "--energy-own-supply", "--energy-window", "--calibrate-energy")


def volts(text: str) -> float:
    """A voltage of a board's supply."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.5 <= value <= 12:
        raise argparse.ArgumentTypeError(f"expected a voltage of 0.5 to 12 V, got {text[:20]!r}")
    return value


def add_energy(sub: Parser) -> None:
    """Declare the options, once the command is known to be used."""
    from fwgen.device.energy import PROBES

    group = sub.add_argument_group("energy of an inference, by a probe (docs/energy.md)")
    group.add_argument(
        "--energy",
        type=named,
        metavar="PROBE[:PORT]",
        help=f"measure it with {', '.join(PROBES)}; PORT is needed where several are plugged in",
    )
    group.add_argument(
        "--energy-volts",
        type=volts,
        metavar="V",
        help="the supply of the board, which the probe makes; no probe has a default",
    )
    group.add_argument(
        "--energy-own-supply",
        action="store_true",
        help="the board is not fed by the probe, which only meters its current",
    )
    group.add_argument(
        "--energy-window",
        type=seconds,
        metavar="S",
        help="seconds of inferences that are measured together (default: what the probe needs)",
    )
    group.add_argument(
        "--calibrate-energy",
        action="store_true",
        help="also print the pJ per cycle that were measured, as [energy] of a board file",
    )


def chosen_energy(args: argparse.Namespace) -> EnergyWish | None:
    """What was asked for; None if nothing was. Raises UsageError for an option without a probe."""
    from fwgen.device.energy import Supply
    from fwgen.measure.counters.inference_energy import EnergyWish

    if args.energy is None:
        for flag in _DEPENDENT:
            if getattr(args, flag.lstrip("-").replace("-", "_")):
                raise UsageError(
                    f"{flag} says nothing without a probe.", at=flag, tries=("--energy PROBE",)
                )
        return None
    supply = Supply(args.energy_volts, fed=not args.energy_own_supply)
    return EnergyWish(args.energy, supply, args.energy_window, args.calibrate_energy)
