"""CIRCULAR_BUFFER: the last rows of a stream, TFLM's custom op of streaming convolutions.

The file has the new row as its only input, and a variable as its output. The reader puts the value
that the variable had before in front of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, Operator
from fwgen.model.element import Element, Types
from fwgen.model.flexbuffer import Flexbuffer
from fwgen.ops.parts import checks, sliding
from fwgen.ops.parts.signal import integers

NAME = "CIRCULAR_BUFFER"
TYPES: Sequence[Types] = ((Element.S8, Element.S8),)


@dataclass(frozen=True)
class Options:
    """In how many inferences the ops behind this one run once; 0 if the file leaves that open."""

    cycles: int


def read_options(fields: Fields) -> Options:
    if isinstance(fields, Flexbuffer) and fields.is_empty:
        return Options(0)
    return Options(*integers(fields, "cycles_max"))


def check(node: Node) -> None:
    """Source: TFLM ``circular_buffer.cc`` and ``circular_buffer_common.cc``, which look at less."""
    node.require(
        len(node.inputs) == 2 and node.operand(1) is not None and len(node.outputs) == 1,
        f"{NAME} needs one input and one output.",
    )
    node.require(
        node.operand(0) is not None,
        f"The output of {NAME} (tensor {node.y.index}) is its window, which the file does not say "
        "to be a variable.",
    )
    window, row = node.y, node.w
    checks.require_rank(node, window, 4)
    node.require(
        window.shape[0] == 1,
        f"The window (tensor {window.index}) has {window.shape[0]} batches, of which TFLM moves "
        "the first alone.",
    )
    checks.require_shape(node, row, (1, 1, *window.shape[2:]))
    for tensor in (row, window):
        checks.require_per_tensor(node, tensor)
    checks.require_same_quant(node, row, window)
    _check_cycles(node, node.options.cycles)


def _check_cycles(node: Node, cycles: int) -> None:
    node.require(
        cycles > 0,
        f"{NAME} has no cycles_max; TFLM guesses in how many inferences later ops run once, from "
        "sizes and from how many such ops came before.",
        ("cycles_max 1 in the op's custom options, if all ops run in each inference",),
    )
    node.require(
        cycles == 1,
        f"The cycles_max of {NAME} is {cycles}: TFLM runs all later ops in one of {cycles} "
        "inferences alone, and leaves old outputs in the others.",
        (
            f"a model that takes the inputs of {cycles} inferences at once, with variables "
            f"instead of {NAME}",
        ),
    )


OPERATOR = Operator(
    code=None,
    name=NAME,
    options=read_options,
    types=tuple(TYPES),
    check=check,
    reference=(sliding.slide_row(NAME, tuple(TYPES)),),
    fold=sliding.fold,
    updates=(0,),
    custom=True,
)
