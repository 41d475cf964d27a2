"""Bands of rows: the input rows that some rows of an op's output need, and the op that makes
just these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph, Tensor
from fwgen.ops import operators
from fwgen.ops.parts.windows import ExplicitPadding, WindowOptions, windows


@dataclass(frozen=True)
class NeededRows:
    """Output row y needs ``span`` input rows from y * ``stride`` - ``before`` on, those inside."""

    span: int
    stride: int
    before: int


@dataclass(frozen=True)
class Band:
    """Output rows [``first``, ``last``) and the input rows [``start``, ``end``) that they need.

    Above and below these are ``top`` and ``bottom`` rows of padding.
    """

    first: int
    last: int
    start: int
    end: int
    top: int
    bottom: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """What the op of the band depends on."""
        return self.last - self.first, self.end - self.start, self.top, self.bottom


def live_places(node: Node) -> list[int]:
    """Places of the inputs that are no constants."""
    return [i for i, t in enumerate(node.inputs) if t != ABSENT and node.tensors[t].data is None]


def rows_of(node: Node) -> NeededRows | None:
    """How the op goes by rows; None if it does not, or not on one int8 image NHWC."""
    operator, y = operators()[node.code], node.y
    inputs = [node.input(place) for place in live_places(node)]
    if len(node.outputs) != 1 or not inputs or not all(_image(t) for t in (*inputs, y)):
        return None
    if not operator.plain(node):
        return None
    if operator.window is not None:
        kernel, options = operator.window(node), cast(WindowOptions, node.options)
        span = (kernel[0] - 1) * options.dilation_h + 1
        return NeededRows(span, options.stride_h, windows(inputs[0], kernel, options)[0].before)
    same = all(x.shape == y.shape for x in inputs)
    others = [*node.operands()]
    by_row = all(len(t.shape) < 3 or t.shape[-3] == 1 for t in others if t.data is not None)
    return NeededRows(1, 1, 0) if operator.elementwise and same and by_row else None


def _image(tensor: Tensor) -> bool:
    return tensor.dtype is Element.S8 and len(tensor.shape) == 4 and tensor.shape[0] == 1


def bands_of(node: Node, rows: NeededRows, height: int) -> list[Band] | None:
    """All of the output in bands of ``height`` rows; None if the window of a row has no input."""
    total = node.y.shape[1]
    extent = node.input(live_places(node)[0]).shape[1] if node.inputs else total
    bands = []
    for first in range(0, total, height):
        last = min(total, first + height)
        start = first * rows.stride - rows.before
        end = (last - 1) * rows.stride - rows.before + rows.span
        band = Band(
            first, last, max(0, start), min(extent, end), max(0, -start), max(0, end - extent)
        )
        if start + rows.span <= 0 or end - rows.span >= extent:
            return None
        bands.append(band)
    return bands


def band_graph(node: Node, band: Band) -> Graph:
    """A graph whose only op makes the band, from images that hold just the rows it needs."""
    tensors = list(node.graph.tensors)
    operator, options = operators()[node.code], cast(Any, node.options)
    y = node.y
    tensors[y.index] = _cut(y, band.last - band.first)
    for place in live_places(node):
        x = node.input(place)
        tensors[x.index] = _cut(x, band.end - band.start)
    if operator.window is not None:
        x, kernel = node.x, operator.window(node)
        _, columns = windows(x, kernel, options)
        reach = (columns.size - 1) * options.stride_w + (kernel[1] - 1) * options.dilation_w + 1
        after = max(0, reach - columns.before - x.shape[2])
        padding = ExplicitPadding((band.top, band.bottom), (columns.before, after))
        options = replace(options, padding=padding)
    return replace(node.graph, tensors=tuple(tensors), ops=(replace(node.op, options=options),))


def _cut(tensor: Tensor, rows: int) -> Tensor:
    return replace(tensor, shape=(1, rows, *tensor.shape[2:]))
