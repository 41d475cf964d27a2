"""SVDF: features of an input, of which each unit weighs the last ones in time; they are its
state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Calls, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, Types
from fwgen.model.fixed_point import Int64Array, quantize_multiplier, requantize
from fwgen.ops.parts import checks
from fwgen.ops.parts.short_products import ShortProducts, reference_call, suffix_of
from fwgen.ops.parts.short_sums import require_short_sums

STATE = 4
"""The place of the state among the inputs."""

MOST_BIAS_ERROR = 1e-5
"""Largest difference of the bias' scale from that of the products in time."""

TYPES: tuple[Types, ...] = tuple(
    (Element.S8, Element.S8, state, Element.S32, state, Element.S8)
    for state in (Element.S8, Element.S16)
)
"""Input, weights of features, weights in time, bias, state and output."""


@dataclass(frozen=True)
class Options:
    """The schema's ``SVDFOptions``, less the activation, which TFLM does not apply."""

    rank: int


def read_options(fields: Fields) -> Options:
    return Options(fields.i32(0))


@dataclass(frozen=True)
class SvdfSizes:
    """Sizes of an SVDF: (batches, depth) to (batches, filters), of which the last ``memory`` are
    kept; ``rank`` filters make one of (batches, units)."""

    batches: int
    depth: int
    filters: int
    memory: int
    rank: int

    @property
    def units(self) -> int:
        return self.filters // self.rank


def sizes_of(node: Node) -> SvdfSizes:
    batches, depth = node.x.shape
    filters, memory = node.input(2).shape
    return SvdfSizes(batches, depth, filters, memory, node.options.rank)


def check(node: Node) -> None:
    node.require(len(node.inputs) == 5, f"SVDF needs 5 inputs, but has {len(node.inputs)}.")
    for place in range(5):
        what = "; TFLM does not survive an SVDF without a bias" if place == 3 else ""
        node.require(node.operand(place) is not None, f"Input {place} of SVDF is absent{what}.")
    node.require(len(node.outputs) == 2, f"Input {STATE} of SVDF must be a variable.")
    for tensor in (node.x, node.w, node.input(2), node.y):
        checks.require_rank(node, tensor, 2)
    rank, filters = node.options.rank, node.w.shape[0]
    node.require(
        rank > 0 and filters % rank == 0,
        f"{filters} filters are no multiple of the rank, {rank}.",
    )
    sizes = sizes_of(node)
    checks.require_shape(node, node.w, (sizes.filters, sizes.depth))
    checks.require_shape(node, node.y, (sizes.batches, sizes.units))
    checks.require_shape(node, node.input(3), (sizes.units,))
    checks.require_shape(node, node.input(STATE), (sizes.batches, sizes.memory * sizes.filters))
    _check_scales(node)


def _check_scales(node: Node) -> None:
    x, y, time, bias, state = node.x, node.y, node.input(2), node.input(3), node.input(STATE)
    for tensor in (x, y, time, state):
        checks.require_per_tensor(node, tensor)
        checks.require_symmetric(node, tensor)
    require_short_sums(node, x, node.w, None, state.scale)
    for tensor in (time, bias):
        node.require(tensor.data is not None, f"Tensor {tensor.index} must be constant.")
    node.require(
        time.zero_point == 0, f"Weights (tensor {time.index}) have a zero point other than 0."
    )
    checks.require_factors(node, (state.scale * time.scale / y.scale,))
    scale, expected = 0.0 if bias.quant is None else bias.scale, state.scale * time.scale
    node.require(
        abs(scale - expected) < MOST_BIAS_ERROR,
        f"The bias (tensor {bias.index}) has scale {scale:g}, expected that of the state times "
        f"that of the weights in time, {expected:g}.",
    )


def macs(node: Node) -> int:
    sizes = sizes_of(node)
    return sizes.batches * sizes.filters * (sizes.depth + sizes.memory)


