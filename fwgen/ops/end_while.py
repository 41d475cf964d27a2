"""END_WHILE: back to the first op after WHILE, with the new values of what changes."""

from __future__ import annotations

from fwgen.model.control import END_WHILE
from fwgen.ops.parts import control_flow

OPERATOR = control_flow.passes(END_WHILE)
