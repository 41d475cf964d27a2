"""IF: the ops up to ELSE run if a condition holds, those after that up to END_IF if not."""

from __future__ import annotations

from fwgen.model.control import IF
from fwgen.ops.parts import control_flow

OPERATOR = control_flow.chooses(IF)
