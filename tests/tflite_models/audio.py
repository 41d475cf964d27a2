"""Models of a keyword's audio: features of 30 ms at 16 kHz, and a label of 49 of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .builder import ModelBuilder, Tensor

FRAME, STEP, FRAMES, CHANNELS, LABELS = 480, 320, 49, 40, 4
"""Samples of a frame and to the next one; frames of a label; features of a frame."""

LENGTH = 512


def front_end() -> bytes:
    """The ops of TFLM's preprocessor of micro_speech in their order, with numbers like its own."""
    m = ModelBuilder()
    x = m.tensor((1, FRAME), "int16")
    windowed, flat, scaled = _window(m, x), m.tensor((FRAME,), "int16"), m.tensor((FRAME,), "int16")
    m.op("RESHAPE", [windowed], [flat])
    bits, bins = m.tensor((), "int32"), m.tensor((LENGTH + 2,), "int16")
    m.op("SIGNAL_FFT_AUTO_SCALE", [flat], [scaled, bits])
    m.op("SIGNAL_RFFT", [scaled], [bins], T=7, fft_length=LENGTH)
    energies = m.tensor((LENGTH // 2 + 1,), "uint32")
    m.op("SIGNAL_ENERGY", [bins], [energies], start_index=0, end_index=energies.shape[0])
    sums, roots = m.tensor((CHANNELS,), "uint64"), m.tensor((CHANNELS,), "uint32")
    m.op("SIGNAL_FILTER_BANK", [energies, *_bands(m)], [sums], num_channels=CHANNELS)
    m.op("SIGNAL_FILTER_BANK_SQUARE_ROOT", [sums, bits], [roots])
    left, noise, gained = (m.tensor((CHANNELS,), "uint32") for _ in range(3))
    m.op(
        "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION",
        [roots],
        [left, noise],
        alternate_one_minus_smoothing=15401,
        alternate_smoothing=983,
        clamping=False,
        min_signal_remaining=819,
        num_channels=CHANNELS,
        one_minus_smoothing=15975,
        smoothing=409,
        smoothing_bits=10,
        spectral_subtraction_bits=14,
    )
    gains = m.tensor((125,), "int16", data=_gains())
    m.op("SIGNAL_PCAN", [left, noise, gains], [gained], snr_shift=6)
    logs = m.tensor((CHANNELS,), "int16")
    m.op("SIGNAL_FILTER_BANK_LOG", [gained], [logs], input_correction_bits=3, output_scale=64)
    return m.build([x], [_features(m, logs)])


def _window(m: ModelBuilder, x: Tensor) -> Tensor:
    """A Hann window in units of 2**-12."""
    turns = (np.arange(FRAME) + 0.5) / FRAME
    data = np.round(4096 * (0.5 - 0.5 * np.cos(2 * np.pi * turns))).astype(int)
    y = m.tensor(x.shape, "int16")
    m.op("SIGNAL_WINDOW", [x, m.tensor((FRAME,), "int16", data=data)], [y], shift=12)
    return y


def _bands(m: ModelBuilder) -> list[Tensor]:
    """Weights that rise in their band, those that fall, and where the bands are."""
    edges = np.round(np.geomspace(8, 280, CHANNELS + 2)).astype(int) - 3
    edges = np.maximum.accumulate(np.maximum(edges, 5 + np.arange(CHANNELS + 2)))
    edges = np.minimum(edges, 241)
    widths = np.diff(edges)
    rises = np.concatenate([4096 * np.arange(width) // max(width, 1) for width in widths])
    weights = [m.tensor(rises.shape, "int16", data=data) for data in (rises, 4096 - rises)]
    tables = edges[:-1], np.cumsum(widths) - widths, widths
    return [*weights, *(m.tensor(table.shape, "int16", data=table) for table in tables)]


def _gains() -> list[int]:
    """By how much a channel with some noise is amplified: a line for each power of 2."""
    gains = [round(2**21 * (noise / 1024 + 80) ** -0.95) for noise in (0, *2 ** np.arange(33))]
    table = gains[:2]
    for low, high in pairwise(gains[2:]):
        table += [low, high - low, 0, 0]
    return [*table, *[0] * 125][:125]


def _features(m: ModelBuilder, logs: Tensor) -> Tensor:
    """round(logs * 256 / 666) - 128 as int8, as the classifier was trained with."""
    x = m.tensor(logs.shape, "int32")
    m.op("CAST", [logs], [x])
    for code, number in (("MUL", 256), ("ADD", 333), ("DIV", 666), ("ADD", -128)):
        y = m.tensor(x.shape, "int32")
        m.op(code, [x, m.tensor((), "int32", data=number)], [y])
        x = y
    for code, number in (("MINIMUM", 127), ("MAXIMUM", -128)):
        y = m.tensor(x.shape, "int32")
        m.op(code, [x, m.tensor((), "int32", data=number)], [y])
        x = y
    features = m.tensor(x.shape)
    m.op("CAST", [x], [features])
    return features


def classifier(rng: np.random.Generator) -> bytes:
    """Scores of labels by random weights."""
    m = ModelBuilder()
    x = m.tensor((1, FRAMES * CHANNELS), scale=0.1, zero_point=-128)
    shape = (LABELS, x.shape[1])
    data = rng.integers(-63, 64, (LABELS, FRAMES // 7, 1, CHANNELS // 5, 1))
    data -= data.mean(axis=(1, 3), keepdims=True).astype(int)  # no label for loudness alone
    data = np.broadcast_to(data, (LABELS, FRAMES // 7, 7, CHANNELS // 5, 5)).reshape(shape)
    w = m.tensor(shape, scale=0.0001, data=data)
    logits = m.tensor((1, LABELS), scale=0.1)
    scores = m.tensor((1, LABELS), scale=1 / 256, zero_point=-128)
    m.op("FULLY_CONNECTED", [x, w, m.tensor((LABELS,), "int32", data=[0] * LABELS)], [logits])
    m.op("SOFTMAX", [logits], [scores], beta=1.0)
    return m.build([x], [scores])


def clip(rng: np.random.Generator) -> np.ndarray:
    """int16 samples of 1 s: chirps of random loudness over noise, with pauses."""
    time = np.arange(16000) / 16000
    sound = rng.normal(0, rng.uniform(10, 300), time.shape)
    for _ in range(3):
        begin, low, high = rng.uniform(0, 0.8), *rng.uniform(100, 4000, 2)
        at = np.clip((time - begin) / 0.2, 0, 1)
        loud = rng.uniform(500, 12000) * np.sin(np.pi * at) ** 2
        sound += loud * np.sin(2 * np.pi * (low * time + (high - low) * at**2 * 0.1))
    return np.clip(sound, -32768, 32767).astype(np.int16)