def _wrapped(values: Int64Array, element: Element) -> Int64Array:
    """Integers as an element of fewer bits holds them."""
    return values.astype(element.numpy).astype(np.int64)


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    """Source: TFLM ``svdf_common.cc``; sums of products in time wrap at 32 bits, as the package's.

    The newest state wraps where it is added to its zero point.
    """
    x, state, sizes = node.x, node.input(STATE), sizes_of(node)
    rows = values[0].astype(np.int64) - x.zero_point
    sums = rows @ node.w.constant.astype(np.int64).T
    features = requantize(sums, *feature_factor(node))
    newest = np.clip(features, *state.dtype.limits) + state.zero_point
    kept = values[STATE].reshape(sizes.batches, sizes.filters, sizes.memory).astype(np.int64)
    kept = np.concatenate([kept[:, :, 1:], _wrapped(newest, state.dtype)[:, :, None]], axis=2)
    products = ((kept - state.zero_point) * node.input(2).constant.astype(np.int64)).sum(axis=2)
    per_unit = products.reshape(sizes.batches, sizes.units, sizes.rank).sum(axis=2)
    wrapped = _wrapped(per_unit + node.input(3).constant, Element.S32)
    scaled = _wrapped(requantize(wrapped, *output_factor(node)) + node.y.zero_point, Element.S32)
    old = values[STATE]
    return node.y.dtype.clamped(scaled), kept.astype(old.dtype).reshape(old.shape)


def feature_factor(node: Node) -> tuple[int, int]:
    """By what a sum of products with the input becomes a state, as (multiplier, shift)."""
    return quantize_multiplier(node.x.scale * node.w.scale / node.input(STATE).scale)


def output_factor(node: Node) -> tuple[int, int]:
    """By what a sum of products in time becomes an output, as (multiplier, shift)."""
    return quantize_multiplier(node.input(STATE).scale * node.input(2).scale / node.y.scale)


def features_of(node: Node) -> ShortProducts:
    """The features, as products of rows."""
    sizes = sizes_of(node)
    return ShortProducts(node.x, 0, sizes.batches, sizes.depth, node.w, None, feature_factor(node))


def in_time(node: Node, function: str, features: Scratch, bias: Ref | Constant) -> Call:
    """The call of a kernel that takes the features into the state and weighs it."""
    sizes, state = sizes_of(node), node.ys[1]
    multiplier, shift = output_factor(node)
    params = Params(
        "fw_svdf_params",
        (
            ("batches", sizes.batches),
            ("units", sizes.units),
            ("rank", sizes.rank),
            ("memory", sizes.memory),
            ("state_zero_point", state.zero_point),
            ("multiplier", multiplier),
            ("shift", shift),
            ("output_zero_point", node.y.zero_point),
        ),
    )
    weights, output = Ref(node.inputs[2]), Ref(node.y.index)
    return Call(function, (params, features, weights, bias, Ref(state.index), output))


def keep_state(node: Node, function: str) -> Call:
    """The copy of the state to where it is kept, which may be where it is."""
    return Call(function, (Ref(node.inputs[STATE]), Ref(node.outputs[1]), node.ys[1].bytes))


def calls_reference(node: Node) -> Calls:
    features = Scratch(0, Element.S16)
    name = f"fw_svdf_{suffix_of(node.ys[1])}"
    return (
        keep_state(node, "fw_copy"),
        reference_call(features_of(node), features),
        in_time(node, name, features, Ref(node.inputs[3])),
    )


def forms_reference(node: Node) -> tuple[Form, ...]:
    sizes = sizes_of(node)
    features = sizes.batches * sizes.filters
    cycles = 7.0 * macs(node) + 60.0 * features
    return (Form(calls_reference(node), cycles, scratch_bytes=features * Element.S16.bytes),)


def _row(types: Types) -> Kernel:
    state = types[2]
    assert state is not None
    name = f"svdf_{state.name.lower()}"
    functions = name, "short_products_s8", "copy"
    return Kernel("SVDF", name, "reference", forms_reference, functions=functions, types=(types,))


OPERATOR = Operator(
    code=27,
    name="SVDF",
    options=read_options,
    types=TYPES,
    check=check,
    macs=macs,
    fold=fold,
    updates=(STATE,),
    reference=tuple(map(_row, TYPES)),
)
