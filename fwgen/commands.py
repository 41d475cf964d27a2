"""What each command does: runs the stages, prints the result, returns the exit code."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fwgen import SCHEMA, regression
from fwgen.board import Board, Counter, board_names, load_board
from fwgen.build import build as compile_project
from fwgen.build import firmware
from fwgen.cmsis_nn import library_for
from fwgen.config import load_config, write_config
from fwgen.doctor import examine
from fwgen.errors import DoesNotFit, ToolError, UsageError
from fwgen.files import write_json
from fwgen.model.graph import Graph
from fwgen.ops.providers import providers_of
from fwgen.pipeline import compile_graph, read_graph, require_fit
from fwgen.placement import parse_places
from fwgen.plan import plan_table
from fwgen.plan.offline import without_offline_plan
from fwgen.plan.table import read_table, write_table
from fwgen.profile import INFERENCE, INVOKE, Foreign, profile_elf, profile_project
from fwgen.render import render
from fwgen.render.folder import describe, write
from fwgen.report import text
from fwgen.report.arena import arena_data, arena_text
from fwgen.report.comparison import comparison as comparison_table
from fwgen.report.profile import profile as profile_report
from fwgen.run import RUNNERS, Session, open_session
from fwgen.run.recording import Window
from fwgen.samples import correct, load_samples
from fwgen.select import macs
from fwgen.size import measure
from fwgen.stack import watermark
from fwgen.verify import Values, compare, seeded_inputs


class Progress:
    """One line per stage on stderr: ``[3/6] plan     arena 53,248 B``."""

    def __init__(self, stages: int, quiet: bool) -> None:
        self._stages, self._quiet, self._done = stages, quiet, 0

    def __call__(self, stage: str, outcome: str) -> None:
        self._done += 1
        if not self._quiet:
            line = f"[{self._done}/{self._stages}] {stage:<8} {outcome}"
            print(line, file=sys.stderr, flush=True)


def build(
    model: Path | None,
    board_name: str | None,
    out: Path | None,
    *,
    strict: bool,
    goal: str,
    kernels: str,
    places: Sequence[str],
    fed: bool,
    sanitize: bool,
    canaries: bool,
    compile_it: bool,
    dump: str | None,
    json_path: Path | None,
    quiet: bool,
) -> int:
    """Model and board -> project folder and ELF, with the memory report."""
    if model is None:
        config = load_config(Path("."))
        model, board_name = config.model, board_name or config.board
    if board_name is None:
        raise UsageError(
            "No board was given.",
            at="--board",
            tries=("fwgen boards, which lists them", "--board corstone-300"),
        )
    board, pins = parse_places(load_board(board_name), places)
    progress = Progress(5 + compile_it, quiet)
    graph = read_graph(model)
    progress("read", f"{graph.name}: {len(graph.ops)} ops")
    library = library_for(kernels)
    providers = providers_of(kernels, library is not None)
    options: dict[str, Any] = {"strict": strict, "providers": providers}
    program = compile_graph(graph, board, progress, goal=goal, fed=fed, pins=pins, **options)
    if dump is not None:
        print(text.dump(dump, program))
        return 0
    require_fit(program, graph, **options)
    library = library if program.uses_cmsis_nn else None
    revision = library.revision if library else ""
    files = render(program, model.read_bytes(), board.source, sanitize, canaries, revision)
    project = out or Path("build") / f"{graph.name}-{board.name}"
    write(project, files)
    progress("render", f"{len(files)} files in {project}")
    result = describe(project)
    root = library.root if library else None
    if library:
        result["cmsis_nn"] = {"root": str(root), "revision": revision}
    if compile_it:
        image = compile_project(project, board, program.plan.arena_bytes, root)
        progress("build", str(image.elf))
        result |= {"toolchain": image.toolchain, "elf": str(image.elf.resolve())}
        result["memory"] |= image.sizes.as_dict()
        if image.stack is not None:
            result["memory"] |= image.stack.as_dict()
        print(text.memory(result, board))
    write_json(json_path, result)
    return 0


def run(
    project: Path,
    inputs: Sequence[Path],
    *,
    samples_path: Path | None,
    runner: str | None,
    timeout_s: float,
    json_path: Path | None,
    quiet: bool,
) -> int:
    """One inference on the board or its simulator, with a counter per op; accuracy on samples."""
    result, board, graph = _open_project(project)
    samples = load_samples(samples_path, graph) if samples_path else None
    values = _inputs(inputs, graph)
    progress = Progress(3, quiet)
    elf = firmware(project)
    with open_session(
        board, elf, runner, build=result["build_id"], inference_s=timeout_s
    ) as session:
        progress("boot", f"{board.name} on {session.runner.name}")
        link = session.link
        link.load(b"".join(v.tobytes() for v in values))
        total = link.run()
        result["outputs"] = _split(graph, link.outputs())
        progress("infer", f"{len(graph.outputs)} outputs")
        if session.counter is not None and total is not None:
            result["counters"] = _counters(session, session.counter, total, result["ops"])
            progress("count", f"{len(result['ops'])} ops")
        if samples is not None:
            hits = correct(link, graph, samples, _ticker(len(samples.labels), "sample", quiet))
            result["samples"] = {"total": len(samples.labels), "correct": hits}
        result["memory"] |= watermark(elf, link.stack())
    result |= {"elf": str(elf.resolve()), "runner": session.runner.name}
    write_json(json_path, result)
    print(text.ran(result, board))
    return 0


def verify(
    project: Path,
    *,
    inputs: int,
    seed: int,
    runner: str | None,
    timeout_s: float,
    json_path: Path | None,
    quiet: bool,
) -> int:
    """Compare the firmware's outputs with TFLM's, byte by byte; 1 if any differ."""
    from fwgen.oracle import Oracle

    result, board, graph = _open_project(project)
    elf = firmware(project)
    model = without_offline_plan((project / "model.tflite").read_bytes(), graph)
    with (
        Oracle(model) as oracle,
        open_session(
            board, elf, runner, build=result["build_id"], inference_s=timeout_s, counters=False
        ) as session,
    ):

        def progress(done: int) -> None:
            if not quiet and (done == inputs or done % max(1, inputs // 10) == 0):
                print(f"[{done}/{inputs}] verify", file=sys.stderr, flush=True)

        values = seeded_inputs(graph, inputs, seed)
        verdict = compare(result["ops"], session.link, oracle, values, progress)
        result["memory"] |= watermark(elf, session.link.stack())
    result |= dataclasses.asdict(verdict) | {"seed": seed, "runner": session.runner.name}
    write_json(json_path, result)
    print(text.verdict(result))
    return 1 if verdict.mismatches else 0


def profile(
    target: Path,
    window: Window | None,
    *,
    inputs: Sequence[Path],
    foreign: Foreign,
    top: int,
    timeout_s: float,
    json_path: Path | None,
) -> int:
    """What a project's inference, or a window of any ELF file, executes; estimated cycles."""
    if target.is_dir():
        if foreign != Foreign():
            raise UsageError("The board of a project is known.", at="options for other ELF files")
        result, board, graph = _open_project(target)
        data = b"".join(v.tobytes() for v in _inputs(inputs, graph))
        elf = firmware(target)
        result["memory"] |= measure(elf, board, result["memory"]["arena_bytes"]).as_dict()
        result |= profile_project(elf, board, result, data, window or INFERENCE, timeout_s)
    else:
        if inputs:
            raise UsageError("Only a project takes inputs from files.", at="--input")
        elf = target
        result = profile_elf(elf, foreign, window or Window(INVOKE), timeout_s)
    result |= {"elf": str(elf.resolve())}
    write_json(json_path, result)
    print(profile_report(result, top))
    return 0


