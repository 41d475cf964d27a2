"""TFLM's ops of signal processing: in chains that it can be fed, over many inferences.

Its Python package neither takes nor gives unsigned integers of 32 bits and more: ops that cast them
are before and after, and a bank of filters comes with its square roots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from fwgen.contract.node import Node
from fwgen.errors import ModelError
from fwgen.model.element import Element
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.ops import examined, operators, require_none
from fwgen.ops.parts.signal import PREFIX
from tests.kernels import on_this_machine as kernels
from tests.kernels.graph_builder import stateless
from tests.tflite_models import ModelBuilder, Tensor
from tests.tflite_models.draw import Draw
from tests.tflite_models.liveliness import answers
from tests.tflite_models.signal_ops import (
    APPEND,
    delay,
    energy,
    fft_auto_scale,
    filter_bank,
    framer,
    irfft,
    log,
    overlap_add,
    pcan,
    rfft,
    spectral_subtraction,
    square_root,
    stacker,
    window,
)

MODELS, STEPS, LONG, RESET = 15, 6, 60, 40
"""Models of a chain; inferences of one, and of one with a state, which is reset before one."""

Chain = Callable[[ModelBuilder, Draw], None]


def cast(m: ModelBuilder, x: Tensor, dtype: str) -> Tensor:
    y = m.tensor(x.shape, dtype)
    m.op("CAST", [x], [y])
    return y


def spectrum(m: ModelBuilder, d: Draw) -> None:
    """Windows, then each row scaled and transformed."""
    rows, size = d.integer(1, 3), d.pick((4, 30, 64, 200, 480))
    (frames,) = window(m, d, m.tensor((rows, size), "int16"))
    rfft(m, d, frames)
    scaled, _ = fft_auto_scale(m, d, m.tensor((size,), "int16"))
    (bins,) = rfft(m, d, scaled)
    (energies,) = energy(m, d, bins)
    cast(m, energies, "int32")


def transforms(m: ModelBuilder, d: Draw) -> None:
    """Of each type there and back, and back from what is no spectrum of a real signal."""
    for dtype in ("int16", "int32", "float32"):
        shape = (*d.shape(d.integer(0, 2), 3), d.pick((4, 9, 30, 64, 200)))
        (bins,) = rfft(m, d, m.tensor(shape, dtype))
        irfft(m, d, bins)
        irfft(m, d, m.tensor(bins.shape, dtype))


def bank(m: ModelBuilder, d: Draw) -> None:
    energies = cast(m, m.tensor((d.pick((5, 40, 257)),), "int32"), "uint32")
    (sums,) = filter_bank(m, d, energies)
    (roots,) = square_root(m, d, sums, m.tensor((), "int32"))
    cast(m, roots, "int32")


def channels(m: ModelBuilder, d: Draw) -> None:
    values = cast(m, m.tensor((d.extent(40),), "int32"), "uint32")
    left, noise = spectral_subtraction(m, d, values)
    (gained,) = pcan(m, d, left, noise)
    log(m, d, gained)
    log(m, d, values)
    cast(m, noise, "int32")


def frames(m: ModelBuilder, d: Draw) -> None:
    x = m.tensor((*d.shape(d.integer(1, 2), 3), d.pick((3, 16, 40))), "int16")
    (late,) = delay(m, d, x)
    overlap_add(m, d, late)
    overlap_add(m, d, x)
    overlap_add(m, d, m.tensor(x.shape, "float32"))


def streams(m: ModelBuilder, d: Draw) -> None:
    framer(m, d, m.tensor((*d.shape(d.integer(0, 2), 3), d.pick((3, 16, 40))), "int16"))
    stacker(m, d, m.tensor((d.extent(20),), "int16"))


CHAINS: tuple[Chain, ...] = (spectrum, transforms, bank, channels, frames, streams)


def made(chain: Chain, seed: int) -> bytes:
    m = ModelBuilder()
    chain(m, Draw(np.random.default_rng(seed)))
    return m.build()


def graph_of(model: bytes) -> Graph:
    graph, faults = examined(read_model(model, "m"))
    require_none(graph, faults)
    return graph


def values_of(graph: Graph, rng: np.random.Generator) -> list[np.ndarray]:
    """Numbers of all magnitudes and the extremes; of a scalar, a number of bits to shift by."""
    found = []
    for index in graph.inputs:
        tensor = graph.tensors[index]
        if tensor.dtype is Element.F32:
            found.append(rng.normal(0, 1e3, tensor.shape).astype(np.float32))
            continue
        limits = tensor.dtype.limits
        values = rng.integers(*limits, tensor.shape, endpoint=True)
        values = np.asarray(values >> rng.integers(0, tensor.dtype.bytes * 8, tensor.shape))
        if values.ndim:
            values[rng.random(tensor.shape) < rng.choice((0.0, 0.05))] = limits[0]
        else:
            values = np.asarray(rng.integers(0, 16))
        found.append(values.astype(tensor.dtype.numpy))
    return found


def test_chains_have_every_operator() -> None:
    codes = {code for code in operators() if code.startswith(PREFIX)}
    met = {op.code for chain in CHAINS for op in graph_of(made(chain, 0)).ops}
    assert codes == set(APPEND) == {code for code in met if code.startswith(PREFIX)}


def unwritten(graph: Graph, values: Mapping[int, np.ndarray]) -> set[int]:
    """Outputs that TFLM leaves as they are, as another one says that they are not valid."""
    return {
        op.outputs[0]
        for op in graph.ops
        if op.code in ("SIGNAL_FRAMER", "SIGNAL_STACKER") and not values[op.outputs[1]]
    }


def evaluated(graph: Graph, inputs: list[np.ndarray]) -> dict[int, np.ndarray]:
    """What ``fold`` makes of inputs and states."""
    values = {t.index: t.data for t in graph.tensors if t.data is not None}
    values |= dict(zip(graph.given, inputs, strict=True))
    for op in graph.ops:
        found = operators()[op.code].evaluate(Node(graph, op), [values[t] for t in op.inputs])
        values |= zip(op.outputs, found, strict=True)
    return values


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.__name__)
def test_sequences_are_those_of_tflm(chain: Chain) -> None:
    """``fold`` step by step, with the state that it made, and kernels under sanitizers."""
    cases, wanted, whole = [], [], 0
    for seed in range(MODELS):
        model, rng = made(chain, seed), np.random.default_rng(seed)
        graph = graph_of(model)
        inputs = [values_of(graph, rng) for _ in range(LONG if graph.variables else STEPS)]
        alone, initial = stateless(graph), [v.initial for v in graph.variables]
        state = initial
        for step, right in enumerate(answers(model, inputs, RESET)):
            given = [*inputs[step], *(initial if step == RESET else state)]
            values = evaluated(graph, given)
            state = [values[v.after] for v in graph.variables]
            found = dict(zip(graph.outputs, right, strict=True))
            for index in found.keys() - unwritten(graph, found):
                assert values[index].tobytes() == found[index].tobytes(), (seed, step, index)
                whole += 1
            cases.append((alone, given))
            wanted.append(values)
    assert whole > len(cases) * len(graph.outputs) // 2
    for (alone, _), right, got in zip(cases, wanted, kernels.run(cases), strict=True):
        for index in alone.outputs:
            assert got[index].tobytes() == right[index].tobytes(), alone.tensors[index]


# What is refused


def shape_for(code: str) -> tuple[int, ...]:
    """What an op can be appended to."""
    return {"SIGNAL_OVERLAP_ADD": (1, 40), "SIGNAL_IRFFT": (42,)}.get(code, (40,))


def changed(code: str, **options: object) -> bytes:
    """An op with other options than it may have."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(1))
    dtype, append = APPEND[code]
    append(m, d, m.tensor(shape_for(code), dtype))
    (op,) = m._ops
    m._ops[0] = replace(op, options={**op.options, **options})
    return m.build()


