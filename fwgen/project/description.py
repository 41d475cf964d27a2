"""The description of a project in JSON: all that is known of a Program before it is compiled."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from fwgen import DEFAULT_PREFIX, SCHEMA, __version__
from fwgen.board.core_counters import window_s
from fwgen.compile.lower.program import Program, Step
from fwgen.compile.plan.problem import Buffer
from fwgen.compile.select.selection import SlowOp
from fwgen.model.graph import Graph, Tensor, Variable
from fwgen.project import c_text


def description(program: Program, prefix: str = DEFAULT_PREFIX) -> dict[str, Any]:
    """Model, board, memory, ops, the buffers of the arena and the variables of the state; the
    beginning of all results."""
    plan, board = program.plan, program.board
    return {
        "schema": SCHEMA,
        "fwgen": __version__,
        "model": {
            "name": c_text.identifier(program.graph.name),
            "sha256": program.graph.sha256,
            "macs": program.model_macs,
            "weights_bytes": program.weights_bytes,
        },
        "interface": _interface(program.graph),
        "prefix": prefix,
        "macs": program.macs,
        "board": board.name,
        "cpu": board.cpu.name,
        "goal": program.goal,
        "fed_rows": next((step.fed.rows for step in program.steps if step.fed), 0),
        "expected_cycles": program.expected_cycles,
        "fastest_cycles": program.fastest_cycles,
        "fastest_known_cycles": program.speed.known_cycles,
        "library_not_at_hand": program.speed.library,
        "slow_ops": [_slow(op) for op in program.speed.slow],
        "paid_for_speed": program.speed.paid and asdict(program.speed.paid),
        "expected_wait_cycles": program.wait_cycles,
        **({"counter_window_s": window} if (window := window_s(board)) else {}),
        "memory": {
            "arena_bytes": plan.arena_bytes,
            "arena_lower_bound_bytes": plan.lower_bound_bytes,
            "arena_optimal": plan.optimal,
            "scratch_bytes": scratch_bytes(program),
            "state_bytes": plan.state.bytes,
            "stack_bytes": board.stack_bytes,
            "arenas": [
                {"region": a.region, "bytes": a.bytes, "lower_bound_bytes": a.lower_bound_bytes}
                for a in plan.arenas
            ],
            "weights": [
                {"region": region, "bytes": used} for region, used in _weights(program).items()
            ],
            "moved": list(program.moved),
        },
        "ops": [_op(program, step) for step in program.steps],
        "buffers": [
            _buffer(program, buffer, offset)
            for buffer, offset in zip(plan.buffers, plan.offsets, strict=True)
        ],
        "variables": [_variable(program, each) for each in program.graph.variables],
    }


def scratch_bytes(program: Program) -> int:
    """The most that an op needs of scratch: around the activations of an NPU is none of the
    core."""
    found = (b for b in program.plan.buffers if b.scratch_of is not None and b.offset is None)
    return max((buffer.bytes for buffer in found), default=0)


def _op(program: Program, step: Step) -> dict[str, Any]:
    outputs = (program.graph.tensors[t] for t in step.outputs)
    return {
        "index": step.index,
        "op": step.code,
        "shape": step.what,
        "kernel": step.kernel,
        "provider": step.provider,
        "reason": step.reason,
        "expected_cycles": step.expected_cycles,
        "expected_cycles_by_provider": dict(sorted(step.by_provider.items())),
        "macs": step.macs,
        "constant_bytes": step.constant_bytes,
        "outputs": [{"tensor": y.source, "channels": y.channels} for y in outputs],
    }


def _slow(op: SlowOp) -> dict[str, Any]:
    """An op that plain C computes. ``share`` is of the expected cycles, 0 to 1."""
    return {
        "index": op.index,
        "op": op.code,
        "kernel": op.kernel,
        "expected_cycles": op.cycles,
        "share": round(op.share, 4),
        "why": op.why,
    }


def _buffer(program: Program, buffer: Buffer, offset: int) -> dict[str, Any]:
    """A buffer and the tensors that it holds, which live in [first, last) by position in "ops"."""
    arena = program.plan.arena_at(offset)
    return {
        "kind": _kind(program, buffer),
        "region": arena.region,
        "offset": offset - arena.base,
        "bytes": buffer.bytes,
        "first": buffer.first,
        "last": buffer.last,
        "tensors": [_tensor(program.graph.tensors[t]) for t in buffer.tensors],
        "scratch_of": buffer.scratch_of,
    }


def _weights(program: Program) -> Counter[str]:
    """Bytes of constants by region."""
    found: Counter[str] = Counter()
    for array in program.arrays:
        found[array.region] += array.data.nbytes
    return found


def _kind(program: Program, buffer: Buffer) -> str:
    if buffer.scratch_of is not None:
        return "scratch"
    for kind, tensors in (("input", program.graph.inputs), ("output", program.graph.outputs)):
        if set(tensors) & set(buffer.tensors):
            return kind
    return "activation"


def _variable(program: Program, variable: Variable) -> dict[str, Any]:
    tensors, plan = program.graph.tensors, program.plan
    return {
        "offset": plan.offset_of[variable.before] - plan.state.base,
        "bytes": tensors[variable.before].bytes,
        "before": _tensor(tensors[variable.before]),
        "after": _tensor(tensors[variable.after]),
    }


def _interface(graph: Graph) -> dict[str, Any]:
    """The inputs and outputs of the model in their order."""
    sides = (("inputs", graph.inputs), ("outputs", graph.outputs))
    return {side: [_border(graph, index) for index in indices] for side, indices in sides}


def _border(graph: Graph, index: int) -> dict[str, Any]:
    """An input or output of the model, by the name that people gave it."""
    tensor = graph.tensors[index]
    return {
        "name": graph.name_of(index),
        "dtype": tensor.dtype.word,
        "shape": list(tensor.shape),
        "scale": tensor.scale if tensor.quant else None,
        "zero_point": tensor.zero_point if tensor.quant else None,
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    """``index`` is what the C code calls it by, ``source`` the model's, null if a pass made it."""
    return {
        "index": tensor.index,
        "name": tensor.name,
        "dtype": tensor.dtype.word,
        "shape": list(tensor.shape),
        "source": tensor.source,
    }
