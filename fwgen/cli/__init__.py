"""The command line: arguments in, a command called, an exit code out."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from fwgen.cli.parser import Command, parser
from fwgen.errors import FwgenError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        args = parser().parse_args(argv)
        command: Command = args.command
        code = command(args)
        sys.stdout.flush()
        return code
    except FwgenError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output went away, as in `| head`
        sys.stderr.close()
        return 0
