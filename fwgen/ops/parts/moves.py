"""The common part of ops that are moves: their data is moved or renamed, and not changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from math import prod

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element, Types, like_all
from fwgen.model.graph import Tensor
from fwgen.ops.parts.loop_nest import Ints, collapse, row_major

ANY = like_all(Element, None)
"""Of ops whose output is of the type of input 0, whatever that is: the kernels move bytes."""

NUMBERS = (Element.S8, Element.S16, Element.S32, Element.F32)
"""What TFLM's kernels move where they move numbers of most types."""


def constant_ints(node: Node, tensor: Tensor, what: str) -> Ints:
    """The elements, flat, of an integer tensor that must be constant; ``what`` is its role."""
    node.require(tensor.data is not None, f"The {what} (tensor {tensor.index}) must be constant.")
    return tuple(map(int, tensor.constant.reshape(-1)))


def constant_axis(node: Node, tensor: Tensor, rank: int) -> int:
    """The dimension of so many that a constant of one number names, counted from the first one."""
    values = constant_ints(node, tensor, "axis")
    node.require(
        len(tensor.shape) <= 1 and len(values) == 1 and -rank <= values[0] < rank,
        f"The axis (tensor {tensor.index}) is {list(values[:8])}, expected one number from "
        f"{-rank} to {rank - 1}.",
    )
    return values[0] % rank


def strided_copy(
    x: Tensor,
    y: Tensor,
    sizes: Ints,
    input_layout: tuple[int, Ints],
    output_layout: tuple[int, Ints],
) -> Call:
    """The call that moves the elements of ``x`` at every index of ``sizes`` to ``y``.

    A layout is (offset, strides) in elements.
    """
    unit = x.dtype.bytes
    loops = collapse(
        (*sizes, unit),
        *(
            (*(stride * unit for stride in layout[1]), 1)
            for layout in (input_layout, output_layout)
        ),
    )
    params = Params(
        "fw_strided_copy_params",
        (
            ("size", loops.sizes),
            ("input_stride", loops.strides[0]),
            ("output_stride", loops.strides[1]),
            ("input_offset", input_layout[0] * unit),
            ("output_offset", output_layout[0] * unit),
        ),
    )
    return Call("fw_strided_copy", (params, Ref(x.index), Ref(y.index)))


def cost_strided(node: Node) -> float:
    """Estimate for ``fw_strided_copy`` without long rows."""
    return 8.0 * node.y.bytes


def cost_calls(calls: Iterable[Call]) -> float:
    """Estimate for calls of ``fw_fill`` and ``fw_strided_copy``."""
    return sum(map(_cost_call, calls))


def _cost_call(call: Call) -> float:
    *_, last = call.args
    if isinstance(last, int):
        return 1.5 * last
    params = call.args[0]
    assert isinstance(params, Params)
    fields = dict(params.fields)
    sizes, steps, other = (fields[name] for name in ("size", "input_stride", "output_stride"))
    assert isinstance(sizes, tuple) and isinstance(steps, tuple) and isinstance(other, tuple)
    if steps[-1] == other[-1] == 1:
        return prod(sizes[:-1]) * (50.0 + 2.0 * sizes[-1])
    return 8.0 * prod(sizes)


Copies = Callable[[Node], tuple[Call, ...]]
"""The calls of ``fw_strided_copy`` and ``fw_fill`` that an op is."""


def copies(
    op: str, calls: Copies, *, types: tuple[Types, ...] = ANY, fills: bool = False
) -> Kernel:
    """The row of an op that is nothing but copies; of ``fw_fill``, too, where it ``fills``."""
    forms = one_form(calls, lambda node: cost_calls(calls(node)))
    functions = ("strided_copy", "fill") if fills else ()
    return Kernel(op, "strided_copy", "reference", forms, functions=functions, types=types)


def parts_along(node: Node, x: Tensor, axis: int) -> tuple[Call, ...]:
    """The calls that cut ``x`` along an axis into the outputs, one after the other."""
    strides, calls, at = row_major(x.shape), [], 0
    for y in node.ys:
        inside = (at * strides[axis], strides), (0, row_major(y.shape))
        calls.append(strided_copy(x, y, y.shape, *inside))
        at += y.shape[axis]
    return tuple(calls)


def cut(node: Node, x: Array, axis: int) -> tuple[Array, ...]:
    """``x`` along an axis in parts as long as the outputs."""
    ends = list(accumulate(y.shape[axis] for y in node.ys))
    return tuple(np.split(x, ends[:-1], axis=axis))


def _calls_copy(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    return (Call("fw_copy", (Ref(x.index), Ref(y.index), y.bytes)),)


def _cost_copy(node: Node) -> float:
    return 0.5 * node.y.bytes


def fold_rename(node: Node, values: Sequence[Array]) -> Array:
    """``Operator.fold`` of ops that change nothing but the shape."""
    return values[0].reshape(node.y.shape)


def rename(op: str) -> Kernel:
    """The row of an op that changes nothing but the shape."""
    forms = one_form(_calls_copy, _cost_copy)
    return Kernel(op, "copy", "reference", forms, alias=True, types=ANY)
