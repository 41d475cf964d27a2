"""Rows of CONV_2D, FULLY_CONNECTED and one-channel DEPTHWISE_CONV_2D for cores without vectors."""

from __future__ import annotations

from collections.abc import Callable

from fwgen.contract.kernel import ARMV7M, DSP, DUAL_ISSUE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.matrix import byte_rows, columns, few_rows, row_ring, strips, window_lines
from fwgen.kernels.matrix.column_kernels import (
    BYTES,
    DUAL,
    DUAL_NIBBLES,
    NIBBLES,
    SINGLE_ISSUE,
)
from fwgen.kernels.matrix.columns import ColumnKernels
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.one_channel import for_one_channel
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.weights import TYPES, is_grouped

Made = Callable[[Node, ColumnKernels], tuple[Form, ...]]


def _pixels(node: Node, kernels: ColumnKernels) -> tuple[Form, ...]:
    pixels = strips.contiguous(node)
    assert pixels is not None, "the row holds"
    return columns.forms_of_pixels(node, pixels, clamp_of(node), kernels)


def _windows(node: Node, kernels: ColumnKernels) -> tuple[Form, ...]:
    return columns.forms_of_windows(node, clamp_of(node), kernels)


def _shared_rows(node: Node, kernels: ColumnKernels) -> tuple[Form, ...]:
    return row_ring.forms(node, clamp_of(node), RINGS[kernels])


def _rows_of_dense(node: Node) -> Pixels:
    depth = node.w.shape[1]
    return Pixels(node.x.elements // depth, depth, node.w.shape[0])


def _lines(node: Node, kernels: ColumnKernels) -> tuple[Form, ...]:
    return window_lines.forms(node, clamp_of(node), kernels)


def _dense(node: Node, kernels: ColumnKernels) -> tuple[Form, ...]:
    return columns.forms_of_pixels(node, _rows_of_dense(node), clamp_of(node), kernels)


def _pixels_apart(node: Node) -> Pixels | None:
    if node.code == "FULLY_CONNECTED":
        return _rows_of_dense(node)
    return None if is_grouped(node) else strips.contiguous(node)


def _apart(node: Node, kernels: ColumnKernels) -> tuple[Form, ...]:
    pixels = _pixels_apart(node)
    assert pixels is not None, "the row holds"
    return row_ring.apart_forms(node, pixels, clamp_of(node))


def _holds_apart(node: Node, kernels: ColumnKernels) -> bool:
    pixels = _pixels_apart(node)
    return pixels is not None and row_ring.apart_takes(node, pixels)


def _row(
    op: str,
    name: str,
    made: Made,
    holds: Callable[[Node, ColumnKernels], bool],
    kernels: ColumnKernels,
    names: tuple[str, ...] | None = None,
) -> Kernel:
    """A row of a driver, which may call ``names``: all of the kernels, unless they are given."""
    needs, lacks, ending = CORES[kernels]
    driver = f"{name}_s8_{kernels.driver}"
    return Kernel(
        op,
        f"{driver}{ending}",
        "fwgen",
        lambda node: made(node, kernels),
        needs,
        lambda node: holds(node, kernels),
        lacks=lacks,
        functions=(driver, *(names or kernels.names), kernels.clamp.function),
        types=TYPES,
    )


def _holds_dense(node: Node, kernels: ColumnKernels) -> bool:
    return kernels.holds(node)


def _holds_windows(node: Node, kernels: ColumnKernels) -> bool:
    return not is_grouped(node) and kernels.holds(node)


def _holds_pixels(node: Node, kernels: ColumnKernels) -> bool:
    return strips.contiguous(node) is not None and _holds_windows(node, kernels)


def _holds_shared_rows(node: Node, kernels: ColumnKernels) -> bool:
    return _holds_windows(node, kernels) and row_ring.holds(node, RINGS[kernels])


def _holds_lines(node: Node, kernels: ColumnKernels) -> bool:
    return not is_grouped(node) and window_lines.holds(node)


CORES = {
    SINGLE_ISSUE: (DSP, DUAL_ISSUE, ""),
    DUAL: (DSP | DUAL_ISSUE, frozenset[str](), "_dual"),
    NIBBLES: (DSP, DUAL_ISSUE, "_nibbles"),
    DUAL_NIBBLES: (DSP | DUAL_ISSUE, frozenset[str](), "_dual_nibbles"),
    BYTES: (ARMV7M, frozenset({"dsp"}), ""),
}
"""What cores of each kind have, what they have not, and the ending of the rows for them."""

RINGS = {
    SINGLE_ISSUE: row_ring.WIDENED,
    DUAL: row_ring.WIDENED_DUAL,
    BYTES: row_ring.AS_BYTES,
}


def _convolutions(*kinds: ColumnKernels) -> tuple[Kernel, ...]:
    return tuple(
        _row("CONV_2D", name, made, holds, kernels)
        for kernels in kinds
        for name, made, holds in (
            ("matrix_pixels", _pixels, _holds_pixels),
            ("conv_2d", _windows, _holds_windows),
        )
    )


_CONVOLUTIONS_OF_BYTES = _convolutions(SINGLE_ISSUE, DUAL, BYTES)

KERNELS = (
    *_CONVOLUTIONS_OF_BYTES,
    *_convolutions(NIBBLES, DUAL_NIBBLES),
    *(
        _row(
            *("CONV_2D", "conv_2d_rows", _shared_rows, _holds_shared_rows, kernels),
            names=RINGS[kernels].names,
        )
        for kernels in RINGS
    ),
    *(
        _row(op, "matrix_apart", _apart, _holds_apart, BYTES, names=RINGS[BYTES].names)
        for op in ("CONV_2D", "FULLY_CONNECTED")
    ),
    *(
        _row("CONV_2D", "conv_2d_lines", _lines, _holds_lines, kernels)
        for kernels in (SINGLE_ISSUE, DUAL)
    ),
    *(_row("FULLY_CONNECTED", "matrix_pixels", _dense, _holds_dense, kernels) for kernels in CORES),
    *few_rows.KERNELS,
    *byte_rows.KERNELS,
    *for_one_channel(_CONVOLUTIONS_OF_BYTES),
)
