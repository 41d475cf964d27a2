"""The data movement ops by CMSIS-NN: PAD, TRANSPOSE and CONCATENATION of int8."""

from __future__ import annotations

from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import MOST, Core, dims, rows
from fwgen.model.element import S8_ALL, Element
from fwgen.ops.concatenation import axis_of
from fwgen.ops.pad import value_of
from fwgen.ops.parts import paddings
from fwgen.ops.transpose import order_of

WITH_NUMBERS = ((Element.S8, Element.S32, Element.S8),)
"""Paddings or a permutation are input 1."""


def _pad_holds(node: Node, core: Core) -> bool:
    x = node.x
    return len(x.shape) <= 4


def _pad_form(node: Node, core: Core) -> Form:
    x, y, sides = node.x, node.y, paddings.sides(node)
    fill = 4 - len(x.shape)
    sizes = (1,) * fill + x.shape
    before, after = ([0] * fill + [side[i] for side in sides] for i in range(2))
    params = Params(
        "fw_cmsis_pad_s8_params",
        (
            *dims("input", sizes),
            *dims("before", before),
            *dims("after", after),
            ("value", value_of(node)),
        ),
    )
    call = Call("fw_cmsis_pad_s8", (params, Ref(x.index), Ref(y.index)))
    whole = before[3] == after[3] == 0
    runs = prod(sizes[:2]) * (3 if whole else 3 * sizes[2])
    byte, run = (0.13, 21.0 if whole else 10.0) if core is Core.MVE else (2.3, 45.0)
    return Form((call,), 200.0 + byte * y.bytes + run * runs)


def _transpose_holds(node: Node, core: Core) -> bool:
    """The library takes two dimensions to change places; on MVE four, of which two stay."""
    x, order = node.x, tuple(order_of(node))
    stays = order == tuple(range(len(order)))
    small = all(size < MOST // 8 for size in x.shape)
    return 2 <= len(x.shape) <= 4 and small and not stays


def _transpose_form(node: Node, core: Core) -> Form:
    x, y, order = node.x, node.y, tuple(order_of(node))
    params = Params(
        "fw_cmsis_transpose_s8_params",
        (
            *dims("input", x.shape),
            *dims("output", y.shape),
            ("dimensions", len(order)),
            ("order", order),
        ),
    )
    call = Call("fw_cmsis_transpose_s8", (params, Ref(x.index), Ref(y.index)))
    vectors = core is Core.MVE and (len(order) == 2 or order[:2] == (0, 1))
    in_order = order[-1] == len(order) - 1
    byte = (2.8 if vectors else 4.5) if core is Core.MVE else 3.3 if in_order else 8.5
    return Form((call,), 300.0 + y.bytes * byte)


def _blocks(node: Node, tensor: int) -> tuple[int, int]:
    """How many there are of a tensor, and their bytes: all that lies within the axis."""
    shape, axis = node.tensors[tensor].shape, axis_of(node)
    return prod(shape[:axis]), prod(shape[axis:])


def _joined_holds(node: Node, core: Core) -> bool:
    y = node.y
    return max(_blocks(node, y.index)) <= MOST


def _joined_form(node: Node, core: Core) -> Form:
    y, calls, at, cycles = node.y, [], 0, 0.0
    _, output_bytes = _blocks(node, y.index)
    for tensor in node.inputs:
        count, size = _blocks(node, tensor)
        params = Params(
            "fw_cmsis_concatenation_s8_params",
            (
                ("blocks", count),
                ("bytes", size),
                ("output_bytes", output_bytes),
                ("offset", at),
            ),
        )
        args = (params, Ref(tensor), Ref(y.index))
        calls.append(Call("fw_cmsis_concatenation_s8", args))
        run, byte = (10.0, 0.25) if core is Core.MVE else (50.0, 2.5)
        cycles += 50.0 + count * (run + byte * size)
        at += size
    return Form(tuple(calls), cycles)


KERNELS = (
    *rows("PAD", "cmsis_pad_s8", _pad_form, _pad_holds, WITH_NUMBERS),
    *rows("TRANSPOSE", "cmsis_transpose_s8", _transpose_form, _transpose_holds, WITH_NUMBERS),
    *rows("CONCATENATION", "cmsis_concatenation_s8", _joined_form, _joined_holds, (S8_ALL,)),
)
