"""The common part of TFLM's custom ops of signal processing, whose integers are no quantized
reals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from fwgen.contract.call import Arg, Call, Ref
from fwgen.contract.kernel import Forms, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Memory, Operator
from fwgen.errors import ModelError
from fwgen.model.element import Element, Types
from fwgen.model.flexbuffer import Flexbuffer
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks

PREFIX = "SIGNAL_"


def integers(fields: Fields, *names: str) -> tuple[int, ...]:
    """The custom options of an op, which must be called like this. Raises ModelError."""
    if not isinstance(fields, Flexbuffer):
        raise ModelError(f"The op has no custom options, expected {', '.join(names)}.")
    return fields.integers(*names)


def require_counts(node: Node, inputs: int, outputs: int) -> None:
    """Require so many inputs, all of them there, and outputs of the file."""
    present = sum(1 for _ in node.operands())
    node.require(
        present == len(node.inputs) == inputs,
        f"{node.code} needs {inputs} input{'s' * (inputs > 1)}, but has {present}.",
    )
    node.require(
        len(node.outputs) == outputs,
        f"{node.code} needs {outputs} output{'s' * (outputs > 1)}, but has {len(node.outputs)}.",
    )


def require_range(node: Node, what: str, value: int, low: int, high: int) -> None:
    """Require an option to be from ``low`` to ``high``."""
    node.require(
        low <= value <= high, f"The {what} of {node.code} is {value}, expected {low} to {high}."
    )


def require_vector(node: Node, tensor: Tensor, elements: int | None = None) -> None:
    """Require one dimension, with so many elements if that is said."""
    size = tensor.elements if elements is None else elements
    node.require(
        tensor.shape == (size,),
        f"Tensor {tensor.index} has shape {list(tensor.shape)}, expected [{size}].",
    )


Arguments = Callable[[Node], tuple[Arg, ...]]
Fold = Callable[[Node, Sequence[Array]], Array | tuple[Array, ...]]


def refs(tensors: Sequence[Tensor]) -> tuple[Ref, ...]:
    """Kernel arguments for tensors."""
    return tuple(Ref(tensor.index) for tensor in tensors)


def keeping(node: Node, call: Call) -> tuple[Call, ...]:
    """A call that works on the state, input 1, where it is kept, which may be where it is."""
    state = node.ys[-1]
    return Call("fw_copy", (Ref(node.w.index), Ref(state.index), state.bytes)), call


def forms_of(kernel: str, arguments: Arguments, cycles: float) -> Forms:
    """One call of a kernel; ``cycles`` are for an element of input 0."""

    def calls(node: Node) -> tuple[Call, ...]:
        return (Call(f"fw_{kernel}", arguments(node)),)

    return one_form(calls, lambda node: cycles * node.x.elements)


def signal_operator(
    kernel: str,
    types: Types,
    options: Callable[[Fields], object],
    check: Callable[[Node], None],
    fold: Fold,
    forms: Forms,
) -> Operator:
    """The operator whose reference is ``kernel``, which is called like it and its first type."""
    assert types[0] is not None
    name = kernel.removesuffix(f"_{types[0].name.lower()}").upper()
    row = Kernel(name, kernel, "reference", forms, types=(types,))
    return Operator(
        code=None,
        name=name,
        options=options,
        check=check,
        reference=(row,),
        fold=fold,
        custom=True,
        types=(types,),
    )


def of_elements(operator: Operator, *elements: Element) -> Operator:
    """The operator for tensors that all have one of some element types.

    Each has a kernel of its own, whose name ends in the type; ``Form``s call that of the node.
    """
    (row,) = operator.reference
    stem = row.name.rpartition("_")[0]
    types = tuple((element, element) for element in elements)
    rows = (replace(row, name=f"{stem}_{one[0].suffix}", types=(one,)) for one in types)
    return replace(operator, types=types, reference=tuple(rows))


def with_state(operator: Operator, memory: Callable[[Node], tuple[Memory, ...]]) -> Operator:
    """The operator with a state of one tensor, input 1, that ``keeping`` copies where it has to."""
    rows = (replace(row, functions=(row.name, "copy")) for row in operator.reference)
    return replace(operator, reference=tuple(rows), memory=memory, updates=(1,))


def require_type(node: Node, code: int) -> None:
    """Require the option T, an element type's number, to be that of the tensors."""
    element = node.x.dtype
    node.require(
        code == element.code,
        f"The option T is {code}, expected {element.code}, which is {element.word}.",
    )


def require_valid(node: Node) -> None:
    """Require output 0 to be int16, and output 1 the truth value of whether it is whole."""
    for tensor, element in zip(node.ys[:2], (Element.S16, Element.BOOL), strict=True):
        node.require(
            tensor.dtype is element,
            f"Output tensor {tensor.index} is {tensor.dtype.word}, expected {element.word}.",
        )
    checks.require_shape(node, node.ys[1], ())
