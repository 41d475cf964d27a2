"""Parts of int16 images on MVE: ``parts.py`` with the products of ``products_s16.py``."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.matrix import products_s16, strips
from fwgen.kernels.matrix.packing_s16 import pack_s16
from fwgen.kernels.matrix.parts import ImageParts, groups_of, phases_of
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.matrix.strips import Multipliers, Strips
from fwgen.kernels.mve.clamp import clamp_cycles, clamped
from fwgen.ops import transpose_conv
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import clamp_of

KERNEL = "conv_2d_parts_s16_mve"


def _call(node: Node, parts: ImageParts, strip: Strips, packed: Constant) -> Call:
    part, count = parts.nodes[0], len(parts.nodes)
    conv = products_s16.in_bytes(part)
    pitch = strip.step(conv) * conv.line
    walk = strips.walk_fields(part, strip, (part.x.shape[3] * 2, part.y.shape[3]))
    channels = part.w.shape[0]
    pixels = Pixels(0, pitch // 2, parts.pitches[0 if strip.down else 1])
    matrix = products_s16.fields(part.w.elements // channels, channels, pixels)
    fields = (
        *((f"conv.windows.{name}", value) for name, value in walk),
        ("conv.windows.matrix.input_pitch", pitch),
        *((f"conv.matrix.{name}", value) for name, value in matrix),
        ("parts", count),
        ("input_step", parts.steps[0]),
        ("weights_step", packed.data.size // count),
        ("output_step", parts.steps[1]),
        ("output_image", node.y.elements // node.y.shape[0]),
        ("output_row", parts.pitches[0]),
        ("output_pixel", parts.pitches[1]),
    )
    kernel = products_s16.functions_of(part)[0]
    x, y = Ref(node.x.index), Ref(node.y.index, parts.first)
    args = (Params(f"fw_{KERNEL}_params", fields), x, packed, kernel, Scratch(), y)
    return Call(f"fw_{KERNEL}", args)


def _forms(node: Node, of: tuple[ImageParts, ...]) -> tuple[Form, ...]:
    """The fastest strips."""
    clamp, made = clamp_of(node), weights.weights_and_bias(node)
    calls, cycles, scratch = [], clamp_cycles(node, clamp), 0
    for number, parts in enumerate(of):
        data = np.stack([pack_s16(part).data.reshape(-1) for part in parts.nodes])
        role = f"weights_{number}" if len(of) > 1 else "weights"
        packed = Constant(role, data, "mve_matrix_s16.h", made)
        part = parts.nodes[0]
        conv, kernel = products_s16.in_bytes(part), products_s16.functions_of(part)[0]
        strip, cost = strips.strips_of(conv, Multipliers(kernel, kernel, 1))[0]
        calls.append(_call(node, parts, strip, packed))
        cycles += len(parts.nodes) * (cost + 20.0) + 40.0
        scratch = max(scratch, strip.scratch_bytes(conv))
    return (Form((*calls, *clamped(node, clamp)), cycles, scratch),)


def _fit(of: tuple[ImageParts, ...]) -> bool:
    return all(products_s16.holds(part) for parts in of for part in parts.nodes)


def holds_grouped(node: Node) -> bool:
    """Whether the kernels are exact for each group."""
    return weights.is_grouped(node) and _fit((groups_of(node),))


def forms_grouped(node: Node) -> tuple[Form, ...]:
    """Forms of a grouped CONV_2D."""
    return _forms(node, (groups_of(node),))


def holds_transposed(node: Node) -> bool:
    """Whether the kernels are exact for each phase, and weights and bias are known."""
    seen = transpose_conv.as_weighted(node)
    return weights.are_plain(seen) and _fit(phases_of(seen))


def forms_transposed(node: Node) -> tuple[Form, ...]:
    """Forms of a TRANSPOSE_CONV."""
    seen = transpose_conv.as_weighted(node)
    return _forms(seen, phases_of(seen))
