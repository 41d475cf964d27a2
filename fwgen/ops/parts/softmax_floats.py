"""SOFTMAX of float32: exponentials by the C library, added up in their order."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.node import Node
from fwgen.model.float_exp import POWERS, float_exp
from fwgen.ops.parts import float_rows


def calls(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    depth = x.shape[-1]
    params = Params("fw_softmax_f32_params", (("rows", x.elements // depth), ("depth", depth)))
    beta = Constant("beta", np.array([node.options.beta], np.float32))
    arguments = (params, Constant("powers", POWERS), beta, Ref(x.index), Ref(y.index))
    return (Call("fw_softmax_f32", arguments),)


def shares(node: Node, rows: float_rows.Floats) -> float_rows.Floats:
    """The output for rows (rows, depth). Source: TFLite ``reference/softmax.h``, ``Softmax``."""
    exponential = float_exp(float_rows.less_most(rows) * np.float32(node.options.beta))
    found: float_rows.Floats = exponential / float_rows.sums(exponential)
    return found


fold = float_rows.fold(shares)

ROW = float_rows.row("SOFTMAX", calls, of_element=100.0, of_row=30.0)
