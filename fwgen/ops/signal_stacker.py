"""SIGNAL_STACKER: frames of channels beside those before and after, as TFLM's ``SignalStacker``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Params
from fwgen.contract.kernel import one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Memory
from fwgen.model.element import Element
from fwgen.ops.parts.signal import (
    integers,
    keeping,
    refs,
    require_counts,
    require_range,
    require_valid,
    require_vector,
    signal_operator,
    with_state,
)

MOST = 1 << 14
"""Frames of an output on either side, and numbers of it, which are counted with 16 bits."""


@dataclass(frozen=True)
class Options:
    """The numbers of a frame, how many frames before and after it are in an output, and how many
    frames come from an output to the next."""

    channels: int
    left: int
    right: int
    step: int

    @property
    def width(self) -> int:
        """Frames of an output."""
        return self.left + self.right + 1


def read_options(fields: Fields) -> Options:
    names = ("num_channels", "stacker_left_context", "stacker_right_context", "stacker_step")
    return Options(*integers(fields, *names))


def memory(node: Node) -> tuple[Memory, ...]:
    """The frames before and their number; nothing of sizes that ``check`` refuses."""
    options = read_options(node.options)
    sizes = (options.channels - 1, options.left, options.right)
    if not all(0 <= size < MOST for size in sizes):
        return ()
    return (Memory(((options.width - 1) * options.channels + 1,), Element.S16),)


def check(node: Node) -> None:
    options = node.options
    require_range(node, "num_channels", options.channels, 1, MOST)
    require_range(node, "stacker_left_context", options.left, 0, MOST - 1)
    require_range(node, "stacker_right_context", options.right, 0, MOST - 1)
    require_range(node, "stacker_step", options.step, 1, options.width)
    require_counts(node, 2, 3)
    require_vector(node, node.x, options.channels)
    require_vector(node, node.y, options.width * options.channels)
    require_valid(node)


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    """Source: TFLM ``signal/micro/kernels/stacker.cc``, with zeros for what that does not write."""
    options = node.options
    before, waiting = values[1][:-1], int(values[1][-1])
    if waiting == 0:
        before, waiting = np.tile(values[0], options.width - 1), options.left + 1
    frames = np.concatenate([before, values[0]])
    valid = waiting == options.width
    count = np.array([waiting + 1 - valid * options.step]).astype(np.int16)
    state = np.concatenate([frames[options.channels :], count])
    return frames if valid else np.zeros_like(frames), np.array(valid), state


def calls(node: Node) -> tuple[Call, ...]:
    options = node.options
    fields = (
        ("channels", options.channels),
        ("width", options.width),
        ("left", options.left),
        ("step", options.step),
    )
    y, valid, state = node.ys
    params = Params("fw_signal_stacker_params", fields)
    return keeping(node, Call("fw_signal_stacker_s16", (params, *refs((node.x, state, y, valid)))))


FORMS = one_form(calls, lambda node: 30.0 * node.y.elements)
TYPES = (Element.S16, None)
_STACKER = signal_operator("signal_stacker_s16", TYPES, read_options, check, fold, FORMS)
OPERATOR = replace(with_state(_STACKER, memory), leaves_open=True)
