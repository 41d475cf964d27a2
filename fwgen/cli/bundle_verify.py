"""The verification of a bundle: each model of its image in turn, input by input, against TFLM."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fwgen.build.built_project import Project, open_bundle, reference_model
from fwgen.build.stack import watermark
from fwgen.cli.arguments import chosen_runner
from fwgen.cli.progress import ticker
from fwgen.device.link import Link
from fwgen.device.run import open_session
from fwgen.device.run.runner import Launch
from fwgen.device.run.venue import find_venue
from fwgen.errors import UsageError
from fwgen.host.files import write_json
from fwgen.host.oracle import Oracle
from fwgen.measure.verify.oracle_start import started_oracle
from fwgen.measure.verify.verdict import OutputComparison, check_oracle
from fwgen.model.graph import Graph
from fwgen.model.inputs import Values, seeded_inputs
from fwgen.model.metadata import without_offline_plan
from fwgen.model.reader import read_model
from fwgen.model.sizes import ModelSizes
from fwgen.ops import index_ranges
from fwgen.report.bundle_report import bundle_verdict

if TYPE_CHECKING:
    from fwgen.measure.verify.vela_rounding import Rounding

_INPUTS_BYTES = 1 << 28
"""Of all inputs of a verification."""


def require_room(graphs: Sequence[Graph], inputs: int) -> None:
    """Raise UsageError for more inputs of models than are to be held at a time."""
    each = sum(graph.input_bytes for graph in graphs)
    if each * inputs > _INPUTS_BYTES:
        raise UsageError(
            f"{inputs:,} inputs of {each:,} bytes are more than {_INPUTS_BYTES:,} bytes.",
            at="--inputs",
            tries=(f"--inputs {_INPUTS_BYTES // each}, and another --seed",),
        )


def rounding_of(project: Project) -> Rounding | None:
    """What the model computes with Vela's multipliers, where an NPU has them."""
    if project.npu is None:
        return None
    from fwgen.measure.verify.vela_rounding import vela_rounding  # only here: it loads all kernels

    return vela_rounding(project)


@dataclass
class _Turn:
    """A model that is verified: its number in the image, its sizes and its inputs."""

    number: int
    name: str
    sizes: ModelSizes
    samples: Sequence[Sequence[Values]]
    comparison: OutputComparison

    def run(self, link: Link, at: int) -> None:
        """Compare one inference on an input."""
        link.choose(self.number, self.sizes)
        self.comparison.run(self.samples[at])


def verify_bundle(args: argparse.Namespace, op_inputs: int) -> int:
    """Compare all models' outputs with TFLM's, for ``op_inputs`` inputs also those of their ops; 1
    if any differ. Between two inferences of a model, all others have one."""
    result, projects = open_bundle(args.project)
    if args.reference is not None:
        raise UsageError("The models of a bundle are their own reference.", at="--reference")
    require_room([project.graph for project in projects], args.inputs)
    runner, first = chosen_runner(args), projects[0]
    npu = next((project.npu for project in projects if project.npu), None)
    venue = find_venue(first.board, runner, npu)
    elf = first.image_on(venue.board)
    result["build_id"] = first.result["build_id"]
    launch = Launch(
        *(venue.board, elf, runner, npu, result["build_id"]),
        counters=False,
        inference_s=args.timeout,
    )
    with ExitStack() as stack:
        told: list[str] = []
        oracles = [_oracle(stack, project, args, told) for project in projects]
        session = stack.enter_context(open_session(launch))
        turns = [
            _turn(number, project, oracle, session.link, args, op_inputs)
            for number, (project, oracle) in enumerate(zip(projects, oracles, strict=True))
        ]
        tick = ticker(args.inputs, "verify", args.quiet)
        for at in range(args.inputs):
            for turn in turns:
                turn.run(session.link, at)
            tick(at + 1)
        result["memory"] |= watermark(elf, session.link.stack())
    verdicts = {turn.name: turn.comparison.verdict() for turn in turns}
    models: list[dict[str, Any]] = [
        {
            **model,
            **dataclasses.asdict(verdicts[model["name"]]),
            "seed": args.seed,
            **session.told,
            "memory": {},
        }
        for model in result["models"]
    ]
    result |= {"models": models, "seed": args.seed} | session.told
    write_json(args.json, result)
    print("\n".join((bundle_verdict(models), *told)))
    return 0 if all(verdict.holds for verdict in verdicts.values()) else 1


def _oracle(
    stack: ExitStack, project: Project, args: argparse.Namespace, told: list[str]
) -> Oracle:
    """TFLM with a model; adds what is to be told of it."""
    graph = project.graph
    if project.compiled_before:
        raise UsageError(
            f"The model {project.prefix} was compiled by Vela before, so that TFLM cannot run it.",
            at=str(project.folder),
            tries=(f"fwgen verify {project.folder} --reference ORIGINAL.tflite, model by model",),
        )
    model = without_offline_plan(reference_model(project, None), graph.at)
    started, said = started_oracle(model, graph, args.timeout)
    told += [f"{project.prefix}: {line}" for line in said]
    oracle = stack.enter_context(started)
    first = seeded_inputs(graph, 1, args.seed, index_ranges(graph))[0]
    check_oracle(oracle, read_model(model, graph.name), first)
    return oracle


def _turn(
    number: int,
    project: Project,
    oracle: Oracle,
    link: Link,
    args: argparse.Namespace,
    op_inputs: int,
) -> _Turn:
    return _Turn(
        number,
        project.prefix,
        project.sizes,
        seeded_inputs(project.graph, args.inputs, args.seed, index_ranges(project.graph)),
        OutputComparison(
            project.result["ops"],
            link,
            oracle,
            op_inputs,
            rounding_of(project),
            variables=project.result["variables"],
            left_open=oracle.left_open,
        ),
    )
