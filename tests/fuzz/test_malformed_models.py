"""Malformed models: each is refused by a ModelError or reads as a sound graph, in bounded memory.

Accepted mutants are compared with what the ``tflite`` package reads and judged by a validator that
shares no code with fwgen's. A failure's message is the recipe of its mutant.
"""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fwgen.errors import ModelError
from fwgen.model.check import MAX_OPS, MAX_TENSORS, check
from fwgen.model.flatbuffer import MAX_ELEMENTS, FlatbufferTable
from fwgen.model.reader import read_model
from fwgen.model.schema import Model, OperatorField, SubGraph, TensorField
from tests.model.graph_oracle import assert_as_tflite_reads, assert_sound
from tests.tflite_models import OPERATORS, random_op_model
from tests.tflite_models.small import (
    INT8,
    Node,
    Number,
    Numbers,
    main,
    op,
    quantization,
    small_model,
    tensor,
    write,
)

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "models").glob("*.tflite")) + sorted(
    (ROOT.parent / "shared" / "models").glob("*.tflite")
)
WORDS = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFC)
HALVES = (0, 2, 4, 0x7FFF, 0xFFFF)
MUTANTS_PER_SEED = 30


def judge(data: bytes, recipe: str) -> bool:
    """Whether the model is accepted; AssertionError(recipe) unless it is refused or sound."""
    try:
        graph = read_model(data, "mutant")
        check(graph)
    except ModelError as error:
        assert error.what.endswith(".") and error.at.startswith("mutant"), recipe
        assert str(error).replace("\n", "").isprintable(), recipe
        return False
    except BaseException as error:
        raise AssertionError(recipe) from error
    try:
        assert_as_tflite_reads(graph, data)
        assert_sound(graph)
        for each in graph.ops:
            if isinstance(each.options, FlatbufferTable):
                read_options(each.options)
    except BaseException as error:
        raise AssertionError(recipe) from error
    return True


def read_options(options: FlatbufferTable) -> None:
    """Read every field as every type; only ModelError may come of it."""
    for slot in range(8):
        for get in (options.i8, options.i32, options.f32, options.flag, options.i32_vector):
            try:
                get(slot)
            except ModelError:
                continue


def judge_all(mutants: Iterator[tuple[str, bytes]]) -> tuple[int, int]:
    """Counts of accepted and refused mutants."""
    verdicts = [judge(data, recipe) for recipe, data in mutants]
    return sum(verdicts), len(verdicts) - sum(verdicts)


@cache
def small() -> bytes:
    return write(small_model())


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new[: len(data) - at] + data[at + len(new) :]


# --- all of a kind, over one small model


def test_extreme_words_at_every_offset() -> None:
    mutants = (
        (f"word {word:#x} at {at}", patched(small(), at, struct.pack("<I", word)))
        for at in range(len(small()))
        for word in (*WORDS, len(small()) - at)
    )
    accepted, refused = judge_all(mutants)
    assert accepted > 500 and refused > 2000


def test_extreme_halves_at_every_offset() -> None:
    mutants = (
        (f"half {half:#x} at {at}", patched(small(), at, struct.pack("<H", half)))
        for at in range(len(small()))
        for half in HALVES
    )
    accepted, refused = judge_all(mutants)
    assert accepted > 500 and refused > 1000


def test_every_bit_flipped() -> None:
    mutants = (
        (f"bit {bit} of byte {at}", patched(small(), at, bytes([small()[at] ^ 1 << bit])))
        for at in range(len(small()))
        for bit in range(8)
    )
    accepted, refused = judge_all(mutants)
    assert accepted > 500 and refused > 1000


def test_truncated_at_every_length() -> None:
    mutants = ((f"first {size} bytes", small()[:size]) for size in range(len(small())))
    _, refused = judge_all(mutants)
    assert refused > len(small()) // 2


def offsets(data: bytes) -> dict[int, int]:
    """Words that lead to another place in the file, as offsets do, and where they lead."""
    words = struct.unpack(f"<{len(data) // 4}I", data[: len(data) & ~3])
    return {
        4 * i: 4 * i + word
        for i, word in enumerate(words)
        if word and word % 4 == 0 and 4 * i + word + 4 <= len(data)
    }


def test_every_offset_led_to_every_place() -> None:
    found = offsets(small())
    mutants = (
        (f"offset at {at} to {place}", patched(small(), at, struct.pack("<I", place - at)))
        for at in found
        for place in sorted(set(found.values()))
        if place > at
    )
    accepted, refused = judge_all(mutants)
    assert accepted > 100 and refused > 1000


