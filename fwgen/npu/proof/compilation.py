"""The compilation of a model for an NPU: the model as Vela compiles it, with a proof of its
command streams as far as one is possible.

An op whose stream differs from the op's meaning stays with the core. Vela can leave only whole
kinds of ops to the core, so the kinds that may be at fault are tried one after the other, cheapest
first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import prod

from fwgen.contract.node import Node
from fwgen.errors import ModelError, ToolError
from fwgen.model.graph import Graph, Op
from fwgen.model.reader import read_model
from fwgen.npu.board_npu import Npu
from fwgen.npu.exactness import inexact_ops, keeping_ops
from fwgen.npu.offload import is_offloaded, offload, require_one_subgraph
from fwgen.npu.proof.meaning import is_of_core
from fwgen.npu.proof.stream_proof import Proof, WrongStream, prove
from fwgen.npu.trace import Traced, traced
from fwgen.npu.vela import Compiled, compile_model, vela_release
from fwgen.ops import check_as_read

MOST_COMPILATIONS = 12
"""In search of one kind of ops to leave to the core."""

WHY = "Vela computes it otherwise than the model says, alone or with the ops around it"


@dataclass(frozen=True)
class Offloading:
    """What Vela made of a model, which ops went where, and what is proven of the streams."""

    compiled: Compiled
    traced: Traced
    proof: Proof


@dataclass(frozen=True)
class NpuTask:
    """A model as read with its file, and the NPU that is to do what it can.

    With ``inexact`` it also does ops that Vela is known to compute otherwise than TFLM.
    """

    graph: Graph
    data: bytes
    configuration: str
    npu: Npu
    args: str
    inexact: bool


def compile_proven(task: NpuTask) -> Offloading:
    """Compile and prove, until nothing is seen to differ from the model.

    Raises ToolError and UsageError as ``compile_model``, ModelError if the graph is not sound, if
    nothing is left to the NPU, or if its results stay wrong whatever the core does.
    """
    require_one_subgraph(task.graph)
    check_as_read(task.graph, for_npu=True)
    differing = inexact_ops(task.graph)
    keeping = keeping_ops(task.graph)
    left = keeping if task.inexact else {**differing, **keeping}
    except_for = differing if task.inexact else {}
    found = _tried(task, left, except_for)
    while isinstance(found, WrongStream) or found.proof.faults:
        better = _with_fewer_faults(task, found, left, except_for)
        if better is None:
            raise _unmendable(task, found)
        left, found = better
    return found


def _tried(
    task: NpuTask, left: Mapping[int, str], except_for: Mapping[int, str]
) -> Offloading | WrongStream:
    try:
        return _compiled(task, left, except_for)
    except WrongStream as wrong:
        return wrong


def _compiled(task: NpuTask, left: Mapping[int, str], except_for: Mapping[int, str]) -> Offloading:
    """With the kinds of the ops ``left`` on the core."""
    graph = task.graph
    codes = {graph.numbered(index).code for index in left}
    compiled = compile_model(task.data, graph.name, task.configuration, task.npu, task.args, codes)
    reasons = {**compiled.refused, **_by_output(graph, left)}
    found = read_model(compiled.model, graph.name, graph.path)
    if not is_offloaded(found):
        raise _nothing(task, reasons)
    try:
        found = offload(found, compiled.model)
    except ModelError as error:
        raise WrongStream(error.what, at=error.at) from None
    told = traced(_described(found, graph), graph, reasons)
    on_npu = [origin.index for origin in told.origins if origin.on_npu]
    return Offloading(compiled, told, prove(graph, told.graph, on_npu, except_for))


def _described(compiled: Graph, model: Graph) -> Graph:
    """The compiled graph with what the model says of its inputs and outputs, in their order."""
    ends = (*compiled.inputs, *compiled.outputs), (*model.inputs, *model.outputs)
    places = [*zip(*ends, strict=False)]
    return replace(
        compiled,
        sha256=model.sha256,
        signature={t: model.signature[m] for t, m in places if m in model.signature},
        loose={t: model.loose[m] for t, m in places if m in model.loose},
        corrections=model.corrections,
        entries=model.entries,
    )


def _by_output(graph: Graph, left: Mapping[int, str]) -> dict[str, str]:
    return {graph.output(graph.numbered(index)).name: why for index, why in left.items()}


def _nothing(task: NpuTask, reasons: Mapping[str, str]) -> ModelError:
    said = "; ".join(sorted(set(reasons.values()))[:3])
    return ModelError(
        f"Vela left all ops to the core: {task.configuration} would do nothing."
        + (f" It says: {said}." if said else ""),
        at=task.graph.at,
        tries=("fwgen build without --npu",),
    )


def _with_fewer_faults(
    task: NpuTask,
    found: Offloading | WrongStream,
    left: Mapping[int, str],
    except_for: Mapping[int, str],
) -> tuple[Mapping[int, str], Offloading] | None:
    """A kind more on the core, with which fewer outputs differ: the ops left, and what is then."""
    graph = task.graph
    for code in _suspects(graph, found, left)[:MOST_COMPILATIONS]:
        more = {**left, **{op.index: WHY for op in graph.ops if op.code == code}}
        try:
            other = _compiled(task, more, except_for)
        except (ModelError, ToolError):
            continue  # Vela leaves nothing to the NPU then, or does not come through
        if isinstance(found, WrongStream) or _wrong(other.proof) < _wrong(found.proof):
            return more, other
    return None


def _wrong(proof: Proof) -> set[int]:
    return {fault.tensor for fault in proof.faults}


def _suspects(graph: Graph, found: Offloading | WrongStream, left: Collection[int]) -> list[str]:
    """Codes of ops that wrong tensors follow from and that the core can do, cheapest first."""
    if isinstance(found, WrongStream):
        on_npu = {op.index for op in graph.ops} - set(left)
        reached = {t for op in graph.ops for t in op.outputs}
    else:
        on_npu = {origin.index for origin in found.traced.origins if origin.on_npu}
        reached = _wrong(found.proof)
    codes = set()
    for op in reversed(graph.ops):
        if op.index in on_npu and reached & set(op.outputs):
            reached |= set(op.inputs)
            codes.add(op.code)
    ops = {code: [op for op in graph.ops if op.code == code] for code in codes}
    able = (code for code in codes if all(is_of_core(Node(graph, op)) for op in ops[code]))
    return sorted(able, key=lambda code: (sum(_work(graph, op) for op in ops[code]), code))


def _work(graph: Graph, op: Op) -> int:
    """About what an op costs the core."""
    taps = graph.operand(op, 1)
    weighted = taps is not None and taps.data is not None and len(taps.shape) > 1
    each = prod(taps.shape) // max(taps.shape[0], 1) if weighted and taps is not None else 1
    return graph.output(op).elements * each


def _unmendable(task: NpuTask, found: Offloading | WrongStream) -> ModelError:
    graph, release = task.graph, vela_release()
    says = f"Vela {release} compiles the model wrongly for {task.configuration}: "
    rest = ", whichever ops are left to the core."
    tries = ("fwgen build without --npu", "another release of Vela")
    if isinstance(found, WrongStream):
        return ModelError(says + found.what.rstrip(".") + rest, at=found.at, tries=tries)
    fault = found.proof.faults[0]
    op, tensor = graph.numbered(fault.op), graph.tensors[fault.tensor]
    what = (
        "depends on memory that nobody wrote"
        if fault.noise
        else f"has {fault.wrong_bytes:,} of {fault.bytes:,} bytes that are not the model's"
    )
    return ModelError(
        f"{says}output {tensor.name!r} (tensor {fault.tensor}) {what}{rest}",
        at=f"{graph.at}: op {op.index} {op.code}",
        tries=tries,
    )
