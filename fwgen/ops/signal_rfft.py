"""SIGNAL_RFFT: the spectrum of frames of real samples, as TFLM's custom op ``SignalRfft``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S16_ALL
from fwgen.ops.parts import checks, spectra
from fwgen.ops.parts.signal import signal_operator


def check(node: Node) -> None:
    spectra.check(node)
    x, length = node.x, node.options.length
    node.require(
        x.shape[-1] <= length,
        f"Tensor {x.index} has shape {list(x.shape)}, expected at most {length} samples in a row.",
    )
    checks.require_shape(node, node.y, (*x.shape[:-1], length + 2))


def fold(node: Node, values: Sequence[Array]) -> Array:
    x, length, element = values[0], node.options.length, node.x.dtype
    wide = np.int64 if element.is_integer else element.numpy
    frames = np.zeros((x.size // x.shape[-1], length), wide)
    frames[:, : x.shape[-1]] = x.reshape(len(frames), -1)
    found = spectra.transform(node).real_spectrum(frames)
    return np.asarray(found.astype(element.numpy).reshape(node.y.shape))


def forms(node: Node) -> tuple[Form, ...]:
    return spectra.forms(node, "signal_rfft", node.x.shape[-1])


OPERATOR = spectra.of_each_element(
    signal_operator("signal_rfft_s16", S16_ALL, spectra.read_options, check, fold, forms)
)
