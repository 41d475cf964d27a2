"""Rows of CONV_2D, FULLY_CONNECTED and one-channel DEPTHWISE_CONV_2D for the DSP extension."""

from __future__ import annotations

from collections.abc import Callable

from fwgen.contract.kernel import DSP, DUAL_ISSUE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import FUNCTION as CLAMP
from fwgen.kernels.matrix import columns, few_rows, paired_bytes, row_ring, strips
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
    return row_ring.forms(node, clamp_of(node), kernels)


def _dense(node: Node, kernels: ColumnKernels) -> tuple[Form, ...]:
    depth = node.w.shape[1]
    pixels = Pixels(node.x.elements // depth, depth, node.w.shape[0])
    return columns.forms_of_pixels(node, pixels, clamp_of(node), kernels)


def _holds_windows(node: Node) -> bool:
    return not is_grouped(node) and paired_bytes.holds(node)


def _holds_pixels(node: Node) -> bool:
    return strips.contiguous(node) is not None and _holds_windows(node)


def _holds_shared_rows(node: Node) -> bool:
    return not is_grouped(node) and row_ring.holds(node)


def _row(
    op: str, name: str, made: Made, holds: Callable[[Node], bool], kernels: ColumnKernels
) -> Kernel:
    dual = kernels is columns.DUAL_ISSUE
    driver = f"{name}_s8_dsp"
    called = (row_ring if made is _shared_rows else columns).names(kernels)
    return Kernel(
        op,
        f"{driver}_dual" if dual else driver,
        "fwgen",
        lambda node: made(node, kernels),
        DSP | DUAL_ISSUE if dual else DSP,
        holds,
        lacks=frozenset() if dual else DUAL_ISSUE,
        functions=(driver, *called, CLAMP),
        types=TYPES,
    )


_CONVOLUTIONS = tuple(
    _row("CONV_2D", name, made, holds, kernels)
    for kernels in (columns.SINGLE_ISSUE, columns.DUAL_ISSUE)
    for name, made, holds in (
        ("matrix_pixels", _pixels, _holds_pixels),
        ("conv_2d", _windows, _holds_windows),
    )
)

KERNELS = (
    *_CONVOLUTIONS,
    *(
        _row("CONV_2D", "conv_2d_rows", _shared_rows, _holds_shared_rows, kernels)
        for kernels in (columns.SINGLE_ISSUE, columns.DUAL_ISSUE)
    ),
    *(
        _row("FULLY_CONNECTED", "matrix_pixels", _dense, paired_bytes.holds, kernels)
        for kernels in (columns.SINGLE_ISSUE, columns.DUAL_ISSUE)
    ),
    *few_rows.KERNELS,
    *for_one_channel(_CONVOLUTIONS),
)
