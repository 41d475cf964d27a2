"""Convolutions and FULLY_CONNECTED of int16 values on MVE, as products with a packed matrix."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import Form, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.matrix import strips
from fwgen.kernels.matrix.costs import (
    S16,
    S16_8,
    S16_8_NARROW,
    S16_NARROW,
    cost_of,
    cost_of_single_s16,
)
from fwgen.kernels.matrix.packing_s16 import QUAD, STEP, is_narrow, pack_s16, parameters, steps_of
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.matrix.strips import Convolution, Multipliers, Strips
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.ops.parts.overlap import borders, distance, window_starts

KERNEL = "conv_2d_s16_mve"


def functions_of(node: Node) -> tuple[Function, ...]:
    """The kernels for the rule by which sums are rescaled: that for any depth, and another."""
    narrow, steps = is_narrow(node), steps_of(node.w.elements // node.w.shape[0])
    found = (S16_NARROW, S16_8_NARROW) if narrow else (S16, S16_8)
    return found if steps == 8 else found[:1]


def holds(node: Node) -> bool:
    return parameters(node) is not None


def paired(node: Node, pixels: Pixels) -> int:
    """How many pixels can be taken in pairs, whose whole steps must be in the input."""
    reach = steps_of(node.w.elements // node.w.shape[0]) * STEP
    count = min(pixels.count, (node.x.elements - reach) // pixels.input_pitch + 1)
    return max(count, 0) // 2 * 2


def fields(depth: int, channels: int, pixels: Pixels) -> tuple[tuple[str, int], ...]:
    """The members of ``fw_matrix_s16_params``."""
    return (
        ("depth", depth),
        ("channels", channels),
        ("input_pitch", pixels.input_pitch),
        ("output_pitch", pixels.output_pitch),
    )


def forms(node: Node, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """All pixels in one call, quad by quad."""
    x, w, y = node.x, node.w, node.y
    depth, channels, pairs = w.elements // w.shape[0], w.shape[0], paired(node, pixels)
    params = Params("fw_matrix_s16_params", fields(depth, channels, pixels))
    arguments = (params, Ref(x.index), pairs, pixels.count, pack_s16(node), Ref(y.index))
    rest = cost_of_single_s16(pixels.count - pairs, depth, channels) + clamp_cycles(node, clamp)
    return tuple(
        Form(
            calls=(Call(kernel.name, arguments), *clamped(node, clamp)),
            cycles=cost_of(kernel, pairs, 2 * depth, 2 * channels) + rest,
            overlap=OverlapLimit((_apart(pixels, pairs, channels),)),
        )
        for kernel in (functions_of(node) if pairs else functions_of(node)[:1])
    )


def _apart(pixels: Pixels, pairs: int, channels: int) -> int:
    """D in bytes. A walk stores anything in the place of its first pixel before it reads it."""
    steps: list[tuple[int, int]] = []
    for channel in borders(range(0, channels, QUAD)):
        written = min(channel + QUAD, channels)
        done = pairs if written - channel == QUAD else 0
        if done:
            steps.append((0, written))
        ends = [(first, first + 1) for first in borders(range(0, done, 2))]
        ends += [(first, first) for first in borders(range(done, pixels.count))]
        steps += [
            (first * pixels.input_pitch, last * pixels.output_pitch + written)
            for first, last in ends
        ]
    reads, writes = np.array(steps, dtype=np.int64).T
    return distance(2 * reads, 2 * writes)


def in_bytes(node: Node) -> Convolution:
    """The convolution with channels counted in bytes."""
    conv = strips.convolution_of(node)
    return Convolution(
        conv.batches,
        conv.output,
        conv.kernel,
        conv.stride,
        conv.dilation,
        2 * conv.depth,
        2 * conv.channels,
    )


def forms_strips(node: Node, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """Strips of several sizes that are gathered in scratch and multiplied."""
    conv, packed = in_bytes(node), pack_s16(node)
    starts = window_starts(node.x, conv.kernel, node.options)
    reads = None if starts is None else [2 * axis for axis in starts]
    return tuple(
        Form(
            calls=_calls(node, clamp, found, packed, kernel),
            cycles=cost + clamp_cycles(node, clamp),
            scratch_bytes=found.scratch_bytes(conv),
            overlap=OverlapLimit((None if reads is None else found.distance(conv, reads, 1),)),
        )
        for kernel in functions_of(node)
        for found, cost in strips.strips_of(conv, Multipliers(kernel, kernel, 1))
    )


def _calls(
    node: Node, clamp: tuple[int, int], found: Strips, packed: Constant, kernel: Function
) -> tuple[Call, ...]:
    x, w, y = node.x, node.w, node.y
    conv = in_bytes(node)
    pitch = found.step(conv) * conv.line
    walk = strips.walk_fields(node, found, (x.shape[3] * 2, y.shape[3]))
    depth = w.elements // w.shape[0]
    pixels = Pixels(0, pitch // 2, (y.shape[2] if found.down else 1) * y.shape[3])
    params = Params(
        f"fw_{KERNEL}_params",
        (
            *((f"windows.{name}", value) for name, value in walk),
            ("windows.matrix.input_pitch", pitch),
            *((f"matrix.{name}", value) for name, value in fields(depth, w.shape[0], pixels)),
        ),
    )
    args = (params, Ref(x.index), packed, kernel, Scratch(), Ref(y.index))
    return (Call(f"fw_{KERNEL}", args), *clamped(node, clamp))
