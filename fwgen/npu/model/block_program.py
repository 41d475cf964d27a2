"""A command stream -> block operations and copies: what each does, and where its operands are.

Nothing here depends on what is in the memory, so a stream is read once and executed often.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from fwgen.errors import DeviceFault
from fwgen.npu.model.arithmetic import Rounding
from fwgen.npu.model.blocks import BlockWindow, kernel_of
from fwgen.npu.model.feature_map import MOST_ELEMENTS, FeatureMap, feature_map, zero_point
from fwgen.npu.model.npu_weights import RECORD, Order
from fwgen.npu.model.stream_commands import (
    Command,
    Long,
    Operation,
    Registers,
    Short,
    read_commands,
)
from fwgen.npu.payload import Configuration, Payload

INTERNAL = 1 << 8
"""In a region of a copy: the shared memory of the NPU."""

MOST_WORK = 1 << 38
"""Products of a stream, minutes of time; the largest models of Arm's zoo have 2**35."""

_SLOW = 16
"""What a product costs where no matrix product does it."""

MAX, AVERAGE, SUM = range(3)
MUL, ADD, SUB, MIN, MAXIMUM, LRELU, ABS, CLZ, SHR, SHL = range(10)
TANH, SIGMOID = 3, 4
UNARY = frozenset((LRELU, ABS, CLZ))
_SCALAR, _REVERSED = 1 << 7, 1 << 6


@dataclass(frozen=True)
class Span:
    """Bytes of a region."""

    name: str
    region: int
    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


@dataclass(frozen=True)
class Input:
    """A feature map, its zero point, and how it is doubled: 0 not, 1 repeated, 2 with zeros.

    ``size`` are the rows and columns after that.
    """

    map: FeatureMap
    zero_point: int
    upscale: int
    size: tuple[int, int]


@dataclass(frozen=True)
class Finish:
    """What comes after the sums: scale, zero point, clamp and table, and where results go.

    ``scale`` is (factor, shift), None if each channel has its own. ``forced`` is how the clip range
    of a table's index is given if not by the output: 0, or 3 for 8 bits with a sign. ``function``
    is what is computed without a table, TANH or SIGMOID, of numbers in units of 1 / 0x3000.
    """

    map: FeatureMap
    scale: tuple[int, int] | None
    rounding: Rounding
    zero_point: int
    clamp: tuple[int, int]
    forced: int
    table: int | None
    function: int


@dataclass(frozen=True)
class BlockConvolution:
    """``weights`` and ``scales`` per core: each has every n-th output channel."""

    input: Input
    kernel: BlockWindow
    depthwise: bool
    orders: tuple[Order, ...]
    weights: tuple[Span, ...]
    scales: tuple[Span, ...]
    wide: bool
    finish: Finish


@dataclass(frozen=True)
class Pool:
    """``kind`` is MAX, AVERAGE or SUM."""

    kind: int
    input: Input
    kernel: BlockWindow
    finish: Finish


@dataclass(frozen=True)
class BlockElementwise:
    """``b`` is None if ``kind`` has one operand, a number if it is a scalar (less zero point)."""

    kind: int
    a: Input
    b: Input | int | None
    swapped: bool
    scaled: int
    a_scale: tuple[int, int]
    b_scale: int
    finish: Finish


@dataclass(frozen=True)
class Copy:
    """By DMA; a region with INTERNAL is the shared memory."""

    source: Span
    to: Span


Block: TypeAlias = BlockConvolution | Pool | BlockElementwise | Copy


@dataclass(frozen=True)
class StreamStep:
    """A block operation, and its place in the stream."""

    at: str
    block: Block


def read_program(payload: Payload, at: str = "NPU") -> tuple[StreamStep, ...]:
    """What a stream does. Raises DeviceFault, with the stream's word, for what is not modelled."""
    registers, steps, work = Registers(), [], 0
    for command in read_commands(payload.stream, at):
        place = f"{at}, word {command.position} {command.what.name}"
        try:
            block = _read(command, registers, payload.configuration)
            if block is None:
                continue
            work += _work(block)
            if work > MOST_WORK:
                raise DeviceFault(f"The NPU model does no more than {MOST_WORK:,} products.")
        except DeviceFault as fault:
            raise DeviceFault(fault.what, at=place, tries=fault.tries) from None
        steps.append(StreamStep(place, block))
    return tuple(steps)


def _read(command: Command, r: Registers, configuration: Configuration) -> Block | None:
    match command.what:
        case Operation.CONV | Operation.DEPTHWISE:
            return _convolution(r, configuration, command.what is Operation.DEPTHWISE)
        case Operation.POOL:
            return _pool(r, command.parameter)
        case Operation.ELEMENTWISE:
            return _elementwise(r, command.parameter)
        case Operation.DMA_START:
            return _copy(r, command.parameter)
        case Operation.STOP | Operation.IRQ | Operation.DMA_WAIT | Operation.KERNEL_WAIT:
            return None
        case Operation.PMU_MASK:
            return None
    r.set(command)
    return None


