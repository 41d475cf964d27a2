"""ADD: sum with broadcasting and a fused clamp."""

from __future__ import annotations

from fwgen.ops.parts import add_sub

OPERATOR = add_sub.operator(0, "ADD", sign=1, activated=False)
