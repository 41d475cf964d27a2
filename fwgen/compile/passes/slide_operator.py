"""The operator SLIDE: a window over what comes, the oldest part of which gives way to the newest.

Input 0 is the window after the last inference, input 1 what is new; the output is the window now,
at the same place in the state.
"""

from __future__ import annotations

from fwgen.contract.node import Node
from fwgen.contract.operator import Operator, no_options
from fwgen.ops.parts import moves, sliding

SLIDE = "SLIDE"


def check(node: Node) -> None:
    """Require a window and a new part of it."""
    node.require(
        len(node.inputs) == 2 and node.x.bytes == node.y.bytes > node.w.bytes,
        f"{SLIDE} needs a window and a part of it.",
    )


OPERATOR = Operator(
    code=None,
    name=SLIDE,
    options=no_options,
    types=moves.ANY,
    check=check,
    reference=(sliding.slide_row(SLIDE, moves.ANY),),
    fold=sliding.fold,
    updates=(0,),
)
