"""``fwgen run``: one inference on the board or its simulator, or several in a row of a model with
state, and what the last one counted."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from fwgen.board import Board, Counter
from fwgen.build.built_project import Project, open_project
from fwgen.build.stack import watermark
from fwgen.cli.arguments import chosen_runner
from fwgen.cli.energy_options import chosen_energy
from fwgen.cli.input_arrays import input_steps
from fwgen.cli.progress import Progress, ticker
from fwgen.device.energy import energy_meter
from fwgen.device.link import Link
from fwgen.device.run import Session, notes_on, open_session
from fwgen.device.run.runner import Launch
from fwgen.device.run.venue import find_venue, note_venue
from fwgen.host.files import write_json
from fwgen.measure.counters.core_events import core_events
from fwgen.measure.counters.inference_energy import (
    EnergyWish,
    InferenceEnergy,
    check_wish,
    describe_energy,
    measure_energy,
)
from fwgen.measure.verify.samples import Samples, correct, load_samples
from fwgen.model.graph import Graph
from fwgen.model.inputs import Values
from fwgen.report import text_tables
from fwgen.report.energy_report import energy_report
from fwgen.report.npu_report import npu_counters, offload_report


def run(args: argparse.Namespace) -> int:
    """One inference, with a counter per op; accuracy on samples, if some are given."""
    project = open_project(args.project)
    runner = chosen_runner(args)
    venue = find_venue(project.board, runner, project.npu)
    energy = chosen_energy(args)
    if energy is not None:
        check_wish(energy, venue.board, venue.runner)
    samples = load_samples(args.samples, project.graph) if args.samples else None
    steps = input_steps(args.input or [], project.graph)
    progress = Progress(3 + (energy is not None), args.quiet)
    result, elf = project.result, project.image_on(venue.board)
    launch = Launch(
        *(venue.board, elf, runner, project.npu, result["build_id"], project.number),
        inference_s=args.timeout,
        sizes=project.sizes,
    )
    with ExitStack() as opened:
        meter = None
        if energy is not None:  # before the session: it may be what feeds the board
            meter = opened.enter_context(energy_meter(energy.probe, energy.supply, venue.board))
        session = opened.enter_context(open_session(launch))
        progress("boot", f"{venue.board.name} on {session.where}")
        ticks = _infer(project, session, steps, progress)
        if energy is not None and meter is not None and ticks is not None:
            found = measure_energy(session, meter, ticks, energy.window_s, args.timeout)
            result["energy"] = _energy(energy, found, session, launch.board, result)
            progress("energy", f"{result['energy']['inferences']} inferences")
        if samples is not None:
            result["samples"] = _on_samples(project.graph, session.link, samples, args)
        result["memory"] |= watermark(elf, session.link.stack())
    result |= {"elf": str(elf.resolve())} | session.told
    note_venue(result, venue)
    write_json(args.json, result)
    npu = project.npu.name if project.npu else None
    notes = notes_on(venue.board, result["runner"], npu)
    print(text_tables.ran(result, (*venue.told, *notes)))
    if "energy" in result:
        print(energy_report(result["energy"]))
    if project.npu:
        print(offload_report(result["npu"]))
    return 0


def _energy(
    wish: EnergyWish,
    found: InferenceEnergy,
    session: Session,
    board: Board,
    result: Mapping[str, Any],
) -> dict[str, Any]:
    """What was measured, beside what is estimated."""
    counted = session.counter
    source = counted.source if counted is not None and counted.unit == "cycles" else None
    name = result["model"]["name"] if wish.calibrate else None
    return describe_energy(
        found, board, source, expected_cycles=result["expected_cycles"], model=name
    )


def _infer(
    project: Project, session: Session, steps: Sequence[Sequence[Values]], progress: Progress
) -> int | None:
    """Inferences in a row, from the first state on; outputs and counters of the last one go to the
    result, and the outputs of all of them as a sequence. Returns the ticks of the last one."""
    link, result, graph = session.link, project.result, project.graph
    total: int | None = None
    sequence = []
    for values in steps:
        link.load(b"".join(v.tobytes() for v in values))
        total = link.run()
        sequence.append(_split(graph, link.outputs()))
    result["outputs"] = sequence[-1]
    if graph.variables:
        result["sequence"] = sequence
    counted = link.npu_counts() if project.npu else None
    if counted is not None:
        counters = npu_counters(counted, session.runner.name)
        result["npu"] = {**result["npu"], "counters": counters}
    progress("infer", f"{len(graph.outputs)} outputs")
    if session.counter is not None and total is not None:
        result["counters"] = _counters(session, session.counter, total, result["ops"])
        progress("count", f"{len(result['ops'])} ops")
    return total


def _on_samples(
    graph: Graph, link: Link, samples: Samples, args: argparse.Namespace
) -> dict[str, int]:
    """How many samples there are, and how many the model has right."""
    tick = ticker(len(samples.labels), "sample", args.quiet)
    return {"total": len(samples.labels), "correct": correct(link, graph, samples, tick)}


def _counters(
    session: Session, counter: Counter, total: int, ops: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The counter's values of an inference and of each op in another, same one; and what events of
    the core each op had, where there is a PMU."""
    events = core_events(session.link, session.info) if counter.unit == "cycles" else None
    return {
        "source": counter.source,
        "unit": counter.unit,
        "total": session.count(total),
        "ops": [
            {"index": op["index"], "value": session.count(ticks)}
            for op, ticks in zip(ops, session.link.op_counts() or (), strict=True)
        ],
        **({"events": events} if events else {}),
    }


def _split(graph: Graph, data: bytes) -> list[dict[str, Any]]:
    """The outputs' bytes as arrays, with their real values."""
    outputs = []
    for index in graph.outputs:
        tensor = graph.tensors[index]
        values = np.frombuffer(data[: tensor.bytes], tensor.dtype.numpy)
        data = data[tensor.bytes :]
        real = values.astype(float)
        if tensor.quant:
            real = (real - tensor.zero_point) * tensor.scale
        outputs.append(
            {
                "name": graph.name_of(index),
                "dtype": tensor.dtype.word,
                "shape": list(tensor.shape),
                "values": values.tolist(),
                "real": [float(f"{v:.6g}") for v in real],
            }
        )
    return outputs
