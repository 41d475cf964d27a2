"""The arguments of ``fwgen flash``."""

from __future__ import annotations

from fwgen.cli.arguments import file, named, seconds
from fwgen.cli.usage import Parser

WHAT = "Write a project's image to its board, read it back and start it"

EXAMPLE = "fwgen flash build/kws-nucleo-l4r5zi --flasher openocd"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument(
        "project",
        nargs="?",
        type=file,
        help="folder that `fwgen build` made",
    )
    sub.add_argument(
        "--probe",
        type=named,
        metavar="ID",
        help="debug probe, drive or server to write through, as --probes lists them (default: the "
        "only one)",
    )
    sub.add_argument(
        "--probes", action="store_true", help="list what each flasher finds, and write nothing"
    )
    sub.add_argument(
        "--wait",
        type=seconds,
        metavar="S",
        help="seconds to wait for a probe that another process writes through (default: 60)",
    )
    sub.add_argument(
        "--port",
        type=named,
        metavar="URL",
        help="serial port of the board, at which the firmware is then asked for its build id",
    )
    sub.add_argument(
        "--save",
        type=file,
        metavar="FILE",
        help="write the image into a file for another programmer instead: .hex, .bin or .uf2",
    )
    sub.complete = _add_flasher


def _add_flasher(sub: Parser) -> None:
    from fwgen.device.flash import FLASHERS

    sub.add_argument(
        "--flasher",
        type=named,
        metavar="NAME",
        help=f"{', '.join(FLASHERS)} (default: the first that suits the board and is here)",
    )
