"""Whether what a model computes shows: values that vary, and faults in weights that are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tflite
from tflite_micro import runtime

from fwgen.contract.operator import Operator
from fwgen.measure.verify.oracle_start import with_stand_ins
from fwgen.model.reader import read_model
from fwgen.ops import operators

from .builder import ModelBuilder, Tensor
from .draw import Draw
from .inputs import random_inputs

ARENA_BYTES = 1 << 20
WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
TRIES, INPUTS, FLIPS = 12, 10, 8

LACKING = frozenset(
    operator.code
    for operator in operators().values()
    if operator.stand_in is not Operator.stand_in and operator.code is not None
)
"""The codes of operators with tables that stand in for them."""

Inputs = Sequence[Sequence[np.ndarray]]
"""Sets of one array for each input of a model."""


@dataclass(frozen=True)
class Weights:
    """The int8 weights of an op: ``bytes`` at ``begin`` of the file; its ``output`` by index."""

    begin: int
    bytes: int
    output: int


def weights_of(model: bytes) -> list[Weights]:
    """The constant int8 weights of all convolutions and FULLY_CONNECTED."""
    root = tflite.Model.GetRootAs(model)
    graph = root.Subgraphs(0)
    weighted = {getattr(tflite.BuiltinOperator, code) for code in WEIGHTED}
    found = []
    for number in range(graph.OperatorsLength()):
        op = graph.Operators(number)
        code = root.OperatorCodes(op.OpcodeIndex())
        if max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) not in weighted:
            continue
        buffer = root.Buffers(graph.Tensors(op.Inputs(1)).Buffer())
        if buffer.DataLength():
            begin = buffer._tab.Vector(buffer._tab.Offset(4))
            found.append(Weights(begin, buffer.DataLength(), op.Outputs(0)))
    return found


def flip(model: bytes, weights: Weights, d: Draw) -> bytes:
    """The model with one bit of its weights changed."""
    at = weights.begin + d.integer(0, weights.bytes - 1)
    return model[:at] + bytes((model[at] ^ 1 << d.integer(0, 7),)) + model[at + 1 :]


def _may_lack(model: bytes) -> bool:
    """Whether the model has an operator of which TFLM lacks a type."""
    root = tflite.Model.GetRootAs(model)
    listed = map(root.OperatorCodes, range(root.OperatorCodesLength()))
    codes = {max(each.BuiltinCode(), each.DeprecatedBuiltinCode()) for each in listed}
    return not LACKING.isdisjoint(codes)


def answers(model: bytes, inputs: Inputs, reset_at: int | None = None) -> list[list[np.ndarray]]:
    """TFLM's outputs for each set of inputs; before that of a number the model is reset.

    Ops that TFLM lacks are look-ups in their tables.
    """
    if _may_lack(model):
        model, _ = with_stand_ins(model, read_model(model, "m"))
    # not Interpreter.from_bytes, which takes every model apart in Python to look for variables
    config = runtime._runtime.PythonInterpreterConfig.kAllocationRecording
    interpreter = runtime._runtime.InterpreterWrapper(model, [], ARENA_BYTES, 16, config, 0)
    count = tflite.Model.GetRootAs(model).Subgraphs(0).OutputsLength()
    found = []
    for number, values in enumerate(inputs):
        if number == reset_at:
            interpreter.Reset()
        for index, array in enumerate(values):
            interpreter.SetInputTensor(array, index)
        interpreter.Invoke()
        found.append([interpreter.GetOutputTensor(index) for index in range(count)])
    return found


def show(model: bytes, inputs: Inputs, weights: Weights, d: Draw, flips: int) -> list[bool]:
    """Whether each of some flipped bits of weights changes the outputs for any of the inputs."""
    right = _bytes(answers(model, inputs))
    spoiled = (flip(model, weights, d) for _ in range(flips))
    return [_bytes(answers(each, inputs)) != right for each in spoiled]


def _bytes(found: Sequence[Sequence[np.ndarray]]) -> bytes:
    return b"".join(array.tobytes() for each in found for array in each)


def is_lively(m: ModelBuilder, d: Draw, y: Tensor) -> bool:
    """Whether an int8 result varies with the inputs, is mostly not at an end of its range, and
    shows flipped bits in the weights of the op that makes it."""
    model = m.build(outputs=[y])
    inputs = [_noise(model, d) for _ in range(INPUTS)]
    values = np.stack([out for (out,) in answers(model, inputs)])
    flat = values.reshape(INPUTS, -1).astype(int)
    if not np.mean(np.ptp(flat, axis=0) > 0) >= 0.25:
        return False
    if y.dtype == "int8":
        low, high = flat.min(), flat.max()
        saturated = np.mean((flat == max(low, -128)) | (flat == min(high, 127)))
        if high - low < 12 or saturated > 0.75:
            return False
    if m.code_of(y) not in WEIGHTED:
        return True
    mine = [w for w in weights_of(model) if w.output == y.index]
    return all(all(show(model, inputs, weights, d, FLIPS)) for weights in mine)


def lively(m: ModelBuilder, d: Draw, append: Callable[[], Tensor]) -> Tensor | None:
    """What ``append`` adds, drawn again while it is not lively; None if it stays so."""
    for _ in range(TRIES):
        mark = m.mark()
        y = append()
        if is_lively(m, d, y):
            return y
        m.undo(mark)
    return None


def hiding(m: ModelBuilder, d: Draw, outputs: Sequence[Tensor]) -> list[Tensor]:
    """The results of those weighted ops of which not each of some flipped bits shows."""
    model = m.build(outputs=outputs)
    inputs = [random_inputs(model, d.rng) for _ in range(INPUTS)]
    hidden = {
        weights.output
        for weights in weights_of(model)
        if not all(show(model, inputs, weights, d, FLIPS))
    }
    return [y for y in m.made() if y.index in hidden]


def _noise(model: bytes, d: Draw) -> list[np.ndarray]:
    """Normal or uniform inputs, none of the extremes."""
    return [
        np.asarray(d.rng.normal(scale=2.0, size=given.shape), np.float32)
        if given.dtype.kind == "f"
        else d.rng.integers(-128, 128, given.shape).astype(given.dtype)
        for given in random_inputs(model, d.rng)
    ]
