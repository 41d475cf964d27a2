"""Rows of UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF, and of LOGISTIC and TANH of int16, on MVE."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import MVE, Form, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.kernels.mve.sigmoid_words import sigmoids
from fwgen.kernels.recurrent.tiled_weights import HALF, PAIR, TILE, VECTOR, packed
from fwgen.model.element import S16_ALL, Element, Types
from fwgen.ops import svdf
from fwgen.ops import unidirectional_sequence_lstm as lstm
from fwgen.ops.parts import sigmoid16
from fwgen.ops.parts.gates import CELL, HIDDEN, Gate, cell_factors, hidden_factor, sizes_of
from fwgen.ops.parts.lstm_calls import MOST_COPIES, LstmCalls
from fwgen.ops.parts.overlap import in_place
from fwgen.ops.parts.short_products import ShortProducts, suffix_of

SIGMOID = 30.0 / 4
"""Cycles of a sigmoid or hyperbolic tangent."""

POINTWISE = 5 * SIGMOID + 8.0 + 5.0
"""Cycles of the pointwise kernels for an output of an LSTM."""

CALLS = 16 * 30.0
"""Cycles of what is done once for each call of a step."""


def products_call(products: ShortProducts, to: Scratch) -> Call:
    """The call of the MVE kernel; a 64-bit bias stays in an array of its own."""
    weights = packed(products, f"weights{products.w.index}")
    params = Params("fw_short_products_params", products.fields)
    args = (params, Ref(products.x.index, products.at), weights)
    if products.x.dtype is Element.S8:
        return Call("fw_short_products_s8_mve", (*args, to))
    return Call("fw_short_products_s16_mve", (*args, products.bias_argument, to))


def products_cycles(x: Element, rows: int, depth: int, units: int) -> float:
    """Estimated cycles of ``products_call``."""
    if x is Element.S8:
        return rows * -(-units // TILE) * (35.0 + 9.0 * -(-depth // VECTOR))
    return rows * -(-units // PAIR) * (60.0 + 7.0 * -(-depth // HALF))


def _holds_lstm(node: Node) -> bool:
    """Whether the pointwise kernels, which shift to the right, can rescale, and no strided copy is
    needed."""
    sizes = sizes_of(node)
    if not sizes.is_output_whole and sizes.batches > MOST_COPIES:
        return False
    shifts = [
        shift for _, shift in (*cell_factors(node.input(CELL)), hidden_factor(node.input(HIDDEN)))
    ]
    return max(shifts) < 0


def _forms_lstm(node: Node) -> tuple[Form, ...]:
    made = LstmCalls(node, products_call, sigmoids(), "_mve")
    sizes, x = sizes_of(node), node.x.dtype
    each = sum(
        products_cycles(x, sizes.batches, depth, sizes.units)
        for depth in (sizes.depth, sizes.units)
    )
    step = len(Gate) * each + CALLS + POINTWISE * sizes.values
    return (Form(made.all(), sizes.steps * step, scratch_bytes=made.scratch_bytes),)


def _lstm_row(types: Types) -> Kernel:
    assert types[0] is not None
    suffix = types[0].name.lower()
    functions = (
        f"short_products_{suffix}_mve",
        "logistic_s16_mve",
        "tanh_s16_mve",
        "lstm_cell_s16_mve",
        f"lstm_hidden_{suffix}_mve",
        "copy_mve",
    )
    return Kernel(
        lstm.OPERATOR.name,
        f"lstm_short_products_{suffix}_mve",
        "fwgen",
        _forms_lstm,
        MVE,
        _holds_lstm,
        functions=functions,
        types=(types,),
    )


def _bias_of_svdf(node: Node) -> Constant:
    """Biases less the state's zero point * the sum of a unit's weights, wrapped at 32 bits."""
    time, bias = node.input(2), node.input(3)
    units = svdf.sizes_of(node).units
    sums = time.constant.astype(np.int64).reshape(units, -1).sum(axis=1)
    whole = bias.constant.astype(np.int64) - node.input(svdf.STATE).zero_point * sums
    return Constant("bias", whole.astype(np.int32), made_of=(time.index, bias.index))


def _forms_svdf(node: Node) -> tuple[Form, ...]:
    features, sizes = Scratch(0, Element.S16), svdf.sizes_of(node)
    state = node.ys[1]
    call = svdf.in_time(node, f"fw_svdf_{suffix_of(state)}_mve", features, _bias_of_svdf(node))
    calls = (
        svdf.keep_state(node, "fw_copy_mve"),
        products_call(svdf.features_of(node), features),
        call,
    )
    values = VECTOR // state.dtype.bytes
    rows = sizes.batches * sizes.filters
    cycles = products_cycles(Element.S8, sizes.batches, sizes.depth, sizes.filters)
    cycles += rows * (40.0 + 8.0 * -(-sizes.memory // values))
    return (Form(calls, cycles, scratch_bytes=rows * Element.S16.bytes),)


def _svdf_row(types: Types) -> Kernel:
    assert types[2] is not None
    name = f"svdf_{types[2].name.lower()}_mve"
    functions = name, "short_products_s8_mve", "copy_mve"
    return Kernel(
        svdf.OPERATOR.name, name, "fwgen", _forms_svdf, MVE, functions=functions, types=(types,)
    )


def _sigmoid_row(op: str) -> Kernel:
    """The row of LOGISTIC or TANH, which the gates of an LSTM are made of, too."""
    name = f"{op.lower()}_s16_mve"

    def calls(node: Node) -> tuple[Call, ...]:
        x, factor = node.x, sigmoid16.rescaling(node.x.scale, sigmoid16.POWERS[op])
        args = sigmoids(), Ref(x.index), Ref(node.y.index), x.elements, *factor
        return (Call(f"fw_{name}", args),)

    forms = one_form(calls, lambda node: SIGMOID * node.x.elements, in_place)
    return Kernel(op, name, "fwgen", forms, MVE, types=(S16_ALL,))


KERNELS = (
    *map(_lstm_row, lstm.TYPES),
    *map(_svdf_row, svdf.TYPES),
    *map(_sigmoid_row, sigmoid16.POWERS),
)
