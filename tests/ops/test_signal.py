"""TFLM's ops of signal processing: in chains that it can be fed, over many inferences.

Its Python package neither takes nor gives unsigned integers of 32 bits and more: ops that cast them
are before and after, and a bank of filters comes with its square roots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from fwgen.errors import ModelError
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
    log,
    overlap_add,
    pcan,
    rfft,
    spectral_subtraction,
    square_root,
    window,
)

MODELS, STEPS = 15, 6

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


CHAINS: tuple[Chain, ...] = (spectrum, bank, channels, frames)


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


def assert_as_tflm(graph: Graph, tensors: list[np.ndarray], right: list[np.ndarray]) -> None:
    for index, wanted in zip(graph.outputs, right, strict=True):
        assert tensors[index].tobytes() == wanted.tobytes(), graph.tensors[index]


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.__name__)
def test_sequences_are_those_of_tflm(chain: Chain) -> None:
    """Kernels under sanitizers; in each step with the state of the inference before."""
    runs = []
    for seed in range(MODELS):
        model, rng = made(chain, seed), np.random.default_rng(seed)
        graph = graph_of(model)
        inputs = [values_of(graph, rng) for _ in range(STEPS)]
        runs.append((graph, inputs, answers(model, inputs)))
    if not any(graph.variables for graph, _, _ in runs):
        cases = [(graph, values) for graph, inputs, _ in runs for values in inputs]
        wanted = [right for _, _, answer in runs for right in answer]
        for (graph, _), tensors, right in zip(cases, kernels.run(cases), wanted, strict=True):
            assert_as_tflm(graph, tensors, right)
        return
    states = [[v.initial for v in graph.variables] for graph, _, _ in runs]
    for step in range(STEPS):
        cases = [
            (stateless(graph), [*inputs[step], *state])
            for (graph, inputs, _), state in zip(runs, states, strict=True)
        ]
        ran = kernels.run(cases)
        for (graph, _, answer), tensors in zip(runs, ran, strict=True):
            assert_as_tflm(graph, tensors, answer[step])
        states = [
            [tensors[v.after] for v in graph.variables]
            for (graph, _, _), tensors in zip(runs, ran, strict=True)
        ]


# What is refused


def changed(code: str, **options: object) -> bytes:
    """An op with other options than it may have."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(1))
    dtype, append = APPEND[code]
    append(m, d, m.tensor((1, 40) if code == "SIGNAL_OVERLAP_ADD" else (40,), dtype))
    (op,) = m._ops
    m._ops[0] = replace(op, options={**op.options, **options})
    return m.build()


def other_shapes(code: str, *shapes: tuple[int, ...] | None) -> bytes:
    """An op whose operands and outputs, in the order of the file, have other shapes."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(1))
    dtype, append = APPEND[code]
    append(m, d, m.tensor((40,), dtype))
    for index, shape in enumerate(shapes):
        if shape is not None:
            data = m._rows[index].data
            size = int(np.prod(shape)) * np.dtype(m._rows[index].dtype).itemsize
            kept = None if data is None else data[:size].ljust(size, b"\0")
            m._rows[index] = replace(m._rows[index], shape=shape, data=kept)
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
    for length in (2, 48, 63, 1 << 16):
        yield "expected a power of 2", changed("SIGNAL_RFFT", fft_length=length)
    yield "at most 32 samples", changed("SIGNAL_RFFT", fft_length=32)
    for first, end in ((-1, 20), (0, 21), (8, 7)):
        yield "is of outputs", changed("SIGNAL_ENERGY", start_index=first, end_index=end)
    yield "option T is 0", changed("SIGNAL_OVERLAP_ADD", T=0)
    for step in (0, 41):
        yield "samples apart", changed("SIGNAL_OVERLAP_ADD", frame_step=step)
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
        x = m.tensor((1, 40) if code == "SIGNAL_OVERLAP_ADD" else (40,), dtype)
        append(m, d, x)
        (op,) = m._ops
        inputs = (*op.inputs, x.index) if more > 0 else op.inputs[:-1]
        m._ops[0] = replace(op, inputs=inputs)
        with pytest.raises(ModelError):
            graph_of(m.build())
