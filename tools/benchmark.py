#!/usr/bin/env python3
"""Builds models with fwgen, estimates their cycles, and compares with images of other make, in one
run.

tools/benchmark.py [--board corstone-300] [--cmsis-nn] [--peer NAME=ELF,model=kws_ref_model,...]
[MODEL.tflite ...]
tools/benchmark.py --cores [--cmsis-nn] [--markdown] [--json FILE [--keep]] [MODEL.tflite ...]

--cores takes a simulated board of each core instead of one board, builds each model with the
default options and with `--optimize speed`, and prints a table for each core. Beside estimates are
figures that others published, measured on silicon (tools/published_figures.toml). --keep goes on
where a run that wrote FILE ended.

--cmsis-nn builds each model once more, with the kernels of CMSIS-NN (CMSIS_NN_ROOT) wherever it
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
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.board import Board, load_board
from fwgen.build.size import measure
from fwgen.errors import FwgenError
from fwgen.report.text_tables import table

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = Path(__file__).with_name("published_figures.toml")

CORES = (
    *("corstone-310", "corstone-300", "mps2-an505", "mps2-an500"),
    *("mps2-an386", "mps2-an385", "mps2-m0plus"),
)
"""A simulated board of each core, with memory for models of any size."""

ESTIMATE, SILICON = "estimate", "silicon"

DOES_NOT_FIT = 4
"""The exit code of a build that does not."""


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


@dataclass(frozen=True)
class Silicon:
    """Cycles of a model on a core that others have published: who, on which board, and where."""

    cpu: str
    model: str
    who: str
    cycles: int
    source: str


def published() -> Iterator[Silicon]:
    """All of them: cycles are the clock by the throughput."""
    read = tomllib.loads(PUBLISHED.read_text())
    for one in read["submission"]:
        source = f"{read['repository'][one['round']]} {one['path']}"
        who = f"{one['software']}, {one['board']}"
        for task, throughput in one["throughput"].items():
            cycles = round(1e6 * one["mhz"] / throughput)
            yield Silicon(one["cpu"], read["model"][task], who, cycles, source)


def fwgen(*args: str, may_fail: bool = False) -> dict[str, Any] | None:
    """The JSON result of a command; ends the benchmark if it fails.

    None of a build that does not fit, if it ``may_fail``.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        command = [sys.executable, "-m", "fwgen", *args, "--quiet", "--json", str(result)]
        quiet = subprocess.DEVNULL if may_fail else None
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=quiet, check=False)
        if may_fail and done.returncode == DOES_NOT_FIT:
            return None
        if done.returncode != 0:
            sys.exit(done.returncode)
        found: dict[str, Any] = json.loads(result.read_bytes())
        return found


def built(image: Image, model: Path, board: Board, args: argparse.Namespace) -> dict[str, Any]:
    """The row of an image of fwgen's making; without cycles if it does not fit."""
    row = {"board": board.name, "cpu": board.cpu.name, "model": model.stem, "who": image.who}
    with tempfile.TemporaryDirectory(prefix="fwgen-benchmark-") as work:
        command = ["build", str(model), "--board", board.name, "-o", f"{work}/project"]
        if fwgen(*command, *image.options, *args.build, may_fail=args.cores) is None:
            return {**row, "kind": ESTIMATE, "cycles": None}
        found = fwgen("profile", f"{work}/project")
    assert found is not None
    memory = found["memory"]
    sizes = {name: memory[name] for name in ("flash_bytes", "arena_bytes")}
    return {**row, **sizes, **counted(found, found["model"]["macs"])}


@dataclass(frozen=True)
class Image:
    """An image of fwgen's making: what it is called, and options of ``fwgen build``."""

    who: str
    options: tuple[str, ...]


def images(args: argparse.Namespace) -> Iterator[Image]:
    """Those of each model."""
    own = ("--kernels", "fwgen") if args.cmsis_nn else ()
    yield Image("fwgen", own)
    if args.cores:
        yield Image("fwgen --optimize speed", (*own, "--optimize", "speed"))
    if args.cmsis_nn:
        yield Image("cmsis-nn", ("--kernels", "cmsis-nn"))


