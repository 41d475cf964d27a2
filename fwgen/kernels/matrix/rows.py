"""Rows of CONV_2D, FULLY_CONNECTED and one-channel DEPTHWISE_CONV_2D by products of matrices."""

from __future__ import annotations

from fwgen.contract.kernel import MVE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.matrix import (
    activations,
    column_rows,
    halfword_rows,
    nibbles,
    parts,
    parts_s16,
    products,
    products_s16,
    single_rows,
    strips,
    strips_across,
    third_rows,
    winograd_tiles,
)
from fwgen.kernels.matrix.costs import RELU
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.mve.clamp import FUNCTION as CLAMP
from fwgen.kernels.mve.clamp import OF_S16 as CLAMP_S16
from fwgen.kernels.one_channel import for_one_channel
from fwgen.ops import transpose_conv
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.weights import S16_NARROW, S16_WIDE, TYPES, is_grouped

PAIRS = tuple(
    f"matrix_{vectors}{relu}_s8_mve"
    for vectors in (1, 2, 3, 4, 5, 8, 9, 10)
    for relu in (("", "_relu") if vectors in RELU else ("",))
)
"""A kernel for each number of vectors of 16 inputs, and two for any beyond 4 and beyond 8."""

SINGLE = ("matrix_single_s8_mve", "matrix_single_uniform_s8_mve", "matrix_thin_s8_mve")
ROW = "matrix_row_s8_mve"
ANY = "matrix_any_s8_mve"


def pixels_of(node: Node) -> Pixels:
    """The pixels of a convolution that ``_holds_pixels``."""
    pixels = strips.contiguous(node)
    assert pixels is not None
    return pixels


def _holds_pixels(node: Node) -> bool:
    """Whether windows are contiguous in the input, as those of a 1x1 convolution."""
    pixels = strips.contiguous(node)
    if pixels is None or is_grouped(node):
        return False
    return products.holds_pixels(node, pixels)


def _forms_pixels(node: Node) -> tuple[Form, ...]:
    return products.forms(node, pixels_of(node), clamp_of(node))


def _holds_pixels_one_by_one(node: Node) -> bool:
    contiguous = strips.contiguous(node) is not None
    return contiguous and _holds_strips(node)


def _forms_pixels_one_by_one(node: Node) -> tuple[Form, ...]:
    return products.forms_one_by_one(node, pixels_of(node), clamp_of(node))


def _holds_strips(node: Node) -> bool:
    """Whether the convolution is not grouped, and scales and bias are as the kernels want."""
    return not is_grouped(node) and products.holds(node)


def _forms_strips(node: Node) -> tuple[Form, ...]:
    return strips.forms(node, clamp_of(node))


def _holds_across(node: Node) -> bool:
    return _holds_strips(node) and strips_across.holds(node)


def _forms_across(node: Node) -> tuple[Form, ...]:
    return strips_across.forms(node, clamp_of(node))


