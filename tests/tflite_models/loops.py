"""Random models with loops of a known number of steps and branches whose conditions are constants,
within each other, too."""

from __future__ import annotations

import numpy as np

from .builder import ModelBuilder, Tensor
from .draw import Draw

SCALE = 0.05


def random_calls(rng: np.random.Generator) -> bytes:
    """A model with one to three loops or branches on int8 of one shape."""
    m, d = ModelBuilder(), Draw(rng, tame=True)
    x = m.tensor((1, d.integer(1, 6)), scale=SCALE, zero_point=d.integer(-128, 127))
    y, outputs = changed(m, d, x), []
    for _ in range(d.integer(1, 3)):
        if d.chance(0.6):
            y, count = loop(m, d, m, y, depth=0)
            outputs += [count] if d.chance(0.3) else []
        else:
            y = branch(m, d, m, y, depth=0)
    return m.build([x], [changed(m, d, y), *outputs])


def number(m: ModelBuilder, value: int | None = None, dtype: str = "int32") -> Tensor:
    """A scalar, constant if it has a value."""
    return m.tensor((), dtype, data=value)


def loop(
    m: ModelBuilder, d: Draw, whole: ModelBuilder, x: Tensor, depth: int, trips: int | None = None
) -> tuple[Tensor, Tensor]:
    """WHILE, by which a value and the one before it change; the value and the counter.

    ``whole`` is the model's main subgraph, which has all others.
    """
    first, step = d.integer(-5, 5), d.integer(1, 3)
    end = first + step * (d.integer(0, 4) if trips is None else trips) - d.integer(0, step - 1)
    condition, c = whole.subgraph()
    i, held, _ = number(c), c.like(x, x.shape), c.like(x, x.shape)
    again = number(c, dtype="bool")
    code = d.pick(("LESS", "GREATER"))
    c.op(code, [i, number(c, end)] if code == "LESS" else [number(c, end), i], [again])
    c.returns([i, held, _], [again])
    body, b = whole.subgraph()
    i, now, before = number(b), b.like(x, x.shape), b.like(x, x.shape)
    later, new = number(b), b.like(x, x.shape)
    b.op("ADD", [i, number(b, step)], [later])
    b.op(d.pick(("ADD", "MAXIMUM", "SUB")), [now, before], [new])
    if depth < 2 and d.chance(0.4):
        new = (
            loop(b, d, whole, new, depth + 1)[0]
            if d.chance(0.5)
            else branch(b, d, whole, new, depth + 1)
        )
    b.returns([i, now, before], [later, changed(b, d, new), now])
    outputs = [number(m), m.like(x, x.shape), m.like(x, x.shape)]
    inputs = [number(m, first), x, changed(m, d, x)]
    m.op("WHILE", inputs, outputs, cond_subgraph_index=condition, body_subgraph_index=body)
    return outputs[d.integer(1, 2)], outputs[0]


def branch(m: ModelBuilder, d: Draw, whole: ModelBuilder, x: Tensor, depth: int) -> Tensor:
    """IF with a constant condition."""
    indices = []
    for _ in range(2):
        index, s = whole.subgraph()
        given = s.like(x, x.shape)
        y = changed(s, d, given)
        if depth < 2 and d.chance(0.3):
            y = loop(s, d, whole, y, depth + 1)[0]
        s.returns([given], [y])
        indices.append(index)
    out = m.like(x, x.shape)
    condition = number(m, int(d.chance(0.5)), "bool")
    m.op(
        "IF", [condition, x], [out], then_subgraph_index=indices[0], else_subgraph_index=indices[1]
    )
    return out


def changed(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """An op or two that change values, with constants of their own."""
    for _ in range(d.integer(1, 2)):
        y = m.like(x, x.shape)
        code = d.pick(("ADD", "MUL", "MINIMUM", "RELU"))
        constant = m.tensor(
            x.shape, scale=x.scale, zero_point=x.zero_point, data=d.values(x.shape, "int8")
        )
        m.op(code, [x] if code == "RELU" else [x, constant], [y])
        x = y
    return x
