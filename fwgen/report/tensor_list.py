"""The list of a model's tensors: their types, shapes and quantization, and how many zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from fwgen.model.graph import Graph, Tensor
from fwgen.report.text_tables import table


def zero_share(tensor: Tensor) -> float | None:
    """The share of a constant's elements that stand for 0, None of what is none."""
    if tensor.data is None or not tensor.elements:
        return None
    quant = tensor.quant
    zero = quant.zero_points[0] if quant is not None and quant.zero_points else 0
    return 1 - np.count_nonzero(tensor.data != zero) / tensor.elements


def tensor_data(tensor: Tensor) -> dict[str, Any]:
    """A tensor as data: ``zeros`` is the share of a constant's elements that stand for 0."""
    quant = tensor.quant
    return {
        "index": tensor.index,
        "name": tensor.name,
        "dtype": tensor.dtype.word,
        "shape": list(tensor.shape),
        "bytes": tensor.bytes,
        "constant": tensor.data is not None,
        "scales": list(quant.scales) if quant else [],
        "zero_points": list(quant.zero_points) if quant else [],
        "axis": quant.axis if quant and quant.per_channel else None,
        "zeros": zero_share(tensor),
    }


def tensor_table(graph: Graph) -> str:
    """All tensors, as text."""
    rows = []
    for tensor in graph.tensors:
        zeros = zero_share(tensor)
        shape = "x".join(map(str, tensor.shape)) or "scalar"
        rows.append(
            (
                tensor.index,
                f"{tensor.dtype.word} {shape}",
                tensor.bytes,
                *_quantization(tensor),
                "" if zeros is None else f"{zeros:.0%}",
                tensor.name,
            )
        )
    return table(["#", "tensor", "bytes", "scale", "zero point", "zeros", "name"], rows)


def _quantization(tensor: Tensor) -> tuple[str, str]:
    """Scale and zero point, or from where to where they go."""
    quant = tensor.quant
    if quant is None or not quant.scales or not quant.zero_points:
        return "", ""
    if not quant.per_channel:
        return f"{quant.scales[0]:.6g}", str(quant.zero_points[0])
    scales = f"{min(quant.scales):.3g} to {max(quant.scales):.3g} (axis {quant.axis})"
    points = sorted({*quant.zero_points})
    return scales, str(points[0]) if len(points) == 1 else f"{points[0]} to {points[-1]}"
