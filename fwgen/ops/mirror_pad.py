"""MIRROR_PAD: a tensor and its mirror images around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import NO_FIELDS, Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves, paddings
from fwgen.ops.parts.loop_nest import row_major

REFLECT, SYMMETRIC = 0, 1


@dataclass(frozen=True)
class Options:
    """The schema's ``MirrorPadOptions``: REFLECT does not repeat what is at an edge."""

    mode: int


def read_options(fields: Fields) -> Options:
    """TFLM has a mode of its own where the op has no table: it computes as with SYMMETRIC."""
    return Options(mode=SYMMETRIC if fields is NO_FIELDS else fields.i8(0))


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    mode = node.options.mode
    node.require(mode in (REFLECT, SYMMETRIC), f"MIRROR_PAD has mode {mode}, expected 0 or 1.")
    moves.require_ints(node, node.w, "paddings")
    paddings.check(node)
    edge = int(mode == REFLECT)
    for size, pair in zip(node.x.shape, paddings.sides(node), strict=True):
        node.require(
            max(pair) <= size - edge,
            f"MIRROR_PAD of {size} elements has images of {max(pair)}, at most {size - edge} are "
            "there.",
        )


def calls_reference(node: Node) -> tuple[Call, ...]:
    """The input to the middle of the output; then, dimension by dimension, images of what is
    there."""
    y, edge = node.y, int(node.options.mode == REFLECT)
    pairs, strides = paddings.sides(node), row_major(y.shape)
    calls = [paddings.middle(node)]
    begins, sizes = [before for before, _ in pairs], [*node.x.shape]
    for d, (before, after) in enumerate(pairs):
        first = sum(begin * stride for begin, stride in zip(begins, strides, strict=True))
        back = (*strides[:d], -strides[d], *strides[d + 1 :])
        last = first + (sizes[d] - 1) * strides[d]
        for count, source, target in (
            (before, first + edge * strides[d], first - strides[d]),
            (after, last - edge * strides[d], last + strides[d]),
        ):
            if count:
                image = (*sizes[:d], count, *sizes[d + 1 :])
                # away from the edge: the source inwards, the target outwards
                inwards, outwards = (strides, back) if source > target else (back, strides)
                calls.append(moves.strided_copy(y, y, image, (source, inwards), (target, outwards)))
        begins[d], sizes[d] = 0, y.shape[d]
    return tuple(calls)


def fold(node: Node, values: Sequence[Array]) -> Array:
    pairs = paddings.sides(node)
    if node.options.mode == REFLECT:
        return np.pad(values[0], pairs, mode="reflect")
    return np.pad(values[0], pairs, mode="symmetric")


OPERATOR = Operator(
    code=100,
    name="MIRROR_PAD",
    options=read_options,
    types=like_all((Element.S8, Element.F32), None),
    check=check,
    reference=(moves.copies("MIRROR_PAD", calls_reference),),
    fold=fold,
)
