"""``fwgen verify``: does the firmware compute what TFLM computes, byte by byte?"""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING

from fwgen.build.built_project import Project, open_project, reference_model
from fwgen.build.stack import watermark
from fwgen.cli.arguments import chosen_runner
from fwgen.cli.bundle_verify import verify_bundle
from fwgen.cli.progress import ticker
from fwgen.device.run import open_session
from fwgen.device.run.runner import Launch
from fwgen.device.run.venue import find_venue, note_venue
from fwgen.errors import UsageError
from fwgen.host.files import write_json
from fwgen.host.oracle import Oracle, OracleRefused
from fwgen.measure.verify.verdict import OutputComparison, check_oracle
from fwgen.model.graph import Graph
from fwgen.model.inputs import seeded_inputs
from fwgen.model.metadata import without_offline_plan
from fwgen.model.reader import read_model
from fwgen.model.stored import with_int8
from fwgen.ops import index_limits
from fwgen.project.folder import describe, models_of
from fwgen.report import text_tables

if TYPE_CHECKING:
    from fwgen.measure.verify.vela_rounding import Rounding

_INPUTS_BYTES = 1 << 28
"""Of all inputs of a verification."""

_OP_INPUTS = 3
"""Inputs for which also what each op leaves is compared, by CRC-32, unless all are asked for."""


def run(args: argparse.Namespace) -> int:
    """Compare the firmware's outputs with TFLM's; 1 if any differ."""
    if models_of(describe(args.project)):
        return verify_bundle(args, args.inputs if args.every_op else _OP_INPUTS)
    project = open_project(args.project)
    result, graph = project.result, project.graph
    _require_room(graph, args.inputs)
    runner = chosen_runner(args)
    venue = find_venue(project.board, runner, project.npu)
    elf = project.image_on(venue.board)
    model = reference_model(project, args.reference)
    model = without_offline_plan(model, len(graph.tensors), graph.at)
    samples = seeded_inputs(graph, args.inputs, args.seed, index_limits(graph))
    oracle, told = _oracle(model, graph, args.timeout)
    with (
        oracle,
        open_session(
            Launch(
                *(venue.board, elf, runner, project.npu, result["build_id"]),
                model=project.number,
                counters=False,
                inference_s=args.timeout,
            )
        ) as session,
    ):
        check_oracle(oracle, read_model(model, graph.name), samples[0])
        tick = ticker(args.inputs, "verify", args.quiet)
        ops = result["ops"] if args.reference is None else ()  # another file has other tensors
        op_inputs = args.inputs if args.every_op else _OP_INPUTS
        variables = result["variables"] if args.reference is None else ()
        comparison = OutputComparison(
            *(ops, session.link, oracle, op_inputs, _rounding(project), variables),
            left_open=oracle.left_open,
        )
        for done, values in enumerate(samples, 1):
            comparison.run(values)
            tick(done)
        result["memory"] |= watermark(elf, session.link.stack())
    verdict = comparison.verdict()
    result |= dataclasses.asdict(verdict) | {"seed": args.seed, "runner": session.runner.name}
    note_venue(result, venue)
    write_json(args.json, result)
    print("\n".join((text_tables.verdict(result), *told, *venue.told)))
    return 0 if verdict.holds else 1


def _oracle(model: bytes, graph: Graph, timeout_s: float) -> tuple[Oracle, tuple[str, ...]]:
    """TFLM with the model, and what is to be told of it.

    Where it refuses int4 constants, which it takes of few ops, it gets them as int8. Raises what
    ``Oracle`` does.
    """
    try:
        return Oracle(model, timeout_s=timeout_s), ()
    except OracleRefused:
        if all(tensor.bits is None for tensor in read_model(model, graph.name).tensors):
            raise
    told = "TFLM does not take these int4 constants: it was given the model with them as int8."
    return Oracle(with_int8(model, graph.name), timeout_s=timeout_s), (told,)


def _rounding(project: Project) -> Rounding | None:
    """What the model computes with Vela's multipliers, where an NPU has them."""
    if project.npu is None:
        return None
    from fwgen.measure.verify.vela_rounding import vela_rounding  # only here: it loads all kernels

    return vela_rounding(project)


def _require_room(graph: Graph, inputs: int) -> None:
    """Raise UsageError for more inputs than are to be held at a time."""
    each = sum(graph.tensors[index].bytes for index in graph.inputs)
    if each * inputs > _INPUTS_BYTES:
        raise UsageError(
            f"{inputs:,} inputs of {each:,} bytes are more than {_INPUTS_BYTES:,} bytes.",
            at="--inputs",
            tries=(f"--inputs {_INPUTS_BYTES // each}, and another --seed",),
        )
