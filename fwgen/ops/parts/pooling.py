"""The common part of pooling ops: all of them but their arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.channels import ChannelRule, Mask, channelwise
from fwgen.contract.kernel import Kernel, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks
from fwgen.ops.parts.float_clamp import bounds, clamped_floats
from fwgen.ops.parts.overlap import borders, by_window
from fwgen.ops.parts.reach import clamped
from fwgen.ops.parts.windows import ExplicitPadding, require_window, window_fields, windows

Numbers = npt.NDArray[Any]

MOST_WINDOW = {Element.S8: 1 << 23, Element.S16: (1 << 16) - 1, Element.F32: 1 << 23}
"""Elements of a window: a 32-bit sum of as many values cannot overflow, and a float counts them."""

SCALE_ERROR = 1e-6
"""Largest difference of input and output scale, as TFLM's ``PoolingPrepare`` has it."""


@dataclass(frozen=True)
class Options:
    """The schema's ``Pool2DOptions``; sizes in elements."""

    padding: int | ExplicitPadding
    stride_h: int
    stride_w: int
    kernel_h: int
    kernel_w: int
    activation: int
    dilation_h: int = 1
    dilation_w: int = 1


def read_options(fields: Fields) -> Options:
    return Options(
        padding=fields.i8(0),
        stride_w=fields.i32(1),
        stride_h=fields.i32(2),
        kernel_w=fields.i32(3),
        kernel_h=fields.i32(4),
        activation=fields.i8(5),
    )


def kernel_of(node: Node) -> tuple[int, int]:
    options = node.options
    return options.kernel_h, options.kernel_w


def channels(node: Node) -> ChannelRule | None:
    """A mean or maximum of values of a channel is between its least and greatest."""
    activation, y = node.options.activation, node.y
    if y.dtype is Element.F32:
        return None
    return channelwise(lambda node, inputs: clamped(inputs[0], activation, y))


def check(node: Node) -> None:
    _require_images(node)
    if node.x.dtype is not Element.F32:
        _require_same_scale(node)
    _require_pool(node)


def check_floats(node: Node) -> None:
    """``check`` of a pool that takes nothing but float32."""
    _require_images(node)
    _require_pool(node)