def benchmark(
    model: Path, board: Board, args: argparse.Namespace, known: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """A row for each of fwgen's images of ``model``, for each peer's, and for figures of others.

    Rows of fwgen's images that are ``known`` are taken as they are.
    """
    print(f"{model.stem} on {board.name}", file=sys.stderr, flush=True)
    first: dict[str, Any] | None = None
    for image in images(args):
        where = (board.name, model.stem, image.who)
        same = [row for row in known if (row["board"], row["model"], row["who"]) == where]
        row = same[0] if same else built(image, model, board, args)
        first = first or row
        yield row | {"ratio": ratio(row, first)}
    assert first is not None
    for peer in args.peer:
        if peer.model == model.stem:
            found = fwgen("profile", str(peer.elf), "--board", board.name, *peer.options)
            assert found is not None
            row = {key: first[key] for key in ("board", "cpu", "model")}
            row |= {"who": peer.name, "flash_bytes": measure(peer.elf, board, 0).flash_bytes}
            row |= counted(found, first["macs"])
            yield row | {"ratio": ratio(row, first)}
    for one in published():
        if (one.cpu, one.model) == (board.cpu.name, model.stem):
            # silicon and estimates are never compared: no ratio
            row = {key: first[key] for key in ("board", "cpu", "model")}
            yield row | {
                "who": one.who,
                "kind": SILICON,
                "cycles": one.cycles,
                "macs": first.get("macs"),
                "source": one.source,
            }


def ratio(row: dict[str, Any], first: dict[str, Any]) -> float | None:
    """Cycles by those of the first row."""
    return row["cycles"] / first["cycles"] if row["cycles"] and first["cycles"] else None


def counted(result: dict[str, Any], macs: int) -> dict[str, Any]:
    """The counters of a profile."""
    cycles = result["counters"]["total"]
    return {
        "kind": ESTIMATE,
        "cycles": cycles,
        "instructions": result["profile"]["instructions"],
        "macs": macs,
        "macs_per_cycle": macs / cycles,
        "source": result["counters"]["source"],
    }


def print_table(rows: list[dict[str, Any]]) -> None:
    """The rows for people."""
    header = ["model", "image", "is", "MACs", "cycles", "MAC/cycle", "cycles/fwgen's"]
    lines = [
        (
            row["model"],
            row["who"],
            row["kind"],
            row["macs"],
            row["cycles"],
            f"{row['macs'] / row['cycles']:.2f}",
            f"{row['ratio']:.2f}" if row.get("ratio") else "-",
            row.get("flash_bytes", "-"),
            row.get("arena_bytes", "-"),
        )
        for row in rows
    ]
    print(table([*header, "flash bytes", "arena bytes"], lines))
    print(f"estimate  estimated_cycles, {rows[0]['source']}")


def print_cores(rows: list[dict[str, Any]], markdown: bool) -> None:
    """A table for each core: images by models, in thousands of cycles."""
    models = list(dict.fromkeys(row["model"] for row in rows))
    cells = {(row["cpu"], row["who"], row["kind"], row["model"]): row["cycles"] for row in rows}
    header = ["thousands of cycles", "is", *models]
    for cpu in dict.fromkeys(row["cpu"] for row in rows):
        of_core = [row for row in rows if row["cpu"] == cpu]
        lines = []
        for who, kind in dict.fromkeys((row["who"], row["kind"]) for row in of_core):
            found = [cells.get((cpu, who, kind, model), "-") for model in models]
            texts = [f"{n / 1000:,.0f}" if isinstance(n, int) else n for n in found]
            lines.append([who, kind, *("does not fit" if text is None else text for text in texts)])
        title = f"{cpu} ({of_core[0]['board']})"
        if markdown:
            print(f"\n### {title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
            print("\n".join(f"| {' | '.join(line)} |" for line in lines))
        else:
            print(f"\n{title}\n{table(header, lines)}")


def rows_of(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """All rows, which FILE has as far as they are there."""
    known, found = [], []
    if args.keep and args.json.exists():
        known = json.loads(args.json.read_bytes())["rows"]
    boards = [load_board(name) for name in (CORES if args.cores else (args.board,))]
    for board in boards:
        for model in args.models:
            for row in benchmark(model, board, args, known):
                found.append(row)
                if args.json:
                    args.json.write_text(json.dumps({"rows": found}, indent=1) + "\n")
                yield row


def main() -> None:
    """Run the benchmark."""
    real = sorted((ROOT.parent / "shared" / "models").glob("*.tflite"))
    models = real or sorted((ROOT / "models").glob("*.tflite"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=Path, default=models, metavar="MODEL")
    parser.add_argument("--board", default="corstone-300")
    parser.add_argument("--cores", action="store_true", help="a board of each core")
    parser.add_argument(
        "--build", action="append", default=[], metavar="OPTION", help="such as --build=--strict"
    )
    parser.add_argument("--cmsis-nn", action="store_true", help="compare with its kernels")
    parser.add_argument("--peer", action="append", default=[], type=parse_peer)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--keep", action="store_true", help="what FILE has is not measured again")
    parser.add_argument("--markdown", action="store_true", help="print tables of Markdown")
    args = parser.parse_args()
    alone = (args.keep and not args.json) or (args.markdown and not args.cores)
    if alone or (args.cores and args.peer):
        parser.error("--keep goes with --json, --markdown with --cores, and --peer with one board")
    known = {model.stem for model in args.models}
    for peer in args.peer:
        if peer.model not in known:
            names = ", ".join(sorted(known))
            parser.error(f"--peer {peer.name}: {peer.model} is none of {names}")
    try:
        rows = list(rows_of(args))
    except FwgenError as error:
        sys.exit(f"error: {error}")
    if args.cores:
        print_cores(rows, args.markdown)
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
