"""ELSE: the end of the ops that run if a condition holds, and what they give."""

from __future__ import annotations

from fwgen.model.control import ELSE
from fwgen.ops.parts import control_flow

OPERATOR = control_flow.passes(ELSE)
