"""The named failures of the serial link, each a DeviceFault (exit code 7)."""

from __future__ import annotations

from collections.abc import Mapping

from fwgen.errors import DeviceFault


class BootTimeout(DeviceFault):
    """The firmware never said that it is ready."""


class NoAnswer(DeviceFault):
    """A command was not answered in time."""


class OutOfTime(DeviceFault):
    """The whole session took longer than it was given."""


class BadAnswer(DeviceFault):
    """An answer's checksum, form or order is wrong, or something came that nobody asked for."""


class DeviceError(DeviceFault):
    """The device answered with an error line ``e-[...]``."""


class CounterStopped(DeviceFault):
    """A counter that should count did not."""


class WrongBuild(DeviceFault):
    """The firmware that answers is not the image that was to be run."""


class Restarted(DeviceFault):
    """The device booted again in the middle of a session."""


class Disconnected(DeviceFault):
    """The stream ended: the simulator exited or the port is gone."""


class FirmwareFault(DeviceFault):
    """The firmware reported a fault, or the simulator reported one in its place.

    ``fields`` has the fault line's values as printed: name, pc, lr, cfsr, ..., op; empty if there
    was no such line.
    """

    def __init__(
        self,
        what: str,
        *,
        at: str = "",
        tries: tuple[str, ...] = (),
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(what, at=at, tries=tries)
        self.fields = dict(fields or {})