def compare_results(old: Path, new: Path, limit: float, *, json_path: Path | None) -> int:
    """Two results of earlier commands, side by side; 1 if a counter grew by more than ``limit``."""
    comparison = regression.compare(regression.load(old), regression.load(new), limit)
    write_json(json_path, {"schema": SCHEMA, **dataclasses.asdict(comparison)})
    print(comparison_table(comparison))
    return 1 if comparison.regressions else 0


def plan(
    path: Path, capacity: int | None, budget: int, out: Path | None, *, json_path: Path | None
) -> int:
    """Place a table of buffers; raises DoesNotFit if they need more than the capacity."""
    table = read_table(path)
    began = time.perf_counter()
    solution = plan_table(table, capacity, budget)
    print(arena_text(solution, capacity, time.perf_counter() - began))
    write_json(json_path, arena_data(solution, table.ids, capacity))
    if capacity is not None and solution.bytes > capacity:
        proven = solution.lower_bound_bytes > capacity
        raise DoesNotFit(
            f"The buffers do not fit {capacity:,} bytes: "
            + ("proven infeasible." if proven else f"no plan within {budget:,} nodes."),
            at=str(path),
            tries=(f"--capacity {solution.bytes}, which they do fit",)
            + (() if proven else (f"--budget {10 * budget}",)),
        )
    if out is not None:
        write_table(out, table, solution.offsets)
    return 0


def inspect(model: Path, *, json_path: Path | None) -> int:
    """Show inputs, outputs and ops of a model."""
    graph = read_graph(model)
    work = macs(graph)
    write_json(json_path, text.inspection_data(graph, work))
    print(text.inspection(graph, work))
    return 0


def boards(*, json_path: Path | None) -> int:
    """List the boards."""
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
                    "runners": [r.name for r in RUNNERS.values() if r.suits(b)],
                }
                for (n, c, t), b in zip(rows, found, strict=True)
            ],
        },
    )
    print(text.table(("board", "cpu", "what it is"), rows))
    return 0


def doctor(*, json_path: Path | None) -> int:
    """Say what is installed; 5 if something that the default way needs is missing."""
    findings = examine()
    write_json(json_path, {"schema": SCHEMA, "findings": [dataclasses.asdict(f) for f in findings]})
    print(
        text.table(
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


def init(model: Path, board: str | None) -> int:
    """Write fwgen.toml for a model, which is read first so that the file is of use."""
    read_graph(model)
    if board is not None:
        load_board(board)
    print(write_config(Path("."), model, board))
    return 0


def _ticker(total: int, what: str, quiet: bool) -> Callable[[int], None]:
    """Progress of many equal steps: about ten lines on stderr."""

    def tick(done: int) -> None:
        if not quiet and (done == total or done % max(1, total // 10) == 0):
            print(f"[{done}/{total}] {what}", file=sys.stderr, flush=True)

    return tick


def _open_project(project: Path) -> tuple[dict[str, Any], Board, Graph]:
    """What a project says of itself, its board and its model."""
    result = describe(project)
    return result, load_board(str(project / "board.toml")), read_graph(project / "model.tflite")


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
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UsageError(f"The input is not a readable .npy file: {error}", at=str(path)) from None
    if not isinstance(array, np.ndarray):
        raise UsageError("The input is an archive, expected one array.", at=str(path))
    if array.dtype != tensor.dtype.numpy or array.size != tensor.elements:
        raise UsageError(
            f"The input has {array.dtype} {list(array.shape)}, the model's input {index} is "
            f"{tensor.dtype.name.lower()} {list(tensor.shape)}.",
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
                "dtype": tensor.dtype.name.lower(),
                "shape": list(tensor.shape),
                "values": values.tolist(),
                "real": [float(f"{v:.6g}") for v in real],
            }
        )
    return outputs
