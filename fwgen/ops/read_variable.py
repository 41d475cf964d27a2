"""READ_VARIABLE: the value of a variable when the op runs."""

from __future__ import annotations

from fwgen.contract.operator import Operator, no_options
from fwgen.ops.parts import moves

OPERATOR = Operator(
    code=None,  # the reader makes it of what the file has
    name="READ_VARIABLE",
    options=no_options,
    types=moves.ANY,
    check=moves.check_rename,
    reference=(moves.rename("READ_VARIABLE"),),
    fold=moves.fold_rename,
)
