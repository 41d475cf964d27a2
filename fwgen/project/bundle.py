"""The rendering of a bundle: Programs of several models -> the files of one project, whose firmware
has all of them.

Each model is a library in a folder of its own, as ``render`` makes it. Around the libraries are one
arena for all models, and the runtime, which serves the model that is chosen. What a model keeps
from one inference to the next is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fwgen import DEFAULT_PREFIX, SCHEMA, __version__
from fwgen.board import Board
from fwgen.board.platforms import sources
from fwgen.compile.lower.program import Program
from fwgen.host.resources import templates_dir
from fwgen.model.alignment import aligned
from fwgen.model.control import has_control
from fwgen.project import c_text
from fwgen.project.bundle_npu import shared_npu
from fwgen.project.description import scratch_bytes
from fwgen.project.kept import MARKER
from fwgen.project.license import LICENSE, license_text, licensed
from fwgen.project.npu_facts import NPU_PLATFORM
from fwgen.project.platform_files import shipped_folders, users_sources
from fwgen.project.render import (
    ProjectOptions,
    arena_parts,
    marker,
    own_id,
    project_templates,
    render,
    weight_parts,
)

_OF_KERNELS = "fw_crc.c"
"""Of the runtime: the models' libraries have it."""

_ARENA = "fw_shared_arena"

_TEMPLATES = {
    "CMakeLists.txt": "bundle.cmake.j2",
    "README.md": "bundle_readme.md.j2",
    "firmware/fw_model.h": "bundle_model.h.j2",
    "firmware/fw_models.c": "bundle_models.c.j2",
    "firmware/fw_arenas.c": "bundle_arenas.c.j2",
    "src/fw_board.h": "fw_board.h.j2",
}


@dataclass(frozen=True)
class Part:
    """A model of a bundle: its ``prefix``, its program, and its .tflite files by name. ``told`` are
    entries of its JSON."""

    prefix: str
    program: Program
    files: Mapping[str, bytes]
    told: Mapping[str, Any]


def render_bundle(board: Board, parts: Sequence[Part], options: ProjectOptions) -> dict[str, bytes]:
    """All files of the project by relative path; ``board`` is what the models were compiled for."""
    files = _models(board, parts, options)
    own = placed_for_all(board, [part.program for part in parts])
    runtime = {"runtime": templates_dir() / "runtime", **shipped_folders(own)}
    if any(part.program.npu for part in parts):
        runtime[NPU_PLATFORM] = templates_dir() / NPU_PLATFORM
    for folder, at in runtime.items():
        for path in sources(at):
            if path.name != _OF_KERNELS:
                name = f"{folder}/{path.name}"
                files[name] = licensed(name, path.read_bytes())
    files |= users_sources(own)
    context = _context(own, parts, files, options)
    templates = project_templates(templates_dir() / "project")

    def add(template: str, path: str) -> None:
        files[path] = licensed(path, templates.get_template(template).render(context).encode())

    for name, template in _TEMPLATES.items():
        add(template, name)
    if not own.native:
        add("toolchain.cmake.j2", "toolchain.cmake")
        add("linker.ld.j2", "linker.ld")
    files[LICENSE] = license_text()
    files["board.toml"] = board.source
    context["source_folders"] = sorted({path.split("/")[0] for path in files if "/" in path})
    add("build_id.cmake.j2", "build_id.cmake")
    context["build_id"] = own_id(files)
    add("fw_build_id.c.j2", "src/fw_build_id.c")
    said = {**bundle_description(own, parts), "build_id": context["build_id"]}
    files[MARKER] = marker(said, files)
    return files


def placed_for_all(board: Board, programs: Sequence[Program]) -> Board:
    """The board with code, stack and data where the models' programs moved them to."""
    moved = {
        what: regions
        for program in programs
        for what, regions in program.board.place.items()
        if regions != board.place.get(what)
    }
    return replace(board, place={**board.place, **moved})


def _models(board: Board, parts: Sequence[Part], options: ProjectOptions) -> dict[str, bytes]:
    """The files of the libraries, each in its folder."""
    names = [part.prefix for part in parts]
    return {
        f"{part.prefix}/{path}": content
        for number, part in enumerate(parts)
        for path, content in render(
            part.program,
            part.files,
            board.source,
            replace(options, prefix=part.prefix, part=True),
            {**part.told, "bundle": {"models": names, "number": number}},
        ).items()
    }


