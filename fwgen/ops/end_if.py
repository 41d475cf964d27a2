"""END_IF: the end of the ops that run if a condition does not hold, and what they give."""

from __future__ import annotations

from fwgen.model.control import END_IF
from fwgen.ops.parts import control_flow

OPERATOR = control_flow.passes(END_IF)
