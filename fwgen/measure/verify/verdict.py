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
from fwgen.model.graph import Graph
from fwgen.model.inputs import Values


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
    """

    inputs: int
    bytes: int
    mismatches: int
    first_mismatch: dict[str, Any] | None
    rounded: list[dict[str, int]]
    op_outputs: OpOutputs
    constant_outputs: list[int]

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return self.first_mismatch is None


def check_oracle(oracle: Oracle, graph: Graph, values: Sequence[Values]) -> None:
    """Run TFLM twice, with other garbage in its memory. ``graph`` is the model that it runs.

    Raises ModelError if a tensor is not the same: then it is TFLM that is wrong, whoever differs.
    """
    made = {tensor: op for op in graph.ops for tensor in op.outputs}
    wrong = set(oracle.unrepeatable(values, list(made)))
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


@dataclass
class OutputComparison:
    """The device beside TFLM, input by input; ``verdict`` says what came of it.

    ``ops`` are the firmware's in their order, as ``build --json`` describes them, empty if TFLM
    runs another file than they come from; their outputs are compared for ``op_inputs`` inputs.
    ``rounding`` gives the outputs that are right where they are not TFLM's, as bytes, and what is
    known of the tensors of the model, by index.
    """

    ops: Sequence[Mapping[str, Any]]
    link: Link
    oracle: Oracle
    op_inputs: int
    rounding: Callable[[Sequence[Values]], tuple[bytes, Mapping[int, Values]]] | None = None
    _inputs: int = 0
    _bytes: int = 0
    _mismatches: int = 0
    _op_mismatches: int = 0
    _compared: int = 0
    _rounded_tensors: Mapping[int, Values] | None = None
    _first: dict[str, Any] | None = None
    _rounded: list[dict[str, int]] = field(default_factory=list)
    _constant: dict[int, bytes] = field(default_factory=dict)

    def run(self, values: Sequence[Values]) -> None:
        """Compare one inference on one array per input.

        Raises DeviceFault, DeviceUnavailable and what the oracle raises.
        """
        outputs = [v.tobytes() for v in self.oracle.invoke(list(values))]
        tflm = b"".join(outputs)
        expected = tflm
        if self.rounding is not None:
            expected, self._rounded_tensors = self.rounding(values)
        got = outputs_of(self.link, values)
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
        if (differing and self._first is None) or self._inputs < self.op_inputs:
            wrong_ops = self._wrong_ops()
            self._op_mismatches += len(wrong_ops) if self._inputs < self.op_inputs else 0
        if self._first is None and (differing or wrong_ops):
            at = differing[0] if differing else None
            self._first = {
                "input": self._inputs,
                "output_byte": at,
                "expected": None if at is None else expected[at],
                "got": None if at is None else got[at],
                **self._where(wrong_ops),
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
        )

    def _note_constant(self, outputs: Sequence[bytes]) -> None:
        if self._inputs == 0:
            self._constant = dict(enumerate(outputs))
        else:
            same = {k: v for k, v in self._constant.items() if outputs[k] == v}
            self._constant = same

    def _wrong_ops(self) -> list[int]:
        """Positions of the ops whose outputs on the device are not right, by CRC-32."""
        tensors = self._rounded_tensors
        known = [  # others were made by a pass, or nothing is known of them
            at
            for at, op in enumerate(self.ops)
            if op["tensor"] is not None and (tensors is None or op["tensor"] in tensors)
        ]
        self._compared = len(known)
        if not known:
            return []
        device = self.link.op_crcs()
        right = zip(known, self._right(known), strict=True)
        return [at for at, (value, _) in right if zlib.crc32(value.tobytes()) != device[at]]

    def _right(self, positions: Sequence[int]) -> list[tuple[Values, Values]]:
        """What is right in the outputs of ops, as far as the firmware has them too, and where in
        the model's tensors that is."""
        ops = [self.ops[at] for at in positions]
        indices = [op["tensor"] for op in ops]
        tensors = self._rounded_tensors
        values = self.oracle.tensors(indices) if tensors is None else [tensors[i] for i in indices]
        found: list[tuple[Values, Values]] = []
        for op, value in zip(ops, values, strict=True):
            elements = np.arange(value.size).reshape(value.shape)
            if op["channels"] is not None:
                value, elements = value[..., op["channels"]], elements[..., op["channels"]]
            found.append((value, elements))
        return found

    def _where(self, wrong_ops: Sequence[int]) -> dict[str, Any]:
        """The first op that differs, and where. Op, tensor and element are the model's, whatever
        passes left out."""
        if not wrong_ops:
            return {"op": None, "code": None, "tensor": None, "element": None}
        position = wrong_ops[0]
        op = self.ops[position]
        ((value, elements),) = self._right([position])
        pairs = zip(value.tobytes(), self.link.dump(position), strict=False)
        at = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        return {
            "op": op["index"],
            "code": op["op"],
            "tensor": op["tensor"],
            "element": None if at is None else int(elements.flat[at // value.itemsize]),
        }


def outputs_of(link: Link, values: Sequence[Values]) -> bytes:
    """The bytes of all outputs of an inference on one array per input."""
    link.load(b"".join(v.tobytes() for v in values))
    link.run()
    return link.outputs()