def test_every_table_with_every_vtable() -> None:
    data = small()
    found = {
        at: at - back
        for at in range(0, len(data) - 3, 4)
        for back in struct.unpack_from("<i", data, at)
        if 0 <= at - back <= len(data) - 4
        and 4 <= struct.unpack_from("<H", data, at - back)[0] <= 64
    }
    mutants = (
        (f"table at {at} with vtable {vtable}", patched(data, at, struct.pack("<i", at - vtable)))
        for at in found
        for vtable in sorted({*found.values(), at})
    )
    accepted, refused = judge_all(mutants)
    assert accepted > 100 and refused > 500


# --- seeded damage to real and random models


@cache
def seeds() -> list[tuple[str, bytes, list[int]]]:
    """Name, bytes and even positions outside the weights of the models to damage."""
    models = [(path.stem, path.read_bytes()) for path in FILES]
    models += [(code, random_op_model(code, np.random.default_rng(7))) for code in OPERATORS]
    models.append(("small", small()))
    return [(name, data, structure(data)) for name, data in models]


def structure(data: bytes) -> list[int]:
    weights = np.zeros(len(data), np.bool_)
    base = np.frombuffer(data, np.uint8).ctypes.data
    for each in read_model(data, "seed").tensors:
        if each.data is not None:
            start = each.data.ctypes.data - base
            weights[start : start + each.bytes] = True
    return [at for at in range(0, len(data) - 4, 2) if not weights[at]]


def damage(data: bytes, places: list[int], rng: np.random.Generator) -> tuple[str, bytes]:
    """One to three changes of a file, mostly to its structure."""
    recipe = []
    for _ in range(rng.integers(1, 4)):
        at, other = (int(rng.choice(places)) for _ in range(2))
        size = int(rng.choice((1, 2, 4, 4, 8, 32)))
        kind = rng.choice(("swap", "copy", "random", "bit", "add", "cut", "repeat"))
        recipe.append(f"{kind} {size} at {at}, {other}")
        here, there = data[at : at + size], data[other : other + size]
        if kind == "swap":
            data = patched(patched(data, at, there), other, here)
        elif kind == "copy":
            data = patched(data, at, there)
        elif kind == "random":
            data = patched(data, at, rng.bytes(size))
        elif kind == "bit":
            data = patched(data, at, bytes([data[at] ^ 1 << int(rng.integers(8))]))
        elif kind == "add":
            delta = int(rng.integers(-8, 9))
            word = struct.unpack_from("<I", data, at)[0] + delta & 0xFFFFFFFF
            data = patched(data, at, struct.pack("<I", word))
        elif kind == "cut":
            data = data[:at] + data[at + size :] + bytes(size)
        else:
            data = data[:at] + here + data[at : len(data) - size]
    return "; ".join(recipe), data


