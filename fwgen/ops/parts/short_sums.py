"""The sums of products that recurrent ops rescale to int16: what they need of weights and bias."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks
from fwgen.ops.parts.weights import MOST_LEFT_OF_WIDE, MOST_SUM


def require_short_sums(node: Node, x: Tensor, w: Tensor, bias: Tensor | None, scale: float) -> None:
    """Require constant weights of one scale and a constant bias, whose sums fit, whatever ``x`` is.

    ``scale`` is what a unit of a rescaled sum is worth. The weights are (units, depth).
    """
    for tensor in (w, bias):
        node.require(
            tensor is None or tensor.data is not None,
            f"Tensor {tensor.index if tensor else 0}, weights or bias, must be constant.",
        )
    checks.require_per_tensor(node, w)
    node.require(w.zero_point == 0, f"Weights (tensor {w.index}) have a zero point other than 0.")
    factor = x.scale * w.scale / scale
    checks.require_factors(node, (factor,))
    accumulator = x.dtype.accumulator
    (low, high), most = x.dtype.limits, MOST_SUM[accumulator]
    reach = max(high - x.zero_point, x.zero_point - low)
    bound = np.abs(w.constant.astype(np.int64)).sum(axis=1) * reach
    if bias is not None:
        # what is beyond the limit stays beyond it
        bound += np.abs(np.clip(bias.constant.astype(np.int64), -most - 1, most + 1)).reshape(-1)
    node.require(
        int(bound.max()) <= most,
        f"A sum of weights (tensor {w.index}) can reach {int(bound.max())}, more than {most}.",
    )
    wide = accumulator.bytes > 4
    node.require(
        not wide or quantize_multiplier(factor)[1] <= MOST_LEFT_OF_WIDE,
        f"By its scales {node.code} multiplies by {factor:g}, more than the 2**7 that sums of 64 "
        "bits can be multiplied by.",
    )
