"""A functional model of Ethos-U55 and U65: executes a command stream on memory as an NPU would.

It has no notion of time: waits and the depth of blocks change nothing. Whatever it does not model
raises DeviceFault with its name; it never gives a wrong number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.npu import blocks, weights
from fwgen.npu.arithmetic import Ints, Rounding, leading_zeros, rescale
from fwgen.npu.blocks import Kernel, Operands, kernel_of
from fwgen.npu.commands import Command, Long, Operation, Registers, Short, read_commands
from fwgen.npu.decoder import Decoder
from fwgen.npu.feature_map import Memory, feature_map, zero_point
from fwgen.npu.payload import Configuration, Payload

LUT_BYTES = 2048
"""At the end of the shared memory: the tables of activation functions."""

_INTERNAL = 1 << 8  # in a DMA region: the shared memory
_MAX, _AVERAGE, _SUM = range(3)
_MUL, _ADD, _SUB, _MIN, _MAXIMUM, _LRELU, _ABS, _CLZ, _SHR, _SHL = range(10)
_UNARY = frozenset((_LRELU, _ABS, _CLZ))
_SCALAR, _REVERSED = 1 << 7, 1 << 6


class Machine:
    """An NPU of a configuration, with decoded weights kept from one stream to the next."""

    def __init__(self, configuration: Configuration) -> None:
        if configuration.product == "ethos-u85":
            raise DeviceFault("An Ethos-U85 is not modelled: its commands are others.")
        self.configuration = configuration
        self.shram = np.zeros(configuration.shram_bytes // configuration.cores, np.uint8)
        self._decoder = Decoder()
        self._decoded: dict[tuple[bytes, weights.Order], Ints] = {}

    def run(self, payload: Payload, memory: Memory, at: str = "NPU") -> None:
        """Execute a stream on regions of memory. Raises DeviceFault, with the stream's word."""
        if payload.configuration.name != self.configuration.name:
            raise DeviceFault(
                f"The command stream is for {payload.configuration.name}, the NPU is "
                f"{self.configuration.name}.",
                at=at,
                tries=(f"vela --accelerator-config {self.configuration.name}",),
            )
        registers = Registers()
        for command in read_commands(payload.stream, at):
            try:
                self._execute(command, registers, memory)
            except DeviceFault as fault:
                place = f"{at}, word {command.position} {command.what.name}"
                raise DeviceFault(fault.what, at=place, tries=fault.tries) from None

    def _execute(self, command: Command, registers: Registers, memory: Memory) -> None:
        match command.what:
            case Operation.CONV | Operation.DEPTHWISE:
                self._convolve(registers, memory, command.what is Operation.DEPTHWISE)
            case Operation.POOL:
                self._pool(registers, memory, command.parameter)
            case Operation.ELEMENTWISE:
                self._combine(registers, memory, command.parameter)
            case Operation.DMA_START:
                self._copy(registers, memory, command.parameter)
            case Operation.STOP | Operation.IRQ | Operation.DMA_WAIT | Operation.KERNEL_WAIT:
                pass
            case Operation.PMU_MASK:
                pass
            case _:
                registers.set(command)

    # Block operations

    def _convolve(self, r: Registers, memory: Memory, depthwise: bool) -> None:
        kernel, output = kernel_of(r), _output(r)
        depth = r.short(Short.IFM_DEPTH_M1) + 1
        x = _input(r, memory, kernel, output, depth)
        cores = r.short(Short.PARALLEL_MODE) + 1 if self.configuration.product != "ethos-u55" else 1
        shape = (output[2], *kernel.size, 1 if depthwise else depth)
        w = np.zeros(shape, np.int64)
        bias, scale, shift = (np.zeros(output[2], np.int64) for _ in range(3))
        for core in range(min(cores, output[2])):  # with one channel, one core idles
            w[core::cores] = self._weights(r, memory, core, cores, shape, kernel, depthwise)
            found = self._scales(r, memory, core, len(bias[core::cores]))
            bias[core::cores], scale[core::cores], shift[core::cores] = found
        convolve = blocks.convolve_depthwise if depthwise else blocks.convolve
        total = convolve(x, w, kernel, output[:2]) + bias
        if r.short(Short.OFM_PRECISION) >> 8 & 1:
            factor, places = r.with_parameter(Long.OFM_SCALE)
            scale, shift = np.full_like(scale, factor), np.full_like(shift, places)
        self._put(r, memory, rescale(total, scale, shift, _rounding(r)), output)

    def _weights(
        self,
        r: Registers,
        memory: Memory,
        core: int,
        cores: int,
        shape: tuple[int, int, int, int],
        kernel: Kernel,
        depthwise: bool,
    ) -> Ints:
        """Those of a core: every ``cores``-th output channel from ``core`` on."""
        name = "WEIGHT" if core == 0 else "WEIGHT1"
        start, length = r.address(Long[f"{name}_BASE"]), r.long(Long[f"{name}_LENGTH"])
        data = _bytes(memory, r.short(Short.WEIGHT_REGION), start, length, "The weights").tobytes()
        bits = 8 << (r.short(Short.IFM_PRECISION) >> 2 & 3)
        order = weights.Order(
            shape=(len(range(core, shape[0], cores)), *shape[1:]),
            block=(r.short(Short.OFM_BLK_DEPTH_M1) + cores) // cores,
            micro=(4 if self.configuration.macs == 32 else 8, 8),
            dilation=kernel.dilation,
            depthwise=depthwise,
            part_kernel=kernel.part_first,
            input_bits=bits,
        )
        key = (data, order)
        if key not in self._decoded:
            self._decoded[key] = weights.ordered(self._decoder.decode(data), order)
        return self._decoded[key]

    def _scales(
        self, r: Registers, memory: Memory, core: int, count: int
    ) -> tuple[Ints, Ints, Ints]:
        name = "SCALE" if core == 0 else "SCALE1"
        start, length = r.address(Long[f"{name}_BASE"]), r.long(Long[f"{name}_LENGTH"])
        data = _bytes(memory, r.short(Short.SCALE_REGION), start, length, "The scales")
        return weights.records(data, count)

    def _pool(self, r: Registers, memory: Memory, mode: int) -> None:
        kernel, output = kernel_of(r), _output(r)
        depth = r.short(Short.IFM_DEPTH_M1) + 1
        x = _input(r, memory, kernel, output, depth)
        if mode == _MAX:
            self._put(r, memory, blocks.largest(x, kernel, output[:2]), output)
            return
        scaled = bool(r.short(Short.OFM_PRECISION) >> 8 & 1)
        factor, shift = r.with_parameter(Long.OFM_SCALE) if scaled else (1, 0)
        if mode == _AVERAGE and any(kernel.padding):
            # windows have different numbers of inputs, so no factor divides by them
            if (factor, shift) != (1, 0):
                raise DeviceFault(
                    "An average pool with padding that also rescales is not modelled."
                )
            self._put(r, memory, blocks.mean(x, kernel, output[:2]), output)
            return
        if mode not in (_AVERAGE, _SUM) or not scaled:
            raise DeviceFault(f"A pool of kind {mode} with a factor per channel is not modelled.")
        averaged = mode == _AVERAGE
        found = blocks.total(x, kernel, output[:2]) if averaged else x.sum(axis=2, keepdims=True)
        self._put(r, memory, rescale(found, factor, shift, _rounding(r)), output)

    def _combine(self, r: Registers, memory: Memory, mode: int) -> None:
        output, rounding = _output(r), _rounding(r)
        depth = r.short(Short.IFM_DEPTH_M1) + 1
        ifm = feature_map(r, "IFM", (output[0], output[1], depth))
        _no_upscale(r)
        a = ifm.read(memory) - zero_point(r, "IFM", ifm.signed)
        result = r.with_parameter(Long.OFM_SCALE)
        if mode in _UNARY:
            if mode == _LRELU:
                found = blocks.leaky(a, result, rounding)
            else:
                found = np.abs(a) if mode == _ABS else leading_zeros(a)
            self._put(r, memory, found, output)
            return
        b, broadcast = _second(r, memory, output)
        if broadcast & _REVERSED:
            a, b = b, a
        scaled = r.short(Short.IFM_PRECISION) >> 8 & 3
        adding = mode in (_ADD, _SUB)
        o = Operands(
            a=a,
            b=b,
            bits=8 * ifm.element_bytes,
            scaled=scaled if adding else 0,
            a_scale=r.with_parameter(Long.OPA_SCALE) if adding else (1, 0),
            b_scale=r.long(Long.OPB_SCALE) if adding else 1,
            result=result,
            rounding=rounding,
        )
        ways: Mapping[int, Callable[[], Ints]] = {
            _MUL: lambda: blocks.multiply(o),
            _ADD: lambda: blocks.add(o, 1),
            _SUB: lambda: blocks.add(o, -1),
            _MIN: lambda: np.minimum(a, b),
            _MAXIMUM: lambda: np.maximum(a, b),
            _SHR: lambda: blocks.shift_right(a, b, rounding),
            _SHL: lambda: a << b,
        }
        if mode not in ways:
            raise DeviceFault(f"There is no elementwise operation {mode}.")
        for operand in (a, b):
            if any(n not in (1, m) for n, m in zip(operand.shape, output, strict=True)):
                raise DeviceFault(f"An operand of {operand.shape} for an output of {output}.")
        self._put(r, memory, np.broadcast_to(ways[mode](), output), output)

    # What comes after

    def _put(
        self, r: Registers, memory: Memory, values: Ints, output: tuple[int, int, int]
    ) -> None:
        """Add the zero point, clamp, look up, store."""
        ofm = feature_map(r, "OFM", output)
        values = values + zero_point(r, "OFM", ofm.signed)
        limit = r.signed if ofm.signed else r.short
        low, high = limit(Short.ACTIVATION_MIN), limit(Short.ACTIVATION_MAX)
        kind, clip = r.short(Short.ACTIVATION) & 0x1F, r.short(Short.ACTIVATION) >> 12 & 7
        if ofm.element_bytes < 4 or clip:
            values = np.clip(values, low, high)
        if kind >= 16:
            values = self._looked_up(values, kind - 16, ofm.element_bytes, ofm.signed or bool(clip))
        elif kind != 0:
            raise DeviceFault(f"Activation {kind} (a function without a table) is not modelled.")
        ofm.write(memory, values)

    def _looked_up(self, values: Ints, slot: int, entry_bytes: int, signed: bool) -> Ints:
        """From table ``slot`` of 256 entries."""
        if entry_bytes == 2:
            raise DeviceFault("A table of 16-bit activations is not modelled.")
        tables = self.shram[-LUT_BYTES:]
        start = slot * 256 * entry_bytes
        if start + 256 * entry_bytes > LUT_BYTES:
            raise DeviceFault(f"Table {slot} of {256 * entry_bytes} bytes is not in {LUT_BYTES}.")
        table = tables[start : start + 256 * entry_bytes].view(f"<i{entry_bytes}").astype(np.int64)
        index = values + 128 if signed else values
        return table[np.clip(index, 0, 255)]

    def _copy(self, r: Registers, memory: Memory, mode: int) -> None:
        if mode & 3:
            raise DeviceFault(f"DMA of {(mode & 3) + 1} dimensions is not modelled.")
        source = self._place(r.short(Short.DMA0_SRC_REGION), memory)
        to = self._place(r.short(Short.DMA0_DST_REGION), memory)
        first, last = r.address(Long.DMA0_SRC), r.address(Long.DMA0_DST)
        length = r.address(Long.DMA0_LEN)
        for data, start, what in ((source, first, "from"), (to, last, "to")):
            if start + length > len(data):
                raise DeviceFault(
                    f"DMA of {length:,} bytes {what} byte {start:,} leaves a region of "
                    f"{len(data):,}."
                )
        to[last : last + length] = source[first : first + length].copy()

    def _place(self, region: int, memory: Memory) -> npt.NDArray[np.uint8]:
        if region & _INTERNAL:
            return self.shram
        if region not in memory:
            raise DeviceFault(f"Region {region} has no base address.")
        return memory[region]


