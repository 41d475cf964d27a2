"""A builder of graphs: what ``ModelBuilder`` is for files, without a file in between.

The generators of ``tflite_models`` append to either. A kernel's test needs thousands of graphs of
one op, of which writing and reading flatbuffers was the larger part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import tflite
from flatbuffers import flexbuffers

from fwgen.model.element import Element
from fwgen.model.flexbuffer import Flexbuffer
from fwgen.model.graph import ABSENT, Graph, Op, Quant, Variable
from fwgen.model.graph import Tensor as GraphTensor
from fwgen.ops import examined, require_none
from tests.tflite_models.builder import CUSTOM, ENUMS, OPTIONS, Tensor


class Table:
    """An options table that was never in a file: the schema's writer puts fields into slots."""

    def __init__(self, kind: str, options: dict[str, object]) -> None:
        self._slots: dict[int, object] = {}
        for name, value in options.items():
            field = "".join(word.capitalize() for word in name.split("_"))
            if isinstance(value, str):
                value = getattr(ENUMS[name], value)
            self._value = tuple(value) if isinstance(value, tuple | list) else value
            getattr(tflite, f"{kind}Add{field}")(
                self, 0 if isinstance(value, list | tuple) else value
            )

    def __getattr__(self, name: str) -> object:
        """Stands in for the flatbuffer builder: ``PrependInt8Slot(slot, value, default)``."""
        if not re.fullmatch(r"Prepend\w+Slot", name):
            raise AttributeError(name)
        return lambda slot, value, default: self._slots.__setitem__(slot, self._value)

    def i8(self, slot: int, default: int = 0) -> int:
        return int(self._slots.get(slot, default))  # type: ignore[call-overload]

    u8 = i32 = i8

    def f32(self, slot: int, default: float = 0.0) -> float:
        return float(np.float32(self._slots.get(slot, default)))  # type: ignore[arg-type]

    def flag(self, slot: int, default: bool = False) -> bool:
        return bool(self._slots.get(slot, default))

    def i32_vector(self, slot: int) -> tuple[int, ...]:
        return self._slots.get(slot, ())  # type: ignore[return-value]


class GraphBuilder:
    """Collects tensors and ops; ``build`` returns the resolved graph."""

    def __init__(self) -> None:
        self._tensors: list[GraphTensor] = []
        self._ops: list[Op] = []
        self._variables: list[Variable] = []

    def tensor(
        self,
        shape: Sequence[int],
        dtype: str = "int8",
        *,
        scale: float | Sequence[float] | None = None,
        zero_point: int | Sequence[int] = 0,
        axis: int = 0,
        data: object = None,
        name: str | bytes | None = None,
        variable: bool = False,
    ) -> Tensor:
        """Add a tensor, as ``ModelBuilder.tensor`` does."""
        index = len(self._tensors)
        sizes = tuple(int(extent) for extent in shape)
        scales = np.atleast_1d(np.array([] if scale is None else scale, np.float32))
        zero_points = np.broadcast_to(np.array(zero_point, np.int64), scales.shape)
        quant, array = None, None
        if scales.size:
            quant = Quant(tuple(scales.tolist()), tuple(zero_points.tolist()), axis)
        if data is not None:
            array = np.asarray(data).astype(dtype).reshape(sizes)
            array.setflags(write=False)
        kind = Element.of(np.dtype(dtype))
        self._tensors.append(
            GraphTensor(index, f"tensor {index}", sizes, kind, quant, array, index)
        )
        if variable:
            self._variables.append(Variable(index, index, np.zeros(sizes, kind.numpy)))
        first = (float(scales[0]), int(zero_points[0])) if scales.size else (0.0, 0)
        return Tensor(index, sizes, dtype, *first)

    def like(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        """A new tensor of ``shape``, of the type and quantization of ``x``."""
        return self.tensor(shape, x.dtype, scale=x.scale or None, zero_point=x.zero_point)

    def requantize(self, x: Tensor, scale: float, zero_point: int) -> None:
        """Give a tensor another scale and zero point, as ``ModelBuilder.requantize`` does."""
        quant = Quant((float(np.float32(scale)),), (zero_point,), 0)
        self._tensors[x.index] = replace(self._tensors[x.index], quant=quant)

    def op(
        self,
        code: str,
        inputs: Sequence[Tensor | None],
        outputs: Sequence[Tensor],
        **options: object,
    ) -> None:
        """Append an op, as ``ModelBuilder.op`` does."""
        kind = OPTIONS.get(code)
        table: object = None if kind is None else Table(kind, options)
        if code in CUSTOM:
            table = Flexbuffer(memoryview(flexbuffers.Dumps(options)), code)
        self._ops.append(
            Op(
                len(self._ops),
                code,
                tuple(ABSENT if tensor is None else tensor.index for tensor in inputs),
                tuple(tensor.index for tensor in outputs),
                table,
            )
        )

    def build(self) -> Graph:
        """The graph, its ops checked: fwgen refuses some models as a whole, as those in float.

        Old values of variables are inputs, new ones outputs.
        """
        made = [t for op in self._ops for t in op.outputs]
        read = {t for op in self._ops for t in op.inputs}
        kept = {variable.before for variable in self._variables}
        known = {*made, *kept}
        given = [t.index for t in self._tensors if t.data is None and t.index not in known]
        graph = Graph(
            name="graph",
            sha256="",
            tensors=tuple(self._tensors),
            ops=tuple(self._ops),
            inputs=tuple(given),
            outputs=tuple(t for t in made if t not in read),
            variables=tuple(self._variables),
        )
        resolved, faults = examined(graph)
        require_none(graph, faults)
        return stateless(resolved)


def stateless(graph: Graph) -> Graph:
    """The graph with old values of variables as inputs, and new ones as outputs."""
    return replace(graph, inputs=graph.given, outputs=graph.kept, variables=())


def values_for(graph: Graph, rng: np.random.Generator) -> list[np.ndarray]:
    """One array for each input: random, an extreme everywhere, zero points, or both extremes."""
    return [_values(graph.tensors[index], rng) for index in graph.inputs]


def _values(tensor: GraphTensor, rng: np.random.Generator) -> np.ndarray:
    dtype, kind = tensor.dtype.numpy, int(rng.integers(0, 12))
    if dtype.kind == "f":
        spread = (1e-6, min(1e9, float(np.finfo(dtype).max) / 10))[kind] if kind < 2 else 2.0
        return np.asarray(rng.normal(scale=spread, size=tensor.shape), dtype)
    if dtype.kind == "b":
        return rng.random(tensor.shape) < 0.5
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    if kind < 3:
        zero = tensor.quant.zero_points[0] if tensor.quant else 0
        return np.full(tensor.shape, (low, high, zero)[kind], dtype)
    if kind == 3:
        return rng.choice(np.array([low, high], dtype), tensor.shape)
    kind_of = np.uint64 if high > np.iinfo(np.int64).max else np.int64
    return rng.integers(low, high, tensor.shape, kind_of, endpoint=True).astype(dtype)
