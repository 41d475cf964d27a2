"""``fwgen verify``: does the firmware compute what TFLM computes, byte by byte?"""

from __future__ import annotations

import argparse
import dataclasses

from fwgen.build.built_project import open_project, reference_model
from fwgen.build.stack import watermark
from fwgen.cli.arguments import chosen_runner
from fwgen.cli.bundle_verify import require_room, rounding_of, verify_bundle
from fwgen.cli.progress import ticker
from fwgen.device.run import open_session
from fwgen.device.run.runner import Launch
from fwgen.device.run.venue import find_venue, note_venue
from fwgen.host.files import write_json
from fwgen.measure.verify.oracle_start import started_oracle
from fwgen.measure.verify.verdict import OutputComparison, check_oracle
from fwgen.model.inputs import seeded_inputs
from fwgen.model.metadata import without_offline_plan
from fwgen.model.reader import read_model
from fwgen.ops import index_ranges
from fwgen.project.folder import describe, models_of
from fwgen.report import text_tables

_OP_INPUTS = 3
"""Inputs for which also what each op leaves is compared, by CRC-32, unless all are asked for."""


def run(args: argparse.Namespace) -> int:
    """Compare the firmware's outputs with TFLM's; 1 if any differ."""
    if models_of(describe(args.project)):
        return verify_bundle(args, args.inputs if args.every_op else _OP_INPUTS)
    project = open_project(args.project)
    result, graph = project.result, project.graph
    require_room([graph], args.inputs)
    runner = chosen_runner(args)
    venue = find_venue(project.board, runner, project.npu)
    elf = project.image_on(venue.board)
    model = reference_model(project, args.reference)
    model = without_offline_plan(model, graph.at)
    samples = seeded_inputs(graph, args.inputs, args.seed, index_ranges(graph))
    own = project.npu is None  # an NPU rounds tables in its own way
    oracle, told = started_oracle(model, graph, args.timeout, stand_ins=own)
    with (
        oracle,
        open_session(
            Launch(
                *(venue.board, elf, runner, project.npu, result["build_id"]),
                model=project.number,
                counters=False,
                inference_s=args.timeout,
                sizes=project.sizes,
            )
        ) as session,
    ):
        check_oracle(oracle, read_model(model, graph.name), samples[0])
        tick = ticker(args.inputs, "verify", args.quiet)
        ops = result["ops"] if args.reference is None else ()  # another file has other tensors
        op_inputs = args.inputs if args.every_op else _OP_INPUTS
        variables = result["variables"] if args.reference is None else ()
        comparison = OutputComparison(
            *(ops, session.link, oracle, op_inputs, rounding_of(project), variables),
            left_open=oracle.left_open,
        )
        for done, values in enumerate(samples, 1):
            comparison.run(values)
            tick(done)
        result["memory"] |= watermark(elf, session.link.stack())
    verdict = comparison.verdict()
    result |= dataclasses.asdict(verdict) | {"seed": args.seed} | session.told
    note_venue(result, venue)
    write_json(args.json, result)
    print("\n".join((text_tables.verdict(result), *told, *venue.told)))
    return 0 if verdict.holds else 1
