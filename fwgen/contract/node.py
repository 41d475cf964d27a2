"""A node: an op of a graph with its tensors at hand, which the functions of operators and
kernels take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fwgen.errors import ModelError
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph, Op, Tensor


@dataclass(frozen=True, eq=False)
class Node:
    """An op and the graph that it is in.

    Of a convolution ``x`` is the image, ``w`` the weights and ``y`` the output. Of an op with two
    operands ``x`` and ``w`` are both of them.
    """

    graph: Graph
    op: Op

    @property
    def x(self) -> Tensor:
        """Input 0, which ``check`` made sure exists."""
        return self.input(0)

    @property
    def w(self) -> Tensor:
        """Input 1, which ``check`` made sure exists."""
        return self.input(1)

    @property
    def y(self) -> Tensor:
        """The output, the first of several."""
        return self.graph.output(self.op)

    @property
    def ys(self) -> tuple[Tensor, ...]:
        """All outputs."""
        return tuple(self.graph.tensors[t] for t in self.op.outputs)

    @property
    def code(self) -> str:
        """The operator's name."""
        return self.op.code

    @property
    def index(self) -> int:
        """The op's number in the model."""
        return self.op.index

    @property
    def inputs(self) -> tuple[int, ...]:
        """Indices of the input tensors, ``ABSENT`` for one that the op does not have."""
        return self.op.inputs

    @property
    def outputs(self) -> tuple[int, ...]:
        """Indices of the output tensors."""
        return self.op.outputs

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The tensors of the graph, by index."""
        return self.graph.tensors

    @property
    def options(self) -> Any:
        """The frozen options that ``Operator.options`` made: of its operator's own class."""
        return self.op.options

    @property
    def place(self) -> str:
        """Where the op is, for errors: ``kws.tflite: op 3 DEPTHWISE_CONV_2D``."""
        return f"{self.graph.at}: op {self.op.index} {self.op.code}"

    @property
    def types(self) -> tuple[Element | None, ...]:
        """The element types of the inputs, None for an absent one, and of the first output."""
        operands = (self.operand(place) for place in range(len(self.op.inputs)))
        return (*(None if t is None else t.dtype for t in operands), self.y.dtype)

    def input(self, place: int) -> Tensor:
        """The input at ``place``, which ``check`` made sure exists."""
        return self.graph.input(self.op, place)

    def operand(self, place: int) -> Tensor | None:
        """The input at ``place``, or None if it is absent or the op has fewer inputs."""
        return self.graph.operand(self.op, place)

    def operands(self) -> Iterator[Tensor]:
        """The inputs that are not absent, in their order."""
        return (self.graph.tensors[t] for t in self.op.inputs if t != ABSENT)

    def require(self, condition: bool, what: str, tries: tuple[str, ...] = ()) -> None:
        """Raise ModelError with the sentence ``what`` naming the op, unless ``condition`` holds."""
        if not condition:
            raise ModelError(what, at=self.place, tries=tries)
