"""What each command does: runs the stages, prints the result, returns the exit code."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fwgen import SCHEMA
from fwgen.board import Counter, board_names, load_board
from fwgen.board.starting_point import starting_point
from fwgen.build.built_project import open_project, reference_model
from fwgen.build.size import measure
from fwgen.build.stack import watermark
from fwgen.cli.config import write_config
from fwgen.cli.doctor import examine
from fwgen.cli.progress import Progress, ticker
from fwgen.compile.plan import plan_table
from fwgen.compile.plan.offline import without_offline_plan
from fwgen.compile.plan.table import read_table, write_table
from fwgen.device.run import RUNNERS, Session, notes_on, open_session
from fwgen.device.run.runner import Capability, Choice, Launch
from fwgen.device.run.venue import Venue, find_venue
from fwgen.errors import DoesNotFit, ToolError, UsageError
from fwgen.host.arrays import load_array
from fwgen.host.files import require_writable, write_json
from fwgen.measure import regression
from fwgen.measure.profile.recording import RecordedWindow
from fwgen.measure.profile.shares import (
    Foreign,
    inference,
    invoke_symbol,
    profile_elf,
    profile_project,
)
from fwgen.measure.verify.samples import correct, load_samples
from fwgen.measure.verify.vela_rounding import vela_rounding
from fwgen.measure.verify.verdict import OutputComparison, check_oracle
from fwgen.model.graph import Graph
from fwgen.model.inputs import Values, seeded_inputs
from fwgen.model.reader import read_model
from fwgen.npu.board_npu import npus_of
from fwgen.report import text_tables
from fwgen.report.arena import arena_data, arena_text
from fwgen.report.comparison import comparison as comparison_table
from fwgen.report.npu_report import npu_counters, offload_report
from fwgen.report.profile_report import profile as profile_report
from fwgen.source import read

_INPUTS_BYTES = 1 << 28
"""Of all inputs of a verification."""


def run(
    folder: Path,
    inputs: Sequence[Path],
    *,
    samples_path: Path | None,
    runner: Choice,
    timeout_s: float,
    json_path: Path | None,
    quiet: bool,
) -> int:
    """One inference on the board or its simulator, with a counter per op; accuracy on samples."""
    project = open_project(folder)
    result, board, graph = project.result, project.board, project.graph
    venue = find_venue(board, runner, project.npu)
    samples = load_samples(samples_path, graph) if samples_path else None
    values = _inputs(inputs, graph)
    progress = Progress(3, quiet)
    elf = project.image_on(venue.board)
    with open_session(
        Launch(venue.board, elf, runner, project.npu, result["build_id"], inference_s=timeout_s)
    ) as session:
        progress("boot", f"{board.name} on {session.runner.name}")
        link = session.link
        link.load(b"".join(v.tobytes() for v in values))
        total = link.run()
        result["outputs"] = _split(graph, link.outputs())
        counted = link.npu_counts() if project.npu else None
        if counted is not None:
            result["npu"] = {
                **result["npu"],
                "counters": npu_counters(counted, session.runner.name),
            }
        progress("infer", f"{len(graph.outputs)} outputs")
        if session.counter is not None and total is not None:
            result["counters"] = _counters(session, session.counter, total, result["ops"])
            progress("count", f"{len(result['ops'])} ops")
        if samples is not None:
            hits = correct(link, graph, samples, ticker(len(samples.labels), "sample", quiet))
            result["samples"] = {"total": len(samples.labels), "correct": hits}
        result["memory"] |= watermark(elf, link.stack())
    result |= {"elf": str(elf.resolve()), "runner": session.runner.name}
    _note_venue(result, venue)
    write_json(json_path, result)
    npu = project.npu.name if project.npu else None
    notes = notes_on(venue.board, result["runner"], npu)
    print(text_tables.ran(result, (*venue.told, *notes)))
    if project.npu:
        print(offload_report(result["npu"]))
    return 0


def verify(
    folder: Path,
    *,
    reference: Path | None,
    inputs: int,
    op_inputs: int,
    seed: int,
    runner: Choice,
    timeout_s: float,
    json_path: Path | None,
    quiet: bool,
) -> int:
    """Compare the firmware's outputs with TFLM's, byte by byte; 1 if any differ.

    For the first ``op_inputs`` inputs also what each op leaves, by CRC-32.
    """
    from fwgen.host.oracle import Oracle

    project = open_project(folder)
    result, board, graph = project.result, project.board, project.graph
    _require_room(graph, inputs)
    venue = find_venue(board, runner, project.npu)
    elf = project.image_on(venue.board)
    model = without_offline_plan(reference_model(project, reference), graph)
    samples = seeded_inputs(graph, inputs, seed)
    with (
        Oracle(model, timeout_s=timeout_s) as oracle,
        open_session(
            Launch(
                *(venue.board, elf, runner, project.npu, result["build_id"]),
                counters=False,
                inference_s=timeout_s,
            )
        ) as session,
    ):
        check_oracle(oracle, read_model(model, graph.name), samples[0])
        tick = ticker(inputs, "verify", quiet)
        ops = result["ops"] if reference is None else ()  # another file has other tensors
        comparison = OutputComparison(ops, session.link, oracle, op_inputs, vela_rounding(project))
        for done, values in enumerate(samples, 1):
            comparison.run(values)
            tick(done)
        result["memory"] |= watermark(elf, session.link.stack())
    verdict = comparison.verdict()
    result |= dataclasses.asdict(verdict) | {"seed": seed, "runner": session.runner.name}
    _note_venue(result, venue)
    write_json(json_path, result)
    print("\n".join((text_tables.verdict(result), *venue.told)))
    return 0 if verdict.holds else 1


def profile(
    target: Path,
    window: RecordedWindow | None,
    *,
    inputs: Sequence[Path],
    foreign: Foreign,
    top: int,
    timeout_s: float,
    json_path: Path | None,
) -> int:
    """What a project's inference, or a window of any ELF file, executes; estimated cycles.

    A window that has no start begins with the model's inference.
    """
    if target.is_dir():
        if foreign != Foreign():
            raise UsageError("The board of a project is known.", at="options for other ELF files")
        project = open_project(target)
        result, board = project.result, project.board
        if board.native:
            raise UsageError(
                f"Cycles are estimated for a Cortex-M, but the project is for {board.name}.",
                at=str(target),
                tries=("fwgen build with --board corstone-300",),
            )
        venue = find_venue(board, Choice(needs=frozenset({Capability.RECORD})), project.npu)
        board, elf = venue.board, project.image_on(venue.board)
        _note_venue(result, venue)
        data = b"".join(v.tobytes() for v in _inputs(inputs, project.graph))
        result["memory"] |= measure(elf, board, result["memory"]["arena_bytes"]).as_dict()
        whole = inference(project.prefix)
        window = dataclasses.replace(window, start=window.start or whole.start) if window else whole
        result |= profile_project(elf, board, result, data, window, timeout_s, project.npu)
    else:
        if inputs:
            raise UsageError("Only a project takes inputs from files.", at="--input")
        elf = target
        window = window or RecordedWindow("")
        window = dataclasses.replace(window, start=window.start or invoke_symbol())
        result = profile_elf(elf, foreign, window, timeout_s)
    result |= {"elf": str(elf.resolve())}
    write_json(json_path, result)
    print(profile_report(result, top))
    if "ran_on" in result:
        print(f"run on {result['ran_on']} in place of {result['board']}")
    if result.get("npu"):
        print(offload_report(result["npu"]))
    return 0


def compare_results(old: Path, new: Path, limit: float, *, json_path: Path | None) -> int:
    """Two results of earlier commands, side by side; 1 if a figure vanished or grew by more than
    ``limit``."""
    comparison = regression.compare(regression.load(old), regression.load(new), limit)
    write_json(json_path, {"schema": SCHEMA, **dataclasses.asdict(comparison)})
    print(comparison_table(comparison))
    return 1 if comparison.failed else 0


def plan(
    path: Path, capacity: int | None, budget: int, out: Path | None, *, json_path: Path | None
) -> int:
    """Place a table of buffers; raises DoesNotFit if they need more than the capacity."""
    require_writable(out)
    table = read_table(path)
    began = time.perf_counter()
    solution = plan_table(table, capacity, budget)
    print(arena_text(solution, capacity, time.perf_counter() - began))
    data = arena_data(solution, table.ids, capacity)
    if capacity is not None and solution.bytes > capacity:
        proven = solution.lower_bound_bytes > capacity
        error = DoesNotFit(
            f"The buffers do not fit {capacity:,} bytes: "
            + ("proven infeasible." if proven else f"no plan within {budget:,} nodes."),
            at=str(path),
            tries=(f"--capacity {solution.bytes}, which they do fit",)
            + (() if proven else (f"--budget {10 * budget}",)),
        )
        error.found = data
        raise error
    write_json(json_path, data)
    if out is not None:
        write_table(out, table, solution.offsets)
    return 0


def boards(show: str | None, *, json_path: Path | None) -> int:
    """List the boards, or print the file of one as a file to start from."""
    if show is not None:
        toml = starting_point(show)
        write_json(json_path, {"schema": SCHEMA, "board": show, "toml": toml})
        print(toml, end="")
        return 0
    found = [load_board(name) for name in board_names()]
    rows = [(b.name, b.cpu.name, b.title) for b in found]
    write_json(
        json_path,
        {
            "schema": SCHEMA,
            "boards": [
                {
                    "name": n,
                    "cpu": c,
                    "title": t,
                    "regions": [dataclasses.asdict(region) for region in b.regions],
                    "place": dict(b.place),
                    "npus": [name for npu in npus_of(b) for name in npu.configurations],
                    "runners": [r.name for r in RUNNERS.values() if r.suits(b)],
                }
                for (n, c, t), b in zip(rows, found, strict=True)
            ],
        },
    )
    print(text_tables.table(("board", "cpu", "what it is"), rows))
    return 0


def doctor(*, json_path: Path | None) -> int:
    """Say what is installed; 5 if something that the default way needs is missing."""
    findings = examine()
    write_json(json_path, {"schema": SCHEMA, "findings": [dataclasses.asdict(f) for f in findings]})
    print(
        text_tables.table(
            ("", "what", "for", "version, or how to get it"),
            [
                (
                    "ok" if f.version else "MISSING" if f.required else "absent",
                    f.name,
                    f.purpose,
                    f.version or f.remedy,
                )
                for f in findings
            ],
        )
    )
    return ToolError.exit_code if any(f.required and not f.version for f in findings) else 0


def init(model: Path, board: str | None, *, json_path: Path | None) -> int:
    """Write fwgen.toml for a model, which is read first so that the file is of use."""
    read(model)
    if board is not None:
        load_board(board)
    written = write_config(Path("."), model, board)
    write_json(json_path, {"schema": SCHEMA, "written": str(written)})
    print(written)
    return 0


def _note_venue(result: dict[str, Any], venue: Venue) -> None:
    """Say in a result that another board than the project's ran its image, if so."""
    if venue.in_place:
        result["ran_on"] = venue.board.name
        result["memory"]["stack_bytes"] = venue.board.stack_bytes


