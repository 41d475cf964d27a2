"""The build of several models: their files and a board -> one project and one image of all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fwgen import SCHEMA
from fwgen.board import Board
from fwgen.build.bundle_making import BundleMaking, Member
from fwgen.cli.cmsis_nn_checkout import CmsisNn
from fwgen.cli.progress import Progress
from fwgen.compile.lower.bundle_fit import after
from fwgen.compile.request import Request
from fwgen.errors import ModelError
from fwgen.host.files import write_json
from fwgen.model.input_shape import InputShape
from fwgen.pipeline import compile_model
from fwgen.project.description import description
from fwgen.report.bundle_report import bundle_memory, bundle_speed
from fwgen.report.dump import dump
from fwgen.report.inspection import warnings
from fwgen.report.npu_report import offload_report
from fwgen.source import NpuChoice, Source, untold


@dataclass(frozen=True)
class Asked:
    """What is asked of a model, beside its file.

    It has a ``name`` in the image. ``signature`` is its entry point, None for the main one. The
    ``request`` is for the board as it is without other models.
    """

    name: str
    path: Path
    signature: str | None
    shapes: Sequence[InputShape]
    request: Request
    npu: NpuChoice


def compiled(asked: Sequence[Asked], board: Board, progress: Progress) -> list[Member]:
    """The models' programs, one after the other in the room that those before leave. Raises what
    ``compile_model`` does."""
    members: list[Member] = []
    for each in asked:
        others = [member.program for member in members]
        request = replace(each.request, board=after(board, others))
        try:
            source, program = compile_model(
                each.path, request, each.npu, progress, each.shapes, each.signature
            )
        except ModelError as error:
            if each.npu.name is not None:
                some = ",".join(other.name for other in asked if other.npu.name and other != each)
                error.tries += (f"--npu {some or 'MODEL'}={each.npu.name}, without {each.name}",)
            raise
        told: dict[str, Any] = {"npu": source.offloaded} if source.offloaded else {}
        told["warnings"] = list(warnings(source.graph, each.name))
        members.append(Member(each.name, source, request, program, told))
    return members


def dump_bundle(stage: str, members: Sequence[Member], json_path: Path | None) -> int:
    """Print a stage of each model."""
    said = {member.name: dump(stage, member.program) for member in members}
    models = [{"name": name, "text": text} for name, text in said.items()]
    write_json(json_path, {"schema": SCHEMA, "stage": stage, "models": models})
    print("\n\n".join(f"{name}:\n{text}" for name, text in said.items()))
    return 0


def make_bundle(
    making: BundleMaking,
    library: CmsisNn | None,
    compile_it: bool,
    progress: Progress,
    json_path: Path | None,
) -> int:
    """The project and its image, with the memory report. ``library`` is CMSIS-NN, if it is at
    hand."""
    warned = [
        f"{member.name}: {warning}"
        for member in making.members
        for warning in (*member.told["warnings"], *_untold(member.source))
    ]
    for warning in warned:
        print(f"warning: {warning}", file=sys.stderr)
    made = making.project(compile_it, progress)
    result, image, members = made.described, made.image, made.members
    result["warnings"] = warned
    if library and any(member.program.uses_cmsis_nn for member in members):
        result["cmsis_nn"] = {"root": str(library.root), "revision": library.revision}
    if image is not None:
        result |= {
            "toolchain": image.toolchain,
            "elf": str(image.elf.resolve()),
            "build_id": image.build_id,
        }
        result["memory"] |= image.sizes.as_dict() | (image.stack.as_dict() if image.stack else {})
        print(bundle_memory(result, making.board))
        print(bundle_speed({member.name: description(member.program) for member in members}))
    for member in members:
        if member.source.offloaded:
            print(f"{member.name}: {offload_report(member.source.offloaded)}")
    write_json(json_path, result)
    return 0


def _untold(source: Source) -> list[str]:
    """Why ``fwgen verify`` could not compare a model with TFLM."""
    refused = untold(source)
    return [f"`fwgen verify` cannot compare it with TFLM, which does not run it: {refused}"] * bool(
        refused
    )
