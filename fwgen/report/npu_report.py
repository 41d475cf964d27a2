"""The report on an NPU's part of a model, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fwgen.device.link import NpuCounts
from fwgen.npu.summary import offload_summary
from fwgen.report.text_tables import table

EVENTS = ("active_cycles", "port_0_reads", "port_0_writes", "port_1_reads", "port_1_writes")
"""What the driver has the NPU count beside cycles, in its order; reads and writes are in beats."""

MOST_NAMED = 6
"""Ops of which nothing is proven that the text names, per reason; JSON has all."""


def offload_report(npu: Mapping[str, Any]) -> str:
    """The summary, what stayed with the core and why, and Vela's estimates, labelled so."""
    lines = [f"NPU   {offload_summary(npu)}"]
    left = [(op["index"], op["op"], op["why"]) for op in npu["ops"] if not op["npu"]]
    if left:
        lines.append(table(("#", "op on the core", "why"), left))
    lines.append(f"NPU   {_proof(npu)}")
    found = npu.get("estimates", {})
    if "npu_estimated_cycles" in found:
        lines.append(
            f"NPU   {found['npu_estimated_cycles']:,.0f} npu_estimated_cycles, "
            f"{found['total_estimated_cycles']:,.0f} with memory, at "
            f"{found['clock_hz'] / 1e6:,.0f} MHz (source: {found['source']}, an estimate)"
        )
    if "counters" in npu:
        counted = npu["counters"]
        lines.append(
            f"NPU   {counted['cycles']:,} {counted['unit']} per inference "
            f"(source: {counted['source']})"
        )
    return "\n".join(lines)


def _proof(npu: Mapping[str, Any]) -> str:
    """What is proven of the NPU's streams, and of which ops nothing is, with why."""
    proof = npu.get("proof")
    if proof is None:
        return "not proven: the model before Vela is not known here (fwgen verify --reference)"
    ops = [op for op in npu["ops"] if op["npu"]]
    said = (
        "nothing proven"
        if not proof["proven"]
        else (
            f"{proof['proven']} of {len(ops)} ops proven on {proof['inputs']} seeded "
            f"input{'s' * (proof['inputs'] > 1)} ({proof['source']})"
        )
    )
    whys: dict[str, list[str]] = {}
    for op in ops:
        if not op["proven"]:
            whys.setdefault(op["unproven"], []).append(f"{op['op']} (op {op['index']})")
    unproven = (f"{_some(names)}: {why}" for why, names in whys.items())
    return said + "".join(f"\nNPU   not proven: {each}" for each in unproven)


def _some(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def npu_counters(counts: NpuCounts, runner: str) -> dict[str, Any]:
    """What the NPU counted, with source and unit: a simulator's cycles are estimates."""
    simulated = runner == "fvp"
    return {
        "source": "the FVP's NPU, which Arm calls accurate to about 10 %" if simulated else "PMU",
        "unit": "npu_estimated_cycles" if simulated else "npu_cycles",
        "jobs": counts.jobs,
        "cycles": counts.cycles,
        "events": dict(zip(EVENTS, counts.events, strict=False)),
    }
