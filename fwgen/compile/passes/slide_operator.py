"""The operator SLIDE: a window over what comes, the oldest part of which gives way to the newest.

Input 0 is the window after the last inference, input 1 what is new; the output is the window now,
at the same place in the state.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.ops.parts import moves

SLIDE = "SLIDE"


def check(node: Node) -> None:
    """Require a window and a new part of it."""
    node.require(
        len(node.inputs) == 2 and node.x.bytes == node.y.bytes > node.w.bytes,
        f"{SLIDE} needs a window and a part of it.",
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    """The window without its oldest elements, then the new ones."""
    window, added = (value.reshape(-1) for value in values)
    return np.concatenate([window[added.size :], added]).reshape(node.y.shape)


def _calls(node: Node) -> tuple[Call, ...]:
    """The old window to the new one, which is nothing to do where they are; the slide in that."""
    x, added, y = node.x, node.w, node.y
    return (
        Call("fw_copy", (Ref(x.index), Ref(y.index), x.bytes)),
        Call("fw_slide", (Ref(y.index), Ref(added.index), x.bytes - added.bytes, added.bytes)),
    )


def _cycles(node: Node) -> float:
    """Estimate: a word in four instructions, of what is kept and of what is new."""
    return 40.0 + 1.0 * node.x.bytes


OPERATOR = Operator(
    code=None,
    name=SLIDE,
    options=no_options,
    types=moves.ANY,
    check=check,
    reference=(Kernel(SLIDE, "slide", "reference", one_form(_calls, _cycles), types=moves.ANY),),
    fold=fold,
    updates=(0,),
)
