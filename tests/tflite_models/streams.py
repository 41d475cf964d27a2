"""Random models with state: windows that slide, sums, and variables that are read and assigned in
every order that TFLM takes."""

from __future__ import annotations

import numpy as np

from .builder import ModelBuilder, Tensor
from .draw import Draw

SCALE = 0.05


def random_stream(rng: np.random.Generator) -> bytes:
    """A model with one to four variables or more; one in three has first values by CALL_ONCE."""
    m, d = ModelBuilder(), Draw(rng, tame=True)
    rows, columns = d.integer(1, 3), d.integer(1, 6)
    x = m.tensor((1, rows, 1, columns), scale=SCALE, zero_point=d.integer(-128, 127))
    made: list[Tensor] = [x]
    variables: list[tuple[str, Tensor]] = []
    begun = d.chance(0.3)
    if begun:
        index, first = m.subgraph()
        m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    late: list[tuple[Tensor, Tensor]] = []
    for number in range(d.integer(1, 4)):
        kind = d.pick((_window, _window, _shifted_first, _running, _swapped, _twice))
        value, handle, kept = kind(m, d, f"kept {number}", d.pick(made))
        made.append(value)
        if d.chance(0.3):
            made.append(circular(m, d, value))
        variables.append((f"kept {number}", kept))
        if d.chance(0.3):  # read once more, after the new value
            again = m.like(kept, kept.shape)
            m.op("READ_VARIABLE", [handle], [again])
            late.append((again, m.like(kept, (np.prod(kept.shape, dtype=int),))))
    for again, flat in late:
        m.op("RESHAPE", [again], [flat])
    if begun:
        for name, kept in variables:
            handle = first.variable(name)
            data = rng.integers(-128, 128, kept.shape)
            if d.chance(0.5):
                data[...] = data.flat[0]
            value = first.tensor(
                kept.shape, scale=kept.scale, zero_point=kept.zero_point, data=data
            )
            if d.chance(0.3):  # what is assigned is computed from constants
                low = first.like(value, value.shape)
                first.op("MAXIMUM", [value, value], [low])
                value = low
            first.op("ASSIGN_VARIABLE", [handle, value], [])
    outputs = [t for t in m.unread() if t.dtype == "int8"] or [made[-1]]
    return m.build([x], outputs)


def circular(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """The last rows, of each inference the first one, by CIRCULAR_BUFFER; some are read before."""
    row = x if x.shape[1] == 1 else _rows(m, x, 0, 1)
    shape = (1, d.integer(1, 6), *x.shape[2:])
    window = m.tensor(shape, scale=x.scale, zero_point=x.zero_point, variable=True)
    if d.chance(0.3):
        m.op("RELU", [window], [m.like(window, shape)])
    m.op("CIRCULAR_BUFFER", [row], [window], cycles_max=1)
    return _thinned(m, d, window)


def _grown(m: ModelBuilder, x: Tensor, rows: int) -> Tensor:
    return m.like(x, (x.shape[0], rows, *x.shape[2:]))


def _rows(m: ModelBuilder, x: Tensor, first: int, count: int) -> Tensor:
    """Some rows of a tensor, by STRIDED_SLICE."""
    y = _grown(m, x, count)
    begin, end, stride = (
        m.tensor((4,), "int32", data=values)
        for values in ([0, first, 0, 0], [0, first + count, 0, 0], [1, 1, 1, 1])
    )
    m.op("STRIDED_SLICE", [x, begin, end, stride], [y], begin_mask=13, end_mask=13)
    return y


def _window(m: ModelBuilder, d: Draw, name: str, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The last rows of all so far and the new ones; the oldest are forgotten."""
    rows = d.integer(1, 7)
    handle = m.variable(name)
    old, both = _grown(m, x, rows), _grown(m, x, rows + x.shape[1])
    m.op("READ_VARIABLE", [handle], [old])
    m.op("CONCATENATION", [old, x], [both], axis=1)
    new = _rows(m, both, x.shape[1], rows)
    m.op("ASSIGN_VARIABLE", [handle, new], [])
    return _thinned(m, d, both), handle, old


def _shifted_first(m: ModelBuilder, d: Draw, name: str, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The same where the oldest rows are dropped before the new ones come."""
    rows = x.shape[1] + d.integer(1, 6)
    handle = m.variable(name)
    old, both = _grown(m, x, rows), _grown(m, x, rows)
    m.op("READ_VARIABLE", [handle], [old])
    left = _rows(m, old, x.shape[1], rows - x.shape[1])
    m.op("CONCATENATION", [left, x], [both], axis=1)
    m.op("ASSIGN_VARIABLE", [handle, both], [])
    return _thinned(m, d, both), handle, old


def _running(m: ModelBuilder, d: Draw, name: str, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A sum or an extreme of all inputs so far."""
    handle = m.variable(name)
    old, new = m.like(x, x.shape), m.like(x, x.shape)
    m.op("READ_VARIABLE", [handle], [old])
    m.op(d.pick(("ADD", "MAXIMUM", "MINIMUM", "SUB")), [old, x], [new])
    if d.chance(0.5):
        m.op("ASSIGN_VARIABLE", [handle, new], [])
        return new, handle, old
    out = m.like(x, x.shape)
    m.op("MAXIMUM", [old, new], [out])
    m.op("ASSIGN_VARIABLE", [handle, new], [])
    return out, handle, old


def _swapped(m: ModelBuilder, d: Draw, name: str, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Two variables: each input is kept for two inferences."""
    one, two = m.variable(f"{name} a"), m.variable(f"{name} b")
    last, before = m.like(x, x.shape), m.like(x, x.shape)
    m.op("READ_VARIABLE", [two], [before])
    m.op("READ_VARIABLE", [one], [last])
    m.op("ASSIGN_VARIABLE", [two, last], [])
    m.op("ASSIGN_VARIABLE", [one, x], [])
    y = m.like(x, x.shape)
    m.op("SUB", [before, x], [y])
    unused = m.variable(name)  # CALL_ONCE names it, so that something must assign it
    kept = m.like(x, x.shape)
    m.op("ASSIGN_VARIABLE", [unused, y], [])
    return y, unused, kept


def _twice(m: ModelBuilder, d: Draw, name: str, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Assigned twice in an inference, and read in between."""
    handle = m.variable(name)
    old, first, between, second = (m.like(x, x.shape) for _ in range(4))
    m.op("READ_VARIABLE", [handle], [old])
    m.op("ADD", [old, x], [first])
    m.op("ASSIGN_VARIABLE", [handle, first], [])
    m.op("READ_VARIABLE", [handle], [between])
    m.op("MAXIMUM", [between, x], [second])
    m.op("ASSIGN_VARIABLE", [handle, second], [])
    return between, handle, old


def _thinned(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """A pool over some rows, or the tensor itself."""
    if d.chance(0.4):
        return x
    size = d.integer(1, x.shape[1])
    y = _grown(m, x, x.shape[1] - size + 1)
    m.op(
        "MAX_POOL_2D",
        [x],
        [y],
        padding="VALID",
        stride_w=1,
        stride_h=1,
        filter_width=1,
        filter_height=size,
    )
    return y


KINDS = (_window, _shifted_first, _running, _swapped, _twice)
"""Makers of a variable, each on a quantized int8 tensor (1, rows, columns, channels): they return
a value, the handle and what was kept."""
