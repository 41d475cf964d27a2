"""A machine that executes a command stream on memory as an NPU would: the functional model of
Ethos-U55 and U65.

It has no notion of time: waits and the depth of blocks change nothing. Whatever it does not model
raises DeviceFault with its name; it never gives a wrong number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from fwgen.errors import DeviceFault
from fwgen.npu.model import blocks, functions
from fwgen.npu.model.arithmetic import Ints, leading_zeros, rescale
from fwgen.npu.model.blas import one_thread
from fwgen.npu.model.block_program import (
    ABS,
    ADD,
    AVERAGE,
    INTERNAL,
    LRELU,
    MAX,
    MAXIMUM,
    MIN,
    MUL,
    SHL,
    SHR,
    SIGMOID,
    SUB,
    SUM,
    Block,
    BlockConvolution,
    BlockElementwise,
    Copy,
    Finish,
    Input,
    Pool,
    read_program,
)
from fwgen.npu.model.blocks import Operands
from fwgen.npu.model.feature_map import Elements, Memory
from fwgen.npu.model.prepared_constants import Loader, Store, bytes_of
from fwgen.npu.payload import Configuration, Payload

LUT_BYTES, TABLE_BYTES = 2048, 256
"""At the end of the shared memory: the tables of activation functions."""

MOST_STREAMS = 64
"""Streams that are kept ready to be executed again."""

Action = Callable[[Memory], None]


class Machine:
    """An NPU of a configuration; streams and weights are kept ready from one run to the next."""

    def __init__(self, configuration: Configuration) -> None:
        if configuration.product == "ethos-u85":
            raise DeviceFault("An Ethos-U85 is not modelled: its commands are others.")
        self.configuration = configuration
        self.shram = np.zeros(configuration.shram_bytes // configuration.cores, np.uint8)
        self._store = Store()
        self._ready: dict[bytes, tuple[tuple[str, Action], ...]] = {}

    def close(self) -> None:
        """End the process that decodes weights, which starts anew when it is needed."""
        self._store.close()

    def run(self, payload: Payload, memory: Memory, at: str = "NPU") -> None:
        """Execute a stream on regions of memory, which may be views of one larger memory.

        Raises DeviceFault, with the stream's word, for what is malformed or not modelled. A stream
        is read to its end before anything is executed; what faults then leaves memory half done.
        """
        if payload.configuration.name != self.configuration.name:
            raise DeviceFault(
                f"The command stream is for {payload.configuration.name}, the NPU is "
                f"{self.configuration.name}.",
                at=at,
                tries=(f"vela --accelerator-config {self.configuration.name}",),
            )
        actions = self._actions(payload, at)
        with one_thread():
            for place, action in actions:
                try:
                    action(memory)
                except DeviceFault as fault:
                    raise DeviceFault(fault.what, at=at + place, tries=fault.tries) from None

    def _actions(self, payload: Payload, at: str) -> tuple[tuple[str, Action], ...]:
        """What a stream does, step by step; places without ``at``."""
        key = payload.stream.tobytes()
        found = self._ready.pop(key, None)
        if found is None:
            steps = read_program(payload, at)
            found = tuple((step.at.removeprefix(at), self._action(step.block)) for step in steps)
        self._ready[key] = found
        if len(self._ready) > MOST_STREAMS:
            del self._ready[next(iter(self._ready))]
        return found

    def _action(self, block: Block) -> Action:
        match block:
            case BlockConvolution():
                return partial(self._convolve, block, Loader(block, self._store))
            case Pool():
                return partial(self._pool, block)
            case BlockElementwise():
                return partial(self._combine, block)
        return partial(self._copy, block)

    # Block operations

    def _convolve(self, block: BlockConvolution, loader: Loader, memory: Memory) -> None:
        constants = loader.load(memory)
        kernel, output = block.kernel, block.finish.map.shape
        x = _doubled(block.input, block.input.map.read(memory)).astype(constants.matrix.dtype)
        x -= block.input.zero_point
        convolve = blocks.convolve_depthwise if block.depthwise else blocks.convolve
        found = convolve(blocks.padded(x, kernel, 0), constants.matrix, kernel, output[:2])
        total = found.astype(np.int64)
        narrow = not block.wide and constants.products >= 1 << 31
        if narrow and (total.max() > (1 << 31) - 1 or total.min() < -(1 << 31)):
            raise DeviceFault("A sum of products has more than the 32 bits of its accumulator.")
        total = total.reshape(output[0], -1, constants.repeats * output[2])
        total += constants.bias
        constants.factor.apply(total, constants.largest)
        self._put(block.finish, memory, total.reshape(output))

    def _pool(self, block: Pool, memory: Memory) -> None:
        kernel, finish, size = block.kernel, block.finish, block.finish.map.shape[:2]
        x = _doubled(block.input, block.input.map.read(memory))
        if block.kind == MAX:
            found = blocks.largest(x, kernel, size).astype(np.int64)
            found -= block.input.zero_point
            self._put(finish, memory, found)
            return
        x = x.astype(np.int64)
        x -= block.input.zero_point
        if block.kind == AVERAGE and any(kernel.padding):
            self._put(finish, memory, blocks.mean(x, kernel, size))
            return
        assert finish.scale is not None
        summed = x.sum(axis=2, keepdims=True) if block.kind == SUM else x
        found = blocks.total(summed, kernel, size)
        self._put(finish, memory, rescale(found, *finish.scale, finish.rounding))

    def _combine(self, block: BlockElementwise, memory: Memory) -> None:
        a, finish = _operand(block.a, memory), block.finish
        assert finish.scale is not None
        if block.b is None:
            if block.kind == LRELU:
                found = blocks.leaky(a, finish.scale, finish.rounding)
            elif block.kind == ABS:
                found = rescale(np.abs(a), *finish.scale, finish.rounding)
            else:
                found = leading_zeros(a)
            self._put(finish, memory, found)
            return
        b = _operand(block.b, memory)
        if block.swapped:
            a, b = b, a
        o = Operands(
            a=a,
            b=b,
            bits=8 * block.a.map.element_bytes,
            scaled=block.scaled,
            a_scale=block.a_scale,
            b_scale=block.b_scale,
            result=finish.scale,
            rounding=finish.rounding,
        )
        ways: dict[int, Callable[[], Ints]] = {
            MUL: lambda: blocks.multiply(o),
            ADD: lambda: blocks.add(o, 1),
            SUB: lambda: blocks.add(o, -1),
            MIN: lambda: np.minimum(a, b),
            MAXIMUM: lambda: np.maximum(a, b),
            SHR: lambda: blocks.shift_right(a, b, finish.rounding),
            SHL: lambda: blocks.shift_left(a, b),
        }
        found = ways[block.kind]()
        if found.shape != finish.map.shape:
            found = np.broadcast_to(found, finish.map.shape).copy()
        self._put(finish, memory, found)

    # What comes after

    def _put(self, finish: Finish, memory: Memory, values: Ints) -> None:
        """Add the zero point, clamp, look up, store; ``values`` is overwritten."""
        if finish.function:
            values = (functions.sigmoid if finish.function == SIGMOID else functions.tanh)(values)
        if finish.zero_point:
            values += finish.zero_point
        if finish.map.element_bytes < 4 or finish.forced:
            np.clip(values, *finish.clamp, out=values)
        if finish.table is not None:
            values = self._looked_up(values, finish)
        finish.map.write(memory, values)

    def _looked_up(self, values: Ints, finish: Finish) -> Ints:
        """From table ``finish.table`` of 256 bytes or words; of 16 bits there is one."""
        size, tables = finish.map.element_bytes, self.shram[-LUT_BYTES:]
        if size == 2:
            return functions.interpolated(
                values, tables.view("<i2").reshape(-1, 2).astype(np.int64)
            )
        start = (finish.table or 0) * TABLE_BYTES
        if start + 256 * size > LUT_BYTES:
            raise DeviceFault(f"Table {finish.table} of {256 * size} bytes is not in {LUT_BYTES}.")
        table = tables[start : start + 256 * size].view(f"<i{size}").astype(np.int64)
        index = values + 128 if finish.map.signed or finish.forced else values
        return table[np.clip(index, 0, 255)]

    def _copy(self, block: Copy, memory: Memory) -> None:
        inside = {
            INTERNAL | region: self.shram for region in (block.source.region, block.to.region)
        }
        places = {**memory, **inside}
        source, to = bytes_of(block.source, places), bytes_of(block.to, places)
        to[...] = source.copy() if source.base is to.base else source


def _doubled(given: Input, x: Elements) -> Elements:
    """``x`` as the kernel sees it."""
    if given.upscale == 0:
        return x
    return blocks.upscaled(x, given.size, given.upscale == 2, given.zero_point)


def _operand(given: Input | int, memory: Memory) -> Ints:
    """Less its zero point; of a scalar one element."""
    if isinstance(given, int):
        return np.full((1, 1, 1), given, np.int64)
    x = given.map.read(memory).astype(np.int64)
    x -= given.zero_point
    return x
