"""Program -> what the C code must know of the state: its size, and its values after a reset."""

from __future__ import annotations

from typing import Any

import numpy as np

from fwgen.compile.lower.bind import arena_symbol
from fwgen.compile.lower.program import Program
from fwgen.model.alignment import ALIGNMENT, aligned
from fwgen.project import c_text
from fwgen.project.comments import state_map


def state_names(program: Program, prefix: str) -> dict[str, Any] | None:
    """The names that templates print of the state; None if the model has none.

    ``parts`` are (offset, bytes) with one ``fill`` for all bytes, or else ``listed``, one by one.
    """
    plan = program.plan
    if not program.graph.variables:
        return None
    parts: list[dict[str, Any]] = []
    for variable in program.graph.variables:
        data = np.ascontiguousarray(variable.initial).reshape(-1).view(np.uint8)
        offset = plan.offset_of[variable.before] - plan.state.base
        same = bool((data == data[0]).all())
        last = parts[-1] if parts else None
        if same and last is not None and last["listed"] is None and last["fill"] == int(data[0]):
            last["bytes"] = offset + data.size - last["offset"]  # over the gap between both
            continue
        name = f"initial_{len(parts)}"
        listed = None if same else {"name": name, "data": tuple(map(int, data))}
        parts.append({"offset": offset, "bytes": data.size, "fill": int(data[0]), "listed": listed})
    return {
        **c_text.part_names(arena_symbol(plan, plan.state), prefix, "bss"),
        "bytes": aligned(plan.state.bytes),
        "alignment": ALIGNMENT,
        "parts": parts,
        "map": state_map(program),
    }
