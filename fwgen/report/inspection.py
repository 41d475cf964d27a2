"""A graph as `fwgen inspect` shows it: what goes in and out, and its ops."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fwgen import SCHEMA
from fwgen.errors import printable
from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.report.tensor_list import tensor_data
from fwgen.report.text_tables import table

_SHOWN = 4
"""Operands of an op that are shown."""

CORE = "core"
"""What is said of an op that the core does."""


@dataclass(frozen=True)
class Looked:
    """What is known of the ops of a graph, by their index.

    ``macs`` are multiply-accumulates of those that are sound. ``said`` is what does an op, or what
    is wrong with it, of ops that are not simply done by the core; ``cures`` what to try then.
    ``kernels`` are what a board does the op with.
    """

    macs: Mapping[int, int]
    said: Mapping[int, str] = field(default_factory=dict)
    cures: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    kernels: Mapping[int, str] = field(default_factory=dict)


def inspection_data(graph: Graph, looked: Looked) -> dict[str, Any]:
    """What ``inspection`` prints, as data, with all tensors."""
    return {
        "schema": SCHEMA,
        "model": {
            "name": graph.name,
            "sha256": graph.sha256,
            "macs": sum(looked.macs.values()),
            "weights_bytes": _constant_bytes(graph),
        },
        "inputs": [_interface(graph, t) for t in graph.inputs],
        "outputs": [_interface(graph, t) for t in graph.outputs],
        "signatures": list(graph.entries),
        "ops": [
            {
                "index": op.index,
                "op": op.code,
                "macs": looked.macs.get(op.index),
                "inputs": [_operand(graph, t) for t in op.inputs],
                "outputs": [_operand(graph, t) for t in op.outputs],
                "status": looked.said.get(op.index, CORE),
                "tries": list(looked.cures.get(op.index, ())),
                "kernel": looked.kernels.get(op.index),
            }
            for op in graph.ops
        ],
        "tensors": [tensor_data(tensor) for tensor in graph.tensors],
        "warnings": list(warnings(graph)),
    }


def _interface(graph: Graph, index: int) -> dict[str, Any]:
    if not 0 <= index < len(graph.tensors):
        return {"name": f"tensor {index}, which is not there"}
    tensor = graph.tensors[index]
    return {
        "name": graph.name_of(index),
        "tensor": tensor.name,
        "dtype": tensor.dtype.word,
        "shape": list(tensor.shape),
        "scale": tensor.scale if tensor.quant and tensor.quant.scales else None,
        "zero_point": tensor.zero_point if tensor.quant and tensor.quant.zero_points else None,
    }


def _operand(graph: Graph, index: int) -> dict[str, Any] | None:
    if not 0 <= index < len(graph.tensors):
        return None
    tensor = graph.tensors[index]
    return {
        "tensor": index,
        "name": tensor.name,
        "dtype": tensor.dtype.word,
        "shape": list(tensor.shape),
        "constant": tensor.data is not None,
    }


def inspection(graph: Graph, looked: Looked, *, told: bool = True) -> str:
    """What is in a model: inputs, outputs, ops, and unless not ``told`` who does each."""
    lines = [
        f"model    {printable(graph.name)}",
        f"sha256   {graph.sha256}",
        *(f"input    {_line(graph, t)}" for t in graph.inputs),
        *(f"output   {_line(graph, t)}" for t in graph.outputs),
        *(["entry    " + ", ".join(map(repr, graph.entries))] if graph.entries else []),
        f"MACs     {sum(looked.macs.values()):,}",
        f"weights  {_constant_bytes(graph):,} bytes",
        *(f"warning: {warning}" for warning in warnings(graph)),
        "",
    ]
    heads = ["#", "op", "inputs -> outputs", "MACs"]
    rows: list[tuple[object, ...]] = [
        (op.index, op.code, _operands(graph, op), looked.macs.get(op.index, "")) for op in graph.ops
    ]
    if looked.kernels:
        heads.append("kernel")
        rows = [
            (*row, looked.kernels.get(op.index, ""))
            for row, op in zip(rows, graph.ops, strict=True)
        ]
    if told:
        heads.append("done by")
        rows = [
            (*row, looked.said.get(op.index, CORE)) for row, op in zip(rows, graph.ops, strict=True)
        ]
    return "\n".join(lines) + table(heads, rows)


def warnings(graph: Graph, model: str = "") -> tuple[str, ...]:
    """What became of shapes that contradict each other, of sizes that the file leaves open, and of
    other entry points than the main one. ``model`` is its name among several."""
    found = [*graph.corrections]
    if len(graph.entries) > 1:
        main, *others = map(repr, graph.entries)
        found.append(
            f"the file has several entry points; this is of its main one, {main}. --signature "
            f"chooses another: {', '.join(others)}."
        )
    for number, index in enumerate(graph.inputs):
        axes = graph.loose.get(index, ())
        shape = graph.tensors[index].shape if axes else ()
        axes = tuple(axis for axis in axes if axis < len(shape))
        if not axes:
            continue
        name = graph.name_of(index)
        known = f"{model}/{name}" if model else name
        sizes = ["any" if axis in axes else str(size) for axis, size in enumerate(shape)]
        loose = "any batch size" if axes == (0,) else f"any size along axes {_listing(axes)}"
        found.append(
            f"input {number} {name!r} may have {loose} ({'x'.join(sizes)}); it is built for "
            f"{_shape(shape)}. --input-shape {shlex.quote(f'{known}={_shape(shape)}')} says so, or "
            "another shape."
        )
    return tuple(found)


def _listing(axes: tuple[int, ...]) -> str:
    return ", ".join(map(str, axes))


def _line(graph: Graph, index: int) -> str:
    if not 0 <= index < len(graph.tensors):
        return f"tensor {index}, which is not there"
    tensor = graph.tensors[index]
    quant = tensor.quant
    known = quant is not None and quant.scales and quant.zero_points
    quantized = f" scale {tensor.scale:.6g} zero point {tensor.zero_point}" if known else ""
    return f"{_typed(graph, index)}{quantized} {graph.name_of(index)!r}"


def _typed(graph: Graph, index: int) -> str:
    tensor = graph.tensors[index]
    return f"{tensor.dtype.word} {_shape(tensor.shape)}"


def _operands(graph: Graph, op: Op) -> str:
    sides = (
        [t for t in op.inputs if t == ABSENT or not _is_constant(graph, t)] or op.inputs,
        op.outputs,
    )
    return " -> ".join(_listed(graph, side) for side in sides)


def _is_constant(graph: Graph, index: int) -> bool:
    return 0 <= index < len(graph.tensors) and graph.tensors[index].data is not None


def _listed(graph: Graph, tensors: Sequence[int]) -> str:
    there = [t for t in tensors if 0 <= t < len(graph.tensors)]
    more = len(there) - _SHOWN
    shown = [_typed(graph, t) for t in there[:_SHOWN]]
    return ", ".join([*shown, *([f"{more} more"] if more > 0 else [])]) or "nothing"


def _constant_bytes(graph: Graph) -> int:
    """Bytes of the constants that ops read."""
    read = {t for op in graph.ops for t in op.inputs if 0 <= t < len(graph.tensors)}
    return sum(graph.tensors[t].bytes for t in read if graph.tensors[t].data is not None)


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"
