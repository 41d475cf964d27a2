"""The parser: arguments of all commands -> a call of the command.

A command ``fwgen NAME`` is two modules of this package: ``NAME_arguments`` says what it takes,
``NAME_command`` does it. Nothing else lists commands. The second is imported when it is called, so
that help is instant and an interrupt while NumPy loads is answered like any other.
"""

from __future__ import annotations

import argparse
import pkgutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Protocol, cast

from fwgen import SCHEMA, __version__, cli
from fwgen.cli.arguments import file
from fwgen.cli.usage import Parser

_EXIT_CODES = """\
exit codes: 0 ok, 1 measured failure (mismatch, regression), 2 usage,
3 model invalid or unsupported, 4 does not fit, 5 build tool or file failed, 6 no or busy device,
7 device fault or timeout, 70 fault of fwgen, 129 hung up, 130 interrupted,
143 terminated
"""

Command = Callable[[argparse.Namespace], int]

_DECLARED = "_arguments"


class Declaration(Protocol):
    """A module ``NAME_arguments``: what the command does, how it is called, what it takes."""

    WHAT: str
    EXAMPLE: str

    def add_arguments(self, sub: Parser) -> None: ...


class _Implementation(Protocol):
    """A module ``NAME_command``."""

    def run(self, args: argparse.Namespace) -> int: ...


def commands() -> dict[str, Declaration]:
    """What each command takes, by its name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(cli.__path__))
    return {
        name.removesuffix(_DECLARED): cast(Declaration, import_module(f"{cli.__name__}.{name}"))
        for name in names
        if name.endswith(_DECLARED)
    }


def parser() -> argparse.ArgumentParser:
    """The parser; what it returns has the call as ``command``."""
    top = Parser(
        prog="fwgen",
        description="Turn a quantized .tflite model into a verified bare-metal C project.",
        epilog=_EXIT_CODES,
    )
    top.add_argument("--version", action="version", version=f"fwgen {__version__}, schema {SCHEMA}")
    parsers = top.add_subparsers(metavar="COMMAND")
    for name, declared in commands().items():
        sub = parsers.add_parser(
            name,
            help=declared.WHAT[0].lower() + declared.WHAT[1:],
            description=declared.WHAT + ".",
            epilog=f"example:\n  {declared.EXAMPLE}\n\n{_EXIT_CODES}",
        )
        sub.add_argument(
            "--json",
            type=file,
            metavar="FILE",
            help="write the result, or the error, as JSON too (-: to stdout, text to stderr)",
        )
        sub.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
        declared.add_arguments(sub)
        sub.set_defaults(command=partial(_run, name))
    return top


def options_of(name: str) -> frozenset[str]:
    """The options that a command has, beside those of all commands."""
    sub = Parser(prog=f"fwgen {name}")
    commands()[name].add_arguments(sub)
    return sub.options


def _run(name: str, args: argparse.Namespace) -> int:
    command = cast(_Implementation, import_module(f"{cli.__name__}.{name}_command"))
    return command.run(args)
