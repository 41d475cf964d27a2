"""The text of control flow: what stands in the C code after the calls of the ops that it consists
of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fwgen.compile.lower.program import Step
from fwgen.model.control import DO, ELSE, END_IF, END_WHILE, IF, MOST_TRIPS, WHILE, spans

Names = dict[str, Any]
"""What a template prints, by name."""

_INDENT = "  "


def control_names(steps: Sequence[Step]) -> list[tuple[Step, Names]]:
    """Each step with what templates print around its call: how far it is indented, and the lines
    after it.

    ``ends`` says that it is the last of a branch or loop, which is over after these lines.
    """
    around = spans([step.code for step in steps])
    return [(step, _names(step, sum(s.has(step.position) for s in around))) for step in steps]


def _names(step: Step, depth: int) -> Names:
    """``depth`` counts the loops and branches around the step."""
    inside, outside = _INDENT * depth, _INDENT * (depth - 1)
    taken, count, inner = f"t{step.outputs[0]}", f"steps{depth}", f"steps{depth + 1}"
    lines = {
        IF: [f"{inside}if (*{taken}) {{"],
        ELSE: [f"{outside}}} else {{"],
        END_IF: [f"{outside}}}"],
        WHILE: [f"{inside}for (uint32_t {inner} = 0;; {inner}++) {{"],
        DO: [
            f"{inside}if (!*{taken}) break;",
            f"{inside}if ({count} == {MOST_TRIPS}) FW_LEAVE({step.position});",
        ],
        END_WHILE: [f"{outside}}}"],
    }
    ends = step.code in (END_IF, END_WHILE)
    return {"indent": inside, "outside": outside, "lines": lines.get(step.code, []), "ends": ends}
