"""MEAN: the mean over any axes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.channels import ChannelRule, channelwise, full_reach
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, Operator
from fwgen.model.element import Element
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import LEVELS, Loops, collapse, row_major

TYPES = ((Element.S8, Element.S32, Element.S8),)


@dataclass(frozen=True)
class Options:
    """The schema's ``ReducerOptions``: whether averaged axes stay, with size 1."""

    keep_dims: bool


def read_options(fields: Fields) -> Options:
    return Options(keep_dims=fields.flag(0))


def axes_of(node: Node) -> frozenset[int]:
    """The averaged axes, from 0; a negative one counts from the last."""
    rank = len(node.x.shape)
    axes = moves.constant_ints(node, node.w, "axes")
    node.require(
        all(-rank <= axis < rank for axis in axes),
        f"MEAN over axes {list(axes[:8])} of {rank} dimensions.",
    )
    return frozenset(axis % rank for axis in axes)


def averaged(node: Node) -> int:
    """Number of input elements per output."""
    return prod(node.x.shape[axis] for axis in axes_of(node))


def multiplier(node: Node) -> tuple[int, int]:
    """(multiplier, shift) from a sum to the mean.

    The scales' multiplier is divided by the number of elements, shifted up before as far as
    its value stays below 2**31. Source: TFLite ``reference/reduce.h``, ``QuantizedMeanOrSum``.
    """
    scaled, shift = quantize_multiplier(node.x.scale / node.y.scale)
    count = averaged(node)
    up = min(count.bit_length() - 1, 32, 31 + shift)
    return (scaled << up) // count, shift - up


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
    rank = len(x.shape)
    node.require(rank <= LEVELS, f"MEAN of {rank} dimensions; at most {LEVELS} are supported.")
    checks.require_factors(node, (x.scale / y.scale,))
    axes = axes_of(node)
    shape = tuple(
        1 if axis in axes else size
        for axis, size in enumerate(x.shape)
        if axis not in axes or node.options.keep_dims
    )
    checks.require_shape(node, y, shape)
    count = averaged(node)
    node.require(
        256 * count <= checks.INT32_MAX,
        f"MEAN of {count} elements; at most {checks.INT32_MAX // 256} are supported.",
    )


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    axes, strides = axes_of(node), row_major(x.shape)

    def nest(axes: list[int]) -> Loops:
        return collapse(
            tuple(x.shape[axis] for axis in axes), tuple(strides[axis] for axis in axes), levels=3
        )

    kept = nest([axis for axis in range(len(x.shape)) if axis not in axes])
    mean = nest(sorted(axes))
    output_multiplier, output_shift = multiplier(node)
    params = Params(
        "fw_mean_s8_params",
        (
            ("kept_size", kept.sizes),
            ("kept_stride", kept.strides[0]),
            ("mean_size", mean.sizes),
            ("mean_stride", mean.strides[0]),
            ("offset", -x.zero_point * averaged(node)),
            ("output_multiplier", output_multiplier),
            ("output_shift", output_shift),
            ("output_zero_point", y.zero_point),
        ),
    )
    return (Call("fw_mean_s8", (params, Ref(x.index), Ref(y.index))),)


def cost_reference(node: Node) -> float:
    return 6.0 * node.x.elements + 90.0 * node.y.elements


def channels(node: Node) -> ChannelRule | None:
    """Channelwise unless the last axis is averaged; of its values nothing is claimed."""
    if len(node.x.shape) - 1 in axes_of(node):
        return None
    return channelwise(lambda node, inputs: full_reach(node.y))


OPERATOR = Operator(
    code=40,
    name="MEAN",
    options=read_options,
    types=TYPES,
    check=check,
    channels=channels,
    reference=(
        Kernel(
            "MEAN", "mean_s8", "reference", one_form(calls_reference, cost_reference), types=TYPES
        ),
    ),
)
