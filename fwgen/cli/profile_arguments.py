"""The arguments of ``fwgen profile``."""

from __future__ import annotations

from fwgen.cli.arguments import file, named, positive, seconds
from fwgen.cli.usage import Parser

WHAT = "Estimate the cycles of an inference, or of any ELF file, and where they go"

EXAMPLE = "fwgen profile build/kws-corstone-300"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("target", type=file, help="folder that `fwgen build` made, or an ELF file")
    window = sub.add_argument_group("what to record", "symbols or addresses")
    window.add_argument("--start", metavar="SYM", help="default: the invoke function of the model")
    window.add_argument(
        "--stop",
        metavar="SYM",
        help="or ret, the default: return from start; or exit: program's end",
    )
    window.add_argument(
        "--mark", action="append", metavar="SYM", help="divide there (data: when it is written)"
    )
    sub.add_argument("--input", type=file, action="append", metavar="F.npy", help="as for `run`")
    sub.add_argument(
        "--top", type=positive, default=12, metavar="N", help="symbols to show (default 12)"
    )
    sub.add_argument(
        "--timeout", type=seconds, default=600.0, metavar="S", help="seconds to run (default 600)"
    )
    foreign = sub.add_argument_group("for an ELF file that is not a project's")
    foreign.add_argument("-b", "--board", type=named, help="its machine, core, memory and energy")
    foreign.add_argument("--machine", default="", metavar="M", help="of QEMU (default mps3-an547)")
    foreign.add_argument("--mcpu", default="", metavar="CORE", help="default cortex-m55")
    foreign.add_argument("--load", action="append", metavar="FILE@ADDRESS", help="into memory, raw")
    foreign.add_argument("--semihosting", action="store_true", help="lets the image use host files")
    foreign.add_argument("--send", default="", metavar="TEXT", help="to type into its serial line")
    foreign.add_argument(
        "--ready", default="m-ready", metavar="REGEX", help="output to send it after (m-ready)"
    )
    foreign.add_argument("--until", default="", metavar="REGEX", help="output to give up after")
    foreign.add_argument("--macs", type=positive, metavar="N", help="multiply-accumulates inside")