def _output(r: Registers) -> tuple[int, int, int]:
    return (
        r.short(Short.OFM_HEIGHT_M1) + 1,
        r.short(Short.OFM_WIDTH_M1) + 1,
        r.short(Short.OFM_DEPTH_M1) + 1,
    )


def _input(
    r: Registers, memory: Memory, kernel: Kernel, output: tuple[int, int, int], depth: int
) -> Ints:
    """The input less its zero point."""
    _no_upscale(r)
    ifm = feature_map(r, "IFM", (*kernel.input_size(output[:2]), depth))
    return ifm.read(memory) - zero_point(r, "IFM", ifm.signed)


def _second(r: Registers, memory: Memory, output: tuple[int, int, int]) -> tuple[Ints, int]:
    """The second operand less its zero point, and the bits that say what it is."""
    broadcast = r.short(Short.IFM2_BROADCAST)
    signed = bool(r.short(Short.IFM2_PRECISION) & 1)
    zero = zero_point(r, "IFM2", signed)
    if broadcast & _SCALAR:
        scalar = r.signed(Short.IFM2_SCALAR) if signed else r.short(Short.IFM2_SCALAR)
        return np.full((1, 1, 1), scalar - zero, np.int64), broadcast
    height, width, depth = (1 if broadcast >> i & 1 else n for i, n in enumerate(output))
    return feature_map(r, "IFM2", (height, width, depth)).read(memory) - zero, broadcast


def _no_upscale(r: Registers) -> None:
    if r.short(Short.IFM_UPSCALE) & 3:
        raise DeviceFault("An upscaled input is not modelled.")


def _rounding(r: Registers) -> Rounding:
    mode = r.short(Short.OFM_PRECISION) >> 14
    if mode not in set(Rounding):
        raise DeviceFault(f"There is no way {mode} to round.")
    return Rounding(mode)


def _bytes(
    memory: Memory, region: int, start: int, length: int, what: str
) -> npt.NDArray[np.uint8]:
    data = memory.get(region)
    if data is None:
        raise DeviceFault(f"{what} are in region {region}, which has no base address.")
    if start + length > len(data):
        raise DeviceFault(
            f"{what} reach from byte {start:,} to {start + length:,} of region {region}, which has "
            f"{len(data):,}."
        )
    return data[start : start + length]