@pytest.mark.parametrize("seed", range(6))
def test_damaged_models(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def mutants() -> Iterator[tuple[str, bytes]]:
        for name, data, places in seeds():
            for _ in range(MUTANTS_PER_SEED):
                recipe, mutant = damage(data, places, rng)
                yield f"{name}: {recipe}", mutant

    accepted, refused = judge_all(mutants())
    assert accepted > 10 and refused > 10


# --- files built to cost much


def aliased_tensors(tree: Node) -> None:
    shared = tensor(b"x", (1, 4), INT8, quantization((0.5,), (0,)))
    main(tree)[SubGraph.TENSORS] += [shared] * 65536


def too_many_tensors(tree: Node) -> None:
    main(tree)[SubGraph.TENSORS] += [{}] * 19_995


def aliased_scales(tree: Node) -> None:
    quant = quantization((0.5,) * 60_000, (0,) * 60_000)
    main(tree)[SubGraph.TENSORS] += [tensor(b"x", (60_000,), INT8, quant)] * 5000


def aliased_long_names(tree: Node) -> None:
    shared = tensor(b"*/" * 500_000, (1, 4), INT8, None)
    main(tree)[SubGraph.TENSORS] += [shared] * (MAX_TENSORS - 5)


def aliased_weights(tree: Node) -> None:
    main(tree)[SubGraph.TENSORS] += [tensor(b"x", (1 << 20,), INT8, None, 3)] * 65
    tree[Model.BUFFERS].append({0: bytes(1 << 20)})


def endless_shape(tree: Node) -> None:
    main(tree)[SubGraph.TENSORS][0][TensorField.SHAPE] = Numbers("i", (1,) * (MAX_ELEMENTS - 16))


def endless_inputs(tree: Node) -> None:
    main(tree)[SubGraph.OPERATORS][0][OperatorField.INPUTS] = Numbers(
        "i", (-1,) * (MAX_ELEMENTS + 1)
    )


def most_inputs(tree: Node) -> None:
    main(tree)[SubGraph.OPERATORS][1][OperatorField.INPUTS] = Numbers(
        "i", (3,) * (MAX_ELEMENTS - 99)
    )


def endless_distinct_inputs(tree: Node) -> None:
    indices = tuple(range(MAX_ELEMENTS - 99))
    main(tree)[SubGraph.OPERATORS][1][OperatorField.INPUTS] = Numbers("i", indices)


def repeated_borders(tree: Node) -> None:
    """The output is the last of many inputs, many times."""
    main(tree)[SubGraph.TENSORS].append(tensor(b"x", (1, 4), INT8, None))
    main(tree)[SubGraph.INPUTS] = Numbers("i", (0,) * (MAX_ELEMENTS // 2 - 99) + (5,))
    main(tree)[SubGraph.OUTPUTS] = Numbers("i", (5,) * (MAX_ELEMENTS // 2 - 99))


def unread_tensors_beside_many_inputs(tree: Node) -> None:
    main(tree)[SubGraph.TENSORS] += [tensor(b"x", (0, 4), INT8, None)] * (MAX_TENSORS - 5)
    main(tree)[SubGraph.INPUTS] = Numbers("i", (0,) * (MAX_ELEMENTS // 2))


def endless_ops(tree: Node) -> None:
    main(tree)[SubGraph.OPERATORS] += [op(1, (3,), (4,))] * MAX_OPS


def unread_subgraphs(tree: Node) -> None:
    tree[Model.SUBGRAPHS] += [main(tree)] * 60_000


COSTLY: dict[Callable[[Node], None], str] = {
    aliased_tensors: "asks for more than 65536 tables",
    too_many_tensors: "has 20,000 tensors; fwgen takes at most",
    aliased_scales: "asks for more than 1048576 vector elements",
    aliased_long_names: "",
    aliased_weights: "bytes of constants; fwgen takes at most",
    endless_shape: "dimensions; fwgen takes at most 8",
    endless_inputs: "asks for more than 1048576 vector elements",
    most_inputs: "",
    endless_distinct_inputs: "reads tensor 4, which nothing wrote",
    repeated_borders: "",
    unread_tensors_beside_many_inputs: "",
    endless_ops: "operators; fwgen takes at most",
    unread_subgraphs: "",
}


@pytest.mark.parametrize("build", COSTLY, ids=lambda build: build.__name__)
def test_costly_files_take_bounded_memory(build: Callable[[Node], None]) -> None:
    tree = small_model()
    build(tree)
    data = write(tree)
    sentence = ""
    tracemalloc.start()
    try:
        check(read_model(data, "mutant"))
    except ModelError as error:
        sentence = error.what
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert COSTLY[build] in sentence and bool(COSTLY[build]) == bool(sentence)
    assert peak < 256 << 20


@pytest.mark.parametrize("shape", [(-1, 4), (0, 4), (1,) * 9, (1 << 30, 1 << 30)])
def test_unread_tensors_of_impossible_shapes_matter_if_they_keep_values(
    shape: tuple[int, ...],
) -> None:
    tree = small_model()
    unread = tensor(b"x", shape, INT8, None)
    main(tree)[SubGraph.TENSORS].append(unread)
    assert judge(write(tree), f"unread {shape}")
    unread[TensorField.IS_VARIABLE] = Number("B", 1)
    assert not judge(write(tree), f"variable {shape}")


def test_number_of_elements_that_wraps_at_32_bits() -> None:
    # 0x40000000 elements of 4 bytes are 2**32
    data = small()
    mutants = (
        (f"count at {at}", patched(data, at, struct.pack("<I", count)))
        for at in offsets(data).values()
        for count in (0x20000000, 0x40000000, 0x40000001, 0x80000000)
    )
    judge_all(mutants)


def test_budget_outlasts_the_read() -> None:
    """Options are read late; they too must not be read without end."""
    tree = small_model()
    values = Numbers("i", (0,) * 1000)
    main(tree)[SubGraph.OPERATORS][0][OperatorField.BUILTIN_OPTIONS] = {
        0: values,
        1: Number("i", 0),
    }
    graph = read_model(write(tree), "mutant")
    options = graph.ops[0].options
    assert isinstance(options, FlatbufferTable)
    with pytest.raises(ModelError, match="more than 1048576 vector elements"):
        for _ in range(MAX_ELEMENTS):
            options.i32_vector(0)
