"""``fwgen build``: model and board -> project folder and ELF, with the memory report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen import DEFAULT_PREFIX, KERNELS, SCHEMA
from fwgen.board import Board, load_board
from fwgen.board.twin import twin_of
from fwgen.build.cmake import Image, RegionsOverflow, build_twin, check_settings, require_tools
from fwgen.build.cmake import build as compile_project
from fwgen.cli.cmsis_nn_checkout import CmsisNn, library_for
from fwgen.cli.config import load_config
from fwgen.cli.progress import Progress
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.compile.select.goals import SLOWDOWN
from fwgen.errors import UsageError
from fwgen.host.files import write_json
from fwgen.host.lock import exclusive
from fwgen.kernels.providers import providers_of, require_provider
from fwgen.pipeline import compile_model, require_fit, with_room_for
from fwgen.project.folder import describe, refuse_foreign, require_place, write
from fwgen.project.kept import Kept
from fwgen.project.naming import check_project_path, folder_name, option_words, short_hash
from fwgen.project.prefix import require_prefix
from fwgen.project.render import render, require_native
from fwgen.report import text_tables
from fwgen.report.dump import dump
from fwgen.report.inspection import warnings
from fwgen.report.npu_report import offload_report
from fwgen.report.speed import speed
from fwgen.source import NpuChoice, Source, untold

_ROUNDS = 4
"""In which a program is planned again by sizes that were measured."""

NPU_DRIVER = ("ETHOSU_DRIVER_ROOT", "CMSIS_ROOT")
"""Environment variables that name Arm's NPU driver, to be linked in place of ours, and CMSIS."""


@dataclass(frozen=True)
class BuildOptions:
    """The options of the command, as its help has them."""

    prefix: str
    strict: bool
    goal: str
    slowdown: float | None
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


@dataclass(frozen=True)
class _Build:
    """What a project is made of and for."""

    source: Source
    request: Request
    options: BuildOptions
    library: CmsisNn | None
    project: Path

    def files(self, program: Program) -> dict[str, bytes]:
        """The project's. Raises DoesNotFit, and UsageError for the path of a library."""
        require_fit(program, self.source.graph)
        check_settings(self._settings(program))
        revision = self.library.revision if self.library and program.uses_cmsis_nn else ""
        told = told_of(self.source)
        how = (self.options.sanitize, self.options.canaries, revision, told, self.options.prefix)
        return render(program, self.source.files, self.request.board.source, *how)

    def image(self, program: Program) -> tuple[Program, Image]:
        """The program and its image.

        Where the linker finds a region too small for what was estimated, both are made again with
        the measured sizes, a few times at most.
        """
        for _ in range(_ROUNDS):
            try:
                return program, self._linked(program)
            except RegionsOverflow as overflow:
                program = with_room_for(program, self.source, self.request, overflow.bytes_over)
                write(self.project, self.files(program), self.options.force)
        return program, self._linked(program)

    def _linked(self, program: Program) -> Image:
        settings = self._settings(program)
        return compile_project(self.project, program.board, program.plan.arena_bytes, settings)

    def _settings(self, program: Program) -> dict[str, str]:
        """CMake's settings: where the libraries are."""
        settings = {}
        if self.library and program.uses_cmsis_nn:
            settings["CMSIS_NN_ROOT"] = str(self.library.root)
        if self.source.npu is not None:
            settings |= {name: os.environ.get(name, "") for name in NPU_DRIVER}
        return settings


