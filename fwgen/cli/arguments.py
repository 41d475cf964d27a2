"""Kinds of arguments of the command line, and arguments that several commands have."""

from __future__ import annotations

import argparse
import re
from fractions import Fraction
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from fwgen.cli.usage import Parser
from fwgen.errors import UsageError
from fwgen.host.spelling import shown
from fwgen.measure.limits import Limit
from fwgen.model.input_shape import InputShape

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


def limit(text: str) -> tuple[str, Limit]:
    """A figure's name, "" for all others, and how much larger than before it may be."""
    name, named, amount = text.rpartition("=")
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]*)?|\.[0-9]+)%|\+([0-9]{1,15})", amount)
    if found is None or (named and not name) or float(found[1] or 0) > 10_000:
        raise _expected(
            "a percentage such as 1% (0.01 would be 1%, too, and is not taken), or +N in the unit "
            "of a figure, as in flash_bytes=+256",
            text,
        )
    if found[2]:
        return name, Limit(more=Fraction(found[2]), text=f"{int(found[2]):,}")
    return name, Limit(share=Fraction(found[1]) / 100, text=f"{float(found[1]):.6g} %")


def factor(text: str) -> float:
    """A factor of 1 or more."""
    number = re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]*)?", text)
    if number is None or float(text) < 1:
        raise _expected("a factor of 1 or more, such as 2.5", text)
    return float(text)


def input_shape(text: str) -> InputShape:
    """The shape of an input, by its name if there is one before the last equals sign."""
    name, named, sizes = text.rpartition("=")
    shape = tuple(int(size) for size in re.findall(r"[0-9]+", sizes))
    if not re.fullmatch(r"[0-9]{1,9}(?:[x,][0-9]{1,9})*", sizes) or not all(shape):
        raise _expected("[NAME=]SIZES such as 1x49x10 or audio=1x49x10", text)
    return InputShape(name if named else None, shape)


def add_input_shape(sub: argparse._ActionsContainer) -> None:
    """``--input-shape``, of commands that read a model."""
    sub.add_argument(
        "--input-shape",
        type=input_shape,
        action="append",
        metavar="[NAME=]1x49x10",
        help="shape of an input, by name or in their order; all other shapes follow; of one of "
        "several models: MODEL=1x49x10 or MODEL/NAME=1x49x10",
    )


def add_signature(sub: argparse._ActionsContainer) -> None:
    """``--signature``, of commands that read a model."""
    sub.add_argument(
        "--signature",
        type=named,
        action="append",
        metavar="NAME",
        help="which entry point of a file that has several (fwgen inspect); of several models once "
        "for each (default: the file's main one)",
    )


def _expected(what: str, text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"expected {what}, got {shown(text)}")


def add_place(sub: argparse._ActionsContainer) -> None:
    """``--place``, of commands that lay out an arena."""
    sub.add_argument(
        "--place",
        action="append",
        metavar="WHAT=REGION",
        help="arena, weights, code, data, stack (REGION,... in order of preference), a tensor t12 "
        "or the scratch op3 of an op into another region than the board says; of one of several "
        "models: MODEL/t12",
    )


_LIMITS = {
    "boot": "seconds until the firmware answers at all (default: by the runner, 8 for a board)",
    "answer": "seconds for a command, beside what data and inferences take (default 5)",
    "resync": "seconds for one of 3 attempts to find the place again on the line (default 2.5)",
    "session": "seconds for all together (default: no limit)",
}
"""Limits of a session: names of options, and what they say."""

_OF_LINK = {"boot": "boot_s", "answer": "command_s", "resync": "resync_s"}


def add_runner(sub: Parser) -> None:
    """``--runner``, the options of runners, and limits of time."""
    sub.add_argument(
        "--timeout",
        type=seconds,
        default=600.0,
        metavar="S",
        help="seconds that one inference may take (default 600)",
    )
    sub.add_argument(
        "--link",
        choices=("memory", "serial"),
        help="how inputs and outputs go (default: by the device's memory where the runner reaches "
        "it, which saves much time, else by the serial line)",
    )
    limits = sub.add_argument_group("how long to wait for a device")
    for name, what in _LIMITS.items():
        limits.add_argument(f"--{name}-timeout", type=seconds, metavar="S", help=what)
    sub.complete = add_runner_options


def add_runner_options(sub: Parser) -> None:
    """``--runner`` and the options of runners, once the command is known to be used."""
    from fwgen.device.run import RUNNERS

    names = " or ".join(RUNNERS)
    sub.add_argument(
        "--runner", type=named, help=f"{names} (default: the first that suits the board)"
    )
    declared: set[str] = set()
    for runner in RUNNERS.values():
        own = [option for option in runner.options if option.flag not in declared]
        shared = [option.flag for option in runner.options if option.flag in declared]
        declared |= {option.flag for option in own}
        if own:
            also = f"{', '.join(shared)}, too" if shared else None
            group = sub.add_argument_group(f"of the runner {runner.name}", also)
            for option in own:
                group.add_argument(
                    option.flag, type=named, metavar=option.metavar, help=option.what
                )


def only_signature(args: argparse.Namespace) -> str | None:
    """What ``--signature`` says of one model. Raises UsageError if it says more."""
    given: list[str] = args.signature or []
    if len(given) > 1:
        raise UsageError(
            f"There are {len(given)} signatures for one model.",
            at="--signature",
            tries=("the model once for each, which makes one image of several models",),
        )
    return given[0] if given else None


def chosen_runner(args: argparse.Namespace) -> Choice:
    """What was asked of a runner, by the arguments of ``add_runner``."""
    from fwgen.device.run import RUNNERS
    from fwgen.device.run.runner import Capability, Choice

    flags = [option.flag for runner in RUNNERS.values() for option in runner.options]
    given = {flag: getattr(args, flag.lstrip("-").replace("-", "_")) for flag in flags}
    limits = {name: getattr(args, f"{name}_timeout", None) for name in _LIMITS}
    link = getattr(args, "link", "serial")  # which is all that a command without it needs
    return Choice(
        args.runner,
        {flag: value for flag, value in given.items() if value is not None},
        frozenset({Capability.MEMORY} if link == "memory" else ()),
        limits={to: value for n, to in _OF_LINK.items() if (value := limits[n]) is not None},
        session_s=limits["session"] or inf,
        serial=link == "serial",
    )
