"""``fwgen build``: model and board -> project folder and ELF, with the memory report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fwgen import DEFAULT_PREFIX, KERNELS, SCHEMA
from fwgen.board import Board, load_board
from fwgen.build.bundle_making import BundleMaking
from fwgen.build.cmake import Image, require_tools
from fwgen.build.making import Making
from fwgen.cli.arguments import only_signature
from fwgen.cli.bundle_build import Asked, compiled, dump_bundle, make_bundle
from fwgen.cli.bundle_options import npus_of, places_of, shapes_of
from fwgen.cli.cmsis_nn_checkout import CmsisNn, library_for
from fwgen.cli.config import load_config
from fwgen.cli.mlperf_options import benchmark_of, require_one_model
from fwgen.cli.progress import Progress
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.compile.select.goals import SLOWDOWN
from fwgen.errors import UsageError
from fwgen.host.files import write_json
from fwgen.kernels.providers import providers_of, require_provider
from fwgen.model.input_shape import InputShape
from fwgen.pipeline import compile_model
from fwgen.project.bundle_names import bundle_names
from fwgen.project.folder import refuse_foreign, require_place
from fwgen.project.mlperf import Benchmark, require_board
from fwgen.project.naming import check_project_path, folder_name, option_words, short_hash
from fwgen.project.prefix import require_prefix
from fwgen.project.render import ProjectOptions, require_native
from fwgen.report import text_tables
from fwgen.report.dump import dump
from fwgen.report.inspection import warnings
from fwgen.report.npu_report import offload_report
from fwgen.report.speed import speed
from fwgen.source import CORE_ALONE, NpuChoice, Source, untold


@dataclass(frozen=True)
class BuildOptions:
    """The options of the command, as its help has them."""

    names: Sequence[str]
    strict: bool
    goal: str
    slowdown: float | None
    kernels: str
    places: Sequence[str]
    shapes: Sequence[InputShape]
    signatures: Sequence[str]
    fed: bool
    npu: str | None
    vela_args: str | None
    npu_inexact: bool
    sanitize: bool
    canaries: bool
    benchmark: Benchmark | None
    compile_it: bool
    dump: str | None
    force: bool

    @property
    def prefix(self) -> str:
        """The name of the only model."""
        return self.names[0] if self.names else DEFAULT_PREFIX


def run(args: argparse.Namespace) -> int:
    """Model and board -> project folder and ELF, with the memory report."""
    options = BuildOptions(
        names=args.name or (),
        strict=args.strict,
        goal=args.optimize,
        slowdown=args.max_slowdown,
        kernels=args.kernels,
        places=args.place or (),
        shapes=args.input_shape or (),
        signatures=args.signature or (),
        fed=args.feed_rows,
        npu=args.npu,
        vela_args=args.vela_args,
        npu_inexact=args.npu_inexact,
        sanitize=args.sanitize,
        canaries=args.canaries,
        benchmark=benchmark_of(args),
        compile_it=not args.no_compile,
        dump=args.dump,
        force=args.force,
    )
    if len(args.model) > 1:
        require_one_model(options.benchmark)
        return _build_several(args, options)
    model = args.model[0] if args.model else None
    only_signature(args)
    return build(model, args.board, args.out, options, json_path=args.json, quiet=args.quiet)


def _build_several(args: argparse.Namespace, options: BuildOptions) -> int:
    """Models and board -> one project and one image of all."""
    _require_limit(options)
    models: Sequence[Path] = args.model
    if len(options.signatures) not in (0, len(models)):
        raise UsageError(
            f"There are {len(models)} models and {len(options.signatures)} signatures, expected "
            "one for each.",
            at="--signature",
            tries=("--signature once for each model, in their order",),
        )
    names = bundle_names(options.signatures or [m.stem for m in models], options.names)
    shapes, places = shapes_of(names, options.shapes), places_of(names, options.places)
    _, board, npu = _target(models[0], args.board, options.npu)
    if board.library_only:
        raise UsageError(
            f"Several models make one image, but {board.name} has libraries only.",
            at=f"board {board.name}: platform",
            tries=("fwgen build for each model, with a --name of its own",),
        )
    words = variant(replace(options, names=()), npu)
    project = args.out or Path("build", folder_name("-".join(names), board.name, words))
    _require_means(project, board, npu, options)
    require_provider(options.kernels)
    library = library_for(options.kernels)
    request = _request(options, board, library)
    npus = npus_of(names, npu)
    asked = [
        Asked(
            name,
            model,
            options.signatures[at] if options.signatures else None,
            shapes[name],
            replace(request, places=places[name]),
            _npu_choice(npus[name], options) if npus[name] or npu is None else CORE_ALONE,
        )
        for at, (name, model) in enumerate(zip(names, models, strict=True))
    ]
    steps = 0 if options.dump else 1 + options.compile_it
    progress = Progress(4 * len(models) + steps, args.quiet)
    members = compiled(asked, board, progress)
    if options.dump is not None:
        return dump_bundle(options.dump, members, args.json)
    making = BundleMaking(
        board=board,
        members=members,
        folder=project,
        options=_project_options(options, library),
        cmsis_nn=library.root if library else None,
        force=options.force,
    )
    return make_bundle(making, library, options.compile_it, progress, args.json)


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
    if len(options.names) > 1:
        raise UsageError(
            f"There are {len(options.names)} names for one model.",
            at="--name",
            tries=("one --name",),
        )
    require_prefix(options.prefix)
    _require_limit(options)
    model, board, npu = _target(model, board_name, options.npu)
    project = out or Path("build", folder_name(model.stem, board.name, variant(options, npu)))
    _require_means(project, board, npu, options)
    progress = Progress(5 + options.compile_it, quiet)
    require_provider(options.kernels)
    library = library_for(options.kernels)
    request = _request(options, board, library)
    choice = _npu_choice(npu, options)
    signature = next(iter(options.signatures), None)
    source, program = compile_model(model, request, choice, progress, options.shapes, signature)
    warned = _warned(source)
    if options.dump is not None:
        return _dump(options.dump, program, json_path)
    making = _making(source, request, project, options, library)
    made = making.project(program, options.compile_it, progress)
    # also those that depend on what is installed here, which no project has
    result = made.described | {"warnings": warned}
    if library and made.program.uses_cmsis_nn:
        result["cmsis_nn"] = {"root": str(library.root), "revision": library.revision}
    _report(result, made.image, request.board)
    if source.offloaded:
        print(offload_report(source.offloaded))
    write_json(json_path, result)
    return 0


def _npu_choice(npu: str | None, options: BuildOptions) -> NpuChoice:
    return NpuChoice(npu, options.vela_args, options.npu_inexact)


def _making(
    source: Source, request: Request, project: Path, options: BuildOptions, library: CmsisNn | None
) -> Making:
    """What the project is made of."""
    npu = {"npu": source.offloaded} if source.offloaded else {}
    mlperf = {"mlperf": options.benchmark.told()} if options.benchmark else {}
    return Making(
        source=source,
        request=request,
        folder=project,
        options=replace(_project_options(options, library), prefix=options.prefix),
        told={**npu, **mlperf, "warnings": list(warnings(source.graph))},
        cmsis_nn=library.root if library else None,
        force=options.force,
    )


def _project_options(options: BuildOptions, library: CmsisNn | None) -> ProjectOptions:
    """What is asked of the project, whatever its models are called."""
    return ProjectOptions(
        sanitize=options.sanitize,
        canaries=options.canaries,
        benchmark=options.benchmark,
        cmsis_nn=library.revision if library else "",
    )


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
    if options.benchmark:
        require_board(board, options.benchmark)
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
        *("x".join(map(str, each.shape)) for each in options.shapes),
        *options.signatures,
        *(["feed-rows"] if options.fed else []),
        *(["sanitize"] if options.sanitize else []),
        *(["canaries"] if options.canaries else []),
        *(options.benchmark.words() if options.benchmark else []),
    ]


def _report(result: dict[str, Any], image: Image | None, board: Board) -> None:
    """Add what an image takes, if there is one, and print it."""
    if image is None:
        return
    result |= {
        "toolchain": image.toolchain,
        "library" if board.library_only else "elf": str(image.elf.resolve()),
        "build_id": image.build_id,
    }
    result["memory"] |= image.sizes.as_dict()
    if image.stack is not None:
        result["memory"] |= image.stack.as_dict()
    print(text_tables.memory(result, board))
    print(speed(result))


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
