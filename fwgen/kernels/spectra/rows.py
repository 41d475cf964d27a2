"""Rows of ops of signal processing on MVE: windows, Fourier transforms, energies and bands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch, each_call
from fwgen.contract.kernel import APART, MVE, Form, Kernel, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.model.element import S16_ALL, Element
from fwgen.model.fourier import Fourier, Numbers, order, radices
from fwgen.ops import operators
from fwgen.ops.parts import spectra
from fwgen.ops.parts.overlap import in_place

LANES = 4
"""Complex numbers in a vector."""

LEAST_POINTS, MOST_POINTS = 16, 1 << 13
"""Vectors are full in all stages, and places of samples are signed numbers of 16 bits."""


def holds(node: Node) -> bool:
    """Whether radices are 4, and 2 in the first stage."""
    points = node.options.points
    return bool(LEAST_POINTS <= points <= MOST_POINTS and points & (points - 1) == 0)


def first_places(points: int) -> np.ndarray:
    """(butterflies, 2): the samples that the first point of each butterfly is made of."""
    radix = radices(points)[0]
    butterflies = order(points).reshape(-1, radix)
    apart = points // radix
    assert (butterflies == butterflies[:, :1] + apart * np.arange(radix)).all()
    return np.asarray(2 * butterflies[:, :1] + np.arange(2))


def packed_roots(numbers: Fourier) -> Numbers:
    """(vectors, LANES, 2): of each stage but the first, as the kernel reads them."""
    points, unity, found = numbers.points, numbers.roots(), [np.zeros((0, LANES, 2), np.int64)]
    first, *later = radices(points)
    size = first
    for radix in later:
        step = points // (size * radix)
        k = np.resize(np.arange(size), max(size, LANES)).reshape(-1, 1, LANES)
        found.append(unity[k * np.arange(1, radix)[:, None] * step].reshape(-1, LANES, 2))
        size *= radix
    return np.concatenate(found)


def forms(node: Node) -> tuple[Form, ...]:
    points, samples = node.options.points, node.x.shape[-1]
    numbers, rows = spectra.transform(node), node.x.elements // samples
    fields = (("rows", rows), ("samples", samples), ("points", points))
    call = Call(
        "fw_signal_rfft_s16_mve",
        (
            Params("fw_signal_rfft_s16_mve_params", fields),
            Ref(node.x.index),
            Constant("order", first_places(points).astype(np.uint16)),
            Constant("roots", packed_roots(numbers).astype(np.int16)),
            Constant("halves", numbers.halves().astype(np.int16)),
            Ref(node.y.index),
            Scratch(0, Element.S16),
        ),
    )
    stages = len(radices(points))
    cycles = rows * (200.0 + points * (3.5 * stages + 6.0))
    return (Form((call,), cycles, scratch_bytes=2 * points * Element.S16.bytes),)


def weights_are_unsigned(node: Node) -> bool:
    """Whether all weights are constants that are not negative."""
    weights = (node.input(1).data, node.input(2).data)
    return all(data is not None and int(data.astype(np.int64).min()) >= 0 for data in weights)


def filter_cycles(node: Node) -> float:
    """8 for 4 energies of a band, and 30 for a band, by the instructions of the loops."""
    widths = np.maximum(node.input(5).constant.astype(np.int64), 0)
    return float((8 * -(-widths // LANES) + 30).sum())


def row(
    name: str,
    cycles: Callable[[Node], float],
    overlap: Callable[[Node], OverlapLimit] = lambda node: APART,
    holds: Callable[[Node], bool] = lambda node: True,
) -> Kernel:
    """The row of an operator whose call is like that of its reference."""
    (plain,) = operators()[name].reference

    def calls(node: Node) -> tuple[Call, ...]:
        (call,) = each_call(plain.forms(node)[0].calls)
        return (replace(call, function=f"{call.function}_mve"),)

    made = one_form(calls, cycles, overlap)
    return Kernel(name, f"{plain.name}_mve", "fwgen", made, MVE, holds, types=plain.types)


def each(cycles: float) -> Callable[[Node], float]:
    """``cycles`` for an element of input 0, and some for the call."""
    return lambda node: 40.0 + cycles * node.x.elements


KERNELS = (
    Kernel(
        op="SIGNAL_RFFT",
        name="signal_rfft_s16_mve",
        provider="fwgen",
        forms=forms,
        needs=MVE,
        holds=holds,
        types=(S16_ALL,),
    ),
    row("SIGNAL_WINDOW", each(1.8), in_place),
    row("SIGNAL_FFT_AUTO_SCALE", each(1.1), in_place),
    row("SIGNAL_ENERGY", each(1.0)),
    row("SIGNAL_FILTER_BANK", filter_cycles, holds=weights_are_unsigned),
)