def _work(block: Block) -> int:
    """Products, or what else takes as long."""
    match block:
        case BlockConvolution():
            out = block.finish.map.shape
            taps = prod(block.orders[0].shape[1:])
            return prod(out) * (taps * (_SLOW if block.depthwise else 1) + _SLOW)
        case Pool():
            # columns and rows are added one after the other
            return prod(block.input.map.shape) * (1 + sum(block.kernel.size)) * _SLOW
        case BlockElementwise():
            return prod(block.finish.map.shape) * _SLOW
    return block.source.length


def _convolution(r: Registers, configuration: Configuration, depthwise: bool) -> BlockConvolution:
    kernel, finish = kernel_of(r), _finish(r, per_channel=True)
    given = _input(r, kernel, finish)
    channels, depth = finish.map.shape[2], given.map.shape[2]
    if depthwise and depth != channels:
        raise DeviceFault(f"A depthwise convolution of {depth} channels to {channels}.")
    if prod((channels, *kernel.size, 1 if depthwise else depth)) > MOST_ELEMENTS:
        raise DeviceFault(f"A convolution with more than {MOST_ELEMENTS:,} weights.")
    cores = r.short(Short.PARALLEL_MODE) + 1 if configuration.product != "ethos-u55" else 1
    if cores > configuration.cores:
        raise DeviceFault(f"PARALLEL_MODE is for {cores} cores, {configuration.name} has fewer.")
    orders, weights, scales = [], [], []
    for core in range(min(cores, channels)):  # with one channel, one core idles
        count = len(range(core, channels, cores))
        orders.append(
            Order(
                shape=(count, *kernel.size, 1 if depthwise else depth),
                block=(r.short(Short.OFM_BLK_DEPTH_M1) + cores) // cores,
                micro=(4 if configuration.macs == 32 else 8, 8),
                dilation=kernel.dilation,
                depthwise=depthwise,
                part_kernel=kernel.part_first,
                input_bits=8 * given.map.element_bytes,
            )
        )
        weights.append(_span(r, "The weights", "WEIGHT", core))
        scales.append(_span(r, "The scales", "SCALE", core))
        if scales[-1].length < RECORD * count:
            raise DeviceFault(
                f"The NPU's scales have {scales[-1].length:,} bytes, expected "
                f"{RECORD * count:,} or more."
            )
    return BlockConvolution(
        input=given,
        kernel=kernel,
        depthwise=depthwise,
        orders=tuple(orders),
        weights=tuple(weights),
        scales=tuple(scales),
        wide=bool(r.short(Short.ACC_FORMAT) & 3),
        finish=finish,
    )


def _span(r: Registers, what: str, name: str, core: int) -> Span:
    region = r.short(Short[f"{name}_REGION"])
    name += "1" if core else ""
    return Span(what, region, r.address(Long[f"{name}_BASE"]), r.long(Long[f"{name}_LENGTH"]))


def _pool(r: Registers, kind: int) -> Pool:
    kernel, finish = kernel_of(r), _finish(r, per_channel=True)
    if kind not in (MAX, AVERAGE, SUM):
        raise DeviceFault(f"There is no pool of kind {kind}.")
    if kind != MAX and finish.scale is None and not (kind == AVERAGE and any(kernel.padding)):
        raise DeviceFault(f"A pool of kind {kind} with a factor per channel is not modelled.")
    given = _input(r, kernel, finish)
    channels = 1 if kind == SUM else given.map.shape[2]
    if finish.map.shape[2] != channels:
        raise DeviceFault(f"A pool of {channels} channels to {finish.map.shape[2]}.")
    if kind == AVERAGE and any(kernel.padding) and finish.scale not in (None, (1, 0)):
        # windows have different numbers of inputs, so no factor divides by them
        raise DeviceFault("An average pool with padding that also rescales is not modelled.")
    return Pool(kind, given, kernel, finish)


def _elementwise(r: Registers, kind: int) -> BlockElementwise:
    finish = _finish(r, per_channel=False)
    if kind not in range(10):
        raise DeviceFault(f"There is no elementwise operation {kind}.")
    height, width, _ = output = finish.map.shape
    ifm = feature_map(r, "IFM", (height, width, r.short(Short.IFM_DEPTH_M1) + 1))
    if r.short(Short.IFM_UPSCALE) & 3:
        raise DeviceFault("An upscaled operand of an elementwise operation is not modelled.")
    a = Input(ifm, zero_point(r, "IFM", ifm.signed), 0, output[:2])
    b, broadcast = (None, 0) if kind in UNARY else _second(r, output)
    for each in (a, b):
        if isinstance(each, Input):
            shape = each.map.shape
            if any(n not in (1, m) for n, m in zip(shape, output, strict=True)):
                raise DeviceFault(f"An operand of {shape} for an output of {output}.")
    adding = kind in (ADD, SUB)
    return BlockElementwise(
        kind=kind,
        a=a,
        b=b,
        swapped=bool(broadcast & _REVERSED),
        scaled=r.short(Short.IFM_PRECISION) >> 8 & 3 if adding else 0,
        a_scale=_scale(r, Long.OPA_SCALE) if adding else (1, 0),
        b_scale=r.long(Long.OPB_SCALE) if adding else 1,
        finish=finish,
    )


