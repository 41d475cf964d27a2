"""The rendering of a project: Program -> the files of its folder.

Templates only print; nothing here touches the disk.

The same program gives the same bytes on any machine.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import Any
from zlib import crc32

import jinja2

from fwgen import DEFAULT_PREFIX, __version__
from fwgen.board import Board
from fwgen.board.platforms import sources
from fwgen.compile.lower.bind import address, arena_symbol
from fwgen.compile.lower.program import Program, Step
from fwgen.errors import UsageError
from fwgen.host.resources import templates_dir
from fwgen.kernels.c_files import kernel_files
from fwgen.model.alignment import ALIGNMENT, aligned
from fwgen.model.control import DO, IF, MOST_TRIPS, has_control
from fwgen.model.graph import Tensor
from fwgen.project import c_text
from fwgen.project.comments import arena_map, op_comment
from fwgen.project.constant_structs import ConstantPart, constant_parts, qualified, weights_symbol
from fwgen.project.control_text import Names, control_names
from fwgen.project.description import description
from fwgen.project.kept import FILES, MARKER, digest
from fwgen.project.license import LICENSE, license_text, licensed
from fwgen.project.mlperf import Benchmark
from fwgen.project.npu_facts import NPU_PLATFORM, npu_names
from fwgen.project.platform_files import shipped_folders, users_sources
from fwgen.project.state_facts import state_names
from fwgen.project.twin_files import TwinFiles, twin_files
from fwgen.project.wake_word import TABLES, feature_tables, wake_word_sources

CRC_INSTRUCTIONS = 11
"""Those that the check of the constants takes for each byte, on any Cortex-M."""

OF_LIBRARY = ("fw_canary.h", "fw_crc.c", "fw_crc.h", "fw_types.h")
"""Files of the runtime that the library of a model needs."""

CACHE_LINE_BYTES = 32
"""Of the data caches of Cortex-M cores that have one."""

_INCLUDE = re.compile(r'^#include "([\w.]+)"', re.MULTILINE)


@cache
def project_templates(folder: Path) -> jinja2.Environment:
    """The templates of a project, each compiled once in a process."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # C, CMake and Markdown; every foreign text goes through render.text
    )
    templates.filters["initializer"] = c_text.initializer
    return templates


@dataclass(frozen=True)
class ProjectOptions:
    """What the user asks of a project, beside its program.

    All symbols of the model begin with ``prefix``. ``sanitize`` adds ASan and UBSan, for native
    boards. ``canaries`` adds bytes around the arena that the firmware checks after each inference.
    ``cmsis_nn`` is the revision of the library that is at hand, "" if there is none. ``part`` makes
    a library alone, for the firmware of several models. ``benchmark`` is for a runner of MLPerf
    Tiny, if it has a task.
    """

    prefix: str = DEFAULT_PREFIX
    sanitize: bool = False
    canaries: bool = False
    cmsis_nn: str = ""
    part: bool = False
    benchmark: Benchmark | None = None


DEFAULT_OPTIONS = ProjectOptions()


