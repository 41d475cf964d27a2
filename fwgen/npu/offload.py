"""The offload of ops to an NPU: a model that Vela compiled -> a graph whose ops for the NPU have
typed options.

Vela puts one custom op in the place of all that the NPU does in a row. The op's operands are the
command stream, the constants, the arena as a whole, a fast arena (the same tensor where the memory
mode has one arena), and then activations. Streams have the activations' places in the arena, which
the model has in its metadata. Source: Arm's Vela 5.2 (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fwgen.errors import DeviceFault, ModelError
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph, Op, Pinned, Tensor
from fwgen.model.metadata import ANYWHERE, offline_plan
from fwgen.npu.model.byte_ranges import Intervals, extents
from fwgen.npu.model.stream_commands import read_commands
from fwgen.npu.payload import Configuration, Payload, read_payload

CODE = "CUSTOM ethos-u"
"""The reader's name for the custom op."""

ARENA = 1
"""The stream's region that the arena is; 0 are constants, 2 the fast arena."""

_OPERANDS = ("command stream", "constants", "arena", "fast arena")


@dataclass(frozen=True, eq=False)
class Offload:
    """Options of an op for the NPU: its stream, and the size of the arena that the stream is for.

    The op's inputs are the activations that the NPU reads, then payload and constants. Its outputs
    are the activations that the NPU writes. ``updates`` are inputs of which an earlier op for the
    NPU wrote a part, and of which this op writes another part. ``fast`` is the tensor that stands
    for the fast arena, None if there is no such arena. It is an output of the first op with a fast
    arena, and an input of the following ones. The op ``remembers`` if the NPU may read bytes of the
    arena that an earlier op for the NPU left there, and that no tensor of the model accounts for.
    """

    payload: Payload
    arena_bytes: int
    fast: int | None
    remembers: bool
    updates: tuple[int, ...] = ()


def is_offloaded(graph: Graph) -> bool:
    """Whether an NPU does any of the graph's ops."""
    return any(op.code == CODE for op in graph.ops)


def configuration_of(graph: Graph) -> Configuration | None:
    """The NPU that a graph of ``offload`` is for. Raises ModelError if its ops are for several."""
    found = {
        op.options.payload.configuration for op in graph.ops if isinstance(op.options, Offload)
    }
    if len(found) > 1:
        names = ", ".join(sorted(each.name for each in found))
        raise ModelError(f"The model is compiled for several NPUs: {names}.", at=graph.at)
    return next(iter(found), None)


def offload(graph: Graph, model: bytes) -> Graph:
    """A graph as read from ``model``, with ``Offload`` options and the offsets of activations.

    What later stages need of that are facts: ``Op.pinned`` and ``Graph.fixed_order``. A graph
    without ops for the NPU is returned as it is. Raises ModelError.
    """
    if not is_offloaded(graph):
        return graph
    require_one_subgraph(graph)
    offsets = offline_plan(model, len(graph.tensors), graph.at)
    if offsets is None:
        raise ModelError(
            "The model has ops for an Ethos-U but no plan of the arena for them.",
            at=graph.at,
            tries=("compile the original model again: fwgen build --npu",),
        )
    tensors = [
        replace(tensor, offset=None if offset == ANYWHERE or tensor.data is not None else offset)
        for tensor, offset in zip(graph.tensors, offsets, strict=True)
    ]
    known: set[int] = set()  # what ops for the NPU wrote before, fast arenas among it
    ops = tuple(
        _offloaded(graph, op, tensors, known) if op.code == CODE else op for op in graph.ops
    )
    return replace(graph, tensors=tuple(tensors), ops=ops, fixed_order=True)


def require_one_subgraph(graph: Graph) -> None:
    """Raise ModelError for a graph with ops of several subgraphs."""
    if graph.inlined:
        raise ModelError(
            "An NPU does nothing beside WHILE and IF: Vela plans the memory of the main subgraph "
            "alone.",
            at=graph.at,
            tries=(
                "fwgen build without --npu: then the core does all",
                "a model without them: unroll loops before it is converted, compute both branches "
                "and choose by SELECT_V2 (tf.where)",
            ),
        )


