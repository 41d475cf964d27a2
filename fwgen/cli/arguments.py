"""Arguments of the command line that several commands have, or that are many."""

from __future__ import annotations

import argparse
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from fwgen import DEFAULT_PREFIX, DUMPS, GOALS, KERNELS
from fwgen.cli.usage import Parser
from fwgen.host.spelling import shown

if TYPE_CHECKING:
    from fwgen.device.run.runner import Choice

MOST = 1 << 40
"""Largest number of bytes, steps or things of any option."""


def whole(text: str, least: int = 0, most: int = (1 << 64) - 1) -> int:
    """A whole number in a range."""
    value = int(text) if re.fullmatch(r"[-+]?[0-9]{1,40}", text) else None
    if value is None or not least <= value <= most:
        raise _expected(f"a whole number from {least:,} to {most:,}", text)
    return value


def positive(text: str) -> int:
    """A whole number of 1 or more."""
    return whole(text, 1, MOST)


def seconds(text: str) -> float:
    """A time of more than nothing, up to a year."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 366 * 86400:
        raise _expected("a number of seconds above 0, of at most a year", text)
    return value


def named(text: str) -> str:
    """A word, which cannot be empty."""
    if not text:
        raise _expected("a name", text)
    return text


def file(text: str) -> Path:
    """A path. That of a file that has no name, or no possible name, is none."""
    if not text or "\0" in text:
        raise _expected("a path", text)
    return Path(text)


def percentage(text: str) -> float:
    """The share that a percentage is."""
    number = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]*)?|\.[0-9]+)%", text)
    if number is None or not 0 <= float(number[1]) <= 10_000:
        raise _expected("a percentage such as 1% (0.01 would be 1%, too, and is not taken)", text)
    return float(Decimal(number[1]) / 100)


def factor(text: str) -> float:
    """A factor of 1 or more."""
    number = re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]*)?", text)
    if number is None or float(text) < 1:
        raise _expected("a factor of 1 or more, such as 2.5", text)
    return float(text)


def _expected(what: str, text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"expected {what}, got {shown(text)}")


def _add_kernels(sub: argparse.ArgumentParser) -> None:
    """What kernels are chosen for, and from whose."""
    sub.add_argument(
        "--optimize",
        choices=GOALS,
        default=GOALS[0],
        help="what kernels are chosen for (default balanced: 1%% of cycles, flash or arena alike); "
        "size may take twice the cycles of the fastest choice, ram 1.12 times, or as many as "
        "balanced",
    )
    sub.add_argument(
        "--max-slowdown",
        type=factor,
        metavar="FACTOR",
        help="with --optimize size or ram: times the fastest choice's cycles that it may take",
    )
    sub.add_argument(
        "--kernels",
        choices=KERNELS,
        default=KERNELS[0],
        help="whose: the best for each op of all at hand (auto, the default), Arm's CMSIS-NN where "
        "it has the op, fwgen's own, or plain C alone",
    )


def add_build(sub: argparse.ArgumentParser) -> None:
    """Those of `fwgen build`."""
    sub.add_argument("model", nargs="?", type=file, help=".tflite file (default: from fwgen.toml)")
    sub.add_argument("-b", "--board", type=named, help="a name of `fwgen boards`, or a .toml file")
    _add_out(sub)
    sub.add_argument(
        "--name",
        default=DEFAULT_PREFIX,
        help="what the model's C symbols, header and CMake target are called, for several models "
        f"in one image (default {DEFAULT_PREFIX})",
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
        help="an Arm Ethos-U of the board for what it can do, such as ethos-u55-128, by Vela",
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
    add_place(sub)
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


def _add_out(sub: argparse.ArgumentParser) -> None:
    """Where the project goes."""
    sub.add_argument("-o", "--out", type=file, help="folder (default build/MODEL-BOARD[-VARIANT])")
    sub.add_argument(
        "--force",
        action="store_true",
        help="replace edited files of a project, too; each is kept as FILE.orig",
    )


def add_place(sub: argparse._ActionsContainer) -> None:
    """``--place``, of commands that lay out an arena."""
    sub.add_argument(
        "--place",
        action="append",
        metavar="WHAT=REGION",
        help="arena, weights, code, data, stack (REGION,... in order of preference), a tensor t12 "
        "or the scratch op3 of an op into another region than the board says",
    )


def add_runner(sub: Parser) -> None:
    """``--runner``, the options of runners, and ``--timeout``."""
    sub.add_argument(
        "--timeout",
        type=seconds,
        default=600.0,
        metavar="S",
        help="seconds that one inference may take (default 600)",
    )
    sub.complete = _add_runners


def _add_runners(sub: Parser) -> None:
    from fwgen.device.run import RUNNERS

    names = " or ".join(RUNNERS)
    sub.add_argument(
        "--runner", type=named, help=f"{names} (default: the first that suits the board)"
    )
    for runner in RUNNERS.values():
        if runner.options:
            group = sub.add_argument_group(f"of the runner {runner.name}")
            for option in runner.options:
                group.add_argument(
                    option.flag, type=named, metavar=option.metavar, help=option.what
                )


def chosen_runner(args: argparse.Namespace) -> Choice:
    """What was asked of a runner, by the arguments of ``add_runner``."""
    from fwgen.device.run import RUNNERS
    from fwgen.device.run.runner import Choice

    flags = [option.flag for runner in RUNNERS.values() for option in runner.options]
    given = {flag: getattr(args, flag.lstrip("-").replace("-", "_")) for flag in flags}
    return Choice(args.runner, {flag: value for flag, value in given.items() if value is not None})
