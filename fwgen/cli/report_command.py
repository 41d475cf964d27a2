"""What ``fwgen report`` does: draws an arena, and writes a plan of it for those who run TFLM."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen import SCHEMA
from fwgen.board import load_board
from fwgen.compile.lower.program import Program
from fwgen.compile.plan.offline import plan_offline, with_offline_plan
from fwgen.compile.request import Request
from fwgen.compile.select.goals import DEFAULT_GOAL
from fwgen.errors import DoesNotFit, UsageError, printable
from fwgen.host.files import require_writable, write_file, write_json
from fwgen.model.check import check
from fwgen.model.reader import ModelFile, load_model, open_model
from fwgen.pipeline import compile_model, require_fit
from fwgen.project.c_text import identifier
from fwgen.project.description import description
from fwgen.project.folder import describe
from fwgen.project.naming import option_words
from fwgen.report.inspection import warnings
from fwgen.report.layout import layout_data, read_layout
from fwgen.report.page import arena_table, page
from fwgen.report.picture import svg
from fwgen.source import MODEL, Source


@dataclass(frozen=True)
class _ReportPart:
    """What a part of the report comes to: files, JSON and text."""

    files: tuple[tuple[Path, bytes], ...]
    data: Mapping[str, Any]
    text: str


def report(
    target: Path,
    board: str | None,
    *,
    strict: bool,
    goal: str | None,
    places: Sequence[str],
    html: Path | None,
    picture: Path | None,
    tflm: Path | None,
    json_path: Path | None,
) -> int:
    """Draw the arena of a project, or of a model on a board; write the model with a plan for TFLM.

    Without a board, a model is only given the plan. One that does not fit its board is drawn all
    the same, before DoesNotFit is raised.
    """
    compiled: tuple[Source, Program] | None = None
    for path in (html, picture, tflm):
        require_writable(path)
    if target.is_dir():
        if board or strict or goal or places:
            raise UsageError(
                "These options are for a model; a project was built with its own.",
                at="--board, --optimize, --place, --strict",
            )
        model, built = target / MODEL, describe(target)
        folder = os.path.basename(os.path.realpath(target))
        parts = [_arena(built, str(target), html, picture, folder)]
    elif board is not None:
        model = target
        request = Request(load_board(board), goal or DEFAULT_GOAL, strict=strict, places=places)
        source, program = compiled = compile_model(model, request)
        told = description(program) | {"warnings": list(warnings(source.graph))}
        words = option_words(goal or DEFAULT_GOAL, strict, places)
        named = "-".join((told["model"]["name"], told["board"], *words))
        parts = [_arena(told, str(target), html, picture, named)]
    elif tflm is not None and not (html or picture or places):
        model, parts = target, []
    else:
        load_model(target)  # what is no model is told before what is missing
        raise UsageError(
            "No board was given.",
            at="--board",
            tries=("fwgen boards, which lists them", "the folder of a project instead of a model"),
        )
    if tflm is not None:
        parts.append(_offline(open_model(model) if compiled is None else compiled[0].file, tflm))
    _write(parts, model)
    data = {"schema": SCHEMA} | {k: v for p in parts for k, v in p.data.items()}
    print("\n".join(part.text for part in parts))
    if compiled is not None:
        try:
            require_fit(program, source.graph)
        except DoesNotFit as error:
            error.found = data
            raise
    write_json(json_path, data)
    return 0


def _arena(
    result: dict[str, Any], at: str, html: Path | None, picture: Path | None, named: str
) -> _ReportPart:
    """The page, and the picture alone if it is wanted.

    The page is called like a project would be: ``named``, if that begins with model and board.
    """
    layout = read_layout(result, at)
    usual = f"{layout.model}-{layout.board}"
    stem = identifier(named if named.startswith(f"{usual}-") else usual)
    html = html or Path(f"{stem}.html")
    files = [(html, page(layout).encode())]
    if picture is not None:
        files.append((picture, svg(layout).encode()))
    said = f"{arena_table(layout)}\npage    {printable(str(html))}"
    return _ReportPart(tuple(files), result | layout_data(layout), said)


def _offline(file: ModelFile, copy: Path) -> _ReportPart:
    """The model's copy with a plan for TFLM."""
    graph = file.graph
    check(graph)
    plan = plan_offline(graph)
    data = {
        "arena_bytes": plan.arena_bytes,
        "arena_lower_bound_bytes": plan.lower_bound_bytes,
        "arena_optimal": plan.optimal,
        "offsets": list(plan.offsets),
    }
    proof = "proven optimal" if plan.optimal else f"at least {plan.lower_bound_bytes:,}"
    return _ReportPart(
        ((copy, with_offline_plan(file.data, graph, plan)),),
        {"tflm": data},
        f"tflm    {copy}: {plan.arena_bytes:,} bytes for tensors without overlap ({proof}); "
        "TFLM adds the scratch of its kernels",
    )


def _write(parts: list[_ReportPart], model: Path) -> None:
    """Write all files, none of them over another or over the model."""
    taken = {os.path.realpath(model)}
    files = [file for part in parts for file in part.files]
    for path, _ in files:
        real = os.path.realpath(path)
        if real in taken:
            raise UsageError("The file is already the model or another output.", at=str(path))
        taken.add(real)
    for path, content in files:
        write_file(path, content)
