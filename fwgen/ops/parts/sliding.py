"""The common part of SLIDE and CIRCULAR_BUFFER, whose input 0 is a window and input 1 what is new.

The output is the window now, at the same place in the state.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Types


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
    """Estimate: a word in four instructions, of what is kept and of what is new.

    What is kept moves byte by byte where that is by no whole words.
    """
    in_words = node.w.bytes % 4 == 0
    return 40.0 + (1.0 if in_words else 3.0) * node.x.bytes


def slide_row(op: str, types: tuple[Types, ...]) -> Kernel:
    """The reference row of an op that slides a window."""
    forms, functions = one_form(_calls, _cycles), ("slide", "copy")
    return Kernel(op, "slide", "reference", forms, functions=functions, types=types)
