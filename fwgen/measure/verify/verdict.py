"""Session + oracle -> Verdict: does the firmware compute what TFLM computes, bit for bit?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fwgen.device.link import Link
from fwgen.errors import ModelError
from fwgen.host.oracle import Oracle
from fwgen.measure.verify.state import StateComparison, StateOutcome
from fwgen.model.graph import Graph
from fwgen.model.inputs import Values
from fwgen.ops import operators


@dataclass(frozen=True)
class OpOutputs:
    """The outputs of ops inside the model, over ``inputs`` inputs: of ``ops`` that the firmware
    runs, TFLM has ``compared`` too; ``mismatches`` times one was not TFLM's."""

    inputs: int
    compared: int
    ops: int
    mismatches: int


@dataclass(frozen=True)
class Verdict:
    """``bytes`` output bytes were compared over ``inputs`` inputs, ``mismatches`` of them differ.

    ``first_mismatch`` says where the first difference was found, or is None; it has no output byte
    if only the output of an op inside the model differs. ``rounded`` are bytes that are not TFLM's
    but those of Vela's multipliers, exactly, one by one. ``constant_outputs`` are outputs of the
    model, by position, that were the same for all of several inputs: comparing them proves nothing.
    ``state`` tells of what the model keeps from one input to the next, None where that is nothing.
    """

    inputs: int
    bytes: int
    mismatches: int
    first_mismatch: dict[str, Any] | None
    rounded: list[dict[str, int]]
    op_outputs: OpOutputs
    constant_outputs: list[int]
    state: StateOutcome | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return self.first_mismatch is None


def check_oracle(oracle: Oracle, graph: Graph, values: Sequence[Values]) -> None:
    """Run TFLM twice, with other garbage in its memory. ``graph`` is the model that it runs.

    Raises ModelError if a tensor is not the same: then it is TFLM that is wrong, whoever differs.
    What an op leaves open by its meaning may differ, and what others make of it, if no output of
    the model depends on it. These tensors become the oracle's ``left_open``.
    """
    tensors = graph.tensors  # of which the file does not have all
    made = {t: op for op in graph.ops for t in op.outputs if tensors[t].source == t}
    wrong = set(oracle.unrepeatable(values, list(made)))
    known, left_open = operators(), set[int]()
    for op in graph.ops:
        if (op.code in known and known[op.code].leaves_open) or left_open.intersection(op.inputs):
            left_open |= wrong.intersection(op.outputs)
    oracle.left_open = frozenset(left_open.difference(graph.kept))
    wrong -= oracle.left_open
    if not wrong:
        return
    tensor = next(tensor for tensor in made if tensor in wrong)
    op = made[tensor]
    raise ModelError(
        f"TFLM's own answer is not repeatable: {len(wrong)} of {len(made)} tensors depend on what "
        "its memory held before. The model reads memory that nothing wrote; nothing can be proven "
        "of it.",
        at=f'{graph.name}: tensor {tensor} "{graph.tensors[tensor].name}", which op {op.index} '
        f"{op.code} makes",
        tries=("correct the shapes that the model stores, which TFLM believes",),
    )


@dataclass(frozen=True, eq=False)
class _Right:
    """What is right in a tensor of the model, and where ``elements`` of it are there."""

    tensor: int
    value: Values
    elements: Values


def _right(output: Mapping[str, Any], value: Values) -> _Right:
    """Of the channels that the firmware has."""
    elements = np.arange(value.size).reshape(value.shape)
    if output["channels"] is not None:
        value, elements = value[..., output["channels"]], elements[..., output["channels"]]
    return _Right(output["tensor"], value, elements)


