"""The operator: what a file of ``ops`` states about its op, and the kernel that defines it.

``ops/<name>.py`` holds one ``OPERATOR``; ``ops/__init__.py`` finds it by itself. Its ``reference``
is the one kernel that an operator names: all others are rows of families, which name operators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from fwgen.contract.channels import ChannelRule
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.errors import ModelError
from fwgen.model.element import Element, Types, of_input
from fwgen.model.graph import ABSENT, Op


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


def fields_of(op: Op) -> Fields:
    """The options table of an op as read, whose options no operator has decoded yet."""
    return NO_FIELDS if op.options is None else cast(Fields, op.options)


Array = npt.NDArray[np.generic]


def no_options(fields: Fields) -> None:
    """``Operator.options`` of an op whose options, if it has any, do not matter."""


def _none(node: Node) -> int:
    return 0


def _always(node: Node) -> bool:
    return True


def _opaque(node: Node) -> ChannelRule | None:
    return None


@dataclass(frozen=True)
class Memory:
    """What an op keeps from one inference to the next besides its operands, 0 at first."""

    shape: tuple[int, ...]
    element: Element


def _has_no_stand_in(node: Node) -> Array | None:
    return None


def _nothing_kept(node: Node) -> tuple[Memory, ...]:
    return ()


@dataclass(frozen=True)
class Operator:
    """One TFLite builtin operator.

    ``code`` is the number in the schema's ``BuiltinOperator``, None for an op that only passes
    make. ``options`` turns the op's options table into a frozen options object (its only reader).
    ``types`` are the element types that its meaning is defined for. ``check`` raises ModelError,
    with the node's ``place`` as ``at``, for anything else that the reference does not cover or that
    contradicts the shapes. ``examine`` asks for both. ``reference`` are the rows that compute the
    op on any core, one for each of its types or some of them together. ``macs`` counts
    multiply-accumulates of one inference. ``channels`` says how the op carries channels, None where
    nothing is known of them.

    For passes: ``fold`` computes the output from the values of all inputs in NumPy, exactly as the
    kernels do; None where nothing asks for it. Of several outputs it gives a tuple. ``elementwise``
    promises that an output element depends only on the input elements at its place, and that
    ``fold`` also takes other shapes than the graph's, which broadcast. ``clamps`` promises that the
    kernels end in a clamp to ``checks.activation_range``. ``window`` gives (h, w) of the window
    that slides over input 0, of an op whose options are ``WindowOptions``. ``updates`` are places
    of inputs that the kernels change, which must be variables. Each is an output, too, after those
    of the file and at the same place in memory, and ``fold`` gives its new value. ``memory`` says
    what else the op keeps: these are further inputs, which it ``updates``. ``custom`` marks an op
    that a file has by a name instead of a number. ``leaves_open`` says that TFLM does not write
    all of the output. ``plain`` says whether other kernels than the reference may take an op: not
    if its weights are no constants. ``misread`` has types that TFLM takes and computes wrongly,
    each with a sentence why they are refused. ``unread`` are places of inputs of which only the
    shape matters: ``fold`` gets zeros for them. ``indices`` gives the places of inputs that hold
    indices of elements or of axes, and the range of each number of one: TFLM does not compute
    others. ``stand_in`` gives what the 256 values of int8 become, from the least on, by an op that
    TFLM lacks for them. ``still`` are places of constants that may have a scale of 0: channels of
    weights, which the op multiplies by 0, and of their bias.
    """

    code: int | None
    name: str
    options: Callable[[Fields], object]
    check: Callable[[Node], None]
    reference: tuple[Kernel, ...]
    macs: Callable[[Node], int] = _none
    channels: Callable[[Node], ChannelRule | None] = _opaque
    fold: Callable[[Node, Sequence[Array]], Array | tuple[Array, ...]] | None = None
    elementwise: bool = False
    clamps: bool = False
    window: Callable[[Node], tuple[int, int]] | None = None
    updates: tuple[int, ...] = ()
    memory: Callable[[Node], tuple[Memory, ...]] = _nothing_kept
    custom: bool = False
    leaves_open: bool = False
    plain: Callable[[Node], bool] = _always
    misread: Mapping[Types, str] = field(default_factory=dict)
    unread: tuple[int, ...] = ()
    indices: Callable[[Node], Mapping[int, tuple[range, ...]]] | None = None
    stand_in: Callable[[Node], Array | None] = _has_no_stand_in
    still: tuple[int, ...] = ()
    types: tuple[Types, ...] = field(kw_only=True)

    @property
    def of_files(self) -> bool:
        """Whether a file can have the op; others are made by passes."""
        return self.code is not None or self.custom

    def examine(self, node: Node) -> None:
        """Raise ModelError unless the op has one of the operator's ``types`` and passes ``check``.

        The operands are looked at in their order, the outputs last: the first one without a type
        that goes with those before is named, with the types that would.
        """
        for types, reason in self.misread.items():
            node.require(not node.outputs or node.types != types, reason)
        node.require(bool(node.outputs), f"{node.code} has no output.")
        left = self.types
        outputs = node.outputs[: len(node.outputs) - len(self.updates)]
        for position, index in enumerate((*node.inputs, *outputs)):
            if index == ABSENT:
                continue
            is_output = position >= len(node.inputs)
            wanted = [types[-1] if is_output else of_input(types, position) for types in left]
            element = node.tensors[index].dtype
            if not any(one in (None, element) for one in wanted):
                names = " or ".join(dict.fromkeys(one.word for one in wanted if one is not None))
                raise ModelError(
                    f"{node.code} supports {names} here, but tensor {index} is {element.word}.",
                    at=node.place,
                )
            pairs = zip(left, wanted, strict=True)
            left = tuple(types for types, one in pairs if one in (None, element))
        self._require_scales(node)
        self.check(node)

    def _require_scales(self, node: Node) -> None:
        """Require that no scale is 0 but of constants that may have it."""
        for place, index in enumerate(node.inputs):
            quant = None if index == ABSENT else node.tensors[index].quant
            node.require(
                quant is None or place in self.still or 0.0 not in quant.scales,
                f"Tensor {index} has a scale of 0, which {node.code} does not take.",
                ("quantize the model again: only weights and biases may have a scale of 0",),
            )

    def evaluate(self, node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
        """``fold`` of an operator that has one: an array for each output."""
        assert self.fold is not None
        made = self.fold(node, values)
        return made if isinstance(made, tuple) else (made,)
