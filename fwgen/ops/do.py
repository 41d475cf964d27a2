"""DO: the end of the ops that say whether a loop goes on; if it does not, it is left here."""

from __future__ import annotations

from fwgen.model.control import DO
from fwgen.ops.parts import control_flow

OPERATOR = control_flow.chooses(DO)
