"""The command ``fwgen report``: it draws an arena, and writes a plan of it for users of TFLM."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
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
from fwgen.model.reader import ModelFile, load_model
from fwgen.opening import opened
from fwgen.pipeline import compile_model, require_fit
from fwgen.project.c_text import identifier
from fwgen.project.description import description
from fwgen.project.folder import describe, require_one_model
from fwgen.project.naming import option_words
from fwgen.report.inspection import warnings
from fwgen.report.layout import layout_data, read_layout
from fwgen.report.page import arena_table, page
from fwgen.report.picture import svg
from fwgen.source import MODEL, Source


@dataclass(frozen=True)
class _Part:
    """What a part of the report comes to: files, JSON and text."""

    files: tuple[tuple[Path, bytes], ...]
    data: Mapping[str, Any]
    text: str


def run(args: argparse.Namespace) -> int:
    """Draw the arena of a project, or of a model on a board; write the model with a plan for TFLM.

    Without a board, a model is only given the plan. One that does not fit its board is drawn all
    the same, before DoesNotFit is raised.
    """
    target: Path = args.target
    tflm: Path | None = args.tflm
    compiled: tuple[Source, Program] | None = None
    for path in (args.out, args.svg, tflm):
        require_writable(path)
    if target.is_dir():
        if args.board or args.strict or args.optimize or args.place or args.input_shape:
            raise UsageError(
                "These options are for a model; a project was built with its own.",
                at="--board, --input-shape, --optimize, --place, --strict",
            )
        model, built = target / MODEL, describe(target)
        require_one_model(target, built)
        folder = os.path.basename(os.path.realpath(target))
        parts = [_arena(built, args, folder)]
    elif args.board is not None:
        model, request = target, _request(args)
        source, program = compiled = compile_model(model, request, shapes=args.input_shape or ())
        told = description(program) | {"warnings": list(warnings(source.graph))}
        words = option_words(request.goal, request.strict, request.places)
        named = "-".join((told["model"]["name"], told["board"], *words))
        parts = [_arena(told, args, named)]
    elif tflm is not None and not (args.out or args.svg or args.place):
        model, parts = target, []
    else:
        load_model(target)  # what is no model is told before what is missing
        raise UsageError(
            "No board was given.",
            at="--board",
            tries=("fwgen boards, which lists them", "the folder of a project instead of a model"),
        )
    if tflm is not None:
        parts.append(
            _offline(
                opened(model, args.input_shape or ()) if compiled is None else compiled[0].file,
                tflm,
            )
        )
    _write(parts, model)
    data = {"schema": SCHEMA} | {k: v for p in parts for k, v in p.data.items()}
    print("\n".join(part.text for part in parts))
    if compiled is not None:
        try:
            require_fit(program, source.graph)
        except DoesNotFit as error:
            error.found = data
            raise
    write_json(args.json, data)
    return 0


def _request(args: argparse.Namespace) -> Request:
    """What is asked of the program of a model that is not built."""
    return Request(
        board=load_board(args.board),
        goal=args.optimize or DEFAULT_GOAL,
        strict=args.strict,
        places=args.place or (),
    )


def _arena(result: dict[str, Any], args: argparse.Namespace, named: str) -> _Part:
    """The page, and the picture alone if it is wanted.

    The page is called like a project would be: ``named``, if that begins with model and board.
    """
    layout = read_layout(result, str(args.target))
    usual = f"{layout.model}-{layout.board}"
    stem = identifier(named if named.startswith(f"{usual}-") else usual)
    html: Path = args.out or Path(f"{stem}.html")
    files = [(html, page(layout).encode())]
    if args.svg is not None:
        files.append((args.svg, svg(layout).encode()))
    said = f"{arena_table(layout)}\npage    {printable(str(html))}"
    return _Part(tuple(files), result | layout_data(layout), said)


def _offline(file: ModelFile, copy: Path) -> _Part:
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
    return _Part(
        ((copy, with_offline_plan(file.data, graph, plan)),),
        {"tflm": data},
        f"tflm    {copy}: {plan.arena_bytes:,} bytes for tensors without overlap ({proof}); "
        "TFLM adds the scratch of its kernels",
    )


def _write(parts: list[_Part], model: Path) -> None:
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
