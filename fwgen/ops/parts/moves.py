"""The common part of ops that are moves: their data is moved or renamed, and not changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element, like_all
from fwgen.model.graph import Tensor
from fwgen.ops.parts.loop_nest import Ints, collapse

ANY = like_all(Element, None)
"""Of ops whose output is of the type of input 0, whatever that is: the kernels move bytes."""


def constant_ints(node: Node, tensor: Tensor, what: str) -> Ints:
    """The elements, flat, of an integer tensor that must be constant; ``what`` is its role."""
    node.require(tensor.data is not None, f"The {what} (tensor {tensor.index}) must be constant.")
    return tuple(map(int, tensor.constant.reshape(-1)))


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