def render(
    program: Program,
    sources: Mapping[str, bytes],
    board_toml: bytes,
    options: ProjectOptions = DEFAULT_OPTIONS,
    told: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """All files of the project by relative path.

    ``sources`` are the .tflite files and ``board_toml`` the board's file: with them the folder can
    be run and verified by itself. ``told`` are entries of the project's JSON about the NPU and the
    model.
    """
    prefix = options.prefix
    cmsis_nn = options.cmsis_nn if program.uses_cmsis_nn else ""
    copied = _copied_sources(program, options.part)
    files = {path: licensed(path, data) for path, data in copied.items()}
    if not options.part:
        files |= users_sources(program.board)
    task = options.benchmark and options.benchmark.names(program.graph)
    if task and task["streams"]:
        files |= {path: licensed(path, data) for path, data in wake_word_sources().items()}
        path, template = TABLES
        text = project_templates(templates_dir() / "project").get_template(template)
        files[path] = licensed(path, text.render(tables=feature_tables()).encode())
    context = _context(program, files, options.sanitize, prefix)
    twin = TwinFiles() if options.part else twin_files(program, context)
    files |= {path: licensed(path, data) for path, data in twin.sources.items()}
    context |= {"canaries": options.canaries, "cmsis_nn": cmsis_nn, "twin": twin.names}
    library_only = options.part or program.board.library_only
    context |= {"in_bundle": options.part, "models": [], "library_only": library_only}
    context["task"] = task
    context["libraries"] = [
        *(["CMSIS_NN_ROOT"] if cmsis_nn else []),
        *(["ETHOSU_DRIVER_ROOT"] if program.npu else []),
    ]
    templates = project_templates(templates_dir() / "project")

    def add(template: str, path: str, names: Mapping[str, Any] = context) -> None:
        files[path] = licensed(path, templates.get_template(template).render(names).encode())

    for path, template in _templates_of(program.board, prefix, options.part).items():
        add(template, path)
    for path, template in twin.templates.items():
        add(template, path, {**context, **twin.context})
    files[LICENSE] = license_text()
    files.update(sources)
    files["board.toml"] = board_toml
    context["source_folders"] = sorted({path.split("/")[0] for path in files if "/" in path})
    add("build_id.cmake.j2", "build_id.cmake")
    context["build_id"] = own_id(files)
    add("fw_build_id.c.j2", "src/fw_build_id.c")
    said = {**description(program, prefix), **(told or {}), "build_id": context["build_id"]}
    files[MARKER] = marker(said, files)
    return files


def marker(said: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """The project's JSON: what is said of it, and the hashes of all its other files."""
    hashes = {path: digest(content) for path, content in sorted(files.items())}
    return (json.dumps({**said, FILES: hashes}, indent=1) + "\n").encode()


def _templates_of(board: Board, prefix: str, part: bool) -> dict[str, str]:
    """The template of each file of a project for a board, by path."""
    found = {f"src/{name}": f"{name}.j2" for name in ("model.c", "weights.h", "weights.c")}
    found |= {"src/fw_board.h": "fw_board.h.j2", f"src/{prefix}.h": "model.h.j2"}
    if prefix != DEFAULT_PREFIX and not part:
        found["firmware/fw_model.h"] = "firmware_model.h.j2"
    found |= {name: f"{name}.j2" for name in ("CMakeLists.txt", "README.md")}
    if not board.native:
        found["toolchain.cmake"] = "toolchain.cmake.j2"
    if not board.native and not board.library_only and not part:
        found["linker.ld"] = "linker.ld.j2"
    return found


def _copied_sources(program: Program, part: bool) -> dict[str, bytes]:
    """Kernels that are called with all they include, the runtime, and the board's platform.

    A part has only what a library needs of the runtime, and no platform.
    """
    root = templates_dir()
    files: dict[str, bytes] = {}
    for stem in program.kernels:
        _copy_with_includes(f"{stem}.c", files, kernel_files(program.board.cpu.name))
    npu = ("npu", NPU_PLATFORM) if program.npu else ()
    library = part or (program.board.library_only and program.board.like is None)
    platform = {} if part else shipped_folders(program.board)
    for folder, at in {**{f: root / f for f in ("runtime", *npu)}, **platform}.items():
        for path in sources(at):
            if folder != "runtime" or not library or path.name in OF_LIBRARY:
                files[f"{folder}/{path.name}"] = path.read_bytes()
    # what libraries include of a C library, which is not there
    wanted = "*.h" if program.npu else "string.h" if program.uses_cmsis_nn else ""
    if wanted and not program.board.native:
        for path in sorted((root / "libc").glob(wanted)):
            files[f"libc/{path.name}"] = path.read_bytes()
    return files


def _copy_with_includes(name: str, files: dict[str, bytes], sources: Mapping[str, Path]) -> None:
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if f"kernels/{name}" not in files and name in sources:
            content = sources[name].read_bytes()
            files[f"kernels/{name}"] = content
            waiting.extend(_INCLUDE.findall(content.decode()))


def require_native(board: Board) -> None:
    """Raise UsageError for a board that sanitizers do not run on."""
    if not board.native:
        raise UsageError(
            f"Sanitizers need a native board, but {board.name} is not one.",
            at="--sanitize",
            tries=("--board host",),
        )


def _context(
    program: Program, files: Mapping[str, bytes], sanitize: bool, prefix: str
) -> dict[str, Any]:
    """The names that templates print."""
    graph, board = program.graph, program.board
    if sanitize:
        require_native(board)
    constants = constant_parts(program, prefix, each=sanitize)
    return {
        "version": __version__,
        "prefix": prefix,
        "macro": prefix.upper(),
        "name": c_text.identifier(graph.name),
        "sha256": graph.sha256,
        "board": board,
        "macs": program.macs,
        "weights_bytes": program.weights_bytes,
        "arena_bytes": program.plan.arena_bytes,
        "lower_bound_bytes": program.plan.lower_bound_bytes,
        "arenas": arena_parts(program, prefix),
        "state": state_names(program, prefix),
        "arena_map": arena_map(program),
        "weights": weight_parts(program, prefix),
        "constants": constants,
        "crc_instructions": CRC_INSTRUCTIONS,
        "constants_bytes": sum(len(part.image) for part in constants),
        "constants_crc": f"0x{crc32(b''.join(part.image for part in constants)):08X}",
        "kernels": program.kernels,
        "activations": [
            {"index": a.tensor.index, "place": a.place, **_tensor(a.tensor)}
            for a in program.activations
            if _is_named(program, a.tensor.index)
        ],
        "steps": [_step(program, *each, constants) for each in control_names(program.steps)],
        "fed": next((step.fed for step in program.steps if step.fed), None),
        "controlled": has_control(graph),
        "most_trips": MOST_TRIPS,
        "several_outputs": any(len(step.outputs) > 1 for step in program.steps),
        "inputs": _bounds(program, graph.inputs),
        "outputs": _bounds(program, graph.outputs),
        "npu": npu_names(program),
        **_source_lists(files, program.npu is not None),
        "sanitize": sanitize,
    }


def _source_lists(files: Mapping[str, bytes], npu: bool) -> dict[str, list[str]]:
    """What models share, of it what is compiled for size, the runtime, and the firmware around
    them."""
    sources = sorted(path for path in files if path.endswith((".c", ".S")))
    shared = [s for s in sources if s.startswith(("kernels/", "npu/")) or s == "runtime/fw_crc.c"]
    small = ("kernels/cmsis_", "kernels/ethos_", "npu/", "runtime/")
    folders = ("kernels/", "npu/") if npu else ("kernels/",)
    headers = [path for path in files if path.startswith(folders) and path.endswith(".h")]
    return {
        "shared_sources": shared,
        "shared_headers": sorted([*headers, "runtime/fw_types.h", *["src/fw_board.h"] * npu]),
        "small_sources": [s for s in shared if s.endswith("_mve.c") or s.startswith(small)],
        "firmware_sources": [s for s in sources if s not in shared],
        "runtime_sources": [
            s for s in sources if s not in shared and s.startswith(("runtime/", "wake_word/"))
        ],
    }


def _step(program: Program, step: Step, flow: Names, parts: Sequence[ConstantPart]) -> Names:
    return {
        "flow": flow,
        "position": step.position,
        "name": step.name,
        "comment": op_comment(program, step),
        "structs": step.structs,
        "library_checks": step.library_checks,
        "blocks": qualified(step.blocks, parts),
        "fed": step.fed,
        "ends": list(accumulate(times for times, _ in step.blocks)),
        "outputs": [
            {
                "index": t,
                "place": address(program.plan, program.plan.offset_of[t]),
                "bytes": program.graph.tensors[t].bytes,
            }
            for t in step.outputs
        ],
    }


def arena_parts(program: Program, prefix: str) -> list[dict[str, Any]]:
    """The parts of the arena by region, with the names of their sections and macros."""
    line_bytes = CACHE_LINE_BYTES if program.npu else ALIGNMENT
    return [
        {
            **c_text.part_names(arena_symbol(program.plan, a), prefix, "bss"),
            "bytes": a.bytes,
            "c_bytes": aligned(max(a.bytes, 1), line_bytes),
            "alignment": line_bytes,
            "region": a.region,
        }
        for a in program.plan.arenas
    ]


def weight_parts(program: Program, prefix: str) -> list[dict[str, str]]:
    """The regions of constants, one at least, with the names of their sections."""
    used = {array.region for array in program.arrays}
    board = program.board
    listed = [] if board.native else [r.name for r in board.regions_for("weights")]
    regions = [*listed, *sorted(used - {*listed, ""})]  # some only an NPU reaches
    found = [name for name in regions if name in used] or [*regions[:1], ""][:1]
    return [
        {**c_text.part_names(weights_symbol(program, name), prefix, "rodata"), "region": name}
        for name in found
    ]


def _is_named(program: Program, tensor: int) -> bool:
    """Whether any call or condition names the tensor: unused constants would be a warning."""
    named = re.compile(rf"t{tensor}\b")
    if any(step.code in (DO, IF) and step.outputs[0] == tensor for step in program.steps):
        return True
    return any(
        named.match(arg)
        for step in program.steps
        for _, calls in step.blocks
        for _, args in calls
        for arg in args
    )


def _tensor(tensor: Tensor) -> dict[str, Any]:
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    return {
        "name": c_text.comment(tensor.name),
        "shape": shape,
        "what": f"{tensor.dtype.word} {shape}",
        "c_type": tensor.dtype.c,
        "bytes": tensor.bytes,
        "elements": prod(tensor.shape),
    }


def _bounds(program: Program, indices: Sequence[int]) -> list[dict[str, Any]]:
    """The inputs or the outputs of the model, with their names as those of C constants."""
    constants = c_text.constant_names([program.graph.name_of(index) for index in indices])
    pairs = zip(indices, constants, strict=True)
    return [{**_bound(program, index), "constant": constant} for index, constant in pairs]


def _bound(program: Program, index: int) -> dict[str, Any]:
    """An input or output of the model as ``fw_tensor`` describes it."""
    tensor = program.graph.tensors[index]
    offset = program.plan.offset_of.get(index)
    return {
        **_tensor(tensor),
        **_name_in(program.graph.name_of(index)),
        # what is fed has no place of its own
        "place": address(program.plan, offset) if offset is not None else "0",
        "type": c_text.type_constant(tensor.dtype),
        "scale": c_text.float_literal(tensor.scale if tensor.quant else 1.0),
        "zero_point": tensor.zero_point if tensor.quant else 0,
    }


def _name_in(name: str) -> dict[str, str]:
    """A name of the model's in a comment, a C string and a cell of a table."""
    return {
        "name": c_text.comment(name),
        "literal": c_text.string_literal(name),
        "cell": c_text.cell(name),
    }


def own_id(files: Mapping[str, bytes]) -> str:
    """16 hex digits over all files, names and contents."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0".encode())
        digest.update(files[path])
    return digest.hexdigest()[:16]