def rows_of(node: Node) -> Pixels:
    """The rows of a FULLY_CONNECTED as pixels."""
    units, depth = node.w.shape
    return Pixels(node.x.elements // depth, depth, units)


def _holds_dense(node: Node) -> bool:
    return products.holds_pixels(node, rows_of(node))


def _forms_dense(node: Node) -> tuple[Form, ...]:
    return products.forms(node, rows_of(node), clamp_of(node))


def _forms_dense_one_by_one(node: Node) -> tuple[Form, ...]:
    return products.forms_one_by_one(node, rows_of(node), clamp_of(node))


def _holds_any_strips(node: Node) -> bool:
    """Whether the faster kernels have no room for scale or bias of a convolution."""
    return not is_grouped(node) and not products.holds(node)


def _holds_any_pixels(node: Node) -> bool:
    return _holds_any_strips(node) and strips.contiguous(node) is not None


def _forms_any_pixels(node: Node) -> tuple[Form, ...]:
    return products.forms_of_any(node, pixels_of(node), clamp_of(node))


def _forms_any_strips(node: Node) -> tuple[Form, ...]:
    return strips.forms_of_any(node, clamp_of(node))


def _holds_any_dense(node: Node) -> bool:
    return not products.holds(node)


def _forms_any_dense(node: Node) -> tuple[Form, ...]:
    return products.forms_of_any(node, rows_of(node), clamp_of(node))


_ALL, _ONE, _STRIPS, _ACROSS, _ANY, _ANY_STRIPS = (
    (*PAIRS, *SINGLE, ROW, CLAMP),
    (ROW, CLAMP),
    ("conv_2d_s8_mve", *PAIRS, ROW, CLAMP),
    (strips_across.KERNEL, *PAIRS, ROW, CLAMP),
    (ANY, CLAMP),
    ("conv_2d_s8_mve", ANY, CLAMP),
)

_CONVOLUTIONS = tuple(
    Kernel("CONV_2D", name, "fwgen", forms, MVE, holds, functions=functions, types=TYPES)
    for name, forms, holds, functions in (
        ("matrix_s8_mve", _forms_pixels, _holds_pixels, _ALL),
        (ROW, _forms_pixels_one_by_one, _holds_pixels_one_by_one, _ONE),
        ("conv_2d_s8_mve", _forms_strips, _holds_strips, _STRIPS),
        (strips_across.KERNEL, _forms_across, _holds_across, _ACROSS),
        (ANY, _forms_any_pixels, _holds_any_pixels, _ANY),
        ("conv_2d_any_s8_mve", _forms_any_strips, _holds_any_strips, _ANY_STRIPS),
    )
)

_DENSE = tuple(
    Kernel("FULLY_CONNECTED", name, "fwgen", forms, MVE, holds, functions=functions, types=TYPES)
    for name, forms, holds, functions in (
        ("matrix_s8_mve", _forms_dense, _holds_dense, _ALL),
        (ROW, _forms_dense_one_by_one, products.holds, _ONE),
        (ANY, _forms_any_dense, _holds_any_dense, _ANY),
    )
)


def _holds_pixels_s16(node: Node) -> bool:
    contiguous = strips.contiguous(node) is not None
    return contiguous and _holds_strips_s16(node)


def _forms_pixels_s16(node: Node) -> tuple[Form, ...]:
    return products_s16.forms(node, pixels_of(node), clamp_of(node))


def _holds_strips_s16(node: Node) -> bool:
    return not is_grouped(node) and products_s16.holds(node)


def _forms_strips_s16(node: Node) -> tuple[Form, ...]:
    return products_s16.forms_strips(node, clamp_of(node))


def _forms_dense_s16(node: Node) -> tuple[Form, ...]:
    return products_s16.forms(node, rows_of(node), clamp_of(node))


_OF_S16 = (
    *("matrix_s16_mve", "matrix_8_s16_mve", "matrix_s16_s32_mve", "matrix_8_s16_s32_mve"),
    CLAMP_S16,
)

_S16 = tuple(
    Kernel(
        op,
        name,
        "fwgen",
        forms,
        MVE,
        holds,
        functions=functions,
        types=(S16_WIDE, S16_NARROW),
    )
    for op, name, forms, holds, functions in (
        ("CONV_2D", "matrix_s16_mve", _forms_pixels_s16, _holds_pixels_s16, _OF_S16),
        (
            "CONV_2D",
            "conv_2d_s16_mve",
            _forms_strips_s16,
            _holds_strips_s16,
            ("conv_2d_s16_mve", *_OF_S16),
        ),
        ("FULLY_CONNECTED", "matrix_s16_mve", _forms_dense_s16, products_s16.holds, _OF_S16),
    )
)


_PARTS_S16 = tuple(
    Kernel(
        op,
        parts_s16.KERNEL,
        "fwgen",
        forms,
        MVE,
        holds,
        functions=(parts_s16.KERNEL, *_OF_S16),
        types=types,
    )
    for op, forms, holds, types in (
        ("CONV_2D", parts_s16.forms_grouped, parts_s16.holds_grouped, (S16_WIDE, S16_NARROW)),
        (
            "TRANSPOSE_CONV",
            parts_s16.forms_transposed,
            parts_s16.holds_transposed,
            (transpose_conv.TYPES["s16"],),
        ),
    )
)


def _forms_dense_nibbles(node: Node) -> tuple[Form, ...]:
    return nibbles.forms_dense(node, rows_of(node), clamp_of(node))


def _holds_strips_nibbles(node: Node) -> bool:
    return nibbles.fits(node) and _holds_strips(node)


def _holds_pixels_nibbles(node: Node) -> bool:
    return strips.contiguous(node) is not None and _holds_strips_nibbles(node)


def _forms_pixels_nibbles(node: Node) -> tuple[Form, ...]:
    return nibbles.forms_pixels(node, pixels_of(node), clamp_of(node))


def _forms_strips_nibbles(node: Node) -> tuple[Form, ...]:
    return nibbles.forms_strips(node, clamp_of(node))


_NIBBLES = tuple(
    Kernel(op, name, "fwgen", forms, MVE, holds, functions=functions, types=TYPES)
    for op, name, forms, holds, functions in (
        (
            "FULLY_CONNECTED",
            nibbles.DENSE,
            _forms_dense_nibbles,
            nibbles.holds_dense,
            (nibbles.DENSE, CLAMP),
        ),
        (
            "CONV_2D",
            nibbles.BLOCKS,
            _forms_pixels_nibbles,
            _holds_pixels_nibbles,
            (nibbles.BLOCKS, *PAIRS, ROW, CLAMP),
        ),
        (
            "CONV_2D",
            "conv_2d_unpacked_s8_mve",
            _forms_strips_nibbles,
            _holds_strips_nibbles,
            (*_STRIPS, nibbles.WHOLE),
        ),
    )
)

_OF_PARTS = (parts.KERNEL, *PAIRS, ROW, ANY, CLAMP)

_PARTS = (
    Kernel(
        "CONV_2D",
        parts.KERNEL,
        "fwgen",
        parts.forms_grouped,
        MVE,
        is_grouped,
        functions=_OF_PARTS,
        types=TYPES,
    ),
    Kernel(
        "TRANSPOSE_CONV",
        parts.KERNEL,
        "fwgen",
        parts.forms_transposed,
        MVE,
        parts.holds_transposed,
        functions=_OF_PARTS,
        types=(transpose_conv.TYPES["s8"],),
    ),
)

KERNELS = (
    activations.ROW,
    *_PARTS_S16,
    *_PARTS,
    *_NIBBLES,
    *_CONVOLUTIONS,
    *_DENSE,
    *for_one_channel((*_CONVOLUTIONS, _S16[1])),
    *_S16,
    *column_rows.KERNELS,
    *third_rows.KERNELS,
    *single_rows.KERNELS,
    *winograd_tiles.KERNELS,
    *halfword_rows.KERNELS,
)
