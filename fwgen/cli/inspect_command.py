"""``fwgen inspect``: what is in a model, and who could do each of its ops."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from fwgen.board import Board, load_board
from fwgen.cli.arguments import only_signature
from fwgen.contract.node import Node
from fwgen.errors import Fault, FwgenError, ModelError
from fwgen.host.files import write_json
from fwgen.kernels.core_cycles import forms_on
from fwgen.kernels.providers import OWN, usable
from fwgen.model.graph import Graph
from fwgen.opening import opened
from fwgen.ops import examined, operators, require_none
from fwgen.ops.parts.constant_ops import Folding
from fwgen.report.inspection import Looked, inspection, inspection_data
from fwgen.report.tensor_list import tensor_table
from fwgen.source import NpuChoice, given_graph, read, require_sound

BOARD = "corstone-300"
"""For which Vela is asked what an NPU could do, if no board is given."""

ON_NPU = "not on the core; --npu can"
AT_BUILD = "the build, as a constant"
UNSEEN = "not looked at before the rest is mended"


def run(args: argparse.Namespace) -> int:
    """Show inputs, outputs and ops of a model. Raises what a build would, for core and NPU."""
    board = load_board(args.board) if args.board else None
    graph, faults, error, sound = _examined(args)
    said: dict[int, str] = {fault.op: fault.what for fault in reversed(faults)}
    cures = {fault.op: fault.tries for fault in reversed(faults)}
    looked = Looked({}, {op.index: said.get(op.index, UNSEEN) for op in graph.ops}, cures)
    if sound:
        folded = _folded(graph, said)
        if error is not None:
            error, said = _asked(args, error, said)
        left = {op.index for op in folded.ops}
        said |= {op.index: AT_BUILD for op in graph.ops if op.index not in left}
        kernels = {} if board is None else _kernels(folded, board, said)
        looked = Looked(_work(graph, said), said, cures, kernels)
    data = inspection_data(graph, looked)
    print(inspection(graph, looked))
    if args.tensors:
        print(f"\n{tensor_table(graph)}")
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
    file = opened(args.model, args.input_shape or (), only_signature(args))
    graph = file.found
    sound = False
    try:
        graph = given_graph(file)
        require_sound(graph, file.faults)
        sound = True
        graph, faults = examined(graph)
        require_none(graph, faults)
    except ModelError as error:
        return graph, error.faults, error, sound
    return graph, faults, None, sound


def _folded(graph: Graph, said: Mapping[int, str]) -> Graph:
    """The graph without ops of which a build computes the outputs, as far as ops are sound."""
    known, folding = operators(), Folding(graph)
    for op in graph.ops:
        if op.code in known and op.index not in said:
            folding.fold(op, known[op.code])
    return folding.graph


def _kernels(graph: Graph, board: Board, said: Mapping[int, str]) -> dict[int, str]:
    """By what kernel the board's core does each op that it does, if ops were built as they are."""
    found = {}
    for op in graph.ops:
        if op.index not in said:
            node = Node(graph, op)
            features = board.cpu.features
            rows = {row: forms_on(features, row, node) for row in usable(node, features, OWN)}
            best = min(rows, key=lambda row: rows[row][0].cycles, default=None)
            found[op.index] = "" if best is None else best.name
    return found


def _asked(
    args: argparse.Namespace, error: ModelError, said: dict[int, str]
) -> tuple[ModelError | None, dict[int, str]]:
    """What is left of an error and of faults if an NPU does what it can, as Vela has it."""
    try:
        source = read(
            args.model,
            load_board(args.board or BOARD),
            NpuChoice(args.npu),
            args.input_shape or (),
            only_signature(args),
        )
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
