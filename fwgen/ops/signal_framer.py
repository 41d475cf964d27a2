"""SIGNAL_FRAMER: frames of a stream of samples, which may overlap, as TFLM's ``SignalFramer``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Params
from fwgen.contract.kernel import one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Memory
from fwgen.model.element import Element
from fwgen.ops.parts import checks
from fwgen.ops.parts.signal import (
    integers,
    keeping,
    refs,
    require_counts,
    require_range,
    require_valid,
    signal_operator,
    with_state,
)

MOST_SIZE = 1 << 14
"""Samples of a frame, so that a count of frames is a number of 16 bits."""


@dataclass(frozen=True)
class Options:
    """Samples of a frame, those from a frame's beginning to the next one's, and whether zeros
    precede the stream, so that the first frame is whole at once."""

    size: int
    step: int
    prefill: int

    @property
    def kept(self) -> int:
        """Samples of a stream that wait for the next frame.

        Without zeros before the stream, the first frame comes with the step that completes it, of
        which it leaves the last samples. TFLM's ring buffer keeps them from then on.
        """
        return self.size - self.step if self.prefill else self.late * self.step

    @property
    def late(self) -> int:
        """Frames at first that lack samples."""
        return 0 if self.prefill else -(-self.size // self.step) - 1


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "frame_size", "frame_step", "prefill"))


def memory(node: Node) -> tuple[Memory, ...]:
    """The samples that wait, and the number of frames; nothing of sizes that ``check`` refuses."""
    options = read_options(node.options)
    if not _sound(options):
        return ()
    rows = node.x.elements // node.x.shape[-1] if node.x.shape else 0
    return (Memory((rows * options.kept + 1,), Element.S16),)


def _sound(options: Options) -> bool:
    most = options.size if options.prefill else MOST_SIZE
    return 0 < options.size <= MOST_SIZE and 0 < options.step <= most


def check(node: Node) -> None:
    options = node.options
    require_range(node, "frame_size", options.size, 1, MOST_SIZE)
    most = options.size if options.prefill else MOST_SIZE
    require_range(node, "frame_step", options.step, 1, most)
    require_counts(node, 2, 3)
    shape = node.x.shape
    node.require(
        len(shape) > 0 and shape[-1] % options.step == 0,
        f"Tensor {node.x.index} has shape {list(shape)}, expected a multiple of the frame_step, "
        f"{options.step}, in a row.",
    )
    frames = shape[-1] // options.step
    checks.require_shape(node, node.y, (*shape[:-1], frames, options.size))
    require_valid(node)


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    """Source: TFLM ``signal/micro/kernels/framer.cc``, with zeros for what that does not write."""
    options = node.options
    step, kept = options.step, options.kept
    frames, seen = node.y.shape[-2], int(values[1][-1])
    waiting = values[1][:-1].reshape(-1, kept) if kept else np.zeros((0, 0), np.int16)
    fresh = values[0].reshape(-1, frames * step)
    samples = np.concatenate([waiting, fresh], axis=1) if kept else fresh
    made = np.zeros((len(fresh), frames, options.size), np.int16)
    for frame in range(max(options.late - seen, 0), frames):
        made[:, frame] = samples[:, frame * step : frame * step + options.size]
    count = np.array([min(seen + frames, options.late)], np.int16)
    state = np.concatenate([samples[:, frames * step :].reshape(-1), count])
    return made.reshape(node.y.shape), np.array(seen >= options.late), state


def calls(node: Node) -> tuple[Call, ...]:
    options = node.options
    frames = node.y.shape[-2]
    fields = (
        ("rows", node.x.elements // node.x.shape[-1]),
        ("frames", frames),
        ("size", options.size),
        ("step", options.step),
        ("kept", options.kept),
        ("late", options.late),
    )
    y, valid, state = node.ys
    params = Params("fw_signal_framer_params", fields)
    return keeping(node, Call("fw_signal_framer_s16", (params, *refs((node.x, state, y, valid)))))


FORMS = one_form(calls, lambda node: 15.0 * (node.y.elements + node.x.elements))
TYPES = (Element.S16, None)
_FRAMER = signal_operator("signal_framer_s16", TYPES, read_options, check, fold, FORMS)
OPERATOR = replace(with_state(_FRAMER, memory), leaves_open=True)
