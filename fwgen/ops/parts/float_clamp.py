"""The clamp of a fused activation on float. The C twin is ``kernels/reference/clamp_float.h``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.pairs import FLOAT_BOUNDS


def bounds(node: Node) -> npt.NDArray[np.float32]:
    """The least and the greatest output, by the op's fused activation."""
    return np.array(FLOAT_BOUNDS[Activation(node.options.activation)], np.float32)


def clamped_floats(node: Node, values: npt.NDArray[Any]) -> Array:
    """Floats within ``bounds``; what is not a number stays."""
    low, high = bounds(node)
    raised = np.where(values < low, low, values)
    return np.asarray(np.where(high < raised, high, raised), np.float32)
