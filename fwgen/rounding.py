"""What a model computes with Vela's multipliers: fwgen's own kernels on this machine.

What an NPU computes must be what its multipliers say, to the bit: the same model with them, done
by kernels that know nothing of NPUs, is the judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fwgen.board import load_board
from fwgen.build import build
from fwgen.errors import ModelError
from fwgen.link import Link
from fwgen.npu.multipliers import FULLY_CONNECTED, with_float32_products
from fwgen.pipeline import compile_graph, resolved
from fwgen.project import Project
from fwgen.render import render
from fwgen.render.folder import write
from fwgen.run import open_session
from fwgen.scratch import scratch_folder
from fwgen.source import MODEL


@contextmanager
def vela_rounding(project: Project) -> Iterator[Link | None]:
    """A session with the model on this machine; None where TFLM's multipliers are Vela's, or where
    fwgen has no kernels for an op that the NPU does. Raises ToolError if it cannot be built.
    """
    told = project.result["npu"]["ops"] if project.npu else []
    ops = {op["index"] for op in told if op["npu"] and op["op"] == FULLY_CONNECTED}
    try:
        graph = resolved(project.graph) if ops else None
    except ModelError:
        graph = None
    if graph is None:
        yield None
        return
    board = load_board("host")
    program = compile_graph(with_float32_products(graph, ops), board)
    with scratch_folder() as folder:
        native = folder / "project"
        write(native, render(program, {MODEL: project.model}, board.source, False))
        image = build(native, board, program.plan.arena_bytes)
        with open_session(board, image.elf, build=image.build_id, counters=False) as session:
            yield session.link
