"""Sliding windows over NHWC images: what convolutions and pools have in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from fwgen.contract.node import Node
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks

MOST_SPAN = 1 << 24
"""Input rows or columns that a window may span, so that its indices stay far inside 32 bits."""


MOST_BEFORE = (1 << 15) - 1
"""Positions of a window before the first input: TFLM counts them in 16 bits."""


class Padding(IntEnum):
    """The schema's ``Padding``."""

    SAME = 0
    VALID = 1


@dataclass(frozen=True)
class ExplicitPadding:
    """What a pass puts in the place of SAME or VALID: (before, after) of rows and of columns."""

    rows: tuple[int, int]
    columns: tuple[int, int]


class WindowOptions(Protocol):
    """The options of a windowed op; dilation is 1 where an op has none."""

    @property
    def padding(self) -> int | ExplicitPadding: ...
    @property
    def stride_h(self) -> int: ...
    @property
    def stride_w(self) -> int: ...
    @property
    def activation(self) -> int: ...
    @property
    def dilation_h(self) -> int: ...
    @property
    def dilation_w(self) -> int: ...


@dataclass(frozen=True)
class Window:
    """A sliding window along one axis: output size and positions before the first input."""

    size: int
    before: int


def window(
    padding: Padding | tuple[int, int], extent: int, kernel: int, stride: int, dilation: int = 1
) -> Window:
    """Output size and leading padding along one axis; size <= 0 if the window does not fit.

    A pair is explicit padding, (before, after). Source: TFLite ``kernels/padding.h``.
    """
    span = (kernel - 1) * dilation + 1
    if isinstance(padding, tuple):
        before, after = padding
        return Window((before + extent + after - span) // stride + 1, before)
    if padding is Padding.SAME:
        size = (extent + stride - 1) // stride
    else:
        size = (extent + stride - span) // stride
    total = max(0, (size - 1) * stride + span - extent)
    return Window(size, total // 2)


def windows(x: Tensor, kernel: tuple[int, int], options: WindowOptions) -> tuple[Window, Window]:
    """Rows and columns of ``kernel`` (h, w) sliding over ``x``."""
    padding = options.padding
    if isinstance(padding, ExplicitPadding):
        rows: Padding | tuple[int, int] = padding.rows
        columns: Padding | tuple[int, int] = padding.columns
    else:
        rows = columns = Padding(padding)
    return (
        window(rows, x.shape[1], kernel[0], options.stride_h, options.dilation_h),
        window(columns, x.shape[2], kernel[1], options.stride_w, options.dilation_w),
    )


def require_window(
    node: Node, x: Tensor, y: Tensor, kernel: tuple[int, int], channels: int, options: WindowOptions
) -> None:
    """Require valid options and the NHWC output of ``channels`` that ``kernel`` (h, w) gives."""
    node.require(
        isinstance(options.padding, ExplicitPadding) or options.padding in tuple(Padding),
        f"Padding code {options.padding} is neither SAME nor VALID.",
    )
    for what in ("stride_h", "stride_w", "dilation_h", "dilation_w"):
        value = getattr(options, what)
        node.require(0 < value < 1 << 15, f"{what} is {value}, expected 1 to 32767.")
    for size, dilation in zip(kernel, (options.dilation_h, options.dilation_w), strict=True):
        span = (size - 1) * dilation + 1
        node.require(
            0 < span <= MOST_SPAN,
            f"A window of {size} with dilation {dilation} spans {span} inputs, expected 1 to "
            f"{MOST_SPAN}.",
        )
    checks.check_activation_code(node, options.activation)
    rows, columns = windows(x, kernel, options)
    before = max(rows.before, columns.before)
    node.require(
        isinstance(options.padding, ExplicitPadding) or before <= MOST_BEFORE,
        f"The first window begins {before} positions before the input, expected at most "
        f"{MOST_BEFORE}: TFLM counts them in 16 bits.",
    )
    checks.require_shape(node, y, (x.shape[0], rows.size, columns.size, channels))


def window_fields(
    x: Tensor, y: Tensor, kernel: tuple[int, int], options: WindowOptions
) -> tuple[tuple[str, int], ...]:
    """The members with which the C structs of all windowed kernels begin, dilation apart."""
    rows, columns = windows(x, kernel, options)
    return (
        ("batches", x.shape[0]),
        ("input_h", x.shape[1]),
        ("input_w", x.shape[2]),
        ("input_c", x.shape[3]),
        ("output_h", y.shape[1]),
        ("output_w", y.shape[2]),
        ("output_c", y.shape[3]),
        ("kernel_h", kernel[0]),
        ("kernel_w", kernel[1]),
        ("stride_h", options.stride_h),
        ("stride_w", options.stride_w),
        ("pad_top", rows.before),
        ("pad_left", columns.before),
    )
