"""The build of several models: their files and a board -> one project and one image of all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fwgen.build.bundle_making import BundleMaking
from fwgen.cli.cmsis_nn_checkout import CmsisNn
from fwgen.cli.progress import Progress
from fwgen.compile.lower.bundle_fit import after
from fwgen.compile.request import Request
from fwgen.errors import UsageError
from fwgen.host.files import write_json
from fwgen.pipeline import compile_model
from fwgen.project.bundle import Part
from fwgen.project.description import description
from fwgen.project.render import ProjectOptions
from fwgen.report.bundle_report import bundle_memory, bundle_speed
from fwgen.report.inspection import warnings
from fwgen.source import Source, untold


@dataclass(frozen=True)
class BundleOptions:
    """What of ``fwgen build`` there is for several models.

    ``request`` is for each of them, for the board as it is without the others. ``names`` are those
    of the models, ``signatures`` those of their entry points, None for the main one. ``library`` is
    CMSIS-NN, if it is at hand.
    """

    names: Sequence[str]
    signatures: Sequence[str | None]
    request: Request
    library: CmsisNn | None
    sanitize: bool
    compile_it: bool
    force: bool


def build_bundle(
    models: Sequence[Path],
    project: Path,
    options: BundleOptions,
    *,
    json_path: Path | None,
    quiet: bool,
) -> int:
    """Models and board -> project folder and ELF, with the memory report."""
    board, library = options.request.board, options.library
    progress = Progress(4 * len(models) + 1 + options.compile_it, quiet)
    parts: list[Part] = []
    warned: list[str] = []
    for name, model, signature in zip(options.names, models, options.signatures, strict=True):
        others = [part.program for part in parts]
        request = replace(options.request, board=after(board, others))
        source, program = compile_model(model, request, progress=progress, signature=signature)
        _require_core(source, model)
        found = list(warnings(source.graph))
        parts.append(Part(name, program, source.files, {"warnings": found}))
        warned += [f"{name}: {warning}" for warning in (*found, *_untold(source))]
    for warning in warned:
        print(f"warning: {warning}", file=sys.stderr)
    making = BundleMaking(
        board=board,
        parts=parts,
        folder=project,
        options=ProjectOptions(
            sanitize=options.sanitize, cmsis_nn=library.revision if library else ""
        ),
        cmsis_nn=library.root if library else None,
        force=options.force,
    )
    result, image = making.project(options.compile_it, progress)
    result["warnings"] = warned
    if library and any(part.program.uses_cmsis_nn for part in parts):
        result["cmsis_nn"] = {"root": str(library.root), "revision": library.revision}
    if image is not None:
        result |= {
            "toolchain": image.toolchain,
            "elf": str(image.elf.resolve()),
            "build_id": image.build_id,
        }
        result["memory"] |= image.sizes.as_dict() | (image.stack.as_dict() if image.stack else {})
        print(bundle_memory(result, board))
        print(bundle_speed({part.prefix: description(part.program) for part in parts}))
    write_json(json_path, result)
    return 0


def _require_core(source: Source, model: Path) -> None:
    """Raise UsageError for a model that Vela compiled for an NPU."""
    if source.npu is not None:
        raise UsageError(
            "The model is compiled for an NPU, and several models make an image without one.",
            at=str(model),
            tries=("fwgen build for each model, with a --name of its own",),
        )


def _untold(source: Source) -> list[str]:
    """Why ``fwgen verify`` could not compare a model with TFLM."""
    refused = untold(source)
    return [f"`fwgen verify` cannot compare it with TFLM, which does not run it: {refused}"] * bool(
        refused
    )
