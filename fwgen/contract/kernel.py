"""The kernel row: one way to compute an op, for which types, cores and shapes, at which cost.

A row is one ``Kernel`` and one C file, whose public function it is named like. The choice among
rows looks at the ``Form``s that each gives for an op: the ways in which its C can be called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import lcm

from fwgen.contract.call import Call, Calls
from fwgen.contract.node import Node
from fwgen.model.element import Types, agree

MVE = frozenset({"mve"})
"""What ``Kernel.needs`` for a core with M-profile vector instructions."""

DSP = frozenset({"dsp", "v7m"})
"""The same for a core with the DSP extension: products of pairs of 16 bits."""

DUAL_ISSUE = frozenset({"dual_issue"})
"""What a core has that issues two instructions at a time: of two rows that differ in the order of
their instructions, one needs it and the other lacks it."""

ARMV7M = frozenset({"v7m"})
"""What ``Kernel.needs`` for a core with the 32-bit instructions of Armv7-M, such as MLA, SMULL."""

ARMV6M = frozenset({"v6m"})
"""The same for any Cortex-M: assembly of Armv6-M."""


@dataclass(frozen=True)
class OverlapLimit:
    """How far apart an op's output and an input that dies at it must be, in bytes.

    Of several outputs it is the first one; the others share no byte with any input.

    The output must begin at least ``apart_bytes[i]`` bytes before input i. Where that is None, or
    missing for an input, both must share no byte. The distance of their beginnings must be a
    multiple of ``step_bytes``. A kernel that reads element k before it writes element k has 0: both
    may begin at one address. A 3x3 convolution with stride 1 reads row y - 1 again after it has
    written row y - 1. With rows of 768 bytes its output must begin 768 bytes before its input, or a
    little more. A negative number lets the output begin above the input: one that is read whole
    before anything is written. ``ops/parts/overlap.py`` computes such numbers from the order of
    reads and writes.
    """

    apart_bytes: tuple[int | None, ...] = ()
    step_bytes: int = 1

    def of(self, place: int) -> int | None:
        """``apart_bytes`` of the input at ``place``."""
        return self.apart_bytes[place] if place < len(self.apart_bytes) else None


APART = OverlapLimit()
"""Output and inputs share no byte."""


@dataclass(frozen=True)
class Reversed:
    """Calls that do the same from the last byte to the first, for an output above its input.

    ``overlap`` has the least number of bytes by which the output must end after the input. For the
    convolution of ``OverlapLimit`` it is 768, as its rows are mirrored.
    """

    calls: Calls
    overlap: OverlapLimit


@dataclass(frozen=True)
class FedBands:
    """``times`` bands of fed rows, and the calls that each makes possible, told apart by ``Each``.

    After the calls of a band the next fed row goes to row ``row`` of the ring: 3, say, where 3 rows
    are kept that the next band still needs.
    """

    times: int
    calls: tuple[Call, ...]
    row: int


@dataclass(frozen=True)
class RowFeed:
    """How an op takes the model's input row by row, in a ring of rows in its scratch memory.

    The ring begins ``at`` bytes into the scratch memory; a row has ``row_bytes``. After each
    ``band_rows`` rows come the calls of the next of ``bands``.
    """

    at: int
    row_bytes: int
    band_rows: int
    bands: tuple[FedBands, ...]


@dataclass(frozen=True)
class Reads:
    """How often calls read, which matters where memory is slow and what a cache holds is not.

    They go ``constants`` times through all constants. They read ``span_bytes`` of the first input
    ``inputs`` times before what is next, or each of its windows once where ``inputs`` is 0.
    """

    constants: float
    inputs: float = 0.0
    span_bytes: int = 0


@dataclass(frozen=True)
class Form:
    """One way to call a kernel, in strips of a certain size, say, with what it costs.

    ``cycles`` are estimated: their order among forms and kernels is what counts. ``scratch_bytes``
    are needed beside the operands. ``overlap`` limits where the output may lie for ``calls``, and
    ``reversed``, if there is one, for calls in the other direction. ``reads_past_bytes`` after the
    last byte of every input may be read, and must exist: 15 where a kernel loads 16 bytes of which
    it needs one. ``row_feed`` is set where the model's input is fed row by row.
    ``pinned_scratch_at`` is the arena's offset at which scratch memory must be: an NPU's, which
    lies around tensors that have offsets of their own. ``reads`` says how often the calls read;
    without it, that is through all constants for each position of the output. ``larger_weights``
    are in another form than the model's, which takes more bytes than other kernels' for speed.
    """

    calls: Calls
    cycles: float
    scratch_bytes: int = 0
    overlap: OverlapLimit = APART
    reversed: Reversed | None = None
    reads_past_bytes: int = 0
    row_feed: RowFeed | None = None
    pinned_scratch_at: int | None = None
    reads: Reads | None = None
    larger_weights: bool = False

    def forwards_at(self, place: int) -> int | None:
        """Bytes by which the output must begin before the input at ``place``; None if apart."""
        return self.overlap.of(place)

    def backwards_at(self, place: int) -> int | None:
        """Bytes by which the output must end after the input at ``place`` for reversed calls."""
        return None if self.reversed is None else self.reversed.overlap.of(place)

    @property
    def step_bytes(self) -> int:
        """What output and input begin apart is a multiple of, in either direction."""
        back = 1 if self.reversed is None else self.reversed.overlap.step_bytes
        return lcm(self.overlap.step_bytes, back)


Forms = Callable[[Node], tuple[Form, ...]]
"""The ways to call a kernel for an op that it takes, fastest first, at least one."""


def has_types(node: Node, types: tuple[Types, ...]) -> bool:
    """Whether the operands of an op have one of ``types``."""
    return any(agree(one, node.types) for one in types)


def _always(node: Node) -> bool:
    return True


@dataclass(frozen=True)
class Kernel:
    """A row: a kernel that can compute ops of the operator ``op``.

    ``types`` are the element types that it is exact for: it is chosen for no others. ``needs`` are
    the CPU features without which the kernel does not run. With a feature of ``lacks``, another row
    is meant for the core, or its library computes in another way. ``holds`` says for which shapes
    and constants of its types it is exact. ``forms`` gives the ways to call it, with constants
    packed as it reads them. ``alias`` marks an op that moves no data: its output shares the memory
    of input 0, and the calls are for where that is not possible. ``functions`` are the C files that
    its calls may need, if there are others than the one that it is named like.
    """

    op: str
    name: str
    provider: str
    forms: Forms
    needs: frozenset[str] = frozenset()
    holds: Callable[[Node], bool] = _always
    alias: bool = False
    lacks: frozenset[str] = frozenset()
    functions: tuple[str, ...] = ()
    types: tuple[Types, ...] = field(kw_only=True)

    @property
    def c_files(self) -> tuple[str, ...]:
        """``functions``, or the name."""
        return self.functions or (self.name,)

    def takes(self, node: Node) -> bool:
        """Whether the op has one of its ``types``, and ``holds`` of it."""
        return has_types(node, self.types) and self.holds(node)

    def runs_on(self, features: frozenset[str]) -> bool:
        """Whether it is for a core with these features."""
        return self.needs <= features and not self.lacks & features


def _apart(node: Node) -> OverlapLimit:
    return APART


def one_form(
    calls: Callable[[Node], Calls],
    cycles: Callable[[Node], float],
    overlap: Callable[[Node], OverlapLimit] = _apart,
) -> Forms:
    """``Kernel.forms`` of a kernel that can be called in one way and needs no scratch memory."""

    def forms(node: Node) -> tuple[Form, ...]:
        made = Form(calls(node), cycles(node), overlap=overlap(node))
        return (made,)

    return forms
