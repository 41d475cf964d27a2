"""The common part of the ops that begin, divide and end loops and branches; see
``model.control``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from fwgen.contract.call import Call, Ref, Scratch
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.contract.operator import Operator, no_options
from fwgen.model.alignment import aligned
from fwgen.model.element import Element, Types
from fwgen.model.graph import Graph, Tensor
from fwgen.ops.parts import moves

_ANY: tuple[Types, ...] = ((None, None),)
"""Pairs of operands, each of one type."""

_CONDITION: tuple[Types, ...] = ((Element.BOOL, Element.BOOL),)


def chooses(name: str) -> Operator:
    """An op that says which way firmware goes: its output is the condition, as it was then."""
    row = Kernel(name, "copy", "reference", _choice, alias=True, types=_CONDITION)
    return Operator(
        code=None,  # the reader makes it of what the file has
        name=name,
        options=no_options,
        types=_CONDITION,
        check=moves.check_rename,
        reference=(row,),
    )


def passes(name: str) -> Operator:
    """An op that copies each input to the output in its place, all of them at once."""
    row = Kernel(name, "copy", "reference", _forms, types=_ANY)
    return Operator(
        code=None,  # the reader makes it of what the file has
        name=name,
        options=no_options,
        types=_ANY,
        check=_check,
        reference=(row,),
    )


def _choice(node: Node) -> tuple[Form, ...]:
    """A byte that is copied, unless both are in one place, and the branch."""
    return (Form((_copy(Ref(node.x.index), Ref(node.y.index), node.x),), 30.0),)


def _check(node: Node) -> None:
    node.require(
        len(node.inputs) == len(node.outputs),
        f"{node.code} has {len(node.inputs)} inputs and {len(node.outputs)} outputs, expected as "
        "many of both.",
    )
    for x, y in zip(node.operands(), node.ys, strict=True):
        node.require(
            (x.shape, x.dtype) == (y.shape, y.dtype),
            f"{node.code} passes tensor {x.index}, {x.dtype.word} of shape {list(x.shape)}, to "
            f"tensor {y.index}, {y.dtype.word} of shape {list(y.shape)}.",
        )


@dataclass(frozen=True)
class _Pair:
    x: Tensor
    y: Tensor
    at: int | None
    """Where ``x`` is in scratch memory until all have been read; None if it need not be."""


def _forms(node: Node) -> tuple[Form, ...]:
    """The copies, those first that save inputs which lie where another output will be."""
    pairs, size, places, outputs = [], 0, _places(node.graph), {*node.outputs}
    for x, y in zip(node.operands(), node.ys, strict=True):
        place = places.get(x.index)
        spoiled = place in outputs and place != y.index
        pairs.append(_Pair(x, y, size if spoiled else None))
        size += aligned(x.bytes) if spoiled else 0
    saved = [_copy(Ref(p.x.index), Scratch(p.at), p.x) for p in pairs if p.at is not None]
    copies = [
        _copy(Ref(p.x.index) if p.at is None else Scratch(p.at), Ref(p.y.index), p.x) for p in pairs
    ]
    total = size + sum(p.y.bytes for p in pairs)
    return (Form((*saved, *copies), 0.5 * total, scratch_bytes=size),)


def _copy(source: Ref | Scratch, to: Ref | Scratch, tensor: Tensor) -> Call:
    return Call("fw_copy", (source, to, tensor.bytes))


@lru_cache(maxsize=1)
def _places(graph: Graph) -> dict[int, int]:
    """By tensor, the one in whose memory it may be: of views, and of what ops make of these which
    may give it no more than another shape."""
    found = {t: view.within for t, view in graph.views.items()}
    for op in graph.ops:
        place = found.get(op.inputs[0]) if op.inputs else None
        if place is not None and graph.output(op).bytes == graph.input(op).bytes:
            found.setdefault(op.outputs[0], place)
    return found
