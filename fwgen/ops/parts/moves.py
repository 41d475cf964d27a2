"""The common part of ops that are moves: their data is moved or renamed, and not changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element, Types, like_all
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks
from fwgen.ops.parts.loop_nest import Ints, collapse, row_major

ANY = like_all(Element, None)
"""Of ops whose output is of the type of input 0, whatever that is: the kernels move bytes."""

NUMBERS = (Element.S8, Element.S16, Element.S32, Element.F32)
"""What TFLM's kernels move where they move numbers of most types."""


def constant_ints(node: Node, tensor: Tensor, what: str) -> Ints:
    """The elements, flat, of an integer tensor that must be constant; ``what`` is its role."""
    node.require(tensor.data is not None, f"The {what} (tensor {tensor.index}) must be constant.")
    return tuple(map(int, tensor.constant.reshape(-1)))


def constant_pairs(node: Node, tensor: Tensor, what: str) -> tuple[tuple[int, int], ...]:
    """The rows, of two numbers each, of a constant that has a row for each of some dimensions."""
    flat = constant_ints(node, tensor, what)
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def require_ints(node: Node, tensor: Tensor, what: str) -> None:
    """Require int32 or int64 of an operand that says where or how many."""
    node.require(
        tensor.dtype in (Element.S32, Element.S64),
        f"The {what} (tensor {tensor.index}) are {tensor.dtype.word}, expected int32 or int64.",
    )


def constant_axis(node: Node, tensor: Tensor, rank: int) -> int:
    """The dimension of so many that a constant of one number names, counted from the first one."""
    values = constant_ints(node, tensor, "axis")
    node.require(
        len(tensor.shape) <= 1 and len(values) == 1 and -rank <= values[0] < rank,
        f"The axis (tensor {tensor.index}) is {list(values[:8])}, expected one number from "
        f"{-rank} to {rank - 1}.",
    )
    return values[0] % rank


Layout = tuple[int, Ints]
"""The place of the first element and the strides, both in elements."""


def dense(shape: Ints) -> Layout:
    """Elements one after the other."""
    return 0, row_major(shape)


def strided_copy(
    x: Tensor | Constant,
    y: Tensor,
    sizes: Ints,
    input_layout: Layout,
    output_layout: Layout,
) -> Call:
    """The call that moves the elements of ``x`` at every index of ``sizes`` to ``y``."""
    unit = y.dtype.bytes
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
    source = x if isinstance(x, Constant) else Ref(x.index)
    return Call("fw_strided_copy", (params, source, Ref(y.index)))


_PATTERN_BYTES = 64
"""Of a constant of copies of one element, from which a tensor is filled."""


def filled(y: Tensor, value: complex) -> tuple[Call, ...]:
    """The calls that set every element of ``y`` to a number."""
    element = np.asarray(value, y.dtype.numpy)
    if len(set(element.tobytes())) == 1:
        byte = int.from_bytes(element.tobytes()[:1], "little", signed=True)
        return (Call("fw_fill", (Ref(y.index), byte, y.bytes)),)
    count = min(y.elements, _PATTERN_BYTES // y.dtype.bytes)
    pattern = Constant("pattern", np.full(count, element))
    whole, rest = divmod(y.elements, count)
    rows = strided_copy(pattern, y, (whole, count), (0, (0, 1)), (0, (count, 1)))
    tail = strided_copy(pattern, y, (rest,), (0, (1,)), (whole * count, (1,)))
    return (rows, tail) if rest else (rows,)


def filled_from(value: Tensor, y: Tensor) -> tuple[Call, ...]:
    """The calls that set every element of ``y`` to the one of ``value``."""
    if value.data is not None:
        return filled(y, value.data.reshape(-1)[0].item())
    return (strided_copy(value, y, (y.elements,), (0, (0,)), (0, (1,))),)


def cost_calls(calls: Iterable[Call]) -> float:
    """Estimate for calls of ``fw_fill`` and ``fw_strided_copy``."""
    return sum(map(_cost_call, calls))


def _cost_call(call: Call) -> float:
    *_, last = call.args
    if isinstance(last, int):
        return 1.0 * last
    found = walk_of(call)
    each = 1.5 if found.dense else 8.0
    return 50.0 + 30.0 * found.rows + 15.0 * found.steps + each * found.bytes


@dataclass(frozen=True)
class Walk:
    """The walk of ``fw_strided_copy``: ``rows`` of ``bytes`` together, without gaps if ``dense``.

    From row to row it takes ``steps``: one, or more where a level of the nest ends.
    """

    rows: int
    steps: float
    bytes: int
    dense: bool


def walk_of(call: Call) -> Walk:
    """The walk of a call."""
    params = call.args[0]
    assert isinstance(params, Params)
    fields = dict(params.fields)
    sizes, steps, other = (fields[name] for name in ("size", "input_stride", "output_stride"))
    assert isinstance(sizes, tuple) and isinstance(steps, tuple) and isinstance(other, tuple)
    *levels, length = sizes
    rows = prod(levels)
    ends = sum(rows / prod(levels[k:]) for k in range(1, len(levels) + 1))
    return Walk(rows, ends, rows * length, steps[-1] == other[-1] == 1)


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
        calls.append(strided_copy(x, y, y.shape, (at * strides[axis], strides), dense(y.shape)))
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


def check_rename(node: Node) -> None:
    """Require one input and an output with as many elements."""
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    node.require(
        x.elements == y.elements,
        f"{node.code} of shape {list(x.shape)} ({x.elements} elements) to {list(y.shape)} "
        f"({y.elements} elements).",
    )


def rename(op: str) -> Kernel:
    """The row of an op that changes nothing but the shape."""
    forms = one_form(_calls_copy, _cost_copy)
    return Kernel(op, "copy", "reference", forms, alias=True, types=ANY)
