"""The lifetimes of what a loop reads again in each of its steps."""

from __future__ import annotations

from fwgen.compile.schedule.lifetimes import by_tensor, lifetimes
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from tests.tflite_models import ModelBuilder
from tests.tflite_models.loops import number


def test_a_variable_that_a_loop_reads_lives_until_its_end() -> None:
    """A branch assigned it, so that its value is in the arena: steps after the first need it."""
    m = ModelBuilder()
    x, y, z = (m.tensor((1, 4), scale=0.5) for _ in range(3))
    holds, few, count = number(m, dtype="bool"), number(m), number(m)
    for assigns in (True, False):
        _, s = m.subgraph()
        given = s.tensor((1, 4), scale=0.5)
        if assigns:
            s.op("ASSIGN_VARIABLE", [s.variable("v"), given], [])
        s.returns([given], [given])
    m.op("IF", [holds, x], [y], then_subgraph_index=1, else_subgraph_index=2)
    _, c = m.subgraph()
    held, again = [number(c), c.tensor((1, 4), scale=0.5)], number(c, dtype="bool")
    c.op("LESS", [held[0], number(c, 7)], [again])
    c.returns(held, [again])
    _, b = m.subgraph()
    held, later = [number(b), b.tensor((1, 4), scale=0.5)], number(b)
    kept, new, last = (b.tensor((1, 4), scale=0.5) for _ in range(3))
    b.op("ADD", [held[0], number(b, 1)], [later])
    b.op("READ_VARIABLE", [b.variable("v")], [kept])
    b.op("MAXIMUM", [held[1], kept], [new])
    b.op("ADD", [new, new], [last])
    b.returns(held, [later, last])
    m.op("WHILE", [few, y], [count, z], cond_subgraph_index=3, body_subgraph_index=4)
    m.op("ASSIGN_VARIABLE", [m.variable("v"), z], [])  # which needs no old value
    graph = resolve(read_model(m.build([x, holds, few], [z, count]), "m"))
    codes = [op.code for op in graph.ops]
    (read,) = graph.ops[codes.index("READ_VARIABLE")].inputs
    life, end = by_tensor(lifetimes(graph))[read], codes.index("END_WHILE")
    assert life.first < codes.index("WHILE") and life.last > end
