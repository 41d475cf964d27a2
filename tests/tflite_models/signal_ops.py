"""Ops of signal processing, as TFLM's custom ops: how to append each to a model."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from .builder import ModelBuilder, Tensor
from .draw import Draw

Append = Callable[[ModelBuilder, Draw, Tensor], list[Tensor]]
"""Adds an op on a tensor, with random options and constants, and returns its outputs."""


TYPES = {"float32": 0, "int32": 2, "int16": 7}
"""The option T of an element type, its number in the schema."""


def window(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    y = m.tensor(x.shape, "int16")
    weights = m.tensor((x.shape[-1],), "int16", data=d.values((x.shape[-1],), "int16"))
    m.op("SIGNAL_WINDOW", [x, weights], [y], shift=d.integer(0, 31))
    return [y]


def fft_auto_scale(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    ys = [m.tensor(x.shape, "int16"), m.tensor((), "int32")]
    m.op("SIGNAL_FFT_AUTO_SCALE", [x], ys)
    return ys


LENGTHS = sorted(
    {2 * 2**i * 3**j * 5**k for i, j, k in product(range(10), range(4), range(3))} - {2}
)
"""Of frames that TFLM transforms, the shorter ones."""


def rfft(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    """Of powers of 2 mostly, and of rows that may be shorter."""
    longer = [n for n in LENGTHS if n >= x.shape[-1]]
    powers = [n for n in longer if n & (n - 1) == 0]
    length = d.pick(powers[:3] if d.chance(0.6) else longer[:20])
    y = m.tensor((*x.shape[:-1], length + 2), x.dtype)
    m.op("SIGNAL_RFFT", [x], [y], T=TYPES[x.dtype], fft_length=length)
    return [y]


def irfft(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    """Of rows of spectra of a length that is transformed."""
    length = x.shape[-1] - 2
    y = m.tensor((*x.shape[:-1], length), x.dtype)
    m.op("SIGNAL_IRFFT", [x], [y], T=TYPES[x.dtype], fft_length=length)
    return [y]


def energy(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    """Of all of a spectrum, as TFLM leaves the rest open."""
    count = x.shape[0] // 2
    y = m.tensor((count,), "uint32")
    m.op("SIGNAL_ENERGY", [x], [y], end_index=count, start_index=0)
    return [y]


def filter_bank(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    channels, energies = d.extent(9), x.shape[0]
    starts = d.rng.integers(0, energies, channels + 1)
    widths = d.rng.integers(0, np.minimum(energies - starts, 12) + 1)
    at = np.cumsum(widths) - widths
    size = max(int(widths.sum()), 1)
    most = d.pick((1, 4096, 32767))
    weights = [m.tensor((size,), "int16", data=d.rng.integers(-1, most, size)) for _ in range(2)]
    tables = [m.tensor((channels + 1,), "int16", data=table) for table in (starts, at, widths)]
    y = m.tensor((channels,), "uint64")
    m.op("SIGNAL_FILTER_BANK", [x, *weights, *tables], [y], num_channels=channels)
    return [y]


def square_root(m: ModelBuilder, d: Draw, x: Tensor, bits: Tensor | None = None) -> list[Tensor]:
    y = m.tensor(x.shape, "uint32")
    shift = m.tensor((), "int32", data=d.integer(0, 15)) if bits is None else bits
    m.op("SIGNAL_FILTER_BANK_SQUARE_ROOT", [x, shift], [y])
    return [y]


def spectral_subtraction(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    ys = [m.tensor(x.shape, "uint32") for _ in range(2)]
    smoothing, alternate = d.integer(0, 1 << 14), d.integer(0, 1 << 14)
    m.op(
        "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION",
        [x],
        ys,
        alternate_one_minus_smoothing=(1 << 14) - alternate,
        alternate_smoothing=alternate,
        clamping=d.chance(0.5),
        min_signal_remaining=d.integer(0, 1 << 14),
        num_channels=x.shape[0],
        one_minus_smoothing=(1 << 14) - smoothing,
        smoothing=smoothing,
        smoothing_bits=d.integer(0, 12),
        spectral_subtraction_bits=14,
    )
    return ys


def pcan(m: ModelBuilder, d: Draw, x: Tensor, noise: Tensor | None = None) -> list[Tensor]:
    y, gains = (
        m.tensor(x.shape, "uint32"),
        m.tensor((125,), "int16", data=d.values((125,), "int16")),
    )
    other = m.tensor(x.shape, "uint32") if noise is None else noise
    m.op("SIGNAL_PCAN", [x, other, gains], [y], snr_shift=d.integer(0, 20))
    return [y]


def log(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    y, scale = m.tensor(x.shape, "int16"), d.pick((1, 64, 1600))
    bits = d.integer(0, 8)
    m.op("SIGNAL_FILTER_BANK_LOG", [x], [y], input_correction_bits=bits, output_scale=scale)
    return [y]


def overlap_add(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    """Of frames of the last dimension."""
    step = d.integer(1, x.shape[-1])
    y = m.tensor((*x.shape[:-2], x.shape[-2] * step), x.dtype)
    m.op("SIGNAL_OVERLAP_ADD", [x], [y], T=TYPES[x.dtype], frame_step=step)
    return [y]


def delay(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    y = m.tensor(x.shape, "int16")
    m.op("SIGNAL_DELAY", [x], [y], delay_length=d.integer(1, 2 * x.shape[-1]))
    return [y]


def framer(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    """Of steps that divide the last dimension."""
    step = d.pick([n for n in range(1, x.shape[-1] + 1) if x.shape[-1] % n == 0])
    prefill = d.chance(0.5)
    size = d.integer(step if prefill else 1, 4 * step)
    y, valid = m.tensor((*x.shape[:-1], x.shape[-1] // step, size), "int16"), m.tensor((), "bool")
    m.op("SIGNAL_FRAMER", [x], [y, valid], frame_size=size, frame_step=step, prefill=prefill)
    return [y, valid]


def stacker(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    left, right, channels = d.integer(0, 4), d.integer(0, 4), x.shape[0]
    width = left + right + 1
    y, valid = m.tensor((width * channels,), "int16"), m.tensor((), "bool")
    m.op(
        "SIGNAL_STACKER",
        [x],
        [y, valid],
        num_channels=channels,
        stacker_left_context=left,
        stacker_right_context=right,
        stacker_step=d.integer(1, width),
    )
    return [y, valid]


APPEND: dict[str, tuple[str, Append]] = {
    "SIGNAL_WINDOW": ("int16", window),
    "SIGNAL_FFT_AUTO_SCALE": ("int16", fft_auto_scale),
    "SIGNAL_RFFT": ("int16", rfft),
    "SIGNAL_IRFFT": ("int16", irfft),
    "SIGNAL_ENERGY": ("int16", energy),
    "SIGNAL_FILTER_BANK": ("uint32", filter_bank),
    "SIGNAL_FILTER_BANK_SQUARE_ROOT": ("uint64", square_root),
    "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION": ("uint32", spectral_subtraction),
    "SIGNAL_PCAN": ("uint32", pcan),
    "SIGNAL_FILTER_BANK_LOG": ("uint32", log),
    "SIGNAL_OVERLAP_ADD": ("int16", overlap_add),
    "SIGNAL_DELAY": ("int16", delay),
    "SIGNAL_FRAMER": ("int16", framer),
    "SIGNAL_STACKER": ("int16", stacker),
}
"""By operator, the element type of the tensor that it is appended to."""
