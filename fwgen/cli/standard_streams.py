"""Standard output and standard error: full, closed, gone or of a narrow encoding as they may be."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from fwgen.errors import ToolError


def require_streams() -> None:
    """Raise ToolError if standard output is closed: nothing could be told in the end.

    Numbers of streams that are closed are taken, lest a file that is opened later gets one.
    """
    closed = sys.stdout is None
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - lives as long as the process
    if closed:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - as above
        raise ToolError(
            "Standard output is closed: the result could not be printed.",
            at="stdout",
            tries=(">/dev/null, if it is not wanted",),
        )


def deliver(text: str) -> None:
    """Write to standard output. Raises ToolError if it takes no more, unless its reader is gone."""
    if not text:
        return
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:  # the reader has seen enough, as in `| head`
        silence(sys.stdout)
    except OSError as error:
        raise refused(sys.stdout, "The result", error) from None


def tell(text: str) -> None:
    """Write a line to standard error, if it takes one."""
    if not text:
        return
    try:
        _write(sys.stderr, text + "\n")
    except OSError:
        silence(sys.stderr)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def refused(stream: TextIO, what: str, error: OSError) -> ToolError:
    """What a stream that takes no more ends a command with; the rest of it goes nowhere."""
    silence(stream)
    return ToolError(f"{what} could not be printed: {error.strerror or error}.", at="stdout")


def silence(stream: TextIO) -> None:
    """Have the rest of it go nowhere: Python would complain of it at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
