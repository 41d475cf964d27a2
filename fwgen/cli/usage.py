"""The usage errors of the argument parser: one sentence, and a guess at what was meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from fwgen.errors import UsageError
from fwgen.host.spelling import meant, shown

_ABOUT = re.compile(r"argument (.+?): (.*)", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse prints and exits.

    ``complete`` adds what is not known until the command is used: the first parsing calls it.
    """

    complete: Callable[[Parser], None] | None = None

    @property
    def options(self) -> frozenset[str]:
        """All options, as they are written, those that ``complete`` adds among them."""
        self._complete()
        return frozenset(self._option_string_actions)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse all arguments: those that are not known are refused."""
        self._complete()
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self._refuse_rest(rest)
        return found, rest

    def _complete(self) -> None:
        if self.complete:
            complete, self.complete = self.complete, None
            complete(self)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse says, as a sentence."""
        about = _ABOUT.fullmatch(message)
        place, what = (f" {about[1]}", about[2]) if about else ("", message)
        raise UsageError(
            f"{what[:1].upper()}{what[1:]}.", at=f"{self.prog}{place}", tries=(self._help(),)
        )

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        names = [str(choice) for choice in action.choices]
        option = action.option_strings[-1] if action.option_strings else ""
        kind = "value" if option else str(action.metavar or action.dest).lower()
        raise UsageError(
            f"There is no {kind} {shown(value)}; there are {', '.join(names)}.",
            at=f"{self.prog} {option}".strip(),
            tries=(*meant(str(value), names), self._help()),
        )

    def _refuse_rest(self, rest: Sequence[str]) -> NoReturn:
        first = rest[0]
        if not first.startswith("-") or first == "-":
            raise UsageError(
                f"{shown(first)} is one argument too many.", at=self.prog, tries=(self._help(),)
            )
        option = first.partition("=")[0]
        raise UsageError(
            f"There is no option {shown(option)}.",
            at=self.prog,
            tries=(*meant(option, self._option_string_actions), self._help()),
        )

    def _help(self) -> str:
        return f"{self.prog} --help"
