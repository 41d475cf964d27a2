"""Program -> what the driver of its NPU must know when it is compiled."""

from __future__ import annotations

from typing import Any

from fwgen.board.platforms import IN_PROJECT
from fwgen.compile.lower.program import Program
from fwgen.npu.board_npu import npu_of
from fwgen.npu.payload import PRODUCTS

NPU_PLATFORM = f"{IN_PROJECT}/ethos_u"
"""In a project and in the templates: what firmware adds to the driver of an NPU."""

_SRAM, _OTHER, _CONSTANT = 0, 2, 3
"""Which of its ports and their limits the NPU uses for a region of the stream: 0 and 1 are AXI0,
2 and 3 are AXI1. Source: REGIONCFG in Arm's technical reference manual 102420."""


def npu_names(program: Program) -> dict[str, Any] | None:
    """The names that templates print of an NPU; None if the program has none."""
    configuration = program.npu
    if configuration is None:
        return None
    board = program.board
    npu = npu_of(board, configuration.name)
    arena = _SRAM if program.plan.arenas[0].region in npu.fast else _OTHER
    fast = _SRAM if program.has_fast_arena else arena
    return {
        "name": configuration.name,
        "base": npu.base,
        "irq": npu.irq,
        "product": next(n for n, name in PRODUCTS.items() if name == npu.product),
        "macs_log2": configuration.macs.bit_length() - 1,
        "region_ports": _CONSTANT | arena << 2 | fast << 4,
        "stream_port": _OTHER,
        "doorbell": "qemu" in board.sections,
    }
