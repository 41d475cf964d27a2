"""The arguments of ``fwgen bench``."""

from __future__ import annotations

from pathlib import Path

from fwgen.cli.arguments import file, named, positive, seconds, whole
from fwgen.cli.usage import Parser

WHAT = "Build and measure models on boards with options, all combinations in one run"

EXAMPLE = (
    "fwgen bench models/*.tflite -b corstone-300 -b mps2-an386 \\\n"
    "    --options default= --options ram='--optimize ram' --csv table.csv"
)


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("models", nargs="*", type=named, help=".tflite files, or patterns of them")
    sub.add_argument(
        "-b",
        "--board",
        type=named,
        action="append",
        metavar="'BOARD [OPTIONS]'",
        help="a name of `fwgen boards` or a .toml file, once for each; after it there may be "
        "options of `fwgen run`, such as 'my.toml --port /dev/ttyACM0 --energy ppk2'",
    )
    sub.add_argument(
        "--options",
        action="append",
        metavar="NAME='OPTIONS'",
        help="options of `fwgen build` and what to call them, once for each set (default: none)",
    )
    sub.add_argument(
        "--exclude",
        type=named,
        action="append",
        metavar="PATTERN",
        help="leave out cells by their names, such as '* microbit ram'; once for each pattern",
    )
    sub.add_argument(
        "--axes",
        type=file,
        metavar="F.toml",
        help="models, boards, options and more from a file; what is given here, too, counts more",
    )
    sub.add_argument(
        "--measure",
        type=named,
        metavar="LIST",
        help="after the build: run, verify, profile (default all), such as run,profile; or build, "
        "for none of them",
    )
    sub.add_argument(
        "--inputs", type=positive, metavar="N", help="for `verify`, how many (default 20)"
    )
    sub.add_argument("--seed", type=whole, metavar="S", help="of the inputs (default 0)")
    sub.add_argument(
        "--repeat",
        type=positive,
        metavar="N",
        help="run so often; the median counts, least and most are kept (default 1)",
    )
    _add_work(sub)


def _add_work(sub: Parser) -> None:
    """Where and how the cells are measured, and where their results go."""
    work = sub.add_argument_group("how to work")
    work.add_argument(
        "-o",
        "--out",
        type=file,
        default=Path("bench"),
        help="folder with a result and a log for each cell (default bench); cells whose result is "
        "there are not measured again",
    )
    work.add_argument("--again", action="store_true", help="measure all, whatever is there")
    work.add_argument(
        "--dry-run", action="store_true", help="only list the cells, and which have a result"
    )
    machines = work.add_mutually_exclusive_group()
    machines.add_argument(
        "-j", "--jobs", type=positive, metavar="N", help="cells at a time here (default 1)"
    )
    machines.add_argument(
        "--scheduler",
        type=named,
        metavar="ADDRESS",
        help="measure on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786",
    )
    work.add_argument(
        "--cell-timeout",
        type=seconds,
        default=3600.0,
        metavar="S",
        help="seconds that a cell may take (default 3600)",
    )
    work.add_argument(
        "--csv",
        type=file,
        metavar="FILE",
        help="write the table as CSV, too (-: to stdout in its place)",
    )
