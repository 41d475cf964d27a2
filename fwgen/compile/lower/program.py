"""Program: all that the templates print. Names and addresses are bound, nothing is left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.board import Board
from fwgen.board.placement import Pins
from fwgen.compile.plan import Plan
from fwgen.compile.request import Request
from fwgen.compile.select.selection import Speed
from fwgen.kernels.providers import CMSIS_NN
from fwgen.model.graph import Graph, Tensor
from fwgen.npu.offload import Offload, configuration_of
from fwgen.npu.payload import Configuration


@dataclass(frozen=True, eq=False)
class Array:
    """A const array in flash: ``c_type name[elements]``, ``data`` flat, in a ``region``.

    ``for_npu`` marks an array that an NPU reads: it is aligned to 16 bytes, in a region that the
    NPU reaches. ``layout`` names the kernels' header that describes the order of the elements; ""
    stands for the header of the function that reads them. ``made_of`` are the constant tensors
    whose values are in the array.
    """

    name: str
    c_type: str
    data: npt.NDArray[np.generic]
    comment: str
    region: str = ""
    for_npu: bool = False
    layout: str = ""
    made_of: tuple[int, ...] = ()


@dataclass(frozen=True)
class Struct:
    """A const parameter struct: members with their values."""

    name: str
    c_type: str
    members: tuple[tuple[str, int | tuple[int, ...]], ...]


@dataclass(frozen=True)
class PlacedTensor:
    """A tensor in the arena, named ``t<index>`` in the C code; ``place`` is a C expression."""

    tensor: Tensor
    place: str


Block = tuple[int, tuple[tuple[str, tuple[str, ...]], ...]]
"""Calls (function, arguments as C expressions), made so many times, which ``i`` counts from 0."""


@dataclass(frozen=True)
class Fed:
    """How the model's input is fed: ``rows`` of ``row_bytes``, ``band_rows`` before each block.

    They go to ``ring``, a C expression; after a block (of ``rows_after``), to that row of it.
    """

    rows: int
    row_bytes: int
    band_rows: int
    ring: str
    rows_after: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One op as the C code runs it: all ``blocks`` at once, or block by block as rows are
    ``fed``.

    ``position`` is the op's number in the firmware, ``index`` its number in the model, in which
    passes leave gaps. ``expected_cycles`` are by the formula of the chosen kernel; ``reason`` says
    why the kernel was chosen. The op reads ``constant_bytes`` from flash: the arrays that
    ``constants`` names, whether other ops read them or not. These are so many ``constant_words`` by
    the bytes of the data cache before them, which has to bring some of these only once.
    ``by_provider`` are the cycles of the fastest kernel of each provider. ``library_checks`` are
    (function, argument, bytes): at boot the library's function must return these bytes.
    ``functions`` are the kernels of the op in the order of their first use. They include those that
    another kernel calls.
    """

    position: int
    index: int
    code: str
    kernel: str
    provider: str
    reason: str
    expected_cycles: int
    by_provider: Mapping[str, int]
    constant_bytes: int
    constants: tuple[str, ...]
    constant_words: Mapping[int, float]
    macs: int
    what: str
    blocks: tuple[Block, ...]
    structs: tuple[Struct, ...]
    library_checks: tuple[tuple[str, str, int], ...]
    outputs: tuple[int, ...]
    functions: tuple[str, ...]
    fed: Fed | None = None

    @property
    def name(self) -> str:
        """The op's C function."""
        return op_name(self.position)


@dataclass(frozen=True)
class Program:
    """All that the templates print. ``request`` is what it was compiled for.

    ``fastest_cycles`` are the expected cycles of kernels chosen for speed alone. ``speed`` tells of
    ops in plain C. ``model_macs`` are the MACs of the model before passes. ``moved`` has the parts
    that are in other regions than the board asks for, see ``placement.moves``. Accesses to
    constants wait for ``constant_wait_cycles``.
    """

    graph: Graph
    request: Request
    plan: Plan
    activations: tuple[PlacedTensor, ...]
    arrays: tuple[Array, ...]
    steps: tuple[Step, ...]
    kernels: tuple[str, ...]
    fastest_cycles: int
    speed: Speed
    model_macs: int = 0
    moved: tuple[Mapping[str, Any], ...] = ()
    constant_wait_cycles: float = 0.0

    @property
    def board(self) -> Board:
        """The board, with everything in the regions where it is."""
        return self.request.board

    @property
    def goal(self) -> str:
        """The goal for which kernels were chosen."""
        return self.request.goal

    @property
    def pins(self) -> Pins:
        """The regions that were asked for some buffers."""
        return self.request.pins

    @property
    def uses_cmsis_nn(self) -> bool:
        """Whether any op is CMSIS-NN's."""
        return any(step.provider == CMSIS_NN for step in self.steps)

    @property
    def npu(self) -> Configuration | None:
        """The NPU of the program, None if the core does all ops."""
        return configuration_of(self.graph)

    @property
    def has_fast_arena(self) -> bool:
        """Whether the NPU has an arena of its own beside the one that it shares with the core."""
        offloads = (op.options for op in self.graph.ops if isinstance(op.options, Offload))
        return any(offload.fast is not None for offload in offloads)

    @property
    def macs(self) -> int:
        """Multiply-accumulates that are left to do."""
        return sum(step.macs for step in self.steps)

    @property
    def expected_cycles(self) -> int:
        """Cycles of an inference by the formulas by which kernels were chosen."""
        return sum(step.expected_cycles for step in self.steps)

    @property
    def wait_cycles(self) -> int:
        """Cycles of an inference for which the core waits for slow regions, by estimate."""
        return round(self.plan.wait_cycles + self.constant_wait_cycles)

    @property
    def weights_bytes(self) -> int:
        """Bytes of all constant arrays."""
        return sum(array.data.nbytes for array in self.arrays)


def op_name(position: int) -> str:
    """What an op is called in the C code."""
    return f"op{position}"
