"""A stage of the way from a model to C, as `fwgen build --dump` prints it."""

from __future__ import annotations

from fwgen.compile.lower.program import Program
from fwgen.report.inspection import Looked, inspection
from fwgen.report.text_tables import table


def dump(stage: str, program: Program) -> str:
    """A stage's data as text."""
    if stage == "graph":
        return inspection(
            program.graph, Looked({s.index: s.macs for s in program.steps}), told=False
        )
    rows: list[tuple[object, ...]]
    if stage == "selection":
        providers = sorted({name for s in program.steps for name in s.by_provider})
        rows = [
            (
                *(s.index, s.code, s.kernel, s.expected_cycles),
                *(s.by_provider.get(name, "-") for name in providers),
                s.reason,
            )
            for s in program.steps
        ]
        best = [f"best of {name}" for name in providers]
        return table(("#", "op", "kernel", "expected cycles", *best, "why"), rows)
    if stage == "plan":
        plan = program.plan
        rows = [
            (
                ", ".join(f"t{t}" for t in b.tensors) or f"scratch of op {b.scratch_of}",
                plan.arena_at(offset).region or "-",
                offset - plan.arena_at(offset).base,
                b.bytes,
                b.first,
                b.last,
            )
            for offset, b in sorted(
                zip(plan.offsets, plan.buffers, strict=True), key=lambda pair: pair[0]
            )
        ]
        return table(("buffer", "region", "offset", "bytes", "first", "last"), rows)
    calls = [
        f"{s.position:>3} {function}({', '.join(args)})" + (f", {times} times" if times > 1 else "")
        for s in program.steps
        for times, block in s.blocks
        for function, args in block
    ]
    return "\n".join(calls)
