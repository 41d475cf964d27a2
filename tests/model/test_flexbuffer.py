"""Flexbuffers against the writer of the package flatbuffers, and damaged in every place."""

from __future__ import annotations

import numpy as np
import pytest
from flatbuffers import flexbuffers

from fwgen.errors import ModelError
from fwgen.model.flexbuffer import Flexbuffer

MAPS: tuple[dict[str, int | bool], ...] = (
    {},
    {"shift": 12},
    {"T": 7, "fft_length": 512},
    {"clamping": True, "a": -1, "other": -70000, "x": 2**40, "y": 0},
    {f"n{k:02}": k * k * k for k in range(64)},
)


@pytest.mark.parametrize("numbers", MAPS)
def test_reads_what_was_written(numbers: dict[str, int | bool]) -> None:
    data = bytes(flexbuffers.Dumps(numbers))
    names = sorted(numbers)
    assert Flexbuffer(memoryview(data), "m").integers(*names) == tuple(
        int(numbers[name]) for name in names
    )


def test_nothing_is_an_empty_map() -> None:
    assert Flexbuffer(memoryview(b""), "m").integers() == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"shift": 1.5}, "expected integers shift"),
        ({"shift": "12"}, "no number"),
        ({"other": 12}, "are other, expected"),
        ({"shift": 1, "other": 2}, "are other, shift, expected"),
        ({f"n{k}": k for k in range(65)}, "more than 64"),
        ({"x" * 100: 1}, "does not end"),
        ([1, 2], "no map"),
        (5, "no map"),
    ],
)
def test_refused_with_a_sentence(value: object, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        Flexbuffer(memoryview(bytes(flexbuffers.Dumps(value))), "m: op 3").integers("shift")
    assert caught.value.at == "m: op 3" and caught.value.what.endswith(".")


def test_as_many_names_as_values() -> None:
    """Whoever searches the names for one reads beyond their end if there should be more."""
    data = bytearray(flexbuffers.Dumps({"T": 7, "step": 2}))
    data[data.index(b"step\0") + 5] = 255
    with pytest.raises(ModelError, match="255 names have 2 values"):
        Flexbuffer(memoryview(bytes(data)), "m").integers("T", "step")


def test_damage_ends_in_a_sentence_or_in_other_numbers() -> None:
    """Every length, and each byte changed: nothing is read outside, nothing else is raised."""
    rng, refused = np.random.default_rng(0), 0
    for numbers in MAPS:
        data = bytes(flexbuffers.Dumps(numbers))
        names = sorted(numbers)
        spoilt = [data[:length] for length in range(1, len(data))]
        for place in range(len(data)):
            for byte in (0, 1, 255, int(rng.integers(0, 256))):
                spoilt.append(data[:place] + bytes((byte,)) + data[place + 1 :])
        for each in spoilt:
            try:
                Flexbuffer(memoryview(each), "m").integers(*names)
            except ModelError:
                refused += 1
    assert refused > 300