def other_shapes(code: str, *shapes: tuple[int, ...] | None) -> bytes:
    """An op whose operands and outputs, in the order of the file, have other shapes."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(1))
    dtype, append = APPEND[code]
    append(m, d, m.tensor(shape_for(code), dtype))
    for index, shape in enumerate(shapes):
        if shape is not None:
            data = m._rows[index].data
            size = int(np.prod(shape)) * np.dtype(m._rows[index].dtype).itemsize
            kept = None if data is None else data[:size].ljust(size, b"\0")
            m._rows[index] = replace(m._rows[index], shape=shape, data=kept)
    return m.build()


def other_type(code: str) -> bytes:
    """An op whose second output is int8."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(1))
    dtype, append = APPEND[code]
    _, valid = append(m, d, m.tensor((40,), dtype))
    m._rows[valid.index] = replace(m._rows[valid.index], dtype="int8")
    return m.build()


def refused() -> Iterator[tuple[str, bytes]]:
    for bits in (-1, 32):
        yield "The shift of", changed("SIGNAL_WINDOW", shift=bits)
        yield (
            "smoothing_bits of",
            changed("SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION", smoothing_bits=bits),
        )
        yield "correction_bits of", changed("SIGNAL_FILTER_BANK_LOG", input_correction_bits=bits)
    yield (
        "subtraction_bits of",
        changed("SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION", spectral_subtraction_bits=64),
    )
    yield "snr_shift of", changed("SIGNAL_PCAN", snr_shift=64)
    yield "custom options are", changed("SIGNAL_WINDOW", other=3)
    yield "custom options are", changed("SIGNAL_WINDOW", shift=1.5)
    yield "option T is 0", changed("SIGNAL_RFFT", T=0)
    yield "option T is 0", changed("SIGNAL_IRFFT", T=0)
    for length in (2, 42, 63, 1 << 16):
        for code in ("SIGNAL_RFFT", "SIGNAL_IRFFT"):
            yield "no prime factor but", changed(code, fft_length=length)
    yield "expected [50]", changed("SIGNAL_IRFFT", fft_length=48)
    yield "expected [40]", other_shapes("SIGNAL_IRFFT", None, (42,))
    for code in ("SIGNAL_RFFT", "SIGNAL_IRFFT"):
        yield "is a scalar", other_shapes(code, ())
    yield "at most 32 samples", changed("SIGNAL_RFFT", fft_length=32)
    for first, end in ((-1, 20), (0, 21), (8, 7)):
        yield "is of outputs", changed("SIGNAL_ENERGY", start_index=first, end_index=end)
    yield "option T is 0", changed("SIGNAL_OVERLAP_ADD", T=0)
    for step in (0, 41):
        yield "samples apart", changed("SIGNAL_OVERLAP_ADD", frame_step=step)
    for size in (0, 1 << 15):
        yield "frame_size of", changed("SIGNAL_FRAMER", frame_size=size)
    for step in (0, 1 << 15):
        yield "frame_step of", changed("SIGNAL_FRAMER", frame_step=step, prefill=False)
    yield "frame_step of", changed("SIGNAL_FRAMER", frame_size=7, frame_step=8, prefill=True)
    yield "a multiple of", changed("SIGNAL_FRAMER", frame_size=7, frame_step=7)
    yield "expected", changed("SIGNAL_FRAMER", frame_size=3, frame_step=1, prefill=False)
    yield "expected bool", other_type("SIGNAL_FRAMER")
    yield "expected bool", other_type("SIGNAL_STACKER")
    yield "num_channels of", changed("SIGNAL_STACKER", num_channels=0)
    yield "left_context of", changed("SIGNAL_STACKER", stacker_left_context=-1)
    yield "right_context of", changed("SIGNAL_STACKER", stacker_right_context=1 << 14)
    for step in (0, 10):
        yield "stacker_step of", changed("SIGNAL_STACKER", stacker_step=step)
    yield "expected [41]", changed("SIGNAL_STACKER", num_channels=41)
    yield "expected []", other_shapes("SIGNAL_STACKER", None, None, (1,))
    for late in (0, 1 << 21):
        yield "delay_length of", changed("SIGNAL_DELAY", delay_length=late)
    yield "expected", other_shapes("SIGNAL_DELAY", None, (41,))
    yield "expected [8]", changed("SIGNAL_FILTER_BANK", num_channels=8)
    yield "expected", other_shapes("SIGNAL_WINDOW", None, (41,))
    yield "are no multiple", other_shapes("SIGNAL_WINDOW", None, None, (39,))
    yield "a band", other_shapes("SIGNAL_FILTER_BANK", (3,))
    yield "expected", other_shapes("SIGNAL_FILTER_BANK_SQUARE_ROOT", None, (41,))
    yield "expected []", other_shapes("SIGNAL_FILTER_BANK_SQUARE_ROOT", None, None, (1,))
    yield "124 gains", other_shapes("SIGNAL_PCAN", None, None, (124,))
    yield "expected []", other_shapes("SIGNAL_FFT_AUTO_SCALE", None, None, (1,))


@pytest.mark.parametrize(("words", "model"), tuple(refused()))
def test_refused_with_a_sentence(words: str, model: bytes) -> None:
    with pytest.raises(ModelError) as caught:
        graph_of(model)
    told = [caught.value.what, *(fault.what for fault in caught.value.faults)]
    assert any(words.lower() in what.lower() for what in told), told
    assert all(what.endswith(".") for what in told)


def test_counts_of_operands() -> None:
    """Too few and too many of each."""
    for code, more in product(APPEND, (-1, 1)):
        m, d = ModelBuilder(), Draw(np.random.default_rng(1))
        dtype, append = APPEND[code]
        x = m.tensor(shape_for(code), dtype)
        append(m, d, x)
        (op,) = m._ops
        inputs = (*op.inputs, x.index) if more > 0 else op.inputs[:-1]
        m._ops[0] = replace(op, inputs=inputs)
        with pytest.raises(ModelError):
            graph_of(m.build())
