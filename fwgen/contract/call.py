"""The call of a kernel: what a kernel row gives for an op, and the generator prints as C."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.model.element import Element


@dataclass(frozen=True)
class Ref:
    """Kernel argument: the address of a tensor (activation or constant) by graph index.

    ``at`` is counted in elements from the tensor's first one.
    """

    tensor: int
    at: int | Each = 0


@dataclass(frozen=True, eq=False)
class Constant:
    """Kernel argument: a const array of the op in flash, emitted as ``op<i>_<role>``.

    ``data`` is printed flat in C order with its own dtype (int8, uint8, int16, int32, ...).
    ``layout`` names the kernels' header that describes the order of the elements; "" stands for
    the header of the called function. ``made_of`` are the constant tensors, by graph index, whose
    values are in the array.
    """

    role: str
    data: npt.NDArray[np.generic]
    layout: str = ""
    made_of: tuple[int, ...] = ()


@dataclass(frozen=True)
class Params:
    """Kernel argument: the address of a const struct of the op, emitted as ``op<i>_params``.

    ``fields`` are (member, integer or tuple of integers) in the order of the struct.
    """

    type: str
    fields: tuple[tuple[str, int | tuple[int, ...]], ...]


@dataclass(frozen=True)
class Scratch:
    """Kernel argument: the address ``at`` bytes into the op's scratch memory, 16-byte aligned.

    It points to bytes (void or uint8_t), or to ``elements`` where rows of a tensor are.
    """

    at: int | Each = 0
    elements: Element | None = None


@dataclass(frozen=True)
class Null:
    """Kernel argument: a null pointer."""


@dataclass(frozen=True)
class Function:
    """Kernel argument: another kernel by its public name, which the called one calls."""

    name: str


@dataclass(frozen=True)
class Each:
    """Argument of a repeated call, or its ``at``: ``first`` + i * ``step`` in call i, from 0."""

    first: int
    step: int


Array = npt.NDArray[np.generic]

Arg = Ref | Constant | Params | Scratch | Null | Function | Each | int


@dataclass(frozen=True)
class Call:
    """A C call of a kernel by its public name, declared in ``<function less fw_>.h``.

    ``library_bytes`` are those that a library's function must want of scratch memory or constants,
    which ``<function>_bytes`` asks it at boot; its first argument is the call's.
    """

    function: str
    args: tuple[Arg, ...]
    library_bytes: int | None = None

    @property
    def kernels(self) -> tuple[str, ...]:
        """File names, less their endings, of the kernels that it takes."""
        passed = (arg.name for arg in self.args if isinstance(arg, Function))
        return tuple(name.removeprefix("fw_") for name in (self.function, *passed))


@dataclass(frozen=True)
class Repeat:
    """Calls that are made ``times`` times in a loop; their ``Each`` arguments change from one
    time to the next."""

    times: int
    calls: tuple[Call, ...]


Calls = tuple[Call | Repeat, ...]


def each_call(calls: Calls) -> Iterator[Call]:
    """The calls as they are written, those of a repetition once."""
    for one in calls:
        yield from one.calls if isinstance(one, Repeat) else (one,)
