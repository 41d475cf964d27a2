"""``fwgen bench``: models x boards x options -> a result per cell, and a table of all."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from fwgen import SCHEMA, __version__
from fwgen.cli.cells.axes import Axes, cells_of, measures_of
from fwgen.cli.cells.axes_file import AxesFile, read_axes
from fwgen.cli.cells.cell import MEASURES, Cell, Ended, Measurement
from fwgen.cli.cells.cell_store import CellStore
from fwgen.cli.cells.local_cells import LocalMachine
from fwgen.cli.cells.machines import Machines
from fwgen.cli.progress import tell
from fwgen.errors import FwgenError, printable
from fwgen.host.files import STDOUT, require_writable, write_file, write_json
from fwgen.report.cell_table import cell_table, csv_table

Record = Mapping[str, Any]


def run(args: argparse.Namespace) -> int:
    """Measure the cells that have no result yet; 1 if a cell failed."""
    require_writable(args.csv)
    cells = cells_of(_axes(args))
    with _machines(args, cells) as machines:
        store = CellStore(args.out, machines.identity)
        if args.dry_run:
            known = _known(args, cells, store)
            return _report(args, [known.get(c.name) or store.missing(c) for c in cells])
        with store.locked():
            records = _measured(args, cells, machines, store)
    return _report(args, [records[cell.name] for cell in cells])


def _axes(args: argparse.Namespace) -> Axes:
    """The command line, and for the rest the file of axes."""
    said = read_axes(args.axes) if args.axes else AxesFile()
    at = "--measure" if args.measure is not None else f"{args.axes}: measure"
    given = None if args.measure is None else tuple(args.measure.split(","))
    words = _first(given, said.measure, MEASURES)
    measurement = Measurement(
        measure=measures_of(words, at),
        inputs=_first(args.inputs, said.inputs, Measurement.inputs),
        seed=_first(args.seed, said.seed, Measurement.seed),
        repeat=_first(args.repeat, said.repeat, Measurement.repeat),
    )
    return Axes(
        models=tuple(args.models) or said.models,
        boards=tuple(args.board or ()) or said.boards,
        options=tuple(args.options or ()) or said.options,
        measurement=measurement,
        exclude=tuple(args.exclude or ()) or said.exclude,
    )


def _first(*values: Any) -> Any:
    """The first that is something."""
    return next(value for value in values if value is not None)


@contextmanager
def _machines(args: argparse.Namespace, cells: Sequence[Cell]) -> Iterator[Machines]:
    """Where the cells are measured."""
    if args.scheduler is None:
        yield LocalMachine(args.jobs or 1, args.cell_timeout)
        return
    from fwgen.cli.cells.cluster_cells import Cluster

    with closing(Cluster(args.scheduler, args.cell_timeout)) as cluster:
        cluster.require_no_devices(cells)
        yield cluster


def _measured(
    args: argparse.Namespace, cells: Sequence[Cell], machines: Machines, store: CellStore
) -> dict[str, Record]:
    """The result of each cell by its name, measured now or before.

    Raises what stops all: a disk that is full, a scheduler that is gone. What ended until then is
    kept.
    """
    records = _known(args, cells, store)
    missing = [cell for cell in cells if cell.name not in records]
    if records and not args.quiet:
        tell(f"{len(records)} of {len(cells)} cells have a result in {args.out}")
    try:
        with closing(machines.ended(missing)) as ending:
            for ended in ending:
                records[ended.cell.name] = store.keep(ended)
                _tell_progress(args.quiet, len(records), len(cells), ended)
    except BaseException as stop:
        if isinstance(stop, FwgenError):
            stop.found = _combined([records[c.name] for c in cells if c.name in records])
        left = len(cells) - len(records)
        tell(
            f"{len(records)} of {len(cells)} cells are kept in {args.out}; "
            f"the same command goes on with the other {left}"
        )
        raise
    return records


def _known(args: argparse.Namespace, cells: Sequence[Cell], store: CellStore) -> dict[str, Record]:
    """Results that are there and stand, by the names of their cells."""
    found = ((cell.name, store.found(cell)) for cell in cells if not args.again)
    return {name: record for name, record in found if record and store.stands(record)}


def _tell_progress(quiet: bool, done: int, total: int, ended: Ended) -> None:
    if not quiet:
        tell(f"[{done}/{total}] {printable(str(ended))}")


def _combined(records: Sequence[Record]) -> dict[str, Any]:
    return {"schema": SCHEMA, "fwgen": __version__, "cells": list(records)}


def _report(args: argparse.Namespace, records: Sequence[Record]) -> int:
    """Write and print the table of all cells; returns the exit code."""
    write_json(args.json, _combined(records))
    if args.csv == STDOUT:
        print(csv_table(records), end="")
        return _exit_code(records)
    if args.csv is not None:
        write_file(args.csv, csv_table(records).encode())
    print(cell_table(records, str(args.out)))
    return _exit_code(records)


def _exit_code(records: Sequence[Record]) -> int:
    """1 if a cell failed."""
    return 1 if any(record["exit_code"] for record in records) else 0
