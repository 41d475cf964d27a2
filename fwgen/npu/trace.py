"""The trace of ops to an NPU: which of the model's ops went there, and the others as the model
has them.

Vela keeps the names of tensors. An op of the model stayed with the core if an op with its code
writes a tensor with its output's name in the compiled model. But Vela rewrites constants and shapes
on its way, of ops that stay as well, so that these are taken from the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fwgen.errors import ToolError
from fwgen.model.graph import ABSENT, Graph, Op, Tensor
from fwgen.npu.offload import CODE

LEFT = "left to the core by Vela"

_NAMELESS = "<unnamed>"
"""What Vela calls tensors that have no name."""


@dataclass(frozen=True)
class Origin:
    """An op of the model: ``on_npu``, or ``why`` it is not."""

    index: int
    code: str
    on_npu: bool
    why: str


@dataclass(frozen=True)
class Traced:
    """The compiled graph, its ops of the core and its sources those of the model; and ``origins``,
    one per op of the model."""

    graph: Graph
    origins: tuple[Origin, ...]


def traced(compiled: Graph, model: Graph, refused: Mapping[str, str]) -> Traced:
    """Both graphs as read. ``refused`` are Vela's reasons by names of outputs.

    Raises ToolError if Vela left an op to the core that the model does not have.
    """
    tracing = _Tracing(compiled, model)
    graph = tracing.graph()
    origins = tuple(
        Origin(
            op.index,
            op.code,
            op.index not in tracing.left,
            refused.get(model.output(op).name, LEFT) if op.index in tracing.left else "",
        )
        for op in model.ops
    )
    return Traced(graph, origins)


def untraced(compiled: Graph) -> Graph:
    """A compiled graph whose model is not known: TFLM has values for none of its tensors."""
    return replace(compiled, tensors=tuple(replace(t, source=None) for t in compiled.tensors))


def _name(graph: Graph, op: Op) -> str:
    """That of an op's output, as Vela writes it."""
    return graph.output(op).name or _NAMELESS


class _Tracing:
    """``left`` are the model's ops that stayed with the core."""

    def __init__(self, compiled: Graph, model: Graph) -> None:
        self._compiled, self._model = compiled, model
        self._waiting: dict[tuple[str, str], list[Op]] = {}
        for op in reversed(model.ops):
            name = _name(model, op)
            self._waiting.setdefault((op.code, name), []).append(op)
        self._tensors = [replace(t, source=None) for t in compiled.tensors]
        self._copied: dict[int, int] = {}
        self.left: set[int] = set()

    def graph(self) -> Graph:
        for mine, theirs in (
            (self._compiled.inputs, self._model.inputs),
            (self._compiled.outputs, self._model.outputs),
        ):
            for index, source in zip(mine, theirs, strict=True):
                self._name(index, source)
        ops: list[Op] = []
        for op in self._compiled.ops:
            ops += [op] if op.code == CODE else self._as_in_model(op)
        self._name_what_npu_writes()
        ops = [replace(op, index=index) for index, op in enumerate(ops)]
        return replace(self._compiled, tensors=tuple(self._tensors), ops=tuple(ops))

    def _as_in_model(self, op: Op) -> list[Op]:
        """An op of the core, after aliases of inputs that it is to see in another shape."""
        name = _name(self._compiled, op)
        origin = self._origin(op, name)
        self.left.add(origin.index)
        ops: list[Op] = []
        inputs = []
        given = iter([index for index in op.inputs if index != ABSENT])  # Vela drops the absent
        for source in origin.inputs:
            index = source if source == ABSENT else next(given, ABSENT)
            if source == ABSENT or self._model.tensors[source].data is not None:
                inputs.append(source if source == ABSENT else self._constant(source))
                continue
            if index == ABSENT:
                raise self._lost(op, name)
            seen = self._seen_as(index, source)
            if seen != index:
                ops.append(Op(0, "RESHAPE", (index,), (seen,), None))
            inputs.append(seen)
        for index, source in zip(op.outputs, origin.outputs, strict=True):
            self._name(index, source)
        own = replace(origin, inputs=tuple(inputs), outputs=op.outputs)
        return [*ops, own]

    def _origin(self, op: Op, name: str) -> Op:
        """The model's op, which waits no more. Those whose outputs have no name are told apart by
        shapes; they keep their order where all of them stayed."""
        shape = self._compiled.output(op).shape
        found = self._waiting.get((op.code, name), [])
        alike = [other for other in found if self._model.output(other).shape == shape]
        if name == _NAMELESS and len(alike) > 1:
            left = [
                other
                for other in self._compiled.ops
                if other.index >= op.index
                and other.code == op.code
                and _name(self._compiled, other) == name
                and self._compiled.output(other).shape == shape
            ]
            if len(left) != len(alike):
                raise self._lost(op, name)
        if not (alike or found):
            raise self._lost(op, name)
        origin = (alike or found)[-1]
        found.remove(origin)
        return origin

    def _lost(self, op: Op, name: str) -> ToolError:
        return ToolError(
            f"Vela left an op to the core that the model does not have: {op.code}.",
            at=f"{self._compiled.name}: op {op.index}, output {name}",
            tries=("--vela-args='--ignore-ops OP,...', for other ops on the core",),
        )

    def _constant(self, source: int) -> int:
        """A constant of the model, once."""
        if source not in self._copied:
            self._copied[source] = self._add(self._model.tensors[source])
        return self._copied[source]

    def _seen_as(self, index: int, source: int) -> int:
        """The activation, or if the op is to see another shape, the same memory in that."""
        wanted, there = self._model.tensors[source], self._tensors[index]
        if (there.shape, there.dtype) == (wanted.shape, wanted.dtype):
            self._name(index, source)
            return index
        return self._add(replace(wanted, offset=there.offset))

    def _add(self, tensor: Tensor) -> int:
        self._tensors.append(replace(tensor, index=len(self._tensors)))
        return len(self._tensors) - 1

    def _name(self, index: int, source: int) -> None:
        """Tensor ``index`` is the model's tensor ``source``, quantized as it is there."""
        tensor, origin = self._tensors[index], self._model.tensors[source]
        if (tensor.shape, tensor.dtype) == (origin.shape, origin.dtype):
            self._tensors[index] = replace(origin, index=index, offset=tensor.offset)

    def _name_what_npu_writes(self) -> None:
        """Activations that only the NPU knows, if the model has one of that name."""
        by_key: dict[tuple[object, ...], list[int]] = {}
        for t in self._model.tensors:
            if t.data is None:
                by_key.setdefault((t.name, t.shape, t.dtype), []).append(t.index)
        for index, tensor in enumerate(self._tensors):
            found = by_key.get((tensor.name, tensor.shape, tensor.dtype), [])
            if tensor.source is None and tensor.offset is not None and len(found) == 1:
                self._name(index, found[0])
