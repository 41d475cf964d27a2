"""The calls that compute an LSTM: per step products of matrices for its gates, then pointwise
kernels, in a loop over the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from fwgen.contract.call import (
    Arg,
    Call,
    Calls,
    Constant,
    Each,
    Params,
    Ref,
    Repeat,
    Scratch,
)
from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.ops.parts.gates import (
    CELL,
    HIDDEN,
    Gate,
    LstmSizes,
    cell_factors,
    cell_limits,
    hidden_factor,
    sizes_of,
    sum_factor,
    tanh_factor,
)
from fwgen.ops.parts.moves import strided_copy
from fwgen.ops.parts.short_products import ShortProducts, suffix_of

ORDER = (Gate.INPUT, Gate.FORGET, Gate.OUTPUT, Gate.CELL)
"""The gates as they are in scratch memory: those with a sigmoid first."""


MOST_COPIES = 16
"""Batches of which each is copied to the output by a call of its own; more take a slower kernel."""

OF_SUM = 3, 0
"""The factor of what sigmoids take of a gate's sum."""

ProductsCall = Callable[[ShortProducts, Scratch], Call]
"""The call of a kernel for products, to a place in scratch memory."""


@dataclass(frozen=True)
class LstmCalls:
    """The calls for ``node`` by the kernels of a row: ``products``, and pointwise ones, whose names
    have an ``ending``, with the ``table`` of sigmoids as they read it."""

    node: Node
    products: ProductsCall
    table: Constant
    ending: str = ""

    @property
    def sizes(self) -> LstmSizes:
        return sizes_of(self.node)

    @property
    def scratch_bytes(self) -> int:
        """Bytes of the gates."""
        return len(ORDER) * self.sizes.values * Element.S16.bytes

    def all(self) -> Calls:
        """The state is first copied to where it is kept, which may be where it is."""
        node, steps = self.node, self.sizes.steps
        copies = tuple(
            self._call("copy", Ref(node.inputs[place]), Ref(node.outputs[k]), node.ys[k].bytes)
            for k, place in ((1, HIDDEN), (2, CELL))
        )
        step = (*self._sums(), *self._pointwise(), *self._output())
        return (*copies, *((Repeat(steps, step),) if steps > 1 else step))

    def gate(self, gate: Gate) -> Scratch:
        """Where a gate is."""
        at = ORDER.index(gate) * self.sizes.values * Element.S16.bytes
        return Scratch(at, Element.S16)

    def _each(self, pitch: int) -> int | Each:
        """What is a step further in each step, in units of ``pitch`` elements."""
        return Each(0, pitch * self.sizes.step_pitch) if self.sizes.steps > 1 else 0

    def _sums(self) -> Iterator[Call]:
        node, sizes = self.node, self.sizes
        for gate in ORDER:
            x, hidden = node.x, node.ys[1]
            w, v = node.input(gate.input_weights), node.input(gate.recurrent_weights)
            at, pitch = self._each(sizes.depth), sizes.row_pitch * sizes.depth
            bias, factor = node.input(gate.bias), sum_factor(x, w)
            first = ShortProducts(x, at, sizes.batches, pitch, w, bias, factor)
            yield self.products(first, self.gate(gate))
            factor = sum_factor(hidden, v)
            more = ShortProducts(hidden, 0, sizes.batches, sizes.units, v, None, factor, add=True)
            yield self.products(more, self.gate(gate))

    def _pointwise(self) -> Iterator[Call]:
        node, count = self.node, self.sizes.values
        hidden, cell = node.ys[1:]
        i, f, o, g = map(self.gate, ORDER)
        kept, new = cell_factors(cell)
        least, most = cell_limits(node)
        params = Params(
            "fw_lstm_cell_s16_params",
            (
                ("count", count),
                ("kept_multiplier", kept[0]),
                ("kept_shift", kept[1]),
                ("new_multiplier", new[0]),
                ("new_shift", new[1]),
                ("least", least),
                ("most", most),
            ),
        )
        yield self._call("logistic_s16", self.table, i, i, 3 * count, *OF_SUM)
        yield self._call("tanh_s16", self.table, g, g, count, *OF_SUM)
        yield self._call("lstm_cell_s16", params, i, f, g, Ref(cell.index))
        squashed = i  # which is of no more use
        yield self._call(
            "tanh_s16", self.table, Ref(cell.index), squashed, count, *tanh_factor(cell)
        )
        scaling = *hidden_factor(hidden), hidden.zero_point
        name = f"lstm_hidden_{suffix_of(hidden)}"
        yield self._call(name, squashed, o, Ref(hidden.index), count, *scaling)

    def _call(self, name: str, *args: Arg) -> Call:
        return Call(f"fw_{name}{self.ending}", args)

    def _output(self) -> Iterator[Call]:
        """The hidden state as the output of the step: in one piece, or batch by batch."""
        sizes, hidden, y = self.sizes, self.node.ys[1], self.node.y
        each = self._each(sizes.units)
        if sizes.is_output_whole:
            yield self._call("copy", Ref(hidden.index), Ref(y.index, each), hidden.bytes)
            return
        pitch = sizes.row_pitch * sizes.units
        if sizes.batches <= MOST_COPIES:
            for b in range(sizes.batches):
                to = Ref(y.index, Each(b * pitch, sizes.units))
                row = hidden.bytes // sizes.batches
                yield self._call("copy", Ref(hidden.index, b * sizes.units), to, row)
            return
        layouts = (0, (sizes.units, 1)), (0, (pitch, 1))
        call = strided_copy(hidden, y, (sizes.batches, sizes.units), *layouts)
        yield replace(call, args=(*call.args[:-1], Ref(y.index, each)))
