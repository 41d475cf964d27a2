"""How much a command stream computes."""

from __future__ import annotations

from math import prod

from fwgen.errors import DeviceFault
from fwgen.npu.blocks import kernel_of
from fwgen.npu.commands import Operation, Registers, Short, read_commands
from fwgen.npu.payload import Payload


def macs(payload: Payload) -> int:
    """Multiply-accumulates of convolutions and fully connected layers, padding counted as data.

    0 for the streams of an Ethos-U85, which are not read here, and for what is no stream.
    """
    if payload.configuration.product == "ethos-u85":
        return 0
    registers, total = Registers(), 0
    try:
        for command in read_commands(payload.stream, "stream"):
            if not isinstance(command.what, Operation):
                registers.set(command)
            elif command.what in (Operation.CONV, Operation.DEPTHWISE):
                total += _of_block(registers, command.what is Operation.DEPTHWISE)
    except DeviceFault:
        return 0
    return total


def _of_block(r: Registers, depthwise: bool) -> int:
    sizes = (Short.OFM_HEIGHT_M1, Short.OFM_WIDTH_M1, Short.OFM_DEPTH_M1)
    outputs = prod(r.short(size) + 1 for size in sizes)
    depth = 1 if depthwise else r.short(Short.IFM_DEPTH_M1) + 1
    return outputs * prod(kernel_of(r).size) * depth
