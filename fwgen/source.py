"""The source of a project: a model file, a board and an NPU -> the graph that firmware is made
for, and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fwgen.board import Board
from fwgen.contract.node import Node
from fwgen.errors import Fault, ModelError, ToolError, UsageError
from fwgen.host.oracle import Oracle, OracleRefused
from fwgen.model.check import check
from fwgen.model.graph import Graph
from fwgen.model.input_shape import InputShape
from fwgen.model.reader import ModelFile, open_model
from fwgen.npu.board_npu import Npu, npu_of
from fwgen.npu.offload import configuration_of, offload
from fwgen.npu.summary import offload_summary
from fwgen.npu.trace import untraced
from fwgen.npu.vela import OPTION
from fwgen.opening import opened
from fwgen.ops import check_as_read, check_sound, require_readable, resolve

if TYPE_CHECKING:
    from fwgen.npu.proof.compilation import Offloading

MODEL, COMPILED = "model.tflite", "model_vela.tflite"
"""In a project: the model as it was given, and as Vela compiled it."""


@dataclass(frozen=True)
class NpuChoice:
    """The user's wishes for an NPU.

    ``name`` is its configuration, None for no NPU unless the model is compiled for one.
    ``vela_args`` are options for Vela. ``inexact`` lets the NPU do ops that it computes otherwise
    than TFLM.
    """

    name: str | None = None
    vela_args: str | None = None
    inexact: bool = False


CORE_ALONE = NpuChoice()


@dataclass(frozen=True)
class Source:
    """``graph`` is what firmware is made for, ``file`` the model as it was given.

    Its ops have typed options and are checked. ``npu`` is the NPU that does some of them, None if
    the core does all. ``compiled`` is the model as Vela compiled it now, None if it came compiled
    or without an NPU. ``offloaded`` is the part of the project's JSON about the NPU.
    """

    graph: Graph
    file: ModelFile
    npu: Npu | None = None
    compiled: bytes | None = None
    offloaded: Mapping[str, Any] | None = None

    @property
    def summary(self) -> str:
        """The model in a few words, and what an NPU does of it."""
        on_npu = f", {offload_summary(self.offloaded)}" if self.offloaded else ""
        return f"{self.graph.name}: {len(self.graph.ops)} ops{on_npu}"

    @property
    def files(self) -> Mapping[str, bytes]:
        """Those of a project that hold the model, by name."""
        compiled = {} if self.compiled is None else {COMPILED: self.compiled}
        return {MODEL: self.file.data, **compiled}


def read(
    path: Path,
    board: Board | None = None,
    npu: NpuChoice = CORE_ALONE,
    shapes: Sequence[InputShape] = (),
    signature: str | None = None,
) -> Source:
    """Read a model, and have Vela compile it for an NPU that is named, unless it is compiled.

    What the NPU is to do is proven as far as it can be, see ``fwgen.npu.proof``. Only with a
    ``board`` can an NPU be named. Inputs get the ``shapes``, and the model is that of the
    ``signature``. Raises ModelError, ToolError, and UsageError for an NPU that the board cannot
    have, a shape that no input can, or a signature that there is not.
    """
    file = opened(path, shapes, signature)
    chosen = None if board is None or npu.name is None else npu_of(board, npu.name)
    graph = given_graph(file)
    if chosen is not None and not graph.fixed_order:
        return _compiled_now(file, chosen, npu)
    require_sound(graph, file.faults)
    if graph.fixed_order:
        return _compiled_before(graph, file, board, npu)
    return _for_core(graph, file, npu)


def read_interface(path: Path) -> Graph:
    """The graph of a model of which only inputs and outputs matter: its ops may be any.

    Raises ModelError.
    """
    file = open_model(path)
    graph = offload(file.graph, file.data)
    check(graph)
    return graph


def given_graph(file: ModelFile) -> Graph:
    """The graph of a file, with what its ops for an NPU are given, if it has some.

    Of a file whose tensors have faults, the graph as it was found. Raises ModelError.
    """
    return file.found if file.faults else offload(file.found, file.data)


def require_sound(graph: Graph, faults: tuple[Fault, ...]) -> None:
    """Raise ModelError with all that tensors, which have these ``faults``, and operators have
    against a graph."""
    require_readable(graph, faults)
    if graph.fixed_order:
        check_sound(graph)
    else:
        check_as_read(graph)


def untold(source: Source) -> str:
    """Why TFLM, if it is installed, does not run a model of which an NPU does ops that the core
    does not, of these types at least; "" if it does."""
    if source.compiled is None or find_spec("tflite_micro") is None:
        return ""
    from fwgen.npu.proof.meaning import is_of_core

    found = source.file.found
    if all(is_of_core(Node(found, op)) for op in found.ops):
        return ""
    try:
        Oracle(source.file.data).close()
    except (OracleRefused, ToolError) as error:
        return error.what
    return ""


def _for_core(graph: Graph, file: ModelFile, asked: NpuChoice) -> Source:
    """A model of which the core does everything."""
    if asked.vela_args is not None:
        raise UsageError(
            "Options for Vela were given without an NPU.", at=OPTION, tries=("--npu ethos-u55-128",)
        )
    return Source(resolve(graph), file)


def _compiled_before(
    graph: Graph, file: ModelFile, board: Board | None, asked: NpuChoice
) -> Source:
    """A model that Vela compiled before it was given."""
    configuration = configuration_of(graph)
    assert configuration is not None
    if asked.name not in (None, configuration.name):
        raise ModelError(
            f"The model is compiled for {configuration.name}, expected {asked.name}.",
            at=graph.at,
            tries=(f"--npu {configuration.name}", "give the model as it was before Vela"),
        )
    if asked.vela_args is not None:
        raise UsageError(
            "The model is compiled already: there is nothing that options for Vela could change.",
            at=OPTION,
        )
    told: dict[str, Any] = {"configuration": configuration.name}
    told |= {"compiled": "before", "ops": [], "proof": None}
    npu = None if board is None else npu_of(board, configuration.name)
    return Source(resolve(untraced(graph)), file, npu, offloaded=told)


def _compiled_now(file: ModelFile, npu: Npu, asked: NpuChoice) -> Source:
    """A model that Vela compiles for an NPU, with proof of what it made."""
    # commands that have no NPU to do with would load it in vain, and all kernels with it
    from fwgen.npu.proof.compilation import NpuTask, compile_proven

    assert asked.name is not None
    args = asked.vela_args or ""
    made = compile_proven(NpuTask(file.graph, file.data, asked.name, npu, args, asked.inexact))
    told = _told(asked.name, made)
    return Source(resolve(made.traced.graph), file, npu, made.compiled.model, told)


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
