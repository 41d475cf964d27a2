"""What an NPU does of a model, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fwgen.report.text import table


def offload_summary(npu: Mapping[str, Any]) -> str:
    """One line: how many of the model's ops the NPU does."""
    if not npu["ops"]:
        return f"compiled for {npu['configuration']} before"
    done = sum(op["npu"] for op in npu["ops"])
    return f"{done} of the model's {len(npu['ops'])} on {npu['configuration']}"


def offload_report(npu: Mapping[str, Any]) -> str:
    """The summary, what stayed with the core and why, and Vela's estimates, labelled so."""
    lines = [f"NPU   {offload_summary(npu)}"]
    left = [(op["index"], op["op"], op["why"]) for op in npu["ops"] if not op["npu"]]
    if left:
        lines.append(table(("#", "op on the core", "why"), left))
    found = npu.get("estimates", {})
    if "npu_estimated_cycles" in found:
        lines.append(
            f"NPU   {found['npu_estimated_cycles']:,.0f} npu_estimated_cycles, "
            f"{found['total_estimated_cycles']:,.0f} with memory, at "
            f"{found['clock_hz'] / 1e6:,.0f} MHz (source: {found['source']}, an estimate)"
        )
    return "\n".join(lines)
