"""The graph: what the reader makes of a .tflite file and all later stages work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np
import numpy.typing as npt

from fwgen.model.alignment import aligned
from fwgen.model.element import Element

ABSENT = -1
"""Index of an optional operand that the op does not have."""


@dataclass(frozen=True)
class Quant:
    """Affine quantization: real = scale * (q - zero_point).

    One scale and zero point for the whole tensor, or one per slice along ``axis``. ``scales`` are
    the float32 values of the file, held exactly in Python floats.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int = 0

    @property
    def per_channel(self) -> bool:
        return len(self.scales) > 1


@dataclass(frozen=True, eq=False)
class Tensor:
    """One tensor. ``data`` is a read-only array of ``shape`` if the tensor is constant, else None.

    ``index`` is its position in ``Graph.tensors``; ``source`` its index in the .tflite file, or
    None for a tensor that a pass made. ``channels`` are the indices along the file's last axis that
    a pass kept, None for all. ``limits`` are the (min, max) of a clamp that a pass has moved into
    the op that writes the tensor. The op applies it after its own fused activation. ``offset`` is
    the tensor's fixed offset in the arena, in bytes, where an NPU's command stream demands one.
    ``bits`` of each element are all that a constant's values need, where the file packs them:
    operators know nothing of it, but kernels may store it so.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: Element
    quant: Quant | None
    data: npt.NDArray[np.generic] | None
    source: int | None
    channels: tuple[int, ...] | None = None
    limits: tuple[int, int] | None = None
    offset: int | None = None
    bits: int | None = None

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.elements * self.dtype.bytes

    @property
    def scale(self) -> float:
        """Scale of a per-tensor quantized tensor; ``check`` made sure that there is one."""
        assert self.quant is not None
        return self.quant.scales[0]

    @property
    def zero_point(self) -> int:
        """Zero point of a per-tensor quantized tensor; ``check`` made sure that there is one."""
        assert self.quant is not None
        return self.quant.zero_points[0]

    @property
    def constant(self) -> npt.NDArray[np.generic]:
        """The data of a tensor that ``check`` found to be constant."""
        assert self.data is not None
        return self.data


@dataclass(frozen=True)
class Pinned:
    """What an op does with the arena that its operands do not say: it is not done by the core, and
    has been made for fixed offsets.

    ``writes`` are ranges (first, end) of the arena's bytes that it may write, empty where they are
    not known. It also writes parts of the tensors that it ``updates``, which are among its inputs.
    Where it ``remembers``, it may read bytes that an earlier pinned op left outside all tensors.
    """

    writes: tuple[tuple[int, int], ...]
    updates: tuple[int, ...]
    remembers: bool


@dataclass(frozen=True, eq=False)
class Op:
    """One operator call.

    ``code`` is the schema's ``BuiltinOperator`` name. ``options`` is the bounded table as
    the reader found it (or None), and the operator's own frozen options class once ``ops.resolve``
    has run. ``inputs`` and ``outputs`` index ``Graph.tensors``; an absent optional input is ABSENT.
    ``pinned`` is None for an op of the core.
    """

    index: int
    code: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: object
    pinned: Pinned | None = None


@dataclass(frozen=True, eq=False)
class Variable:
    """What the model keeps from one inference to the next, in the state: memory apart from the
    arena.

    Tensor ``before`` has the value when an inference begins, tensor ``after`` when it ends. Both
    are at the same place, so that ``after`` is written when no other op needs ``before`` any more.
    They are one tensor where no op writes the variable. ``initial`` is the value in the first
    inference, and after a reset, of the shape and dtype of ``before``.
    """

    before: int
    after: int
    initial: npt.NDArray[np.generic]


@dataclass(frozen=True)
class View:
    """A tensor's memory is that of the tensor ``within``, from byte ``at`` on."""

    within: int
    at: int


@dataclass(frozen=True, eq=False)
class Graph:
    """A model: tensors, ops in execution order, and which tensors are its inputs and outputs.

    ``fed`` is the input that comes row by row and is never in memory as a whole, if there is one.
    ``path`` is the file as it was given. ``signature`` has names of inputs and outputs that people
    gave them, by tensor; ``loose`` says of tensors of which axes the file leaves the size open.
    ``corrections`` are sentences about shapes of the file that gave way to others. ``entries`` are
    the names of the file's entry points, that of this graph first, if there are or were several.
    Where ``fixed_order`` is set, ops keep their order and none is joined with another: tensors have
    offsets in the arena that hold for this order only. ``variables`` are its state. Before the
    first inference the graphs in ``once`` run, whose variables are the first of this one's.
    ``views`` are tensors that are parts of others: ops that only copy between both do nothing.
    ``inlined`` says that ops of other subgraphs of the file are among its own.
    """

    name: str
    sha256: str
    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    fed: int | None = None
    path: str = ""
    signature: Mapping[int, str] = field(default_factory=dict)
    loose: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    corrections: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    fixed_order: bool = False
    variables: tuple[Variable, ...] = ()
    once: tuple[Graph, ...] = ()
    views: Mapping[int, View] = field(default_factory=dict)
    inlined: bool = False

    @property
    def at(self) -> str:
        """The file, for errors: as it was given, or else the graph's name."""
        return self.path or self.name

    def name_of(self, index: int) -> str:
        """What an input or output is called: in the model's signature, or else as a tensor."""
        return self.signature.get(index) or self.tensors[index].name

    @property
    def input_bytes(self) -> int:
        """Bytes of all inputs, of which the runtime keeps a copy."""
        return sum(self.tensors[t].bytes for t in self.inputs)

    @property
    def output_bytes(self) -> int:
        """Bytes of all outputs."""
        return sum(self.tensors[t].bytes for t in self.outputs)

    @property
    def given(self) -> tuple[int, ...]:
        """Tensors that have a value before op 0: inputs, and variables."""
        return (*self.inputs, *(variable.before for variable in self.variables))

    @property
    def kept(self) -> tuple[int, ...]:
        """Tensors that must have a value after the last op: outputs, and variables."""
        return (*self.outputs, *(variable.after for variable in self.variables))

    @cached_property
    def state(self) -> frozenset[int]:
        """Tensors that are not in the arena, but in the state."""
        return frozenset(t for v in self.variables for t in (v.before, v.after))

    @property
    def state_bytes(self) -> int:
        """Bytes of the state: each variable begins at an aligned address."""
        return sum(aligned(self.tensors[v.before].bytes) for v in self.variables)

    def numbered(self, index: int) -> Op:
        """The op of this number in the file, of which handles and passes leave some out."""
        return next(op for op in self.ops if op.index == index)

    def operand(self, op: Op, position: int) -> Tensor | None:
        """The input at ``position``, or None if it is absent or the op has fewer inputs."""
        if position >= len(op.inputs) or op.inputs[position] == ABSENT:
            return None
        return self.tensors[op.inputs[position]]

    def input(self, op: Op, position: int = 0) -> Tensor:
        """The input at ``position``, which ``check`` made sure exists."""
        return self.tensors[op.inputs[position]]

    def output(self, op: Op, position: int = 0) -> Tensor:
        """The output at ``position``."""
        return self.tensors[op.outputs[position]]
