"""Block copies: parts of a tensor whose places are in another tensor, or in tables."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Function, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element, Types
from fwgen.model.graph import Tensor
from fwgen.ops.parts import moves
from fwgen.ops.parts.loop_nest import LEVELS, Ints, row_major


@dataclass(frozen=True)
class Blocks:
    """What indices name: ``count`` of them in each of ``batches``, of ``len(limits)`` numbers each.

    Each names a block in each of the ``outer`` parts of its batch of the input. ``limits`` are one
    above the greatest numbers. Strides and the size of a ``block`` are in elements.
    """

    batches: int
    outer: int
    count: int
    block: int
    batch_stride: int
    outer_stride: int
    limits: Ints
    strides: Ints

    def inside(self, indices: Array) -> npt.NDArray[np.int64]:
        """(batches, 1, count): where each block begins in its part, by clamped numbers."""
        shape = self.batches, 1, self.count, len(self.limits)
        numbers = np.clip(indices.reshape(shape).astype(np.int64), 0, np.array(self.limits) - 1)
        found: npt.NDArray[np.int64] = (numbers * np.array(self.strides)).sum(axis=-1)
        return found

    def gathered(self, x: Array, indices: Array) -> Array:
        """The blocks one after the other, flat."""
        batch = np.arange(self.batches).reshape(-1, 1, 1) * self.batch_stride
        outer = np.arange(self.outer).reshape(1, -1, 1) * self.outer_stride
        each = (batch + outer + self.inside(indices))[..., None] + np.arange(self.block)
        found: Array = x.reshape(-1)[each.reshape(-1)]
        return found


def along(x: Tensor, axis: int, batch_dims: int, count: int) -> Blocks:
    """The blocks that indices of one number along an axis name; the first dimensions are
    batches."""
    strides = row_major(x.shape)
    batches = prod(x.shape[:batch_dims])
    return Blocks(
        batches=batches,
        outer=prod(x.shape[batch_dims:axis]),
        count=count // batches,
        block=strides[axis],
        batch_stride=x.elements // batches,
        outer_stride=x.shape[axis] * strides[axis],
        limits=(x.shape[axis],),
        strides=(strides[axis],),
    )


def require_inside(node: Node, indices: Tensor, limits: Ints) -> None:
    """Require that constant indices, of as many numbers as ``limits``, are below these."""
    if indices.data is None:
        return
    numbers = indices.data.reshape(-1, len(limits)).astype(np.int64)
    wrong = np.argwhere((numbers < 0) | (numbers >= np.array(limits)))
    if len(wrong):
        place, number = map(int, wrong[0])
        node.require(
            False,
            f"Index {place} (tensor {indices.index}) has {int(numbers[place, number])}, expected 0 "
            f"to {limits[number] - 1}.",
        )


def gather(x: Tensor, indices: Tensor, y: Tensor, blocks: Blocks) -> Call:
    """The call that copies blocks of ``x`` to ``y``; ``y`` may be in scratch memory."""
    unit, rest = x.dtype.bytes, LEVELS - len(blocks.limits)
    fields = (
        ("batches", blocks.batches),
        ("outer", blocks.outer),
        ("count", blocks.count),
        ("depth", len(blocks.limits)),
        ("block_bytes", blocks.block * unit),
        ("batch_bytes", blocks.batch_stride * unit),
        ("outer_bytes", blocks.outer_stride * unit),
        ("limit", (*blocks.limits, *(1,) * rest)),
        ("stride", (*(stride * unit for stride in blocks.strides), *(0,) * rest)),
    )
    params = Params("fw_gather_params", fields)
    return Call("fw_gather", (params, Ref(x.index), Ref(indices.index), Ref(y.index)))


def copy_at(x: Tensor, start: Tensor, y: Tensor, *, into: bool) -> Call:
    """The call that copies ``y`` out of ``x`` at a start, or ``x`` ``into`` ``y``."""
    whole, window = (y, x) if into else (x, y)
    inside, strides = (0, row_major(whole.shape)), row_major(whole.shape, whole.dtype.bytes)
    layouts = (moves.dense(window.shape), inside) if into else (inside, moves.dense(window.shape))
    params = moves.strided_copy(x, y, window.shape, *layouts).args[0]
    assert isinstance(params, Params)
    most = (a - b for a, b in zip(whole.shape, window.shape, strict=True))
    rest = (0,) * (LEVELS - len(whole.shape))
    fields = (
        *params.fields[:3],
        ("dimensions", len(whole.shape)),
        ("most", (*most, *rest)),
        ("start_stride", (*strides, *rest)),
        ("into", int(into)),
        ("wide", int(start.dtype is Element.S64)),
    )
    args = Params("fw_copy_at_params", fields), Ref(start.index), Ref(x.index), Ref(y.index)
    return Call("fw_copy_at", (*args, Function("fw_strided_copy")))


def row(op: str, name: str, calls: moves.Copies, types: tuple[Types, ...], *others: str) -> Kernel:
    """The row of an op that calls ``name`` and ``others``."""
    forms = one_form(calls, lambda node: sum(map(cost_call, calls(node))))
    return Kernel(op, name, "reference", forms, functions=(name, *others), types=types)


def count_blocks(call: Call) -> tuple[int, int, int]:
    """How many blocks a call copies, of how many bytes, with how many numbers for each."""
    params = call.args[0]
    assert isinstance(params, Params)
    fields = {name: value for name, value in params.fields if isinstance(value, int)}
    if call.function == "fw_gather":
        blocks = fields["batches"] * fields["outer"] * fields["count"]
        return blocks, fields["block_bytes"], fields["depth"]
    return fields["images"] * fields["rows"] * fields["columns"], fields["pixel_bytes"], 0


def cost_call(call: Call) -> float:
    """Estimate for one of the calls that are made here, or of a strided copy."""
    if call.function == "fw_strided_copy":
        return moves.cost_calls((call,))
    if call.function == "fw_copy_at":
        return 200.0 + moves.cost_calls((call,))
    blocks, size, numbers = count_blocks(call)
    return 50.0 + blocks * (35.0 + 10.0 * numbers + 1.5 * size)
