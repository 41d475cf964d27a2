"""Models that are wrong in what they say, not in their bytes: seeded changes of tensors and ops.

A model is taken as its writer has it, changed in one to three places, and written again: shapes,
axes, scales, zero points, element types, data, options, and which tensors ops read and write.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any
from unittest import mock

import numpy as np

from tests.tflite_models import OPERATORS, builder, random_graph, random_op_model
from tests.tflite_models.decided import random_decisions
from tests.tflite_models.loops import random_calls
from tests.tflite_models.streams import random_stream

SIZES = (0, 1, 2, 3, 5, 16, 255, 256, 4096, 65536, 1 << 20, (1 << 31) - 1, -1, -(1 << 31))
SCALES = (0.0, -1.0, 1e-45, 1e-38, 1e-20, 2.0**-31, 1 / 256, 1.0, 2.0**20, 3e38, np.inf, np.nan)
POINTS = (0, 1, -1, 127, -128, 128, 255, -129, 32767, 1 << 31, -(1 << 63))
TYPES = ("int8", "uint8", "int16", "int32", "int64", "float32", "float16", "bool")
WHOLE = (0, 1, 2, 3, 4, 7, 127, -1, -2, 32767, 65536, (1 << 31) - 1, -(1 << 31))


@dataclass
class Parts:
    """A model as its writer has it."""

    rows: list[Any]
    ops: list[Any]
    inputs: list[int]
    outputs: list[int]
    others: Sequence[Any] = ()
    """Further subgraphs, which stay as they are."""

    def written(self) -> bytes:
        """The model."""
        main = builder._Content(self.rows, self.ops, self.inputs, self.outputs)
        return builder._write([main, *self.others])


def parts_of(make: Callable[[], bytes]) -> Parts:
    """What a maker of models hands to the writer."""
    with mock.patch.object(builder, "_write", side_effect=builder._write) as writer:
        make()
    ((main, *others),) = writer.call_args.args
    return Parts(main.rows, main.ops, main.inputs, main.outputs, others)


@cache
def sources() -> tuple[tuple[str, Parts], ...]:
    """Models to change: of every operator, of many ops, and with long axes."""
    found = []
    for seed in range(3):
        for code in OPERATORS:
            found.append((code, partial(random_op_model, code, np.random.default_rng(seed))))
        for ops in (3, 6, 12):
            found.append((f"{ops} ops", partial(random_graph, np.random.default_rng(seed), ops)))
        for stream in range(4):
            rng = np.random.default_rng(4 * seed + stream)
            found.append(("a stream", partial(random_stream, rng)))
            found.append(("calls", partial(random_calls, rng)))
            found.append(("decisions", partial(random_decisions, rng)))
    return tuple((name, parts_of(make)) for name, make in found)


def mutants(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """(recipe, bytes) of so many mutants."""
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        name, parts = rng.choice(sources())
        lists = ([*part] for part in (parts.rows, parts.ops, parts.inputs, parts.outputs))
        parts = Parts(*lists, others=parts.others)
        recipe = [f"seed {seed} {number}: {name}"]
        changes = GENTLE if rng.random() < 0.6 else CHANGES
        for _ in range(rng.choice((1, 1, 2, 3))):
            change = rng.choice(changes)
            change(parts, rng)
            recipe.append(change.__name__)
        try:
            yield ", ".join(recipe), parts.written()
        except Exception:  # of the flatbuffers package: there is no such file
            continue


def shape(parts: Parts, rng: random.Random) -> None:
    """Another dimension, one more or one less, of a tensor; its data mostly goes along."""
    at = rng.randrange(len(parts.rows))
    row, sizes = parts.rows[at], [*parts.rows[at].shape]
    kind = rng.randrange(5)
    if kind == 0:
        sizes.insert(rng.randrange(len(sizes) + 1), rng.choice((1, 1, 2)))
    elif kind == 1 and sizes:
        del sizes[rng.randrange(len(sizes))]
    elif kind == 2:
        rng.shuffle(sizes)
    elif sizes:
        axis = rng.randrange(len(sizes))
        sizes[axis] = rng.choice(SIZES) if kind == 3 else max(0, sizes[axis] + rng.choice((-1, 1)))
    parts.rows[at] = _fitting(replace(row, shape=tuple(sizes)), rng)


def shapes_together(parts: Parts, rng: random.Random) -> None:
    """The same dimension of all tensors that have it becomes another."""
    sizes = [e for row in parts.rows for e in row.shape]
    if sizes:
        old, new = rng.choice(sizes), rng.choice((1, 2, 64, 4096, 1 << 16, 1 << 20))
        for at, row in enumerate(parts.rows):
            if old in row.shape:
                changed = tuple(new if e == old else e for e in row.shape)
                parts.rows[at] = _fitting(replace(row, shape=changed), rng)


def _fitting(row: Any, rng: random.Random) -> Any:
    """Mostly with as much data as the shape needs, if that is little."""
    if row.dtype == "resource":
        return row
    needed = int(np.prod(row.shape, dtype=object)) * np.dtype(row.dtype).itemsize
    if row.data and 0 < needed < 1 << 16 and rng.random() < 0.8:
        return replace(row, data=(row.data * (needed // len(row.data) + 1))[:needed])
    return row


def element_type(parts: Parts, rng: random.Random) -> None:
    at = rng.randrange(len(parts.rows))
    parts.rows[at] = _fitting(replace(parts.rows[at], dtype=rng.choice(TYPES)), rng)


def scales(parts: Parts, rng: random.Random) -> None:
    """Other scales, more of them, fewer, or none."""
    at = rng.randrange(len(parts.rows))
    row = parts.rows[at]
    found = [*row.scales] or [np.float32(1)]
    kind = rng.randrange(4)
    if kind == 0:
        found[rng.randrange(len(found))] = np.float32(rng.choice(SCALES))
    elif kind == 1:
        found = found * rng.choice((2, 3)) if rng.random() < 0.5 else found[:-1]
    elif kind == 2:
        found = [f * np.float32(2.0 ** rng.randint(-40, 40)) for f in found]
    else:
        found = [found[0]] * rng.choice([e for e in row.shape if 0 < e < 4096] or [1])
    points = np.resize(row.zero_points if len(row.zero_points) else [0], len(found))
    axis = rng.choice((row.axis, 0, 1, 3, -1))
    parts.rows[at] = replace(row, scales=np.array(found, np.float32), zero_points=points, axis=axis)


def zero_points(parts: Parts, rng: random.Random) -> None:
    at = rng.randrange(len(parts.rows))
    row = parts.rows[at]
    found = [*row.zero_points] or [0]
    if rng.random() < 0.8:
        found[rng.randrange(len(found))] = rng.choice(POINTS)
    else:
        found = found[:-1]
    parts.rows[at] = replace(row, zero_points=np.array(found, np.int64))


def data(parts: Parts, rng: random.Random) -> None:
    """Constants of other values, of another size, none, or one where there was none."""
    at = rng.randrange(len(parts.rows))
    row = parts.rows[at]
    size = len(row.data or b"") or int(min(4096, abs(np.prod(row.shape, dtype=object))))
    kind = rng.randrange(4)
    if kind == 0:
        new: bytes | None = bytes(rng.choice((0, 127, 128, 255)) for _ in range(size))
    elif kind == 1:
        new = rng.randbytes(size)
    elif kind == 2 and row.dtype in ("int32", "int64") and row.data:
        values = np.frombuffer(row.data, row.dtype).copy()
        values[rng.randrange(len(values))] = rng.choice(WHOLE)
        new = values.tobytes()
    else:
        new = None if row.data else bytes(size)
    parts.rows[at] = replace(row, data=new)


def options(parts: Parts, rng: random.Random) -> None:
    """Another number in an option, or none of the options."""
    at = rng.randrange(len(parts.ops))
    op = parts.ops[at]
    if not op.options or rng.random() < 0.1:
        parts.ops[at] = replace(op, options={})
        return
    name = rng.choice(sorted(op.options))
    limit = 127 if name in ("padding", "fused_activation_function") else 1 << 31
    new = rng.choice([n for n in WHOLE if -limit <= n < limit])
    parts.ops[at] = replace(op, options={**op.options, name: new})


def operands(parts: Parts, rng: random.Random) -> None:
    """Other inputs or outputs of an op: another tensor, an absent one, more, fewer, exchanged."""
    at = rng.randrange(len(parts.ops))
    op = parts.ops[at]
    side = rng.choice(("inputs", "inputs", "outputs"))
    found = [*getattr(op, side)]
    kind = rng.randrange(5)
    other = rng.choice([-1, len(parts.rows), *range(len(parts.rows))])
    if kind == 0 and found:
        found[rng.randrange(len(found))] = other
    elif kind == 1:
        found.append(other)
    elif kind == 2 and found:
        del found[rng.randrange(len(found))]
    elif kind == 3:
        found = found * 2
    else:
        rng.shuffle(found)
    parts.ops[at] = replace(op, **{side: tuple(found)})


def operator(parts: Parts, rng: random.Random) -> None:
    """Another operator on the same operands, with options that may not be its own."""
    at = rng.randrange(len(parts.ops))
    code = rng.choice((*OPERATORS, "UNIQUE", "WHERE"))
    fitting = parts.ops[at].options if rng.random() < 0.3 else {}
    parts.ops[at] = replace(parts.ops[at], code=code, options=fitting)


def order(parts: Parts, rng: random.Random) -> None:
    """Ops in another order, one twice, or one less."""
    kind = rng.randrange(3)
    if kind == 0:
        rng.shuffle(parts.ops)
    elif kind == 1:
        parts.ops.append(rng.choice(parts.ops))
    elif len(parts.ops) > 1:
        del parts.ops[rng.randrange(len(parts.ops))]


def interface(parts: Parts, rng: random.Random) -> None:
    """Other inputs or outputs of the model."""
    found = rng.choice((parts.inputs, parts.outputs))
    kind = rng.randrange(3)
    if kind == 0:
        found.append(rng.randrange(len(parts.rows)))
    elif kind == 1 and found:
        del found[rng.randrange(len(found))]
    elif found:
        found[rng.randrange(len(found))] = rng.randrange(len(parts.rows))


def near_scales(parts: Parts, rng: random.Random) -> None:
    """A scale some powers of two away, the same for all tensors that had it, or for one."""
    old = rng.choice([s for row in parts.rows for s in row.scales] or [np.float32(1)])
    factor, alone = np.float32(2.0 ** rng.randint(-20, 20)), rng.random() < 0.3
    for at in rng.sample(range(len(parts.rows)), len(parts.rows)):
        row = parts.rows[at]
        if old in row.scales:
            changed = np.where(row.scales == old, row.scales * factor, row.scales)
            parts.rows[at] = replace(row, scales=changed.astype(np.float32))
            if alone:
                return


def near_points(parts: Parts, rng: random.Random) -> None:
    """A zero point of int8, the same for all tensors that had it."""
    old = rng.choice([z for row in parts.rows for z in row.zero_points] or [0])
    new = rng.choice((-128, -127, -1, 0, 1, 126, 127))
    for at, row in enumerate(parts.rows):
        if row.dtype == "int8" and row.data is None:
            points = np.where(row.zero_points == old, new, row.zero_points)
            parts.rows[at] = replace(row, zero_points=points)


def extremes(parts: Parts, rng: random.Random) -> None:
    """A constant of extreme or like values."""
    constants = [at for at, row in enumerate(parts.rows) if row.data and row.dtype == "int8"]
    if constants:
        at = rng.choice(constants)
        few = rng.choice(((0,), (127,), (128,), (0, 0, 0, 1), (127, 128), (0, 255)))
        size = len(parts.rows[at].data)
        new = bytes(rng.choice(few) for _ in range(size))
        parts.rows[at] = replace(parts.rows[at], data=new)


def near_options(parts: Parts, rng: random.Random) -> None:
    """Another small number in an option."""
    at = rng.randrange(len(parts.ops))
    op = parts.ops[at]
    if op.options:
        name = rng.choice(sorted(op.options))
        parts.ops[at] = replace(op, options={**op.options, name: rng.choice((0, 1, 2, 3))})


def like_operator(parts: Parts, rng: random.Random) -> None:
    """Another operator of as many operands."""
    at = rng.randrange(len(parts.ops))
    op = parts.ops[at]
    kin = ("RELU", "RELU6", "QUANTIZE", "MINIMUM", "MAXIMUM", "ADD", "SUB", "MUL")
    found = kin[:3] if len(op.inputs) == 1 else kin[3:]
    parts.ops[at] = replace(op, code=rng.choice(found), options={})


def like_operands(parts: Parts, rng: random.Random) -> None:
    """An input that is another tensor of the same shape, or an output of the model more."""
    at = rng.randrange(len(parts.ops))
    op = parts.ops[at]
    if op.inputs and op.inputs[0] >= 0:
        shape = parts.rows[op.inputs[0]].shape
        alike = [t for t, row in enumerate(parts.rows) if row.shape == shape]
        parts.ops[at] = replace(op, inputs=(rng.choice(alike), *op.inputs[1:]))
    if rng.random() < 0.3:
        parts.outputs.append(rng.choice([t for other in parts.ops for t in other.outputs]))


GENTLE: Sequence[Callable[[Parts, random.Random], None]] = (
    *(near_scales, near_scales, near_points, extremes, extremes, near_options, like_operator),
    *(like_operands, shapes_together),
)
"""After which a model may well be one that can be built."""

CHANGES: Sequence[Callable[[Parts, random.Random], None]] = (
    *(shape, shape, shapes_together, element_type, scales, scales, zero_points, data, data),
    *(options, options, operands, operands, operator, order, interface),
)