def _second(r: Registers, output: tuple[int, int, int]) -> tuple[Input | int, int]:
    """The second operand, and the bits that say what it is."""
    broadcast = r.short(Short.IFM2_BROADCAST)
    signed = bool(r.short(Short.IFM2_PRECISION) & 1)
    zero = zero_point(r, "IFM2", signed)
    if broadcast & _SCALAR:
        scalar = r.signed(Short.IFM2_SCALAR) if signed else r.short(Short.IFM2_SCALAR)
        return scalar - zero, broadcast
    height, width, depth = (1 if broadcast >> i & 1 else n for i, n in enumerate(output))
    return Input(
        feature_map(r, "IFM2", (height, width, depth)), zero, 0, (height, width)
    ), broadcast


def _input(r: Registers, kernel: BlockWindow, finish: Finish) -> Input:
    """What a kernel slides over. Registers have no size of it: the output and padding give it."""
    upscale = r.short(Short.IFM_UPSCALE) & 3
    if upscale == 3:
        raise DeviceFault("There is no way 3 to upscale.")
    size = kernel.input_size(finish.map.shape[:2])
    top, left, bottom, right = kernel.padding
    depth = r.short(Short.IFM_DEPTH_M1) + 1
    if (size[0] + top + bottom) * (size[1] + left + right) * depth > MOST_ELEMENTS:
        raise DeviceFault(f"IFM with its padding has more than {MOST_ELEMENTS:,} elements.")
    height, width = ((n + 1) // 2 if upscale else n for n in size)
    ifm = feature_map(r, "IFM", (height, width, depth))
    return Input(ifm, zero_point(r, "IFM", ifm.signed), upscale, size)


def _finish(r: Registers, per_channel: bool) -> Finish:
    precision = r.short(Short.OFM_PRECISION)
    shape = (
        r.short(Short.OFM_HEIGHT_M1) + 1,
        r.short(Short.OFM_WIDTH_M1) + 1,
        r.short(Short.OFM_DEPTH_M1) + 1,
    )
    ofm = feature_map(r, "OFM", shape)
    if precision >> 14 not in set(Rounding):
        raise DeviceFault(f"There is no way {precision >> 14} to round.")
    activation = r.short(Short.ACTIVATION)
    kind, forced = activation & 0xFFF, activation >> 12 & 7
    if kind not in (0, TANH, SIGMOID) and not 16 <= kind < 24:
        raise DeviceFault(f"There is no activation {kind}.")
    if kind in (TANH, SIGMOID) and (ofm.element_bytes != 2 or not ofm.signed):
        raise DeviceFault("A function without a table is modelled for 16 bits with a sign alone.")
    if forced not in (0, 3) or (forced and kind < 16):
        raise DeviceFault(f"A clip range of kind {forced} is not modelled.")
    limit = r.signed if ofm.signed else r.short
    own = per_channel and not precision >> 8 & 1
    return Finish(
        map=ofm,
        scale=None if own else _scale(r, Long.OFM_SCALE),
        rounding=Rounding(precision >> 14),
        # of 32 bits, only a table's index has one: streams of older Velas leave that of others set
        zero_point=zero_point(r, "OFM", ofm.signed) if ofm.element_bytes < 4 or kind >= 16 else 0,
        clamp=(limit(Short.ACTIVATION_MIN), limit(Short.ACTIVATION_MAX)),
        forced=forced,
        table=kind - 16 if kind >= 16 else None,
        function=kind if kind < 16 else 0,
    )


def _scale(r: Registers, register: Long) -> tuple[int, int]:
    """A factor and a shift."""
    factor, shift = r.with_parameter(register)
    if shift > 63:
        raise DeviceFault(f"{register.name} has a shift of {shift}, expected 63 or less.")
    return factor, shift


def _copy(r: Registers, mode: int) -> Copy:
    if mode:
        raise DeviceFault(f"DMA of mode {mode} is not modelled.")
    regions = r.short(Short.DMA0_SRC_REGION), r.short(Short.DMA0_DST_REGION)
    for region in regions:
        if region >> 9:
            raise DeviceFault(f"DMA of {(region >> 9 & 3) + 1} dimensions is not modelled.")
    length = r.address(Long.DMA0_LEN)
    return Copy(
        Span("DMA's source", regions[0], r.address(Long.DMA0_SRC), length),
        Span("DMA's destination", regions[1], r.address(Long.DMA0_DST), length),
    )
