"""A model file, a board and an NPU -> what a project is made of: its graph, its model files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fwgen.board import Board, Npu
from fwgen.board.placement import Pins, parse_places
from fwgen.errors import ModelError, ToolError, UsageError
from fwgen.host.oracle import Oracle, OracleRefused
from fwgen.model.check import check
from fwgen.model.graph import Graph
from fwgen.model.reader import load_model, read_model
from fwgen.npu.offload import configuration_of, is_offloaded, offload
from fwgen.npu.proof.compilation import Offloading, Request, compile_proven
from fwgen.npu.target import npu_of, pins_for, with_arena_for
from fwgen.npu.trace import untraced
from fwgen.npu.vela import OPTION
from fwgen.ops import check_as_read, unsupported
from fwgen.pipeline import loaded, resolved

MODEL, COMPILED = "model.tflite", "model_vela.tflite"
"""In a project: the model as it was given, and as Vela compiled it."""


@dataclass(frozen=True)
class Source:
    """``graph`` is what firmware is made for, ``files`` are those of the project that it came from.

    ``npu`` does some of its ops, if it is not None; ``offloaded`` is what is to be told of that.
    """

    graph: Graph
    files: Mapping[str, bytes]
    npu: Npu | None
    offloaded: Mapping[str, Any] | None


def read_interface(model: Path) -> Graph:
    """The graph of a model of which only inputs and outputs matter: its ops may be any.

    Raises ModelError.
    """
    graph = load_model(model)
    if is_offloaded(graph):
        graph = offload(graph, model.read_bytes())
    check(graph)
    return graph


def read_source(
    model: Path,
    board: Board,
    npu_name: str | None,
    vela_args: str | None,
    inexact: bool = False,
) -> Source:
    """Read a model, and have Vela compile it for an NPU that is named, unless it is compiled.

    What the NPU is to do is proven as far as it can be, see ``fwgen.npu.proof``. It also does ops
    that it is known to do otherwise than TFLM if it may be ``inexact``. Raises ModelError,
    ToolError, and UsageError for an NPU that the board cannot have.
    """
    npu = None if npu_name is None else npu_of(board, npu_name)
    graph = loaded(model) if npu is None else load_model(model)
    data = model.read_bytes()
    if is_offloaded(graph):
        return _compiled_before(graph, data, board, npu_name, vela_args)
    if npu is None or npu_name is None:
        if vela_args is not None:
            raise UsageError(
                "Options for Vela were given without an NPU.",
                at=OPTION,
                tries=("--npu ethos-u55-128",),
            )
        return Source(resolved(graph), {MODEL: data}, None, None)
    check_as_read(graph, for_npu=True)
    made = compile_proven(Request(graph, data, npu_name, npu, vela_args or "", inexact))
    return Source(
        graph=resolved(made.traced.graph),
        files={MODEL: data, COMPILED: made.compiled.model},
        npu=npu,
        offloaded=_told(npu_name, made),
    )


def untold(source: Source) -> str:
    """Why TFLM, if it is installed, does not run a model of which an NPU does ops that fwgen does
    not have; "" if it does."""
    if COMPILED not in source.files or find_spec("tflite_micro") is None:
        return ""
    model = source.files[MODEL]
    if not unsupported(read_model(model, source.graph.name)):
        return ""
    try:
        Oracle(model).close()
    except (OracleRefused, ToolError) as error:
        return error.what
    return ""


def _told(npu_name: str, made: Offloading) -> dict[str, Any]:
    """Which ops went where, what is proven of them, and what Vela estimates."""
    compiler = f"vela {made.compiled.version}"
    proof = made.proof
    return {
        "configuration": npu_name,
        "compiled": compiler,
        "ops": [
            {
                "index": o.index,
                "op": o.code,
                "npu": o.on_npu,
                "why": o.why,
                "proven": o.index in proof.proven if o.on_npu else None,
                "unproven": proof.unproven.get(o.index, ""),
            }
            for o in made.traced.origins
        ],
        "proof": {
            "source": "fwgen's functional model",
            "inputs": proof.inputs,
            "proven": len(proof.proven),
            "unproven": len(proof.unproven),
        },
        "estimates": {"source": compiler, **made.compiled.estimates},
    }


def placed(
    source: Source, board: Board, places: Sequence[str], fed: bool = False
) -> tuple[Board, Pins]:
    """The board and pins that options of ``--place`` ask for, within an NPU's reach if one is used.

    Raises UsageError, also if the input is to be ``fed`` row by row to an NPU.
    """
    if source.npu is None:
        return parse_places(board, places)
    if fed:
        raise UsageError(
            "An NPU takes its input as a whole, not row by row.",
            at="--feed-rows",
            tries=("one of --feed-rows and --npu",),
        )
    board, pins = parse_places(with_arena_for(board, source.npu), places)
    return board, pins_for(source.graph, board, source.npu, pins)


def _compiled_before(
    graph: Graph, data: bytes, board: Board, npu_name: str | None, vela_args: str | None
) -> Source:
    """A model that Vela compiled before it was given."""
    graph = offload(graph, data)
    configuration = configuration_of(graph)
    assert configuration is not None
    if npu_name not in (None, configuration.name):
        raise ModelError(
            f"The model is compiled for {configuration.name}, expected {npu_name}.",
            at=graph.at,
            tries=(f"--npu {configuration.name}", "give the model as it was before Vela"),
        )
    if vela_args is not None:
        raise UsageError(
            "The model is compiled already: there is nothing that options for Vela could change.",
            at=OPTION,
        )
    npu = npu_of(board, configuration.name)
    return Source(
        graph=resolved(untraced(graph)),
        files={MODEL: data},
        npu=npu,
        offloaded={
            "configuration": configuration.name,
            "compiled": "before",
            "ops": [],
            "proof": None,
        },
    )