def run(args: argparse.Namespace) -> int:
    """Model and board -> project folder and ELF, with the memory report."""
    options = BuildOptions(
        prefix=args.name,
        strict=args.strict,
        goal=args.optimize,
        slowdown=args.max_slowdown,
        kernels=args.kernels,
        places=args.place or (),
        fed=args.feed_rows,
        npu=args.npu,
        vela_args=args.vela_args,
        npu_inexact=args.npu_inexact,
        sanitize=args.sanitize,
        canaries=args.canaries,
        compile_it=not args.no_compile,
        dump=args.dump,
        force=args.force,
    )
    return build(args.model, args.board, args.out, options, json_path=args.json, quiet=args.quiet)


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
    _require_limit(options)
    model, board, npu = _target(model, board_name, options.npu)
    project = out or Path("build", folder_name(model.stem, board.name, variant(options, npu)))
    _require_means(project, board, npu, options)
    progress = Progress(5 + options.compile_it, quiet)
    require_provider(options.kernels)
    library = library_for(options.kernels)
    request = _request(options, board, library)
    choice = NpuChoice(npu, options.vela_args, options.npu_inexact)
    source, program = compile_model(model, request, choice, progress)
    warned = _warned(source)
    making = _Build(source, request, options, library, project)
    if options.dump is not None:
        return _dump(options.dump, program, json_path)
    files = making.files(program)
    image = None
    with exclusive(project):
        kept = write(project, files, options.force)
        progress("render", f"{len(files)} files in {project}{_told(kept)}")
        if options.compile_it:
            program, image = making.image(program)
            twin = twin_of(board) if source.npu is None else None
            if twin:
                build_twin(project, board, twin)
            progress("build", str(image.elf))
        # also those that depend on what is installed here, which no project has
        result = describe(project) | {"warnings": warned}
    if library and program.uses_cmsis_nn:
        result["cmsis_nn"] = {"root": str(library.root), "revision": library.revision}
    if image is not None:
        _add_image(result, image, request.board)
        print(text_tables.memory(result, request.board))
        print(speed(result))
    if source.offloaded:
        print(offload_report(source.offloaded))
    write_json(json_path, result)
    return 0


def told_of(source: Source) -> dict[str, Any]:
    """What a project's JSON says of its source, and that is the same on any machine."""
    npu = {"npu": source.offloaded} if source.offloaded else {}
    return {**npu, "warnings": list(warnings(source.graph))}


def _warned(source: Source) -> list[str]:
    """What is to be known of the model, told on stderr."""
    found = [*warnings(source.graph)]
    refused = untold(source)
    if refused:
        found.append(
            f"`fwgen verify` cannot compare this build with TFLM, which does not run the model: "
            f"{refused}"
        )
    for warning in found:
        print(f"warning: {warning}", file=sys.stderr)
    return found


def _dump(stage: str, program: Program, json_path: Path | None) -> int:
    said = dump(stage, program)
    write_json(json_path, {"schema": SCHEMA, "stage": stage, "text": said})
    print(said)
    return 0


def _request(options: BuildOptions, board: Board, library: CmsisNn | None) -> Request:
    """What the options ask of the program."""
    return Request(
        board,
        goal=options.goal,
        slowdown=options.slowdown,
        strict=options.strict,
        fed=options.fed,
        providers=providers_of(options.kernels, cmsis_nn=library is not None),
        places=options.places,
    )


def _require_limit(options: BuildOptions) -> None:
    """Raise UsageError for a limit of a goal that has none."""
    if options.slowdown is not None and options.goal not in SLOWDOWN:
        raise UsageError(
            f"--max-slowdown says nothing to --optimize {options.goal}, which has no such limit.",
            at="--max-slowdown",
            tries=tuple(f"--optimize {goal}" for goal in SLOWDOWN),
        )


def _require_means(project: Path, board: Board, npu: str | None, options: BuildOptions) -> None:
    """Raise what would otherwise be found after all the work: no tools, a folder of others."""
    if options.npu_inexact and npu is None:
        raise UsageError(
            "An NPU that may be inexact was asked for without an NPU.",
            at="--npu-inexact",
            tries=("--npu ethos-u55-128",),
        )
    if options.compile_it and options.dump is None:
        require_tools(project, board)
    if options.sanitize:
        require_native(board)
    if options.dump is not None:
        return
    check_project_path(project)
    refuse_foreign(project)
    require_place(project)


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
        *([f"slowdown-{options.slowdown:g}"] if options.slowdown is not None else []),
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


def _add_image(result: dict[str, Any], image: Image, board: Board) -> None:
    result |= {
        "toolchain": image.toolchain,
        "library" if board.library_only else "elf": str(image.elf.resolve()),
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
