"""WHILE: the ops up to END_WHILE run again and again; what they change begins so."""

from __future__ import annotations

from fwgen.model.control import WHILE
from fwgen.ops.parts import control_flow

OPERATOR = control_flow.passes(WHILE)
