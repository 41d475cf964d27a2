"""Rows of all operators that CMSIS-NN has functions for."""

from __future__ import annotations

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn import (
    convolve,
    data_movement,
    dense,
    depthwise_conv,
    of_int16,
    pool_functions,
    same_shape,
)
from fwgen.kernels.cmsis_nn.cores import Core, rows
from fwgen.kernels.one_channel import for_one_channel
from fwgen.model.element import S8_ALL
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.exponentials import radius, scaling
from fwgen.ops.parts.overlap import in_place
from fwgen.ops.parts.weights import TYPES


def _convolution(node: Node, core: Core) -> Form:
    return convolve.form(node, clamp_of(node), core)


def _depthwise(node: Node, core: Core) -> Form:
    return depthwise_conv.form(node, node.options.depth_multiplier, clamp_of(node), core)


def _dense(node: Node, core: Core) -> Form:
    return dense.form(node, clamp_of(node), core)


def _softmax(node: Node, core: Core) -> Form:
    x, y = node.x, node.y
    multiplier, shift = quantize_multiplier(scaling(node))
    depth = x.shape[-1]
    params = Params(
        "fw_cmsis_softmax_s8_params",
        (
            ("rows", x.elements // depth),
            ("depth", depth),
            ("multiplier", multiplier),
            ("shift", shift),
            ("diff_min", -radius(node)),
        ),
    )
    call = Call("fw_cmsis_softmax_s8", (params, Ref(x.index), Ref(y.index)))
    cycles = x.elements * 220.0 + x.elements // depth * 900.0
    return Form((call,), cycles, overlap=in_place(node))


MOST_SHARES = 511
"""Outputs of a SOFTMAX for which the library is exact.

From a sum of 512 on, in units of the largest exponential, all outputs are 0 in TFLM. Those of the
library are not.
"""


def _softmax_holds(node: Node, core: Core) -> bool:
    return node.x.shape[-1] <= MOST_SHARES


_CONVOLUTIONS = rows("CONV_2D", convolve.KERNEL, _convolution, convolve.holds, TYPES)
_DENSE = rows(
    "FULLY_CONNECTED",
    "cmsis_fully_connected_s8",
    _dense,
    dense.holds,
    TYPES,
    "cmsis_fully_connected_per_channel_s8",
)

KERNELS = (
    *_CONVOLUTIONS,
    *for_one_channel(_CONVOLUTIONS),
    *rows("DEPTHWISE_CONV_2D", depthwise_conv.KERNEL, _depthwise, depthwise_conv.holds, TYPES),
    *_DENSE,
    *rows("SOFTMAX", "cmsis_softmax_s8", _softmax, _softmax_holds, (S8_ALL,)),
    *of_int16.KERNELS,
    *pool_functions.KERNELS,
    *same_shape.KERNELS,
    *data_movement.KERNELS,
)
