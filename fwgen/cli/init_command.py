"""``fwgen init``: a ``fwgen.toml`` for a model."""

from __future__ import annotations

import argparse
from pathlib import Path

from fwgen import SCHEMA
from fwgen.board import load_board
from fwgen.cli.config import write_config
from fwgen.host.files import write_json
from fwgen.source import read


def run(args: argparse.Namespace) -> int:
    """Write the file for a model, which is read first so that the file is of use."""
    read(args.model)
    if args.board is not None:
        load_board(args.board)
    written = write_config(Path("."), args.model, args.board)
    write_json(args.json, {"schema": SCHEMA, "written": str(written)})
    print(written)
    return 0
