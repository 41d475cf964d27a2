"""The named failures of flashing: no or several probes, a wrong or locked chip, other bytes."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.errors import DeviceFault, DeviceUnavailable


class NoProbe(DeviceUnavailable):
    """No debug probe or drive is there that could write to the board (exit code 6)."""


class SeveralProbes(DeviceUnavailable):
    """More than one is there, and nothing says which to take (exit code 6)."""


class WrongChip(DeviceUnavailable):
    """The chip is another one than the board's (exit code 6)."""


class LockedChip(DeviceUnavailable):
    """The chip lets no debugger read or write its flash (exit code 6)."""


class ProbeLost(DeviceFault):
    """The probe, drive or chip went away in the middle (exit code 7)."""


class FlashDiffers(DeviceFault):
    """What was read back is not what was to be written (exit code 7).

    ``address`` is that of the first byte that differs.
    """

    def __init__(
        self, what: str, *, at: str = "", tries: tuple[str, ...] = (), address: int = 0
    ) -> None:
        super().__init__(what, at=at, tries=tries)
        self.address = address


def several(found: Sequence[str], shown: Sequence[str]) -> SeveralProbes:
    """The error that lists probes ``shown``, which have the ids ``found``."""
    return SeveralProbes(
        f"{len(found)} probes are there, and the board may be at any of them.",
        at="; ".join(shown),
        tries=tuple(f"--probe {name}" for name in found),
    )
