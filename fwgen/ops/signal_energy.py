"""SIGNAL_ENERGY: the energy of a part of a spectrum, as TFLM's custom op ``SignalEnergy``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Arg
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields
from fwgen.model.element import Element
from fwgen.ops.parts.signal import (
    forms_of,
    integers,
    refs,
    require_counts,
    require_vector,
    signal_operator,
)


@dataclass(frozen=True)
class Options:
    """The part: from ``first`` to before ``end``. TFLM leaves the rest as it is; here it is 0."""

    end: int
    first: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "end_index", "start_index"))


def check(node: Node) -> None:
    require_counts(node, 1, 1)
    for tensor in (node.x, node.y):
        require_vector(node, tensor)
    most, options = min(node.x.elements // 2, node.y.elements), node.options
    node.require(
        0 <= options.first <= options.end <= most,
        f"SIGNAL_ENERGY is of outputs {options.first} to {options.end}, of {most}.",
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLM ``signal/src/energy.cc``."""
    part = slice(node.options.first, node.options.end)
    pairs = values[0].astype(np.int64)[: 2 * part.stop].reshape(-1, 2)[part]
    energies = np.zeros(node.y.shape, node.y.dtype.numpy)
    energies[part] = (pairs * pairs).sum(axis=1)
    return energies


def arguments(node: Node) -> tuple[Arg, ...]:
    options = node.options
    return (*refs((node.x, node.y)), node.y.elements, options.first, options.end)


FORMS = forms_of("signal_energy_s16", arguments, 5.0)
OPERATOR = replace(
    signal_operator(
        "signal_energy_s16", (Element.S16, Element.U32), read_options, check, fold, FORMS
    ),
    leaves_open=True,
)
