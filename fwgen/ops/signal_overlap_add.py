"""SIGNAL_OVERLAP_ADD: frames that overlap, added up to samples, as TFLM's ``SignalOverlapAdd``."""

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
    of_elements,
    refs,
    require_counts,
    require_type,
    signal_operator,
    with_state,
)


@dataclass(frozen=True)
class Options:
    """The number of the element type in the schema, and from a frame to the next, in samples."""

    type: int
    step: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "T", "frame_step"))


def memory(node: Node) -> tuple[Memory, ...]:
    """What frames have added to samples that are not complete yet."""
    return (Memory((*node.x.shape[:-2], *node.x.shape[-1:]), node.x.dtype),)


def check(node: Node) -> None:
    require_counts(node, 2, 2)
    shape, step = node.x.shape, node.options.step
    require_type(node, node.options.type)
    node.require(
        len(shape) >= 2 and 0 < step <= shape[-1],
        f"Frames of tensor {node.x.index} of shape {list(shape)} cannot be {step} samples apart.",
    )
    checks.require_shape(node, node.y, (*shape[:-2], shape[-2] * step))


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    """Integers are saturated after each sum. Source: TFLM ``signal/src/overlap_add.cc``."""
    frames, size, step = *node.x.shape[-2:], node.options.step
    element = node.x.dtype
    wide = np.int64 if element.is_integer else element.numpy
    rows = values[0].reshape(-1, frames, size).astype(wide)
    state, done = values[1].reshape(-1, size).astype(wide), []
    for frame in range(frames):
        state = state + rows[:, frame]
        if element.is_integer:
            state = np.clip(state, *element.limits)
        done.append(state[:, :step])
        state = np.concatenate([state[:, step:], np.zeros_like(done[-1])], axis=1)
    made = np.concatenate(done, axis=1).reshape(node.y.shape), state.reshape(values[1].shape)
    return tuple(one.astype(element.numpy) for one in made)


def calls(node: Node) -> tuple[Call, ...]:
    frames, size = node.x.shape[-2:]
    x, state, y = refs((node.x, node.ys[1], node.y))
    numbers = node.x.elements // (frames * size), frames, size, node.options.step
    name = f"fw_signal_overlap_add_{node.x.dtype.suffix}"
    return keeping(node, Call(name, (x, state, y, *numbers)))


FORMS = one_form(calls, lambda node: 20.0 * node.x.elements)
_SHORT = signal_operator("signal_overlap_add_s16", S16_ALL, read_options, check, fold, FORMS)
OPERATOR = with_state(of_elements(_SHORT, Element.S16, Element.F32), memory)