@dataclass
class OutputComparison:
    """The device beside TFLM, input by input; ``verdict`` says what came of it.

    ``ops`` are the firmware's in their order, as ``build --json`` describes them, empty if TFLM
    runs another file than they come from; their outputs are compared for ``op_inputs`` inputs.
    ``rounding`` gives the outputs that are right where they are not TFLM's, as bytes, and what is
    known of the tensors of the model, by index. Of a model with ``variables`` the inputs are a
    sequence, and the state is compared after each of them. Tensors that are ``left_open`` are not.
    """

    ops: Sequence[Mapping[str, Any]]
    link: Link
    oracle: Oracle
    op_inputs: int
    rounding: Callable[[Sequence[Values]], tuple[bytes, Mapping[int, Values]]] | None = None
    variables: Sequence[Mapping[str, Any]] = ()
    left_open: frozenset[int] = frozenset()
    _inputs: int = 0
    _bytes: int = 0
    _mismatches: int = 0
    _op_mismatches: int = 0
    _compared: int = 0
    _rounded_tensors: Mapping[int, Values] | None = None
    _first: dict[str, Any] | None = None
    _rounded: list[dict[str, int]] = field(default_factory=list)
    _constant: dict[int, bytes] = field(default_factory=dict)
    _crcs: tuple[int | None, ...] | None = None

    def __post_init__(self) -> None:
        self._state = StateComparison(self.variables, self.link, self.oracle)

    def run(self, values: Sequence[Values]) -> None:
        """Compare one inference on one array per input.

        Raises DeviceFault, DeviceUnavailable and what the oracle raises.
        """
        outputs = [v.tobytes() for v in self.oracle.invoke(list(values))]
        tflm = b"".join(outputs)
        expected = tflm
        if self.rounding is not None:
            expected, self._rounded_tensors = self.rounding(values)
        got = self._on_device(values)
        variable = self._state.run()
        self._rounded += [
            {"input": self._inputs, "output_byte": i, "tflm": a, "got": b}
            for i, (a, b, right) in enumerate(zip(tflm, got, expected, strict=True))
            if b == right != a
        ]
        differing = [i for i, (a, b) in enumerate(zip(expected, got, strict=True)) if a != b]
        self._bytes += len(expected)
        self._mismatches += len(differing)
        self._note_constant(outputs)
        wrong_ops: list[int] = []
        wrong = bool(differing) or variable is not None
        if (wrong and self._first is None) or self._inputs < self.op_inputs:
            wrong_ops = self._wrong_ops()
            self._op_mismatches += len(wrong_ops) if self._inputs < self.op_inputs else 0
        if self._first is None and (wrong or wrong_ops):
            at = differing[0] if differing else None
            self._first = {
                "input": self._inputs,
                "output_byte": at,
                "expected": None if at is None else expected[at],
                "got": None if at is None else got[at],
                **self._where(wrong_ops),
                "variable": variable,
            }
        self._inputs += 1

    def verdict(self) -> Verdict:
        """Of all inputs so far."""
        inputs = min(self._inputs, self.op_inputs)
        compared = self._compared if inputs else 0
        return Verdict(
            self._inputs,
            self._bytes,
            self._mismatches,
            self._first,
            self._rounded,
            OpOutputs(inputs, compared, len(self.ops), self._op_mismatches),
            sorted(self._constant) if self._inputs > 1 else [],
            self._state.outcome(),
        )

    def _on_device(self, values: Sequence[Values]) -> bytes:
        """The bytes of all outputs of an inference on one array per input.

        Where the model has a state and CRCs of ops are wanted, the inference is the one that gives
        them. To do it again would take all inferences before.
        """
        self._crcs = None
        if not self.variables or self._inputs >= self.op_inputs or not self.ops:
            return outputs_of(self.link, values)
        self.link.load(b"".join(v.tobytes() for v in values))
        self._crcs = self.link.op_crcs()
        return self.link.outputs()

    def _note_constant(self, outputs: Sequence[bytes]) -> None:
        if self._inputs == 0:
            self._constant = dict(enumerate(outputs))
        else:
            same = {k: v for k, v in self._constant.items() if outputs[k] == v}
            self._constant = same

    def _wrong_ops(self) -> list[int]:
        """Positions of the ops whose outputs on the device are not right, by CRC-32."""
        known = [
            at
            for at, op in enumerate(self.ops)
            if op["outputs"] and all(self._is_known(output["tensor"]) for output in op["outputs"])
        ]
        self._compared = len(known)
        if not known:
            return []
        device = self._crcs or self.link.op_crcs()
        right = self._right([self.ops[at]["outputs"] for at in known])
        return [
            at
            for at, outputs in zip(known, right, strict=True)
            if zlib.crc32(b"".join(output.value.tobytes() for output in outputs)) != device[at]
        ]

    def _is_known(self, tensor: int | None) -> bool:
        """Whether a tensor has a right value: a pass may have made it, or TFLM leaves it open."""
        if tensor is None or tensor in self.left_open:
            return False
        return self._rounded_tensors is None or tensor in self._rounded_tensors

    def _right(self, wanted: Sequence[Sequence[Mapping[str, Any]]]) -> list[list[_Right]]:
        """What is right in the outputs of ops, as far as the firmware has them too."""
        indices = [output["tensor"] for outputs in wanted for output in outputs]
        tensors = self._rounded_tensors
        values = self.oracle.tensors(indices) if tensors is None else [tensors[i] for i in indices]
        left = iter(values)
        return [[_right(output, next(left)) for output in outputs] for outputs in wanted]

    def _where(self, wrong_ops: Sequence[int]) -> dict[str, Any]:
        """The first op that differs, and where. Op, tensor and element are the model's, whatever
        passes left out."""
        if not wrong_ops:
            return {"op": None, "code": None, "tensor": None, "element": None}
        position = wrong_ops[0]
        op = self.ops[position]
        (outputs,) = self._right([op["outputs"]])
        dumped = self.link.dump(position)
        found = {"op": op["index"], "code": op["op"], "tensor": None, "element": None}
        for output in outputs:
            right = output.value.tobytes()
            at = next(
                (i for i, (a, b) in enumerate(zip(right, dumped, strict=False)) if a != b), -1
            )
            if at >= 0:
                element = int(output.elements.flat[at // output.value.itemsize])
                return {**found, "tensor": output.tensor, "element": element}
            dumped = dumped[len(right) :]
        return {**found, "tensor": outputs[0].tensor}


def outputs_of(link: Link, values: Sequence[Values]) -> bytes:
    """The bytes of all outputs of an inference on one array per input."""
    link.load(b"".join(v.tobytes() for v in values))
    link.run()
    return link.outputs()
