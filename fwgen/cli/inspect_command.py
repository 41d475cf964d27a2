"""``fwgen inspect``: what is in a model, and who could do each of its ops."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from fwgen.board import load_board
from fwgen.compile.passes.constants import fold_constants
from fwgen.contract.node import Node
from fwgen.errors import Fault, FwgenError, ModelError
from fwgen.host.files import write_json
from fwgen.model.graph import Graph
from fwgen.opening import opened
from fwgen.ops import examined, operators, require_none
from fwgen.report.inspection import inspection, inspection_data
from fwgen.source import NpuChoice, given_graph, read, require_sound

BOARD, NPU = "corstone-300", "ethos-u55-128"
"""For which Vela is asked what an NPU could do."""

ON_NPU = "not on the core; --npu can"
UNSEEN = "not looked at before the rest is mended"


def run(args: argparse.Namespace) -> int:
    """Show inputs, outputs and ops of a model. Raises what a build would, for core and NPU."""
    graph, faults, error, sound = _examined(args)
    said: dict[int, str] = {fault.op: fault.what for fault in reversed(faults)}
    work: dict[int, int] = {}
    if not sound:
        said = {op.index: said.get(op.index, UNSEEN) for op in graph.ops}
    else:
        work = _work(graph, said)
        if error is not None:
            error, said = _asked(args, error, said)
    data = inspection_data(graph, work, said)
    print(inspection(graph, work, said))
    if error is not None:
        error.found = data
        raise error
    write_json(args.json, data)
    return 0


def _examined(
    args: argparse.Namespace,
) -> tuple[Graph, tuple[Fault, ...], ModelError | None, bool]:
    """The graph as far as the file can be read, all faults, the error that a build for the core
    would raise, and whether the graph is sound. The ops of a sound graph can be looked at."""
    file = opened(args.model, args.input_shape or ())
    graph = file.found
    faults: tuple[Fault, ...] = ()
    sound = False
    try:
        graph = given_graph(file)
        require_sound(graph, file.faults)
        sound = True
        graph, faults = examined(graph)
        require_none(graph, faults)
    except ModelError as error:
        return graph, error.faults, error, sound
    return fold_constants(graph), faults, None, sound


def _asked(
    args: argparse.Namespace, error: ModelError, said: dict[int, str]
) -> tuple[ModelError | None, dict[int, str]]:
    """What is left of an error and of faults if an NPU does what it can, as Vela has it."""
    try:
        source = read(args.model, load_board(BOARD), NpuChoice(NPU), args.input_shape or ())
    except FwgenError as refused:
        if refused.what != error.what:
            error.tries = (*error.tries, f"(an NPU cannot help as it is: {refused.what})")
        return error, said
    ops = source.offloaded["ops"] if source.offloaded else ()
    return None, {op["index"]: ON_NPU for op in ops if op["npu"] and op["index"] in said}


def _work(graph: Graph, said: Mapping[int, str]) -> dict[int, int]:
    """Multiply-accumulates of the ops that have no faults."""
    known = operators()
    return {
        op.index: known[op.code].macs(Node(graph, op))
        for op in graph.ops
        if op.code in known and op.index not in said
    }