def _context(
    board: Board, parts: Sequence[Part], files: Mapping[str, bytes], options: ProjectOptions
) -> dict[str, Any]:
    """The names that templates print."""
    arrays, models = _arrays(parts), []
    array_of = {macro: array["symbol"] for array in arrays for macro in array["macros"]}
    for part in parts:
        macros = [each["macro"] for each in arena_parts(part.program, part.prefix)]
        models.append(
            {
                **_facts(part),
                "prefix": part.prefix,
                "macro": part.prefix.upper(),
                "arenas": {macro: array_of[macro] for macro in macros},
                "fed": any(step.fed for step in part.program.steps),
            }
        )
    graphs = [part.program.graph for part in parts]
    return {
        "version": __version__,
        "prefix": DEFAULT_PREFIX,
        "board": board,
        "npu": shared_npu({part.prefix: part.program for part in parts}),
        "canaries": options.canaries,
        "sanitize": options.sanitize,
        "task": None,
        "cmsis_nn": "",  # only its models link it
        "libraries": [
            *["CMSIS_NN_ROOT"] * any(part.program.uses_cmsis_nn for part in parts),
            *["ETHOSU_DRIVER_ROOT"] * any(part.program.npu is not None for part in parts),
        ],
        "models": models,
        "arrays": arrays,
        "arenas": arrays,
        "arena_bytes": sum(array["bytes"] for array in arrays),
        "weights": _weights(parts),
        "most_input_bytes": max(graph.input_bytes for graph in graphs),
        "controlled_ops": any(map(has_control, graphs))
        and max(len(part.program.steps) for part in parts),
        "several_outputs": any(
            len(step.outputs) > 1 for part in parts for step in part.program.steps
        ),
        "firmware_sources": sorted(
            path
            for path in files
            if path.startswith(("runtime/", "platform/")) and path.endswith((".c", ".S"))
        ),
    }


def _arrays(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The arrays that the models work in, one for each region, and the macros of those who do."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for each in arena_parts(part.program, part.prefix):
            found.setdefault(each["region"], []).append(each)
    return [
        {
            "symbol": symbol,
            "section": f".bss.{symbol}",
            "region": region,
            "bytes": aligned(max(each["c_bytes"] for each in users), alignment),
            "alignment": alignment,
            "macros": [each["macro"] for each in users],
        }
        for region, users in found.items()
        for symbol in [_ARENA if len(found) == 1 else f"{_ARENA}_{region.lower()}"]
        for alignment in [max(each["alignment"] for each in users)]
    ]


def _weights(parts: Sequence[Part]) -> list[dict[str, str]]:
    """The regions of constants, with the sections of all models in them."""
    found: dict[str, list[str]] = {}
    for part in parts:
        for each in weight_parts(part.program, part.prefix):
            found.setdefault(each["region"], []).append(each["section"])
    return [
        {
            "symbol": "fw_weights" if len(found) == 1 else f"fw_weights_{region.lower()}",
            "section": " ".join(sections),
            "region": region,
        }
        for region, sections in found.items()
    ]


def bundle_description(board: Board, parts: Sequence[Part]) -> dict[str, Any]:
    """What JSON results have of a bundle before it is compiled: its models, and the memory of the
    image, as ``description`` has that of one model."""
    programs = [part.program for part in parts]
    arrays = _arrays(parts)
    lower_bounds = {
        array["region"]: max(
            a.lower_bound_bytes
            for program in programs
            for a in program.plan.arenas
            if a.region == array["region"]
        )
        for array in arrays
    }
    weights: dict[str, int] = {}
    for array in (array for program in programs for array in program.arrays):
        weights[array.region] = weights.get(array.region, 0) + array.data.nbytes
    return {
        "schema": SCHEMA,
        "fwgen": __version__,
        "board": board.name,
        "cpu": board.cpu.name,
        "goal": programs[0].goal,
        "models": [
            {"name": part.prefix, "number": number, **_facts(part)}
            for number, part in enumerate(parts)
        ],
        "memory": {
            "arena_bytes": sum(array["bytes"] for array in arrays),
            "scratch_bytes": max(map(scratch_bytes, programs)),
            "state_bytes": sum(program.plan.state.bytes for program in programs),
            "stack_bytes": board.stack_bytes,
            "arenas": [
                {
                    "region": array["region"],
                    "bytes": array["bytes"],
                    "lower_bound_bytes": lower_bounds[array["region"]],
                }
                for array in arrays
            ],
            "weights": [{"region": region, "bytes": used} for region, used in weights.items()],
            "moved": [move for program in programs for move in program.moved],
        },
    }


def _facts(part: Part) -> dict[str, Any]:
    """The size of a model."""
    program = part.program
    return {
        "model": c_text.identifier(program.graph.name),
        "sha256": program.graph.sha256,
        "ops": len(program.steps),
        "macs": program.macs,
        "weights_bytes": program.weights_bytes,
        "arena_bytes": program.plan.arena_bytes,
        "state_bytes": program.plan.state.bytes,
        "expected_cycles": program.expected_cycles,
    }
