"""The bytes of data that firmware keeps beside the arena and the stack."""

from __future__ import annotations

from fwgen.board import Board
from fwgen.model.graph import Graph


def kept_bytes(graph: Graph, board: Board) -> int:
    """Bytes of a graph's state and of the runtime's copy of its inputs, which a library comes
    without."""
    return graph.state_bytes + copied_bytes(graph, board)


def copied_bytes(graph: Graph, board: Board) -> int:
    """Bytes of the runtime's copy of the inputs."""
    return 0 if board.library_only else graph.input_bytes
