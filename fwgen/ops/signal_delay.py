"""SIGNAL_DELAY: samples of earlier frames, as TFLM's custom op ``SignalDelay``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.kernel import one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Memory
from fwgen.model.element import S16_ALL, Element
from fwgen.ops.parts import checks
from fwgen.ops.parts.signal import (
    integers,
    keeping,
    refs,
    require_counts,
    require_range,
    signal_operator,
    with_state,
)

MOST_DELAY = 1 << 20
"""Samples by which frames may be late."""


@dataclass(frozen=True)
class Options:
    """By how many samples the output is late."""

    delay: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "delay_length"))


def memory(node: Node) -> tuple[Memory, ...]:
    """The last samples before; nothing of a delay that ``check`` refuses."""
    delay = read_options(node.options).delay
    if not node.x.shape or not 0 < delay <= MOST_DELAY:
        return ()
    return (Memory((*node.x.shape[:-1], delay), Element.S16),)


def check(node: Node) -> None:
    require_range(node, "delay_length", node.options.delay, 1, MOST_DELAY)
    require_counts(node, 2, 2)
    checks.require_shape(node, node.y, node.x.shape)


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    """Source: TFLM ``signal/micro/kernels/delay.cc``."""
    both = np.concatenate([values[1], values[0]], axis=-1)
    size = node.x.shape[-1]
    return both[..., :size], both[..., size:]


def calls(node: Node) -> tuple[Call, ...]:
    size, delay = node.x.shape[-1], node.options.delay
    x, state, y = refs((node.x, node.ys[1], node.y))
    numbers = node.x.elements // size, size, delay
    return keeping(node, Call("fw_signal_delay_s16", (x, state, y, *numbers)))


FORMS = one_form(calls, lambda node: 12.0 * (node.x.elements + node.ys[1].elements))
OPERATOR = with_state(
    signal_operator("signal_delay_s16", S16_ALL, read_options, check, fold, FORMS), memory
)
