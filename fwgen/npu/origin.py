"""Which ops of a model went to the NPU, and which tensors of the compiled model are the model's.

Vela keeps the names of tensors. An op of the model stayed with the core if an op with its code
writes a tensor with its output's name in the compiled model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fwgen.model.graph import Graph, Tensor
from fwgen.npu.offload import CODE

LEFT = "left to the core by Vela"


@dataclass(frozen=True)
class Origin:
    """An op of the model: ``on_npu``, or ``why`` it is not."""

    index: int
    code: str
    output: str
    on_npu: bool
    why: str


def origins(model: Graph, compiled: Graph, refused: Mapping[str, str]) -> tuple[Origin, ...]:
    """One per op of the model. ``refused`` are Vela's reasons by names of outputs."""
    left = Counter((op.code, compiled.output(op).name) for op in compiled.ops if op.code != CODE)
    found = []
    for op in model.ops:
        name = model.output(op).name
        on_npu = left[op.code, name] == 0
        left[op.code, name] -= 1
        why = "" if on_npu else refused.get(name, LEFT)
        found.append(Origin(op.index, op.code, name, on_npu, why))
    return tuple(found)


def traced(compiled: Graph, model: Graph | None) -> Graph:
    """The compiled graph with sources in the model's file, which TFLM has values for.

    Tensors that the model does not have, or has several of the same name, have none; and none has
    one if the ``model`` is not known.
    """
    names = Counter(tensor.name for tensor in model.tensors) if model else Counter[str]()
    by_name = {t.name: t for t in model.tensors if names[t.name] == 1} if model else {}

    def source(tensor: Tensor) -> int | None:
        found = by_name.get(tensor.name)
        if found is None or (found.shape, found.dtype) != (tensor.shape, tensor.dtype):
            return None
        return found.index

    tensors = tuple(replace(tensor, source=source(tensor)) for tensor in compiled.tensors)
    return replace(compiled, tensors=tensors)
