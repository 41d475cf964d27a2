"""Command streams against the model's meaning: does an NPU that runs them compute what the model
says, whatever lies in memory that is dead?

Streams run in the functional model, one after the other in one arena as on the device. Inputs are
seeded, of several kinds. All that is not a live input is noise, other noise in each run. An output
whose meaning is known must have its bytes. One whose meaning is not known must at least not depend
on the noise; what follows from it is then computed from what the NPU gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.operator import Array
from fwgen.errors import DeviceFault, ModelError
from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.model.inputs import seeded_inputs
from fwgen.npu.model.block_program import read_program
from fwgen.npu.model.machine import Machine
from fwgen.npu.model.npu_macs import macs
from fwgen.npu.multipliers import with_float32_products, with_own_multipliers
from fwgen.npu.offload import ARENA, Offload, configuration_of
from fwgen.npu.proof.meaning import Meaning

SEED = 1

MOST_INPUTS, MOST_WORK = 64, 1 << 27
"""Seeded inputs, and products of all of them together; one input is run in any case."""

STEP = 1 << 15
"""Products in the time that a step of a stream takes beside its own."""

Bytes = npt.NDArray[np.uint8]


class WrongStream(ModelError):
    """A command stream that no NPU can run: it leaves the NPU's memory, or contradicts the plan
    of that memory."""


@dataclass(frozen=True)
class StreamFault:
    """An output of an NPU that is not what the model's ``op`` gives: tensor, element, how many of
    its bytes. ``noise`` if nothing is known but that it depends on memory that nobody wrote."""

    op: int
    tensor: int
    element: int
    wrong_bytes: int
    bytes: int
    noise: bool


@dataclass(frozen=True)
class Proof:
    """The result of ``inputs`` runs on seeded inputs.

    ``proven`` are ops of the model on the NPU whose outputs had their meaning in all runs.
    ``unproven`` are the others, with the reason, which is the same for all if nothing could be run.
    """

    inputs: int
    proven: frozenset[int]
    unproven: Mapping[int, str]
    faults: tuple[StreamFault, ...]


def prove(
    model: Graph, compiled: Graph, on_npu: Sequence[int], except_for: Mapping[int, str]
) -> Proof:
    """Run the streams of ``compiled``, whose tensors know their sources in ``model`` as read.

    ``on_npu`` are ops of the model, ``except_for`` those of which nothing is claimed, with why.
    Raises WrongStream.
    """
    configuration = configuration_of(compiled)
    assert configuration is not None
    meaning = Meaning(with_float32_products(model, with_own_multipliers(model, on_npu)), except_for)
    offloads = [op.options for op in compiled.ops if isinstance(op.options, Offload)]
    try:
        machine = Machine(configuration)
        steps = sum(len(read_program(each.payload)) for each in offloads)
    except DeviceFault as fault:
        return Proof(0, frozenset(), dict.fromkeys(on_npu, fault.what.rstrip(".")), ())
    work = STEP * steps + sum(macs(each.payload) for each in offloads)
    count = max(1, min(MOST_INPUTS, MOST_WORK // max(work, 1)))
    try:
        return _proof(model, compiled, on_npu, meaning, machine, count)
    except DeviceFault as fault:
        raise WrongStream(fault.what, at=f"{model.name}: {fault.at}") from None
    finally:
        machine.close()


def _proof(
    model: Graph,
    compiled: Graph,
    on_npu: Sequence[int],
    meaning: Meaning,
    machine: Machine,
    count: int,
) -> Proof:
    faults: dict[int, StreamFault] = {}
    walks = []
    inputs = seeded_inputs(model, count, SEED)
    for number, given in enumerate([inputs[0], *inputs]):
        walk = _Walk(model, compiled, meaning, machine, np.random.default_rng([SEED, number]))
        walk.run(dict(zip(model.inputs, given, strict=True)))
        walks.append(walk)
        for fault in walk.faults:
            faults.setdefault(fault.tensor, fault)
    for fault in _differences(model, *walks[:2]):
        faults.setdefault(fault.tensor, fault)
    proven = _reaching(model, meaning, walks[0].compared) & set(on_npu)
    unproven = {i: _why(model, meaning, i) for i in on_npu if i not in proven}
    order = sorted(faults.values(), key=lambda fault: fault.op)
    return Proof(count, frozenset(proven), unproven, tuple(order))


def _why(model: Graph, meaning: Meaning, index: int) -> str:
    others = sorted({model.numbered(i).code for i in meaning.without})
    return meaning.without.get(index, f"it is only seen together with {', '.join(others)}")


def _differences(model: Graph, one: _Walk, other: _Walk) -> list[StreamFault]:
    """Where two runs on the same inputs gave different outputs of unknown meaning."""
    writers = writers_of(model)
    pairs = ((t, one.trusted[t], other.trusted.get(t)) for t in one.trusted)
    return [
        _fault(writers[t], t, a, b, noise=True)
        for t, a, b in pairs
        if b is not None and a.tobytes() != b.tobytes()
    ]


def writers_of(model: Graph) -> dict[int, int]:
    """By tensor, the op that writes it."""
    return {t: op.index for op in model.ops for t in op.outputs}


def _fault(op: int, tensor: int, expected: Array, got: Array, noise: bool) -> StreamFault:
    pairs = zip(expected.tobytes(), got.tobytes(), strict=True)
    wrong = [i for i, (a, b) in enumerate(pairs) if a != b]
    return StreamFault(
        op, tensor, wrong[0] // expected.itemsize, len(wrong), expected.nbytes, noise=noise
    )


def _reaching(model: Graph, meaning: Meaning, compared: frozenset[int] | set[int]) -> set[int]:
    """The ops with a meaning whose outputs a compared tensor follows from."""
    seen, found = set(compared), set()
    for op in reversed(model.ops):
        if op.index not in meaning.without and seen & set(op.outputs):
            found.add(op.index)
            seen |= {t for t in op.inputs if t != ABSENT}
    return found


class _Walk:
    """One run of all streams. ``compared`` and ``trusted`` are tensors of the model."""

    def __init__(
        self,
        model: Graph,
        compiled: Graph,
        meaning: Meaning,
        machine: Machine,
        rng: np.random.Generator,
    ) -> None:
        self._model, self._compiled, self._meaning = model, compiled, meaning
        self._machine, self._rng = machine, rng
        self._ops = [op for op in compiled.ops if isinstance(op.options, Offload)]
        self._writers = writers_of(model)
        self._seen_as = _other_shapes(compiled)
        self._held: dict[int, Bytes] = {}  # what NPU ops left in the arena, by tensor
        self._fast: dict[int, Bytes] = {}
        self.faults: list[StreamFault] = []
        self.compared: set[int] = set()
        self.trusted: dict[int, Array] = {}

    def run(self, values: dict[int, Array]) -> None:
        """From the values of the model's inputs."""
        self._meaning.complete(values)
        offloads = [op.options for op in self._ops if isinstance(op.options, Offload)]
        size = max(offload.arena_bytes for offload in offloads)
        arena = self._noise(size)
        for position, (op, offload) in enumerate(zip(self._ops, offloads, strict=True)):
            if not any(later.remembers for later in offloads[position:]):
                arena[:] = self._noise(size)
            if not self._put_inputs(op, offload, arena, values):
                return
            constants = self._compiled.tensors[op.inputs[-1]].constant
            memory = {
                0: np.frombuffer(constants.tobytes(), np.uint8).copy(),
                ARENA: arena[: offload.arena_bytes],
                2: self._fast_arena(offload, arena),
            }
            self._machine.run(offload.payload, memory, f"op {op.index}")
            self._take_outputs(position, op, offload, arena, values)
            self._meaning.complete(values)

    def _noise(self, count: int) -> Bytes:
        return self._rng.integers(0, 256, count, np.uint8)

    def _fast_arena(self, offload: Offload, arena: Bytes) -> Bytes:
        if offload.fast is None:
            return arena
        if offload.fast not in self._fast:
            size = self._compiled.tensors[offload.fast].bytes
            self._fast[offload.fast] = self._noise(size)
        return self._fast[offload.fast]

    def _place(self, t: int) -> slice:
        tensor = self._compiled.tensors[t]
        assert tensor.offset is not None
        return slice(tensor.offset, tensor.offset + tensor.bytes)

    def _put_inputs(
        self, op: Op, offload: Offload, arena: Bytes, values: Mapping[int, Array]
    ) -> bool:
        """Whether all are known, or left by an earlier op for the NPU."""
        for t in op.inputs[:-2]:
            if self._compiled.tensors[t].offset is None:
                continue  # a fast arena
            source = self._compiled.tensors[t].source
            known = None if source is None or t in offload.updates else values.get(source)
            if known is not None:
                arena[self._place(t)] = np.frombuffer(known.tobytes(), np.uint8)
            elif t in self._held:
                arena[self._place(t)] = self._held[t]
            elif not offload.remembers:
                return False
        return True

    def _take_outputs(
        self, position: int, op: Op, offload: Offload, arena: Bytes, values: dict[int, Array]
    ) -> None:
        later = {t for other in self._ops[position + 1 :] for t in _updated(other)}
        for t in dict.fromkeys((*op.outputs, *offload.updates)):
            if self._compiled.tensors[t].offset is None:
                continue
            self._held[t] = arena[self._place(t)].copy()
            if t not in later:
                for source in self._seen_as.get(t, ()):
                    self._judge(source, self._held[t], values)

    def _judge(self, source: int, data: Bytes, values: dict[int, Array]) -> None:
        tensor = self._model.tensors[source]
        got = data.view(tensor.dtype.numpy).reshape(tensor.shape)
        expected = values.get(source)
        if expected is None:
            self.trusted[source] = values[source] = got
            return
        if source in self.trusted:
            return
        self.compared.add(source)
        if expected.tobytes() != got.tobytes():
            self.faults.append(_fault(self._writers[source], source, expected, got, noise=False))


def _updated(op: Op) -> tuple[int, ...]:
    return op.options.updates if isinstance(op.options, Offload) else ()


def _other_shapes(compiled: Graph) -> dict[int, list[int]]:
    """Tensor -> tensors of the model that it is, in its own shape or in that of an alias."""
    found: dict[int, list[int]] = {}
    for tensor in compiled.tensors:
        if tensor.source is not None:
            found.setdefault(tensor.index, []).append(tensor.source)
    for op in compiled.ops:
        source = compiled.tensors[op.outputs[0]].source
        if op.code == "RESHAPE" and source is not None and op.inputs[0] not in found:
            found.setdefault(op.inputs[0], []).append(source)
    return found
