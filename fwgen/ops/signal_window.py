"""SIGNAL_WINDOW: frames of samples times a window, as TFLM's custom op ``SignalWindow``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Arg
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields
from fwgen.model.element import S16_ALL
from fwgen.ops.parts import checks
from fwgen.ops.parts.signal import (
    forms_of,
    integers,
    refs,
    require_counts,
    require_range,
    require_vector,
    signal_operator,
)


@dataclass(frozen=True)
class Options:
    """By how many bits products are shifted to the right."""

    shift: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "shift"))


def check(node: Node) -> None:
    require_counts(node, 2, 1)
    require_vector(node, node.w)
    checks.require_shape(node, node.y, node.x.shape)
    require_range(node, "shift", node.options.shift, 0, 31)
    node.require(
        node.x.elements % node.w.elements == 0,
        f"{node.x.elements} samples are no multiple of a window of {node.w.elements}.",
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLM ``signal/src/window.cc``."""
    samples, window = (value.astype(np.int64) for value in values)
    products = samples.reshape(-1, window.size) * window
    return node.y.dtype.clamped(products >> node.options.shift).reshape(node.y.shape)


def arguments(node: Node) -> tuple[Arg, ...]:
    rows = node.x.elements // node.w.elements
    return (*refs((node.x, node.w, node.y)), rows, node.w.elements, node.options.shift)


OPERATOR = signal_operator(
    "signal_window_s16",
    S16_ALL,
    read_options,
    check,
    fold,
    forms_of("signal_window_s16", arguments, 8.0),
)
