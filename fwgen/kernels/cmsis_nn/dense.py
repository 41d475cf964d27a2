"""The dense layer by CMSIS-NN: FULLY_CONNECTED, with weights of one scale or of one per unit.

On MVE the library wants sums of weights, which TFLM computes at start-up or in every inference;
here they are constants, with the bias in them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Arg, Call, Constant, Null, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import Core, clamp, dims
from fwgen.ops.parts import weights


def holds(node: Node, core: Core) -> bool:
    """Always."""
    return True


def sums(node: Node) -> npt.NDArray[np.int32]:
    """Per unit what of the result does not depend on the input: ``arm_vector_sum_s8``."""
    x, w, bias = node.x, node.w, node.operand(2)
    rows = w.constant.astype(np.int64).sum(axis=1)
    constant = 0 if bias is None else bias.constant.reshape(-1)
    return np.asarray(constant - x.zero_point * rows, np.int32)


def form(node: Node, limits: tuple[int, int], core: Core) -> Form:
    """The call."""
    x, w, y = node.x, node.w, node.y
    assert w.quant is not None
    units, depth = w.shape
    count = x.elements // depth
    per_channel = w.quant.per_channel
    multipliers, shifts = weights.multipliers(x, w, y, len(w.quant.scales))
    name = f"fw_cmsis_fully_connected{'_per_channel' * per_channel}_s8"
    fields = (
        ("fc.input_offset", -x.zero_point),
        ("fc.output_offset", y.zero_point),
        *clamp("fc.activation", limits),
        *dims("input", (count, 1, 1, depth)),
        *dims("filter", (depth, 1, 1, units)),
        *dims("output", (count, 1, 1, units)),
    )
    one = (("quant.multiplier", int(multipliers[0])), ("quant.shift", int(shifts[0])))
    of_each = (Constant("multiplier", multipliers), Constant("shift", shifts))
    on_mve = core is Core.MVE
    bias: tuple[Arg, Arg] = (weights.bias_argument(node), Null())
    if on_mve:
        bias = Null(), Constant("sums", sums(node), made_of=weights.weights_and_bias(node))
    call = Call(
        name,
        (
            Params(f"{name}_params", fields if per_channel else (*fields, *one)),
            Ref(x.index),
            Ref(w.index),
            *bias,
            *(of_each if per_channel else ()),
            Ref(y.index),
        ),
        library_bytes=4 * units if on_mve else 0,
    )
    return Form((call,), cycles(count, units, depth, core))


def cycles(count: int, units: int, depth: int, core: Core) -> float:
    """Estimate, fitted to measurements of the library."""
    unit, step = _COST[core]
    return count * units * (unit + step * (-(-depth // 16) if core is Core.MVE else depth)) + 300.0


_COST = {
    # cycles per output, per step of a sum
    Core.MVE: (15.4, 7.7),
    Core.DSP: (58.0, 2.2),
    Core.PLAIN: (47.0, 5.5),
}
