"""SUB: difference with broadcasting and a fused clamp."""

from __future__ import annotations

from fwgen.ops.parts import add_sub

OPERATOR = add_sub.operator(41, "SUB", sign=-1, activated=True)
