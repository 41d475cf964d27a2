"""``fwgen build``: model and board -> project folder and ELF, with the memory report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen import DEFAULT_PREFIX, KERNELS, SCHEMA
from fwgen.board import Board, load_board
from fwgen.build import Image, check_settings, require_tools
from fwgen.build import build as compile_project
from fwgen.cmsis_nn import CmsisNn, library_for
from fwgen.config import load_config
from fwgen.errors import UsageError
from fwgen.files import write_json
from fwgen.lock import exclusive
from fwgen.lower import Program
from fwgen.naming import check_project_path, folder_name, option_words, short_hash
from fwgen.ops.providers import providers_of
from fwgen.pipeline import compile_graph, require_fit
from fwgen.progress import Progress
from fwgen.render import render
from fwgen.render.folder import describe, refuse_foreign, write
from fwgen.render.kept import Kept
from fwgen.render.prefix import require_prefix
from fwgen.report import text
from fwgen.report.npu import offload_report, offload_summary
from fwgen.source import Source, placed, read_source

NPU_DRIVER = ("ETHOSU_DRIVER_ROOT", "CMSIS_ROOT")
"""Environment variables that name Arm's NPU driver, to be linked in place of ours, and CMSIS."""


@dataclass(frozen=True)
class BuildOptions:
    """The options of the command, as its help has them."""

    prefix: str
    strict: bool
    goal: str
    kernels: str
    places: Sequence[str]
    fed: bool
    npu: str | None
    vela_args: str | None
    npu_inexact: bool
    sanitize: bool
    canaries: bool
    compile_it: bool
    dump: str | None
    force: bool


def build(
    model: Path | None,
    board_name: str | None,
    out: Path | None,
    options: BuildOptions,
    *,
    json_path: Path | None,
    quiet: bool,
) -> int:
    """Model and board -> project folder and ELF, with the memory report."""
    require_prefix(options.prefix)
    model, board, npu = _target(model, board_name, options.npu)
    project = out or Path("build", folder_name(model.stem, board.name, variant(options, npu)))
    _require_means(project, board, options)
    progress = Progress(5 + options.compile_it, quiet)
    source = read_source(model, board, npu, options.vela_args, options.npu_inexact)
    graph = source.graph
    on_npu = f", {offload_summary(source.offloaded)}" if source.offloaded else ""
    progress("read", f"{graph.name}: {len(graph.ops)} ops{on_npu}")
    board, pins = placed(source, board, options.places, options.fed)
    library = library_for(options.kernels)
    how: dict[str, Any] = {
        "strict": options.strict,
        "providers": providers_of(options.kernels, library is not None),
    }
    program = compile_graph(
        graph, board, progress, goal=options.goal, fed=options.fed, pins=pins, **how
    )
    if options.dump is not None:
        return _dump(options.dump, program, json_path)
    require_fit(program, graph, **how)
    library = library if program.uses_cmsis_nn else None
    revision = library.revision if library else ""
    kind = (options.sanitize, options.canaries, revision, source.offloaded, options.prefix)
    files = render(program, source.files, board.source, *kind)
    settings = _settings(library, source)
    check_settings(settings)
    with exclusive(project):
        kept = write(project, files, options.force)
        progress("render", f"{len(files)} files in {project}{_told(kept)}")
        result = describe(project)
        if library:
            result["cmsis_nn"] = {"root": str(library.root), "revision": library.revision}
        if options.compile_it:
            image = compile_project(project, board, program.plan.arena_bytes, settings)
            progress("build", str(image.elf))
            _add_image(result, image)
    if options.compile_it:
        print(text.memory(result, board))
    if source.offloaded:
        print(offload_report(source.offloaded))
    write_json(json_path, result)
    return 0


def _dump(stage: str, program: Program, json_path: Path | None) -> int:
    said = text.dump(stage, program)
    write_json(json_path, {"schema": SCHEMA, "stage": stage, "text": said})
    print(said)
    return 0


def _settings(library: CmsisNn | None, source: Source) -> dict[str, str]:
    """CMake's settings: where the libraries are."""
    settings = {"CMSIS_NN_ROOT": str(library.root)} if library else {}
    if source.npu is not None:
        settings |= {name: os.environ.get(name, "") for name in NPU_DRIVER}
    return settings


def _require_means(project: Path, board: Board, options: BuildOptions) -> None:
    """Raise what would otherwise be found after all the work: no tools, a folder of others."""
    if options.dump is not None:
        return
    check_project_path(project)
    refuse_foreign(project)
    if options.compile_it:
        require_tools(project, board)


def variant(options: BuildOptions, npu: str | None) -> list[str]:
    """What tells a project of these options from that of the default ones, word by word."""
    kernels = options.kernels
    return [
        *([options.prefix] if options.prefix != DEFAULT_PREFIX else []),
        *([npu] if npu else []),
        *(["npu-inexact"] if options.npu_inexact else []),
        *([f"vela-{short_hash(options.vela_args)}"] if options.vela_args else []),
        *([kernels if "-" in kernels else f"{kernels}-kernels"] if kernels != KERNELS[0] else []),
        *option_words(options.goal, options.strict, options.places),
        *(["feed-rows"] if options.fed else []),
        *(["sanitize"] if options.sanitize else []),
        *(["canaries"] if options.canaries else []),
    ]


def _told(kept: Kept) -> str:
    """What is said of files of the user's."""
    said = f", {len(kept.foreign)} others kept" if kept.foreign else ""
    if kept.edited:
        names = ", ".join(sorted(kept.edited.values())[:3])
        said += f", {len(kept.edited)} edited ones set aside as {names}"
        said += "..." if len(kept.edited) > 3 else ""
    return said


def _add_image(result: dict[str, Any], image: Image) -> None:
    result |= {
        "toolchain": image.toolchain,
        "elf": str(image.elf.resolve()),
        "build_id": image.build_id,
    }
    result["memory"] |= image.sizes.as_dict()
    if image.stack is not None:
        result["memory"] |= image.stack.as_dict()


def _target(
    model: Path | None, board: str | None, npu: str | None
) -> tuple[Path, Board, str | None]:
    """What is given, or else in ``fwgen.toml``."""
    if model is None:
        config = load_config(Path("."))
        model, board, npu = config.model, board or config.board, npu or config.npu
    if board is None:
        raise UsageError(
            "No board was given.",
            at="--board",
            tries=("fwgen boards, which lists them", "--board corstone-300"),
        )
    return model, load_board(board), npu