def _offloaded(graph: Graph, op: Op, tensors: list[Tensor], known: set[int]) -> Op:
    """The op; what stands for an output is added to ``tensors`` if it has none."""
    at = f"{graph.at}: op {op.index} {op.code}"
    operands = op.inputs[: len(_OPERANDS)]
    _check_operands(op, operands, tensors, at)
    stream, constants, arena, fast = operands
    payload = read_payload(tensors[stream].constant.tobytes(), f"{at}, tensor {stream}")
    activations, outputs = op.inputs[len(_OPERANDS) :], op.outputs
    for index in (*activations, *outputs):
        _check_place(tensors, index, tensors[arena].bytes, at)
    own = fast if fast != arena and tensors[fast].bytes > 0 else None
    arenas = tensors[arena].bytes, tensors[arena if own is None else own].bytes
    given = [tensors[index] for index in activations]
    writes, remembers = _check_stream(
        payload, (tensors[constants].bytes, *arenas), given, f"{at}, tensor {stream}"
    )
    updates = tuple(index for index in outputs if index in known)
    if own is not None:
        tensors[own] = replace(tensors[own], offset=None)
        outputs += (own,)
    activations += tuple(t for t in outputs if t in known and t not in activations)
    outputs = tuple(t for t in outputs if t not in known)
    known.update(outputs)
    if not outputs:
        # all that it makes is left in the arena for another op
        tensors.append(Tensor(len(tensors), "nothing", (1,), Element.U8, None, None, None))
        outputs = (len(tensors) - 1,)
    return replace(
        op,
        inputs=(*activations, stream, constants),
        outputs=outputs,
        options=Offload(payload, tensors[arena].bytes, own, remembers, updates),
        pinned=Pinned(writes, updates, remembers),
    )


def _check_operands(op: Op, operands: Sequence[int], tensors: Sequence[Tensor], at: str) -> None:
    if len(op.inputs) < len(_OPERANDS):
        raise ModelError(
            f"The op has {len(op.inputs)} inputs, expected {', '.join(_OPERANDS)} and activations.",
            at=at,
        )
    for place, (index, what) in enumerate(zip(operands, _OPERANDS, strict=True)):
        if not 0 <= index < len(tensors):
            raise ModelError(f"The op's {what} is tensor {index}, which is not there.", at=at)
        tensor = tensors[index]
        is_constant = tensor.data is not None and (place < 2 or tensor.bytes > 0)
        if tensor.dtype is not Element.U8 or is_constant != (place < 2):
            kind = "constant" if place < 2 else "no constant"
            raise ModelError(
                f"The op's {what} is tensor {index} of {tensor.dtype.word}"
                f"{'' if tensor.data is None else ' with data'}, expected bytes, {kind}.",
                at=at,
            )


def _check_stream(
    payload: Payload, sizes: Sequence[int], given: Sequence[Tensor], at: str
) -> tuple[Intervals, bool]:
    """Check that a stream has an end, and keeps within its regions of these sizes.

    Only as far as it is known here: not of an Ethos-U85, nor with what the model does not have.
    Returns the bytes of the arena that the stream writes, none if they are unknown, and whether it
    may read more of the arena than the ``given`` parts.
    """
    if payload.configuration.product == "ethos-u85":
        return (), True
    try:
        for _ in read_commands(payload.stream, at):
            pass
    except DeviceFault as fault:
        raise ModelError(fault.what, at=fault.at, tries=fault.tries) from None
    try:
        found = extents(payload, at)
    except DeviceFault:
        return (), True
    for what, touched in (("reads", found.reads), ("writes", found.writes)):
        for region, intervals in touched.items():
            size = sizes[region] if region < len(sizes) else 0
            if intervals[-1][1] > size:
                raise ModelError(
                    f"The command stream {what} bytes up to {intervals[-1][1]:,} of region "
                    f"{region}, which has {size:,}.",
                    at=at,
                )
    places = [(t.offset or 0, (t.offset or 0) + t.bytes) for t in given]
    remembers = not all(_covered(interval, places) for interval in found.reads.get(ARENA, ()))
    return found.writes.get(ARENA, ()), remembers


def _covered(interval: tuple[int, int], places: Sequence[tuple[int, int]]) -> bool:
    """Whether all of an interval is in some places together."""
    at, end = interval
    for first, last in sorted(places):
        if first <= at:
            at = max(at, last)
    return at >= end


def _check_place(tensors: Sequence[Tensor], index: int, arena_bytes: int, at: str) -> None:
    if index == ABSENT or not 0 <= index < len(tensors) or tensors[index].data is not None:
        raise ModelError(f"Tensor {index} is no activation, which the NPU needs.", at=at)
    offset, size = tensors[index].offset, tensors[index].bytes
    if offset is None or offset < 0 or offset % 16 or offset + size > arena_bytes:
        raise ModelError(
            f"Tensor {index} of {size:,} bytes is at offset {offset}, expected a multiple of 16 "
            f"that leaves it within the arena of {arena_bytes:,}.",
            at=at,
        )
