#!/usr/bin/env python3
"""Builds models with fwgen, estimates their cycles, and compares with images of other make, in one
run.

tools/benchmark.py [--board corstone-300] [--cmsis-nn] [--peer NAME=ELF,model=kws_ref_model,...]
[MODEL.tflite ...]

--cmsis-nn builds each model a second time, with the kernels of CMSIS-NN (CMSIS_NN_ROOT) wherever it
has one. Without models: those of MLPerf Tiny where they lie beside the checkout, else this
repository's. A peer is an ELF file for the board that runs the same model, such as TFLM with
CMSIS-NN; what follows the file are options of `fwgen profile`, without their dashes:

--peer tflm=tflm.elf,model=kws_ref_model,start=_Z6invokev,stop=ret,until=done

Cycles are estimates, of all images by the same model of the core, so that their ratios mean more
than they do. MAC/cycle counts the model's multiply-accumulates, needed or not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.board import Board, load_board
from fwgen.build.size import measure
from fwgen.errors import FwgenError
from fwgen.report.text_tables import table

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Peer:
    """An image of other make, the model that it runs, and options of ``fwgen profile``."""

    name: str
    elf: Path
    model: str
    options: tuple[str, ...]


def parse_peer(text: str) -> Peer:
    """``NAME=ELF,model=M,KEY=VALUE,...``"""
    first, *rest = text.split(",")
    name, _, elf = first.partition("=")
    options = dict(option.split("=", 1) for option in rest)
    model = options.pop("model", "")
    if not name or not elf or not model:
        raise argparse.ArgumentTypeError(f"expected NAME=ELF,model=M[,KEY=VALUE...], not {text}")
    words = [word for key, value in options.items() for word in (f"--{key}", value)]
    return Peer(name, Path(elf), model, tuple(words))


def fwgen(*args: str) -> dict[str, Any]:
    """The JSON result of a command; ends the benchmark if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        command = [sys.executable, "-m", "fwgen", *args, "--quiet", "--json", str(result)]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)
        found: dict[str, Any] = json.loads(result.read_bytes())
        return found


def built(who: str, model: Path, board: Board, options: list[str], work: Path) -> dict[str, Any]:
    """The row of an image of fwgen's making, called ``who``."""
    project = work / f"{model.stem}-{who}"
    fwgen("build", str(model), "--board", board.name, "-o", str(project), *options)
    found = fwgen("profile", str(project))
    return {
        "who": who,
        "flash_bytes": found["memory"]["flash_bytes"],
        "arena_bytes": found["memory"]["arena_bytes"],
        **counted(found, found["model"]["macs"]),
    }


def benchmark(
    model: Path, board: Board, args: argparse.Namespace, work: Path
) -> list[dict[str, Any]]:
    """A row for fwgen's image of ``model``, for that with CMSIS-NN, and for each peer's."""
    print(f"{model.stem}", file=sys.stderr, flush=True)
    own = ["--kernels", "fwgen"] if args.cmsis_nn else []
    rows = [built("fwgen", model, board, [*own, *args.build], work)]
    if args.cmsis_nn:
        others = ["--kernels", "cmsis-nn", *args.build]
        rows.append(built("cmsis-nn", model, board, others, work))
    macs = rows[0]["macs"]
    for peer in args.peer:
        if peer.model == model.stem:
            found = fwgen("profile", str(peer.elf), "--board", board.name, *peer.options)
            flash = measure(peer.elf, board, 0).flash_bytes
            rows.append({"who": peer.name, "flash_bytes": flash, **counted(found, macs)})
    for row in rows:
        row |= {"model": model.stem, "ratio": row["cycles"] / rows[0]["cycles"]}
    return rows


def counted(result: dict[str, Any], macs: int) -> dict[str, Any]:
    """The counters of a profile."""
    cycles = result["counters"]["total"]
    return {
        "cycles": cycles,
        "instructions": result["profile"]["instructions"],
        "macs": macs,
        "macs_per_cycle": macs / cycles,
        "source": result["counters"]["source"],
    }


def print_table(rows: list[dict[str, Any]]) -> None:
    """The rows for people."""
    header = ["model", "image", "MACs", "estimated_cycles", "MAC/cycle", "cycles/fwgen's"]
    lines = [
        (
            row["model"],
            row["who"],
            row["macs"],
            row["cycles"],
            f"{row['macs_per_cycle']:.2f}",
            f"{row['ratio']:.2f}",
            row["flash_bytes"],
            row.get("arena_bytes", "-"),
        )
        for row in rows
    ]
    print(table([*header, "flash bytes", "arena bytes"], lines))
    print(f"source  {rows[0]['source']}")


def main() -> None:
    """Run the benchmark."""
    real = sorted((ROOT.parent / "shared" / "models").glob("*.tflite"))
    models = real or sorted((ROOT / "models").glob("*.tflite"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=Path, default=models, metavar="MODEL")
    parser.add_argument("--board", default="corstone-300")
    parser.add_argument(
        "--build", action="append", default=[], metavar="OPTION", help="such as --build=--strict"
    )
    parser.add_argument("--cmsis-nn", action="store_true", help="compare with its kernels")
    parser.add_argument("--peer", action="append", default=[], type=parse_peer)
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    try:
        board = load_board(args.board)
        known = {model.stem for model in args.models}
        for peer in args.peer:
            if peer.model not in known:
                parser.error(
                    f"--peer {peer.name}: {peer.model} is none of {', '.join(sorted(known))}"
                )
        with tempfile.TemporaryDirectory(prefix="fwgen-benchmark-") as work:
            rows = [
                row for model in args.models for row in benchmark(model, board, args, Path(work))
            ]
    except FwgenError as error:
        sys.exit(f"error: {error}")
    if args.json:
        args.json.write_text(json.dumps({"board": board.name, "rows": rows}, indent=1) + "\n")
    print_table(rows)


if __name__ == "__main__":
    main()
