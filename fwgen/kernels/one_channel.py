"""DEPTHWISE_CONV_2D of one input channel by the kernels of CONV_2D, which compute the same sums.

With one channel in, each output channel is a convolution over it, with weights in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from fwgen.contract.call import Call, Calls, Constant, Ref, Repeat
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.ops import conv_2d
from fwgen.ops.parts.windows import WindowOptions


def as_convolution(node: Node) -> Node:
    """The CONV_2D that computes the op, in a graph in which the weights (1, h, w, channels) are
    (channels, h, w, 1)."""
    tensors, w = list(node.graph.tensors), node.w
    data = np.ascontiguousarray(w.constant.transpose(3, 1, 2, 0))
    quant = None if w.quant is None else replace(w.quant, axis=0)
    tensors[w.index] = replace(w, shape=data.shape, data=data, quant=quant)
    old: WindowOptions = node.options
    options = conv_2d.Options(
        padding=old.padding,
        stride_h=old.stride_h,
        stride_w=old.stride_w,
        activation=old.activation,
        dilation_h=old.dilation_h,
        dilation_w=old.dilation_w,
    )
    graph = replace(node.graph, tensors=tuple(tensors))
    return Node(graph, replace(node.op, code="CONV_2D", options=options))


def is_one_to_many(node: Node) -> bool:
    """Whether one channel becomes several."""
    return node.x.shape[3] == 1 < node.y.shape[3]


def for_one_channel(rows: Sequence[Kernel]) -> tuple[Kernel, ...]:
    """Rows of CONV_2D as rows of DEPTHWISE_CONV_2D: for ops of one input channel."""
    return tuple(map(_row, rows))


def _row(row: Kernel) -> Kernel:
    def holds(node: Node) -> bool:
        return is_one_to_many(node) and row.takes(as_convolution(node))

    def forms(node: Node) -> tuple[Form, ...]:
        convolution = as_convolution(node)
        w = convolution.w
        packed = Constant("weights", w.constant, made_of=(w.index,))

        def moved(call: Call) -> Call:
            """The call with weights that the kernel reads as they are in their new order."""
            mine = (packed if arg == Ref(w.index) else arg for arg in call.args)
            return replace(call, args=tuple(mine))

        return tuple(
            replace(
                form,
                calls=_each(form.calls, moved),
                reversed=form.reversed
                and replace(form.reversed, calls=_each(form.reversed.calls, moved)),
            )
            for form in row.forms(convolution)
        )

    return replace(row, op="DEPTHWISE_CONV_2D", holds=holds, forms=forms)


def _each(calls: Calls, change: Callable[[Call], Call]) -> Calls:
    return tuple(
        replace(one, calls=tuple(map(change, one.calls)))
        if isinstance(one, Repeat)
        else change(one)
        for one in calls
    )
