"""Spectra of real samples, and samples of spectra: the options, lengths and call of both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, Operator
from fwgen.model.element import Element
from fwgen.model.fourier import Fourier, order, radices
from fwgen.ops.parts.signal import integers, of_elements, require_counts, require_type

MOST_LENGTH = 1 << 15
"""Of a frame, so that places in it are numbers of 16 bits."""

MOST_STAGES = 10
"""Of a transform; 14 bits are 7 of radix 4, and nothing below has more than 8 of radix 3."""

ELEMENTS = (Element.S16, Element.S32, Element.F32)


@dataclass(frozen=True)
class Options:
    """The number of the element type in the schema, and the length of a frame of samples."""

    type: int
    length: int

    @property
    def points(self) -> int:
        """Pairs of samples, which are the complex numbers that are transformed."""
        return self.length // 2


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "T", "fft_length"))


def check(node: Node) -> None:
    """Require operands, types and a length that KISS FFT transforms without more memory."""
    require_counts(node, 1, 1)
    require_type(node, node.options.type)
    length = node.options.length
    node.require(
        4 <= length <= MOST_LENGTH and length % 2 == 0 and bool(radices(length // 2)),
        f"The frames have {length} samples, expected an even number from 4 to {MOST_LENGTH} with "
        "no prime factor but 2, 3 and 5, as TFLM reads memory that is not there with others.",
        ("a longer frame, as missing samples count as 0",),
    )
    node.require(len(node.x.shape) > 0, f"Tensor {node.x.index} is a scalar, expected rows.")


def transform(node: Node, *, inverse: bool = False) -> Fourier:
    """Of the node's type and length."""
    return Fourier(node.x.dtype, node.options.points, inverse)


def forms(node: Node, name: str, samples: int, *, inverse: bool = False) -> tuple[Form, ...]:
    """The call of the kernel ``name``, less its element type, for rows of so many samples."""
    points, element = node.options.points, node.x.dtype
    numbers, stages = transform(node, inverse=inverse), radices(points)
    rows = node.x.elements // node.x.shape[-1]
    fields = (("rows", rows), ("samples", samples), ("points", points))
    odd = any(radix in (3, 5) for radix in stages)
    told = (*stages, *[0] * (MOST_STAGES - len(stages)))
    call = Call(
        f"fw_{name}_{element.suffix}",
        (
            Params("fw_fourier_params", (*fields, ("radices", told))),
            Ref(node.x.index),
            Constant("order", order(points).astype(np.uint16)),
            Constant("roots", numbers.roots().astype(element.numpy)),
            Constant("halves", numbers.halves().astype(element.numpy)),
            Function(f"fw_fourier_{'odd' if odd else 'even'}_{element.suffix}"),
            Ref(node.y.index),
            Scratch(0, element),
        ),
    )
    cycles = rows * points * (60.0 * len(stages) + 80.0)
    return (Form((call,), cycles, scratch_bytes=2 * points * element.bytes),)


def of_each_element(operator: Operator) -> Operator:
    """The operator for all element types, with what their kernels are given for other radices than
    2 and 4."""
    found = of_elements(operator, *ELEMENTS)
    pairs = zip(found.reference, ELEMENTS, strict=True)
    rows = (
        replace(r, functions=(r.name, f"fourier_odd_{e.suffix}", f"fourier_even_{e.suffix}"))
        for r, e in pairs
    )
    return replace(found, reference=tuple(rows))
