"""Rows of SOFTMAX: by a table on MVE, and without one, in less flash, on any core."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import MVE, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.model.element import S8_ALL
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops.parts.exponentials import exponentials, radius, scaling
from fwgen.ops.parts.overlap import in_place


def _calls_table(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    table = np.append(exponentials(node), np.int32(0))
    depth = x.shape[-1]
    params = Params(
        "fw_softmax_s8_mve_params",
        (("rows", x.elements // depth), ("depth", depth), ("last", len(table) - 1)),
    )
    arguments = (params, Constant("exponentials", table), Ref(x.index), Ref(y.index))
    return (Call("fw_softmax_s8_mve", arguments),)


def _cycles_table(node: Node) -> float:
    x = node.x
    depth = x.shape[-1]
    return x.elements // depth * (-(-depth // 4) * 19.0 + 250.0)


def _calls_computed(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    depth = x.shape[-1]
    multiplier, shift = quantize_multiplier(scaling(node))
    params = Params(
        "fw_softmax_computed_s8_params",
        (
            ("rows", x.elements // depth),
            ("depth", depth),
            ("multiplier", multiplier),
            ("shift", shift),
            ("radius", radius(node)),
        ),
    )
    return (Call("fw_softmax_computed_s8", (params, Ref(x.index), Ref(y.index))),)


def _cycles_computed(node: Node) -> float:
    x = node.x
    depth = x.shape[-1]
    return x.elements // depth * (depth * 440.0 + 280.0)


_TABLE = one_form(_calls_table, _cycles_table, in_place)
_COMPUTED = one_form(_calls_computed, _cycles_computed, in_place)

KERNELS = (
    Kernel("SOFTMAX", "softmax_s8_mve", "fwgen", _TABLE, MVE, types=(S8_ALL,)),
    Kernel("SOFTMAX", "softmax_computed_s8", "fwgen", _COMPUTED, types=(S8_ALL,)),
)
