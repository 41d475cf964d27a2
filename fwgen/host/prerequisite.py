"""A prerequisite of some part of fwgen: a program or package that not every user needs.

A module that needs one holds ``PREREQUISITES``; ``fwgen doctor`` finds them by that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fwgen.host.programs import find_program


@dataclass(frozen=True)
class Prerequisite:
    """The first of ``programs`` that is on the PATH or beside this Python, or the distribution
    ``package`` of this Python; ``remedy`` is the command that installs it.

    Where neither is enough to find it, ``version`` returns what is there, None if nothing is.
    """

    name: str
    purpose: str
    remedy: str
    programs: tuple[str, ...] = ()
    package: str = ""
    version: Callable[[], str | None] | None = None


def program_beside(names: tuple[str, ...]) -> str | None:
    """The path of the first of some programs that is on the PATH or beside this Python."""
    beside = Path(sys.executable).parent
    for name in names:
        if found := find_program(name) or find_program(str(beside / name)):
            return found
    return None
