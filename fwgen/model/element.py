"""The element type of a tensor: its numbers, its C type, the accumulator of its sums, the rescaler.

The one table of all of them. Kernels are named by these names: ``add_s16`` adds ``s16``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

import numpy as np
import numpy.typing as npt

from fwgen.model.fixed_point import Int64Array, requantize, requantize_wide


class Element(Enum):
    """An element type; the value is (TFLite's name, number in its ``TensorType``, bytes, C type).

    ``S8`` is a signed integer of 8 bits, ``U8`` one without sign, ``F32`` a float of 32 bits.
    """

    F32 = ("FLOAT32", 0, 4, "float")
    F16 = ("FLOAT16", 1, 2, "uint16_t")
    S32 = ("INT32", 2, 4, "int32_t")
    U8 = ("UINT8", 3, 1, "uint8_t")
    S64 = ("INT64", 4, 8, "int64_t")
    U64 = ("UINT64", 12, 8, "uint64_t")
    BOOL = ("BOOL", 6, 1, "uint8_t")
    S16 = ("INT16", 7, 2, "int16_t")
    S8 = ("INT8", 9, 1, "int8_t")
    U32 = ("UINT32", 15, 4, "uint32_t")
    U16 = ("UINT16", 16, 2, "uint16_t")

    @classmethod
    def of(cls, dtype: np.dtype[np.generic]) -> Element:
        """The element type of a NumPy array by its dtype. Raises KeyError if there is none."""
        return _BY_WORD[dtype.name]

    @property
    def tflite(self) -> str:
        """What the TFLite schema calls it: ``INT8``."""
        return self.value[0]

    @property
    def word(self) -> str:
        """What people and NumPy call it: ``int8``."""
        return self.tflite.lower()

    @property
    def suffix(self) -> str:
        """What names of kernels end in: ``s8``."""
        return self.name.lower()

    @property
    def code(self) -> int:
        """Number of the type in the TFLite schema's ``TensorType``."""
        return self.value[1]

    @property
    def bytes(self) -> int:
        """Size of one element in bytes."""
        return self.value[2]

    @property
    def c(self) -> str:
        """The C type of one element."""
        return self.value[3]

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The little-endian numpy dtype."""
        return np.dtype(self.word).newbyteorder("<")

    @property
    def is_integer(self) -> bool:
        """Whether elements are integers, with or without a sign."""
        return self.numpy.kind in "iu"

    @property
    def low(self) -> int:
        """The least value of an integer type: -128 of ``S8``."""
        return int(np.iinfo(self.word).min)

    @property
    def high(self) -> int:
        """The greatest value of an integer type: 127 of ``S8``."""
        return int(np.iinfo(self.word).max)

    @property
    def limits(self) -> tuple[int, int]:
        """``low`` and ``high``."""
        return self.low, self.high

    @property
    def values(self) -> npt.NDArray[np.int64]:
        """All values of a type of one byte, from the least to the greatest."""
        assert self.bytes == 1
        return np.arange(self.low, self.high + 1, dtype=np.int64)

    def clamped(self, values: npt.NDArray[np.number]) -> npt.NDArray[np.generic]:
        """Numbers as elements of an integer type; what is beyond its limits becomes the limit."""
        found: npt.NDArray[np.generic] = np.clip(values, *self.limits).astype(self.numpy)
        return found

    @property
    def accumulator(self) -> Element:
        """What TFLM adds up products of the element with weights in, unless a bias of another type
        is there: see ``ops.parts.weights.accumulator``."""
        return _ACCUMULATORS[self]

    @property
    def rescale(self) -> Rescale:
        """How TFLM multiplies numbers of an accumulator by a real number: see ``Rescale``."""
        return _RESCALERS[self]


Rescale = Callable[[Int64Array, int | Int64Array, int | Int64Array], Int64Array]
"""Numbers * multiplier * 2**(shift - 31), rounded; by ``fixed_point.quantize_multiplier``."""

_ACCUMULATORS = {Element.S8: Element.S32, Element.S16: Element.S64, Element.F32: Element.F32}
_RESCALERS: dict[Element, Rescale] = {Element.S32: requantize, Element.S64: requantize_wide}

_BY_WORD = {element.word: element for element in Element}

Types = tuple[Element | None, ...]
"""The element types of an op: of its inputs in their order, then of its outputs.

Inputs beyond those that are listed are like the last one; None is any type. A convolution is
``(S8, S8, S32, S8)``, its bias the third; an ADD of two inputs ``(S8, S8)``.
"""


S8_ALL: Types = (Element.S8, Element.S8)
"""All operands are ``S8``."""

S16_ALL: Types = (Element.S16, Element.S16)
"""All operands are ``S16``."""


def like_all(elements: Iterable[Element], *others: Element | None) -> tuple[Types, ...]:
    """For ops that move data: output and input 0 of one type, ``others`` the types of the rest."""
    return tuple((element, *others, element) for element in elements)


def of_input(types: Types, place: int) -> Element | None:
    """What ``types`` want of the input at a place, None for anything."""
    return types[min(place, len(types) - 2)]


def agree(types: Types, found: Types) -> bool:
    """Whether operands of the ``found`` types, None for an absent one, have ``types``."""
    inputs = (of_input(types, place) for place in range(len(found) - 1))
    pairs = zip((*inputs, types[-1]), found, strict=True)
    return all(None in pair or pair[0] is pair[1] for pair in pairs)