def _require_room(graph: Graph, inputs: int) -> None:
    """Raise UsageError for more inputs than are to be held at a time."""
    each = sum(graph.tensors[index].bytes for index in graph.inputs)
    if each * inputs > _INPUTS_BYTES:
        raise UsageError(
            f"{inputs:,} inputs of {each:,} bytes are more than {_INPUTS_BYTES:,} bytes.",
            at="--inputs",
            tries=(f"--inputs {_INPUTS_BYTES // each}, and another --seed",),
        )


def _inputs(paths: Sequence[Path], graph: Graph) -> list[Values]:
    """The arrays of ``--input``, or seeded noise where there are none."""
    if not paths:
        return seeded_inputs(graph, 1, seed=0)[0]
    if len(paths) != len(graph.inputs):
        raise UsageError(
            f"The model has {len(graph.inputs)} inputs, but {len(paths)} were given.", at="--input"
        )
    return [
        _load_input(path, graph, index) for path, index in zip(paths, graph.inputs, strict=True)
    ]


def _load_input(path: Path, graph: Graph, index: int) -> Values:
    """One array from a .npy file, which must have the input's dtype and number of elements."""
    tensor = graph.tensors[index]
    array = load_array(path)
    if array.dtype != tensor.dtype.numpy or array.size != tensor.elements:
        raise UsageError(
            f"The input has {array.dtype} {list(array.shape)}, the model's input "
            f"{graph.name_of(index)!r} is {tensor.dtype.word} {list(tensor.shape)}.",
            at=str(path),
        )
    return array.reshape(tensor.shape)


def _counters(
    session: Session, counter: Counter, total: int, ops: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The counter's values of an inference and of each op in another, same one."""
    return {
        "source": counter.source,
        "unit": counter.unit,
        "total": session.count(total),
        "ops": [
            {"index": op["index"], "value": session.count(ticks)}
            for op, ticks in zip(ops, session.link.op_counts() or (), strict=True)
        ],
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
