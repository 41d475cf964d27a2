"""The target of an offload: the NPU that a board is to have, and the regions that it reads from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fwgen.board import Board
from fwgen.board.placement import OPTION, Pins, parse_places
from fwgen.errors import UsageError
from fwgen.model.graph import Graph
from fwgen.npu.board_npu import Npu
from fwgen.npu.offload import Offload


def places_within_reach(
    graph: Graph, board: Board, npu: Npu, places: Sequence[str]
) -> tuple[Board, Pins]:
    """The board with its arena in memory that the NPU reaches and other things in the ``places`` of
    options, and the pins of buffers. Raises UsageError."""
    reached = replace(board, place={**board.place, "arena": npu.arena})
    changed, pins = parse_places(reached, places)
    return changed, _pins_for(graph, changed, npu, pins)


def _pins_for(graph: Graph, board: Board, npu: Npu, pins: Pins) -> Pins:
    """The pins with the regions of fast arenas. Raises UsageError where an option would put what
    the NPU uses out of its reach."""
    regions = [region.name for region in board.regions_for("arena")]
    for name in regions:
        if name not in npu.arena:
            raise UsageError(
                f"The {npu.product} does not reach {name}; expected the arena in "
                f"{' or '.join(npu.arena)}.",
                at=f"{OPTION} arena={','.join(regions)}",
            )
    placed = {index for index, tensor in enumerate(graph.tensors) if tensor.offset is not None}
    offloads = [(op, op.options) for op in graph.ops if isinstance(op.options, Offload)]
    for what, numbers in (
        ("t", placed & set(pins.tensors)),
        ("op", {op.index for op, _ in offloads} & set(pins.scratch)),
    ):
        if numbers:
            raise UsageError(
                f"{what}{min(numbers)} has its place in the NPU's arena, which an option cannot "
                "change.",
                at=OPTION,
                tries=("--place arena=REGION, for all of the arena",),
            )
    fast = {each.fast: npu.fast[0] for _, each in offloads if each.fast is not None}
    return replace(pins, tensors={**fast, **pins.tensors})