def _require_images(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    for tensor in (node.x, node.y):
        checks.require_rank(node, tensor, 4)


def _require_pool(node: Node) -> None:
    options, x = node.options, node.x
    kernel = (options.kernel_h, options.kernel_w)
    require_window(node, x, node.y, kernel, x.shape[3], options)
    window = min(kernel[0], x.shape[1]) * min(kernel[1], x.shape[2])
    most = MOST_WINDOW[x.dtype]
    node.require(window <= most, f"The window has {window} elements, expected at most {most}.")


def _require_same_scale(node: Node) -> None:
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
    node.require(
        abs(x.scale - y.scale) <= SCALE_ERROR and x.zero_point == y.zero_point,
        f"{node.code} needs tensors {x.index} and {y.index} to have the same scale and zero point.",
    )


def calls_of(kernel: str, node: Node) -> tuple[Call, ...]:
    """The calls of the pooling kernel called ``kernel``."""
    x, y, options = node.x, node.y, node.options
    is_float = x.dtype is Element.F32
    low, high = (0, 0) if is_float else checks.clamp_of(node)
    params = Params(
        "fw_pool_2d_params",
        (
            *window_fields(x, y, (options.kernel_h, options.kernel_w), options),
            ("activation_min", low),
            ("activation_max", high),
        ),
    )
    limits = (Constant("bounds", bounds(node)),) if is_float else ()
    return (Call(f"fw_{kernel}", (params, *limits, Ref(x.index), Ref(y.index))),)


def overlap_of(node: Node, steps: Sequence[tuple[int, int]]) -> OverlapLimit:
    """The overlap of a kernel that takes the same ``steps`` at each output pixel."""
    options = node.options
    kernel = options.kernel_h, options.kernel_w
    return OverlapLimit((by_window(node.x, node.y, kernel, options, steps),))


def overlap_reference(node: Node) -> OverlapLimit:
    """Channel by channel."""
    channels = borders(range(node.y.shape[3]))
    return overlap_of(node, [(c, c + 1) for c in channels])


def cost_reference(node: Node) -> float:
    height, width = kernel_of(node)
    return (6.0 * height * width + 8.0 * height + 25.0) * node.y.elements


def seen(node: Node, image: Numbers) -> Iterator[tuple[Numbers, Mask]]:
    """For each tap of the window, in their order, what it sees of the input for each output, and
    whether that is inside, (rows, columns, 1)."""
    options, kernel = node.options, kernel_of(node)
    rows, columns = windows(node.x, kernel, options)
    for ky in range(kernel[0]):
        top = np.arange(rows.size) * options.stride_h - rows.before + ky
        inside_y = (top >= 0) & (top < image.shape[1])
        if not inside_y.any():
            continue
        band = image[:, np.where(inside_y, top, 0)]
        for kx in range(kernel[1]):
            left = np.arange(columns.size) * options.stride_w - columns.before + kx
            inside_x = (left >= 0) & (left < image.shape[2])
            if inside_x.any():
                inside = inside_y[:, None, None] & inside_x[:, None]
                yield band[:, :, np.where(inside_x, left, 0)], inside


def fold_average(node: Node, values: Sequence[Array]) -> Array:
    """Of floats added up in the order of taps, as the kernels do."""
    y = node.y
    is_float = y.dtype is Element.F32
    image: Numbers = values[0] if is_float else values[0].astype(np.int64)
    sums: Numbers = np.zeros(y.shape, image.dtype)
    count = np.zeros((*y.shape[1:3], 1), np.int64)
    for part, inside in seen(node, image):
        sums = np.where(inside, sums + part, sums)
        count += inside
    if is_float:
        return clamped_floats(node, sums / count.astype(np.float32))
    halves = np.where(sums > 0, count // 2, -(count // 2))
    means = np.trunc((sums + halves) / count).astype(np.int64)
    return np.asarray(np.clip(means, *checks.clamp_of(node)), y.dtype.numpy)


def fold_max(node: Node, values: Sequence[Array]) -> Array:
    """What is not a number is left out of floats."""
    y = node.y
    image: Numbers = values[0]
    is_float = y.dtype is Element.F32
    start = np.finfo(np.float32).min if is_float else y.dtype.low
    most: Numbers = np.full(y.shape, start, image.dtype)
    for part, inside in seen(node, image):
        most = np.where(inside & (part > most), part, most)
    if is_float:
        return clamped_floats(node, most)
    return np.asarray(np.clip(most, *checks.clamp_of(node)), y.dtype.numpy)


def fold_l2(node: Node, values: Sequence[Array]) -> Array:
    """Of floats, whose squares are added up in the order of taps, as the kernels do."""
    squares: Numbers = np.zeros(node.y.shape, np.float32)
    count = np.zeros((*node.y.shape[1:3], 1), np.int64)
    with np.errstate(over="ignore"):
        for part, inside in seen(node, values[0]):
            squares = np.where(inside, squares + part * part, squares)
            count += inside
    return clamped_floats(node, np.sqrt(squares / count.astype(np.float32)))


def operator(
    code: int,
    name: str,
    elements: Sequence[Element],
    fold: Callable[[Node, Sequence[Array]], Array],
    last_cycles: float = 0.0,
) -> Operator:
    """A pool of ``elements``, with a reference kernel for each, that takes ``last_cycles`` more for
    what comes after the sum of an output."""

    def cost(node: Node) -> float:
        return cost_reference(node) + last_cycles * node.y.elements

    def row(element: Element) -> Kernel:
        kernel = f"{name.lower()}_{element.suffix}"
        form = one_form(partial(calls_of, kernel), cost, overlap_reference)
        return Kernel(name, kernel, "reference", form, types=((element, element),))

    return Operator(
        code=code,
        name=name,
        options=read_options,
        types=tuple((element, element) for element in elements),
        check=check if any(element.is_integer for element in elements) else check_floats,
        channels=channels,
        clamps=any(element.is_integer for element in elements),
        window=kernel_of,
        reference=tuple(map(row, elements)),
        fold=fold,
    )
