"""The flash phase of boards at a serial port: their image is written if they run another one."""

from __future__ import annotations

from fwgen.device.flash import FLASHERS, FlashWish
from fwgen.device.link import Link, Timeouts
from fwgen.device.run.runner import Connection, Launch, Option
from fwgen.device.serial.ports import Place, list_ports
from fwgen.errors import DeviceFault

FLASHER = Option(
    "--flasher", "NAME", f"what writes the image if another one runs: {', '.join(FLASHERS)}"
)
PROBE = Option("--probe", "ID", "debug probe, drive or server through which it is written")


def wish_of(launch: Launch, place: Place) -> FlashWish | None:
    """With what the board at ``place`` is written: as the user says, or else through the debug
    probe that is the port, too. None if there is none: it could be at another board."""
    options = launch.choice.options
    if FLASHER.flag in options or PROBE.flag in options:
        return FlashWish(options.get(FLASHER.flag), options.get(PROBE.flag))
    numbers = {port.serial_number for port in list_ports() if port.device == place.url} - {None}
    if not numbers:
        return None
    for flasher in FLASHERS.values():
        if flasher.suits(launch.board) and flasher.missing(launch.board) is None:
            for probe in flasher.probes(launch.board):
                if probe.name in numbers:
                    return FlashWish(flasher.name, probe.name)
    return None


def runs_image(connection: Connection, launch: Launch, timeouts: Timeouts) -> bool:
    """Whether the firmware at the other end is the image; not, if nothing answers."""
    link = Link(connection, build=launch.build, timeouts=timeouts, clock=connection.clock)
    try:
        link.wait_boot()
        link.info()
    except DeviceFault:
        return False
    return True
