"""The command line interface (cli): arguments in, a command called, an exit code out.

Commands print on ``sys.stdout`` and know nothing of its destination. Their text is kept until they
are over and written here, so that one module deals with streams that are full, closed or narrow.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path

from fwgen.cli.crash import as_ours
from fwgen.cli.outcome import failure, json_wanted
from fwgen.cli.parser import Command, parser
from fwgen.cli.standard_streams import deliver, require_streams, tell
from fwgen.errors import FwgenError, UsageError
from fwgen.host.files import STDOUT, require_writable, take_json, write_json
from fwgen.host.stop import Stopped, ends_by_exception


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    json_path = json_wanted(words)
    said = io.StringIO()
    error: BaseException | None = None
    with ends_by_exception():
        take_json()
        try:
            require_streams()
            code, error = _outcome(words, said)
            if error is not None:
                _note(json_path, error)
            _leave(said.getvalue(), json_path)
        except KeyboardInterrupt as stop:
            code, error = _stopped(stop)
        except FwgenError as last:  # that the rest cannot be told is less than why it failed
            code, error = (last.exit_code, last) if error is None else (code, error)
        if error is not None:
            tell(str(error) if isinstance(error, KeyboardInterrupt) else f"error: {error}")
    return code


def _outcome(words: Sequence[str], said: io.StringIO) -> tuple[int, BaseException | None]:
    """The exit code of a command, and why it is not 0 if it is for an error."""
    try:
        with redirect_stdout(said):
            return _run(words), None
    except FwgenError as error:
        return error.exit_code, error
    except KeyboardInterrupt as stop:
        return _stopped(stop)
    except SystemExit as done:  # of argparse, after help or the version
        return int(done.code or 0), None
    except Exception as error:
        fault = as_ours(error, words)
        return fault.exit_code, fault


def _run(words: Sequence[str]) -> int:
    top = parser()
    args = top.parse_args(words)
    if not hasattr(args, "command"):
        top.print_help()
        return 0
    _require_folder()
    require_writable(args.json)
    command: Command = args.command
    return command(args)


def _require_folder() -> None:
    """Raise UsageError if the current folder is gone, which relative paths begin from."""
    try:
        os.getcwd()
    except OSError as error:
        raise UsageError(
            f"The current folder cannot be used: {error.strerror}.", at=".", tries=("cd FOLDER",)
        ) from None


def _stopped(stop: KeyboardInterrupt) -> tuple[int, KeyboardInterrupt]:
    code = stop.exit_code if isinstance(stop, Stopped) else 130
    word = "interrupted" if code == 130 else f"stopped by {stop}"
    return code, KeyboardInterrupt(word)


def _note(path: Path | None, error: BaseException) -> None:
    """The error as JSON; that it cannot be written is not worth a word beside the error itself."""
    with suppress(FwgenError):
        write_json(path, failure(error))


def _leave(text: str, json_path: Path | None) -> None:
    """What was said goes to stdout, or out of the way of JSON that is wanted there."""
    if json_path == STDOUT:
        tell(text.rstrip("\n"))
        deliver(take_json())
    else:
        deliver(text)
