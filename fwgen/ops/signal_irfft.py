"""SIGNAL_IRFFT: the real samples of spectra, as TFLM's custom op ``SignalIrfft``."""

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
    shape, length = node.x.shape, node.options.length
    checks.require_shape(node, node.x, (*shape[:-1], length + 2))
    checks.require_shape(node, node.y, (*shape[:-1], length))


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Floats are divided by the length at last. Source: TFLM ``signal/src/irfft_float.cc``."""
    length, element = node.options.length, node.x.dtype
    wide = np.int64 if element.is_integer else element.numpy
    spectrum = values[0].reshape(-1, length // 2 + 1, 2).astype(wide)
    found = spectra.transform(node, inverse=True).real_samples(spectrum)
    if not element.is_integer:
        found = found / np.float32(length)
    return np.asarray(found.astype(element.numpy).reshape(node.y.shape))


def forms(node: Node) -> tuple[Form, ...]:
    return spectra.forms(node, "signal_irfft", node.options.length, inverse=True)


OPERATOR = spectra.of_each_element(
    signal_operator("signal_irfft_s16", S16_ALL, spectra.read_options, check, fold, forms)
)
