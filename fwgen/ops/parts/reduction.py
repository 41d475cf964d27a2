"""Reductions: ops that make one element of all that lie along some axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.channels import ChannelRule, channelwise, full_reach, same_reach
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, Types
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import LEVELS, Loops, collapse, row_major

ParamFields = tuple[tuple[str, int | tuple[int, ...]], ...]


def types_of(element: Element) -> Types:
    """The types of a reduction of ``element``: the axes are int32."""
    return element, Element.S32, element


@dataclass(frozen=True)
class Options:
    """The schema's ``ReducerOptions``: whether reduced axes stay, with size 1."""

    keep_dims: bool


def read_options(fields: Fields) -> Options:
    return Options(keep_dims=fields.flag(0))


def axes_of(node: Node) -> frozenset[int]:
    """The reduced axes, from 0; a negative one counts from the last."""
    rank = len(node.x.shape)
    axes = moves.constant_ints(node, node.w, "axes") if node.w.elements else ()
    node.require(
        all(-rank <= axis < rank for axis in axes),
        f"{node.code} over axes {list(axes[:8])} of {rank} dimensions.",
    )
    return frozenset(axis % rank for axis in axes)


def reduced(node: Node) -> int:
    """Number of input elements per output."""
    return prod(node.x.shape[axis] for axis in axes_of(node))


def check(node: Node) -> None:
    """Require an input, constant axes and the output of the shape that both give.

    There may be no axes: then each element is reduced by itself.
    """
    checks.require_operands(node, least=2, most=2, elements=False)
    x, y = node.x, node.y
    rank = len(x.shape)
    node.require(
        rank <= LEVELS, f"{node.code} of {rank} dimensions; at most {LEVELS} are supported."
    )
    axes = axes_of(node)
    shape = tuple(
        1 if axis in axes else size
        for axis, size in enumerate(x.shape)
        if axis not in axes or node.options.keep_dims
    )
    checks.require_shape(node, y, shape)


def check_raw(node: Node) -> None:
    """``check``, and what TFLM requires of an op that moves values."""
    check(node)
    checks.require_raw(node, node.x, node.y)


def check_sum(node: Node) -> None:
    """``check``, and that sums of quantized elements fit 32 bits.

    TFLM adds up raw values, and then takes the zero points away.
    """
    check(node)
    x, y = node.x, node.y
    if x.dtype is Element.F32:
        return
    for tensor in (x, y):
        node.require(
            tensor.quant is not None,
            f"Tensor {tensor.index} has no scale, without which TFLM's {node.code} is 0 whatever "
            "its input.",
            (f"a scale and zero point for tensors {x.index} and {y.index}: 1 and 0 for counts",),
        )
        checks.require_per_tensor(node, tensor)
    checks.require_factors(node, (x.scale / y.scale,))
    low, high = x.dtype.limits
    most = checks.INT32_MAX // max(high - x.zero_point, x.zero_point - low, -low)
    count = reduced(node)
    node.require(
        count <= most, f"{node.code} of {count} elements; at most {most} are supported here."
    )


def multiplier(node: Node) -> tuple[int, int]:
    """(multiplier, shift) from a sum to the output of SUM or MEAN.

    For MEAN the scales' multiplier is divided by the number of elements, shifted up before as far
    as its value stays below 2**31. Source: TFLite ``reference/reduce.h``, ``QuantizedMeanOrSum``.
    """
    scaled, shift = quantize_multiplier(node.x.scale / node.y.scale)
    if node.code == "SUM":
        return scaled, shift
    count = reduced(node)
    up = min(count.bit_length() - 1, 32, 31 + shift)
    return (scaled << up) // count, shift - up


def nests(node: Node) -> tuple[Loops, Loops]:
    """The nests over the kept axes and over the reduced ones, with strides in the input."""
    shape = node.x.shape
    axes, strides = axes_of(node), row_major(shape)

    def nest(axes: list[int]) -> Loops:
        sizes = tuple(shape[axis] for axis in axes)
        return collapse(sizes, tuple(strides[axis] for axis in axes), levels=3)

    return nest([axis for axis in range(len(shape)) if axis not in axes]), nest(sorted(axes))


def _axis_fields(node: Node) -> ParamFields:
    """The members of ``FW_REDUCTION_AXES``."""
    kept, over = nests(node)
    return (
        ("kept_size", kept.sizes),
        ("kept_stride", kept.strides[0]),
        ("reduced_size", over.sizes),
        ("reduced_stride", over.strides[0]),
    )


