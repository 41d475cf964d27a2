"""Checks what the tensors and ops of a graph say about one another, whoever made the graph.

After ``check`` the later stages may index, order and quantize without a second look. Whether an
operator supports its operands is checked in its own file.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from itertools import chain

from fwgen.errors import ModelError
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph

MAX_OPS = 4096
MAX_TENSORS = 16384
MAX_CONSTANT_BYTES = 64 << 20
"""Bytes of all constants together, shared ones counted every time."""

MAX_STATE_BYTES = 16 << 20
"""Bytes of all variables together: no microcontroller has more RAM."""

_FLOATS = frozenset((Element.F32, Element.F16))
_QUANTIZED = frozenset((Element.S8, Element.U8, Element.S16))
_SILENT = frozenset(("ASSIGN_VARIABLE", "CALL_ONCE", "IF", "WHILE"))
"""Operators that may have no output."""

_INSIDE = frozenset((Element.F16, Element.U16))
"""Types that inputs and outputs do not have: TFLM's Python package takes or gives neither."""


def check(graph: Graph) -> None:
    """Raise ModelError unless ``graph`` is sound and quantized.

    Sound means that indices are in range, and that there are inputs and outputs.
    Every tensor is constant, an input, a variable, or written by one op before any other reads it.
    No op reads a variable's old value after another has written the new one. Scales are finite and
    positive, of constants also 0, and zero points are within the element type: one of each per
    tensor or per slice.
    """
    _check_sizes(graph)
    _check_interface(graph, graph.inputs, "input")
    _check_interface(graph, graph.outputs, "output")
    _check_flow(graph)
    _check_quantized(graph)
    _check_borders(graph)
    for each in (graph, *graph.once):
        for index in range(len(each.tensors)):
            _check_quant(each, index)
    for each in graph.once:
        _check_sizes(each)
        _check_flow(each)


def _check_sizes(graph: Graph) -> None:
    for count, most, what in (
        (len(graph.ops), MAX_OPS, "operators"),
        (len(graph.tensors), MAX_TENSORS, "tensors"),
        (
            sum(t.bytes for t in graph.tensors if t.data is not None),
            MAX_CONSTANT_BYTES,
            "bytes of constants",
        ),
    ):
        if count > most:
            raise ModelError(
                f"The model has {count:,} {what}; fwgen takes at most {most:,}.", at=graph.at
            )


def _check_interface(graph: Graph, indices: Sequence[int], what: str) -> None:
    """Check the graph's inputs or outputs: tensors that are there, some perhaps several times."""
    if not indices:
        raise ModelError(f"The model has no {what}.", at=graph.at)
    for index in indices:
        _check_index(graph, index, f"{graph.at}: {what}s")


def _check_index(graph: Graph, index: int, at: str) -> None:
    if not 0 <= index < len(graph.tensors):
        raise ModelError(f"There is no tensor {index}; the model has {len(graph.tensors)}.", at=at)


def check_indices(graph: Graph) -> None:
    """Check that all tensors which a subgraph and its ops name are there, whether they are run or
    not: TFLM prepares every op of a file. Raises ModelError."""
    for index in (*graph.inputs, *graph.outputs):
        _check_index(graph, index, graph.at)
    for op in graph.ops:
        at = f"{graph.at}: op {op.index} {op.code}"
        for index in (*op.inputs, *op.outputs):
            if index != ABSENT or index in op.outputs:
                _check_index(graph, index, at)
        if not op.outputs and op.code not in _SILENT:
            raise ModelError(f"{op.code} has no output.", at=at)


def _check_flow(graph: Graph) -> None:
    """Check that each op, in the order of execution, reads only tensors that have a value, and
    writes tensors that have none yet."""
    available = {index for index, t in enumerate(graph.tensors) if t.data is not None}
    for index in graph.inputs:
        if index in available:
            raise ModelError("An input of the model is constant.", at=_at(graph, index))
    available.update(graph.inputs)
    _check_variables(graph, available)
    available.update(graph.given)
    replaced = {v.after: v.before for v in graph.variables if v.after != v.before}
    written: set[int] = set()
    gone: set[int] = set()
    for op in graph.ops:
        at = f"{graph.at}: op {op.index} {op.code}"
        for index in op.inputs:
            if index == ABSENT:
                continue
            _check_index(graph, index, at)
            if index not in available:
                raise ModelError(f"The op reads tensor {index}, which nothing wrote before.", at=at)
            if index in gone:
                raise ModelError(
                    f"The op reads tensor {index}, a variable that has a new value by now.", at=at
                )
        for index in op.outputs:
            _check_index(graph, index, at)
            if index in available:
                raise ModelError(
                    f"The op writes tensor {index}, which is an input or constant, keeps its value "
                    "from one inference to the next, or was written before.",
                    at=at,
                )
            available.add(index)
            written.add(index)
            if index in replaced:
                gone.add(replaced[index])
    given = set(graph.inputs)
    for index in graph.outputs:
        if index not in written and index not in given:
            raise ModelError("No op writes this output of the model.", at=_at(graph, index))
    for index in replaced:
        if index not in written:
            raise ModelError("No op writes this variable of the model.", at=_at(graph, index))


