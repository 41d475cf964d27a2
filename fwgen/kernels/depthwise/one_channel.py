"""DEPTHWISE_CONV_2D of one input channel by the kernels of CONV_2D, which compute the same sums.

With one channel in, each output channel is a convolution over it, with weights in another order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np

from fwgen.contract.call import Call, Calls, Constant, Ref, Repeat
from fwgen.contract.kernel import Form, Kernel
from fwgen.model.graph import Graph, Op
from fwgen.ops import conv_2d
from fwgen.ops.parts.windows import WindowOptions


def as_convolution(graph: Graph, op: Op) -> tuple[Graph, Op]:
    """The CONV_2D that computes the op, and a graph in which the weights (1, h, w, channels) are
    (channels, h, w, 1)."""
    tensors, w = list(graph.tensors), graph.input(op, 1)
    data = np.ascontiguousarray(w.constant.transpose(3, 1, 2, 0))
    quant = None if w.quant is None else replace(w.quant, axis=0)
    tensors[w.index] = replace(w, shape=data.shape, data=data, quant=quant)
    old = cast(WindowOptions, op.options)
    options = conv_2d.Options(
        padding=old.padding,
        stride_h=old.stride_h,
        stride_w=old.stride_w,
        activation=old.activation,
        dilation_h=old.dilation_h,
        dilation_w=old.dilation_w,
    )
    return replace(graph, tensors=tuple(tensors)), replace(op, code="CONV_2D", options=options)


def is_one_to_many(graph: Graph, op: Op) -> bool:
    """Whether one channel becomes several."""
    return graph.input(op).shape[3] == 1 < graph.output(op).shape[3]


def _variant(row: Kernel) -> Kernel:
    def holds(graph: Graph, op: Op) -> bool:
        return is_one_to_many(graph, op) and row.takes(*as_convolution(graph, op))

    def forms(graph: Graph, op: Op) -> tuple[Form, ...]:
        other, conv = as_convolution(graph, op)
        w = other.input(conv, 1)
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
            for form in row.forms(other, conv)
        )

    return replace(row, holds=holds, forms=forms)


def _each(calls: Calls, change: Callable[[Call], Call]) -> Calls:
    return tuple(
        replace(one, calls=tuple(map(change, one.calls)))
        if isinstance(one, Repeat)
        else change(one)
        for one in calls
    )


VARIANTS = tuple(_variant(row) for row in conv_2d.OPERATOR.variants if row.provider != "reference")
"""Rows of CONV_2D for such an op; the plain C of CONV_2D is no faster for it than its own."""
