"""ASSIGN_VARIABLE: another value for a variable, from here on and in the next inference."""

from __future__ import annotations

from fwgen.contract.operator import Operator, no_options
from fwgen.ops.parts import moves

OPERATOR = Operator(
    code=None,  # the reader makes it of what the file has
    name="ASSIGN_VARIABLE",
    options=no_options,
    types=moves.ANY,
    check=moves.check_rename,
    reference=(moves.rename("ASSIGN_VARIABLE"),),
    fold=moves.fold_rename,
)
