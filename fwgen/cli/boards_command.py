"""``fwgen boards``: the boards, with what each has."""

from __future__ import annotations

import argparse
import dataclasses

from fwgen import SCHEMA
from fwgen.board import board_names, load_board
from fwgen.board.starting_point import starting_point
from fwgen.device.run import RUNNERS
from fwgen.host.files import write_json
from fwgen.npu.board_npu import npus_of
from fwgen.report.text_tables import table


def run(args: argparse.Namespace) -> int:
    """List the boards, or print the file of one as a file to start from."""
    if args.show is not None:
        toml = starting_point(args.show)
        write_json(args.json, {"schema": SCHEMA, "board": args.show, "toml": toml})
        print(toml, end="")
        return 0
    found = [load_board(name) for name in board_names()]
    rows = [(b.name, b.cpu.name, b.tested, b.title) for b in found]
    write_json(
        args.json,
        {
            "schema": SCHEMA,
            "boards": [
                {
                    "name": n,
                    "cpu": c,
                    "title": t,
                    "tested": tested,
                    "regions": [dataclasses.asdict(region) for region in b.regions],
                    "place": dict(b.place),
                    "npus": [name for npu in npus_of(b) for name in npu.configurations],
                    "runners": [r.name for r in RUNNERS.values() if r.suits(b)],
                }
                for (n, c, tested, t), b in zip(rows, found, strict=True)
            ],
        },
    )
    print(table(("board", "cpu", "tested", "what it is"), rows))
    return 0
