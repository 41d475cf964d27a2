"""The multiply-accumulates (MACs) of a command stream."""

from __future__ import annotations

from math import prod

from fwgen.errors import DeviceFault
from fwgen.npu.model.block_program import BlockConvolution, read_program
from fwgen.npu.payload import Payload


def macs(payload: Payload) -> int:
    """Multiply-accumulates of convolutions and fully connected layers, padding counted as data.

    0 for streams that the functional model does not read, such as those of an Ethos-U85.
    """
    try:
        blocks = [step.block for step in read_program(payload)]
    except DeviceFault:
        return 0
    convolutions = (block for block in blocks if isinstance(block, BlockConvolution))
    return sum(prod(c.finish.map.shape) * prod(c.orders[0].shape[1:]) for c in convolutions)