def calls(kernel: str, node: Node) -> tuple[Call, ...]:
    """The call of a reference kernel, or of one with the same arguments."""
    x, y = node.x, node.y
    kind, more = "reduction", ParamFields()
    if node.code in ("MEAN", "SUM") and x.dtype is not Element.F32:
        output_multiplier, output_shift = multiplier(node)
        kind = "rescaled_reduction"
        more = (
            ("offset", -x.zero_point * reduced(node)),
            ("output_multiplier", output_multiplier),
            ("output_shift", output_shift),
            ("output_zero_point", y.zero_point),
        )
    elif node.code == "MEAN":
        kind, more = "counted_reduction", (("count", reduced(node)),)
    params = Params(f"fw_{kind}_params", (*_axis_fields(node), *more))
    return (Call(f"fw_{kernel}", (params, Ref(x.index), Ref(y.index))),)


def _cost(node: Node) -> float:
    return 6.0 * node.x.elements + 90.0 * node.y.elements


def row(op: str, kernel: str, element: Element) -> Kernel:
    """The row of a reference kernel."""
    return Kernel(
        op,
        kernel,
        "reference",
        one_form(partial(calls, kernel), _cost),
        types=(types_of(element),),
    )


def channels(node: Node) -> ChannelRule | None:
    """Channelwise unless the last axis is reduced; of sums nothing is claimed."""
    if len(node.x.shape) - 1 in axes_of(node) or node.x.dtype is not Element.S8:
        return None
    if node.code in ("MEAN", "SUM"):
        return channelwise(lambda node, inputs: full_reach(node.y))
    return channelwise(same_reach)


def fold_sum(node: Node, values: Sequence[Array]) -> Array:
    """SUM and MEAN. Floats are added up in the order of the input, as the kernels do."""
    x, y, axes = node.x, node.y, tuple(sorted(axes_of(node)))
    if x.dtype is not Element.F32:
        sums = values[0].astype(np.int64).sum(axis=axes) - x.zero_point * reduced(node)
        raw = requantize(sums, *multiplier(node)) + y.zero_point
        return y.dtype.clamped(raw).reshape(y.shape)
    # accumulate goes from the first to the last, as a sum over an axis does not; 0.0 is the start
    total = np.cumsum(_rows(node, values[0]).astype(np.float32), axis=0)[-1] + np.float32(0)
    mean = total / np.float32(reduced(node)) if node.code == "MEAN" else total
    return np.asarray(mean, y.dtype.numpy).reshape(y.shape)


def _rows(node: Node, values: Array) -> Array:
    """The input as (reduced, kept)."""
    axes = axes_of(node)
    kept = (axis for axis in range(len(node.x.shape)) if axis not in axes)
    return values.transpose(*sorted(axes), *kept).reshape(reduced(node), -1)


def sum_operator(code: int, name: str) -> Operator:
    """SUM or MEAN, with their kernels. Both share those that rescale."""
    rows = (
        row(name, "mean_s8", Element.S8),
        row(name, "mean_s16", Element.S16),
        row(name, f"{name.lower()}_f32", Element.F32),
    )
    return Operator(
        code=code,
        name=name,
        options=read_options,
        types=tuple(types for one in rows for types in one.types),
        check=check_sum,
        channels=channels,
        reference=rows,
        fold=fold_sum,
    )


def extreme_operator(
    code: int,
    name: str,
    kernels: Sequence[tuple[str, Element]],
    place: Callable[..., npt.NDArray[np.intp]],
) -> Operator:
    """A reduction to one of the elements.

    ``kernels`` are (name, element); ``place`` is NumPy's argmax or argmin, which also takes the
    first of equal elements.
    """
    is_max = place is np.argmax

    def fold(node: Node, values: Sequence[Array]) -> Array:
        rows = numbers = _rows(node, values[0])
        if node.y.dtype is Element.F32:
            numbers = np.where(np.isnan(rows), -np.inf if is_max else np.inf, rows)
        found = np.take_along_axis(rows, place(numbers, axis=0)[None], axis=0)[0]
        if node.y.dtype is Element.F32:
            limits = np.finfo(np.float32)
            start = limits.min if is_max else limits.max  # of TFLM's search
            found = np.where(found > start if is_max else found < start, found, start)
        return np.asarray(found, node.y.dtype.numpy).reshape(node.y.shape)

    rows = tuple(row(name, kernel, element) for kernel, element in kernels)
    return Operator(
        code=code,
        name=name,
        options=read_options,
        types=tuple(types for one in rows for types in one.types),
        check=check_raw,
        channels=channels,
        reference=rows,
        fold=fold,
    )