def _check_variables(graph: Graph, known: Container[int]) -> None:
    """Check that variables are tensors of their own; ``known`` are constants and inputs."""
    seen: set[int] = set()
    for variable in graph.variables:
        for index in dict.fromkeys((variable.before, variable.after)):
            _check_index(graph, index, f"{graph.at}: variables")
            if index in known or index in seen:
                raise ModelError(
                    "A variable is a constant, an input or another variable as well.",
                    at=_at(graph, index),
                )
            seen.add(index)
        before, after = graph.tensors[variable.before], graph.tensors[variable.after]
        if before.bytes != after.bytes:
            raise ModelError(
                f"A variable of {before.bytes:,} bytes is given a value of {after.bytes:,}.",
                at=_at(graph, variable.after),
            )
    if graph.state_bytes > MAX_STATE_BYTES:
        raise ModelError(
            f"The model keeps {graph.state_bytes:,} bytes from one inference to the next; fwgen "
            f"takes at most {MAX_STATE_BYTES:,}.",
            at=graph.at,
        )


def _check_quantized(graph: Graph) -> None:
    """Refuse a model that computes in floating point throughout, saying how to get another."""
    outputs = (index for op in graph.ops for index in op.outputs)
    computed = {graph.tensors[index].dtype for index in chain(graph.inputs, outputs)}
    if not computed & _FLOATS or computed & _QUANTIZED:
        return
    weights = any(t.data is not None and t.dtype is Element.S8 for t in graph.tensors)
    what = (
        "This model has int8 weights but computes in float32 (dynamic range quantization)"
        if weights
        else "This model is float32"
    )
    raise ModelError(
        f"{what}; fwgen needs one quantized to int8 throughout.",
        at=graph.at,
        tries=(
            "convert it again with converter.optimizations = [tf.lite.Optimize.DEFAULT], a "
            "converter.representative_dataset and converter.target_spec.supported_ops = "
            "[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]",
            "set converter.inference_input_type and inference_output_type to tf.int8",
        ),
    )


def _check_borders(graph: Graph) -> None:
    """Refuse inputs and outputs of types that the runtime has no name for."""
    for index in (*graph.inputs, *graph.outputs):
        dtype = graph.tensors[index].dtype
        if dtype in _INSIDE:
            raise ModelError(
                f"An input or output of the model is {dtype.word}, which fwgen takes only inside.",
                at=_at(graph, index),
                tries=("another element type for the model's inputs and outputs",),
            )


def _check_quant(graph: Graph, index: int) -> None:
    tensor = graph.tensors[index]
    quant = tensor.quant
    if quant is None:
        return
    at = _at(graph, index)
    if not 0 <= quant.axis < max(1, len(tensor.shape)):
        raise ModelError(
            f"The tensor is quantized along axis {quant.axis} but has {len(tensor.shape)} "
            "dimensions.",
            at=at,
        )
    slices = tensor.shape[quant.axis] if tensor.shape else 1
    if len(quant.scales) not in (1, slices) or len(quant.zero_points) != len(quant.scales):
        raise ModelError(
            f"The tensor of shape {list(tensor.shape)} has {len(quant.scales)} scales and "
            f"{len(quant.zero_points)} zero points, expected one or {slices} (along axis "
            f"{quant.axis}) of each.",
            at=at,
        )
    for scale in quant.scales:
        # the converter gives 0 to channels whose weights are all 0; which ops take it, they say
        if not (math.isfinite(scale) and (scale > 0 or (scale == 0 and tensor.data is not None))):
            raise ModelError(f"The tensor's scale {scale} is not a positive number.", at=at)
    low, high = _zero_point_range(tensor.dtype)
    for zero_point in quant.zero_points:
        if not low <= zero_point <= high:
            raise ModelError(
                f"The tensor's zero point {zero_point} is outside {low} to {high}, the range for "
                f"{tensor.dtype.word}.",
                at=at,
            )


def _zero_point_range(dtype: Element) -> tuple[int, int]:
    """Smallest and largest zero point: the values of an integer type, 0 for the others."""
    return dtype.limits if dtype.is_integer else (0, 0)


def _at(graph: Graph, index: int) -> str:
    """Where a tensor is, for errors."""
    return f'{graph.at}: tensor {index} "{graph.tensors[index].name}"'
