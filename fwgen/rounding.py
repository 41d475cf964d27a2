"""What a model computes with Vela's multipliers: fwgen's own kernels on this machine.

Vela takes the product of a FULLY_CONNECTED's scales in float32, TFLM in double. The multipliers
differ in the last bits, and now and then so do results, by one. What an NPU computes must be what
its multipliers say, to the bit: the same model with them, done by kernels that know nothing of
NPUs, is the judge.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from fwgen.board import load_board
from fwgen.build import build
from fwgen.errors import ModelError
from fwgen.link import Link
from fwgen.model.graph import Graph, Quant
from fwgen.pipeline import compile_graph, resolved
from fwgen.project import Project
from fwgen.render import render
from fwgen.render.folder import describe, write
from fwgen.run import open_session
from fwgen.source import MODEL

CODE = "FULLY_CONNECTED"


def with_float32_products(graph: Graph, ops: Collection[int]) -> Graph:
    """The graph with other scales of weights for some ops, a FULLY_CONNECTED each.

    The new scale w' makes x * w' what float32 makes of x * w. Weights that several ops have are
    given to each, as x may differ.
    """
    tensors, changed = list(graph.tensors), []
    for op in graph.ops:
        if op.index in ops:
            x, w = graph.input(op, 0), graph.input(op, 1)
            assert w.quant is not None
            products = (float(np.float32(x.scale) * np.float32(s)) for s in w.quant.scales)
            scales = tuple(product / x.scale for product in products)
            quant = Quant(scales, w.quant.zero_points, w.quant.axis)
            tensors.append(replace(w, index=len(tensors), quant=quant, source=None))
            inputs = (op.inputs[0], tensors[-1].index, *op.inputs[2:])
            op = replace(op, inputs=inputs)
        changed.append(op)
    return replace(graph, tensors=tuple(tensors), ops=tuple(changed))


@contextmanager
def vela_rounding(project: Project) -> Iterator[Link | None]:
    """A session with the model on this machine; None where TFLM's multipliers are Vela's, or where
    fwgen has no kernels for an op that the NPU does. Raises ToolError if it cannot be built.
    """
    told = project.result["npu"]["ops"] if project.npu else []
    ops = {op["index"] for op in told if op["npu"] and op["op"] == CODE}
    try:
        graph = resolved(project.graph) if ops else None
    except ModelError:
        graph = None
    if graph is None:
        yield None
        return
    board = load_board("host")
    program = compile_graph(with_float32_products(graph, ops), board)
    with tempfile.TemporaryDirectory(prefix="fwgen-") as folder:
        native = Path(folder, "project")
        write(native, render(program, {MODEL: project.model}, board.source, False))
        image = build(native, board, program.plan.arena_bytes)
        said = describe(native)
        with open_session(board, image.elf, build=said["build_id"], counters=False) as session:
            yield session.link
