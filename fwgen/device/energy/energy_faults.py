"""The named failures of a measurement of energy."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.errors import DeviceFault, DeviceUnavailable


class NoEnergyProbe(DeviceUnavailable):
    """The probe is not there, is another device, or cannot do what is asked (exit code 6)."""


class SeveralEnergyProbes(DeviceUnavailable):
    """More than one is there, and nothing says which to take (exit code 6)."""


class EnergyProbeLost(DeviceFault):
    """The energy probe went away, or stopped to send, in the middle (exit code 7)."""


class EnergyDoubt(DeviceFault):
    """Something was measured, and it may be wrong: samples are lost, or edges are not those of the
    firmware (exit code 7). No figure comes from it."""


def several_probes(probe: str, found: Sequence[object], names: Sequence[str]) -> DeviceUnavailable:
    """The error that lists probes of one kind, each with the option that chooses it."""
    return SeveralEnergyProbes(
        f"{len(found)} {probe} are there, and the board may be at any of them.",
        at="; ".join(map(str, found)),
        tries=tuple(f"--energy {probe}:{name}" for name in names),
    )
