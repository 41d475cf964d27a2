"""The summary of what an NPU does of a model, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def offload_summary(npu: Mapping[str, Any]) -> str:
    """How many of the model's ops the NPU does, of what a project's JSON says of it."""
    if not npu["ops"]:
        return f"compiled for {npu['configuration']} before"
    done = sum(op["npu"] for op in npu["ops"])
    return f"{done} of the model's {len(npu['ops'])} on {npu['configuration']}"
