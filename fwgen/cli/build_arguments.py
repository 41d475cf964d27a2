"""The arguments of ``fwgen build``."""

from __future__ import annotations

from fwgen import DEFAULT_PREFIX, DUMPS, GOALS, KERNELS
from fwgen.cli.arguments import add_input_shape, add_place, add_signature, factor, file, named
from fwgen.cli.usage import Parser

WHAT = "Generate a project and build it"

EXAMPLE = "fwgen build kws.tflite --board corstone-300"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument(
        "model",
        nargs="*",
        type=file,
        help=".tflite file (default: from fwgen.toml); several make one image, with one arena",
    )
    sub.add_argument("-b", "--board", type=named, help="a name of `fwgen boards`, or a .toml file")
    _add_out(sub)
    sub.add_argument(
        "--name",
        action="append",
        help="what the model's C symbols, header and CMake target are called, for several models "
        f"in one image (default {DEFAULT_PREFIX}); of several models once for each (default: of "
        "their files)",
    )
    sub.add_argument("--strict", action="store_true", help="drop no weight other than 0")
    sub.add_argument(
        "--feed-rows",
        action="store_true",
        help="take the input image row by row (fw_model_feed_rows), as from a camera",
    )
    _add_kernels(sub)
    sub.add_argument(
        "--npu",
        type=named,
        metavar="NAME",
        help="an Arm Ethos-U of the board for what it can do, such as ethos-u55-128, by Vela; for "
        "some of several models: a,b=ethos-u55-128",
    )
    sub.add_argument(
        "--npu-inexact",
        action="store_true",
        help="let it also do ops that Vela computes otherwise than TFLM (default: the core does)",
    )
    sub.add_argument(
        "--vela-args",
        metavar="'ARGS'",
        help="options for Vela, as in --vela-args='--ignore-ops SOFTMAX'",
    )
    sub.complete = _add_mlperf
    add_place(sub)
    add_input_shape(sub)
    add_signature(sub)
    sub.add_argument("--sanitize", action="store_true", help="ASan and UBSan (native board only)")
    sub.add_argument(
        "--canaries",
        action="store_true",
        help="bytes around the arena, which the firmware checks after each inference",
    )
    sub.add_argument("--no-compile", action="store_true", help="generate only")
    sub.add_argument(
        "--dump", choices=DUMPS, metavar="STAGE", help=f"only print a stage: {', '.join(DUMPS)}"
    )


def _add_kernels(sub: Parser) -> None:
    """What kernels are chosen for, and from whose."""
    sub.add_argument(
        "--optimize",
        choices=GOALS,
        default=GOALS[0],
        help="what kernels are chosen for (default balanced: 1%% of cycles, flash or arena alike); "
        "balanced may take 1.13 times the cycles of the fastest choice, ram 1.28 times, size twice "
        "those of the fastest without larger weights",
    )
    sub.add_argument(
        "--max-slowdown",
        type=factor,
        metavar="FACTOR",
        help="with any --optimize but speed: times the fastest choice's cycles that it may take",
    )
    sub.add_argument(
        "--kernels",
        choices=KERNELS,
        default=KERNELS[0],
        help="whose: the best for each op of all at hand (auto, the default), Arm's CMSIS-NN where "
        "it has the op, fwgen's own, or plain C alone",
    )


def _add_mlperf(sub: Parser) -> None:
    """Whose benchmark runs the firmware, once the command is known to be used."""
    from fwgen.project.mlperf import TASKS

    sub.add_argument(
        "--mlperf",
        choices=tuple(TASKS),
        metavar="TASK",
        help=f"firmware that runners of MLPerf Tiny know as this task: {', '.join(TASKS)}",
    )
    sub.add_argument(
        "--mlperf-energy",
        action="store_true",
        help="for their energy mode: 9,600 baud, and the trigger pin marks the window",
    )


def _add_out(sub: Parser) -> None:
    """Where the project goes."""
    sub.add_argument("-o", "--out", type=file, help="folder (default build/MODEL-BOARD[-VARIANT])")
    sub.add_argument(
        "--force",
        action="store_true",
        help="replace edited files of a project, too; each is kept as FILE.orig",
    )
