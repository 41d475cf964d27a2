"""The contract of an operator file: what it states about its op and about each kernel variant.

``ops/<name>.py`` holds one ``OPERATOR``; ``ops/__init__.py`` finds it by itself. A kernel variant
is one ``Variant`` row there and one C file (with its header) in ``fwgen/kernels``, named like
its public function without the ``fw_``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from fwgen.errors import ModelError
from fwgen.model.element import Element, Types, agree, of_input
from fwgen.model.graph import ABSENT, Graph, Op

if TYPE_CHECKING:
    from fwgen.ops.parts.channels import ChannelRule


class Fields(Protocol):
    """The bounded view of an op's options table; a missing field or table reads as the default.

    ``slot`` is the field's id in the TFLite schema (order of declaration, from 0).
    """

    def i8(self, slot: int, default: int = 0) -> int: ...
    def u8(self, slot: int, default: int = 0) -> int: ...
    def i32(self, slot: int, default: int = 0) -> int: ...
    def f32(self, slot: int, default: float = 0.0) -> float: ...
    def flag(self, slot: int, default: bool = False) -> bool: ...
    def i32_vector(self, slot: int) -> tuple[int, ...]: ...


class _NoFields:
    """An op without an options table: every field reads as its default."""

    def i8(self, slot: int, default: int = 0) -> int:
        return default

    def u8(self, slot: int, default: int = 0) -> int:
        return default

    def i32(self, slot: int, default: int = 0) -> int:
        return default

    def f32(self, slot: int, default: float = 0.0) -> float:
        return default

    def flag(self, slot: int, default: bool = False) -> bool:
        return default

    def i32_vector(self, slot: int) -> tuple[int, ...]:
        return ()


NO_FIELDS: Fields = _NoFields()


@dataclass(frozen=True)
class Ref:
    """Kernel argument: the address of a tensor (activation or constant) by graph index.

    ``at`` elements after its first one.
    """

    tensor: int
    at: int | Each = 0


@dataclass(frozen=True, eq=False)
class Constant:
    """Kernel argument: a const array of the op in flash, emitted as ``op<i>_<role>``.

    ``data`` is printed flat in C order with its own dtype (int8, uint8, int16, int32, ...).
    """

    role: str
    data: npt.NDArray[np.generic]


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
    """Calls that are made one after the other ``times`` times, which ``Each`` tells apart."""

    times: int
    calls: tuple[Call, ...]


Calls = tuple[Call | Repeat, ...]


def each_call(calls: Calls) -> Iterator[Call]:
    """The calls as they are written, those of a repetition once."""
    for one in calls:
        yield from one.calls if isinstance(one, Repeat) else (one,)


@dataclass(frozen=True)
class Stretch:
    """What each of ``times`` bands of fed rows makes possible, told apart by ``Each``.

    After the calls of one, the next fed row goes to ``row`` of its ring.
    """

    times: int
    calls: tuple[Call, ...]
    row: int


@dataclass(frozen=True)
class Feeding:
    """How an op takes the model's input row by row: ``band_rows`` of them before a stretch's calls.

    They go to scratch memory from ``at`` on, the first from its ``row`` of ``row_bytes`` on.
    """

    at: int
    row_bytes: int
    band_rows: int
    stretches: tuple[Stretch, ...]


MVE = frozenset({"mve"})
"""What ``Variant.needs`` for a core with M-profile vector instructions."""


def no_options(fields: Fields) -> None:
    """``Operator.options`` of an op whose options, if it has any, do not matter."""


def _always(graph: Graph, op: Op) -> bool:
    return True


def _none(graph: Graph, op: Op) -> int:
    return 0


def _apart(graph: Graph, op: Op) -> tuple[int | None, ...]:
    return ()


def _opaque(graph: Graph, op: Op) -> ChannelRule | None:
    return None


@dataclass(frozen=True)
class Form:
    """One way to call a variant, in strips of a certain size, say, with what it costs.

    ``forwards`` gives, per input, the least number of bytes by which the output must begin before
    the input for ``calls`` to be safe if it dies at the op, see ``ops/parts/overlap.py``; None
    where they must be apart, as where it ends early. ``backwards`` is the least by which the output
    must end after the input for ``backwards_calls``, which do the same from the last byte to the
    first. What they begin apart must also be a multiple of ``grain``. Of every input,
    ``over_bytes`` after its last byte may be read. ``feeding`` tells ``calls`` apart for an op
    whose input is fed. Scratch memory with an offset ``scratch_at`` lies around tensors that have
    offsets of their own.
    """

    calls: Calls
    cycles: float
    scratch_bytes: int = 0
    forwards: tuple[int | None, ...] = ()
    backwards: tuple[int | None, ...] = ()
    backwards_calls: Calls = ()
    grain: int = 1
    over_bytes: int = 0
    feeding: Feeding | None = None
    scratch_at: int | None = None

    def forwards_at(self, place: int) -> int | None:
        """``forwards`` of the input at ``place``."""
        return self.forwards[place] if place < len(self.forwards) else None

    def backwards_at(self, place: int) -> int | None:
        """``backwards`` of the input at ``place``."""
        return self.backwards[place] if place < len(self.backwards) else None


def has_types(graph: Graph, op: Op, types: tuple[Types, ...]) -> bool:
    """Whether the operands of an op have one of ``types``."""
    inputs = [graph.element(op, place) for place in range(len(op.inputs))]
    return any(agree(one, inputs, graph.output(op).dtype) for one in types)


@dataclass(frozen=True)
class Variant:
    """One way to compute an op.

    ``types`` are the element types that it is exact for: it is chosen for no others. ``needs`` are
    the CPU features without which it does not run, ``lacks`` those with which its library has
    another way; ``holds`` says for which shapes and constants of its types it is exact;
    ``calls`` gives its C calls, constants packed as the kernel reads them; ``scratch_bytes`` what
    it needs beside its operands; ``cost`` estimated cycles (relative order is what counts);
    ``overlaps`` is ``Form.forwards``. ``forms`` gives all of that for each of the ways in which the
    kernel can be called, fastest first, if there are several. ``alias`` marks an op that moves no
    data: its output shares the memory of input 0 and ``calls`` is used only where that is not
    possible.
    """

    name: str
    provider: str
    calls: Callable[[Graph, Op], Calls]
    cost: Callable[[Graph, Op], float]
    needs: frozenset[str] = frozenset()
    holds: Callable[[Graph, Op], bool] = _always
    scratch_bytes: Callable[[Graph, Op], int] = _none
    overlaps: Callable[[Graph, Op], tuple[int | None, ...]] = _apart
    alias: bool = False
    forms: Callable[[Graph, Op], tuple[Form, ...]] | None = None
    lacks: frozenset[str] = frozenset()
    types: tuple[Types, ...] = field(kw_only=True)

    def takes(self, graph: Graph, op: Op) -> bool:
        """Whether the op has one of its ``types``, and ``holds`` of it."""
        return has_types(graph, op, self.types) and self.holds(graph, op)

    def forms_of(self, graph: Graph, op: Op) -> tuple[Form, ...]:
        """The ways to call it for an op for which it holds, at least one."""
        if self.forms is not None:
            return self.forms(graph, op)
        return (
            Form(
                calls=self.calls(graph, op),
                cycles=self.cost(graph, op),
                scratch_bytes=self.scratch_bytes(graph, op),
                forwards=self.overlaps(graph, op),
            ),
        )


def in_forms(
    name: str,
    provider: str,
    forms: Callable[[Graph, Op], tuple[Form, ...]],
    needs: frozenset[str] = frozenset(),
    holds: Callable[[Graph, Op], bool] = _always,
    *,
    types: tuple[Types, ...],
) -> Variant:
    """A variant that can be called in several ways."""
    return Variant(
        name=name,
        provider=provider,
        calls=lambda graph, op: forms(graph, op)[0].calls,
        cost=lambda graph, op: forms(graph, op)[0].cycles,
        needs=needs,
        holds=holds,
        scratch_bytes=lambda graph, op: forms(graph, op)[0].scratch_bytes,
        forms=forms,
        types=types,
    )


@dataclass(frozen=True)
class Operator:
    """One TFLite builtin operator.

    ``code`` is the number in the schema's ``BuiltinOperator``, None for an op that only passes
    make. ``options`` turns the op's options table into a frozen options object (its only reader).
    ``types`` are the element types that its meaning is defined for; ``check`` raises ModelError,
    with ``place(graph, op)`` as ``at``, for anything else that the variants do not cover or that
    contradicts the shapes: ``examine`` asks for both. ``macs`` counts multiply-accumulates of one
    inference. ``channels`` says how the op carries channels, None where nothing is known of them.

    For passes: ``fold`` computes the output from the values of all inputs in NumPy, exactly as the
    kernels do; None where nothing asks for it. ``elementwise`` promises that an output element
    depends only on the input elements at its place, and that ``fold`` also takes other shapes than
    the graph's, which broadcast. ``clamps`` promises that the kernels end in a clamp to
    ``checks.activation_range``. ``kernel`` gives (h, w) of the window that slides over input 0, of
    an op whose options are ``WindowOptions``. ``obstacle`` says what fast kernels do not take of an
    op, in words after "takes"; None where it is nothing that can be named.
    """

    code: int | None
    name: str
    options: Callable[[Fields], object]
    check: Callable[[Graph, Op], None]
    variants: tuple[Variant, ...]
    macs: Callable[[Graph, Op], int] = _none
    channels: Callable[[Graph, Op], ChannelRule | None] = _opaque
    fold: Callable[[Graph, Op, Sequence[Array]], Array] | None = None
    elementwise: bool = False
    clamps: bool = False
    kernel: Callable[[Graph, Op], tuple[int, int]] | None = None
    obstacle: Callable[[Graph, Op], str | None] | None = None
    types: tuple[Types, ...] = field(kw_only=True)

    def examine(self, graph: Graph, op: Op) -> None:
        """Raise ModelError unless the op has one of the operator's ``types`` and passes ``check``.

        The operands are looked at in their order, the output last: the first one without a type
        that goes with those before is named, with the types that would.
        """
        left = self.types
        for position, index in enumerate((*op.inputs, *op.outputs[:1])):
            if index == ABSENT:
                continue
            is_output = position == len(op.inputs)
            wanted = [types[-1] if is_output else of_input(types, position) for types in left]
            element = graph.tensors[index].dtype
            if not any(one in (None, element) for one in wanted):
                names = " or ".join(dict.fromkeys(one.word for one in wanted if one is not None))
                raise ModelError(
                    f"{op.code} supports {names} here, but tensor {index} is {element.word}.",
                    at=place(graph, op),
                )
            pairs = zip(left, wanted, strict=True)
            left = tuple(types for types, one in pairs if one in (None, element))
        self.check(graph, op)


def place(graph: Graph, op: Op) -> str:
    """Where an op is, for errors: ``op 3 DEPTHWISE_CONV_2D``."""
    return f"{graph.at}: op {op.index} {op.code}"
