"""The wake word task in a project: sources that only its firmware has, and the tables of its sound
features."""

from __future__ import annotations

import numpy as np

from fwgen.board.platforms import sources
from fwgen.host.resources import templates_dir
from fwgen.project.c_text import rows

FOLDER = "wake_word"
"""Of the sources, here and in a project."""

TABLES = f"{FOLDER}/fw_features_tables.c", "fw_features_tables.c.j2"
"""A file of a project, and its template."""

_WINDOW, _RATE_HZ, _BANDS = 1024, 16_000, 40


def wake_word_sources() -> dict[str, bytes]:
    """Files of the project by relative path."""
    return {
        f"{FOLDER}/{path.name}": path.read_bytes() for path in sources(templates_dir() / FOLDER)
    }


def feature_tables() -> dict[str, str]:
    """The tables that ``fw_features.h`` declares, as initialisers of C by name.

    The scale of mel is that of TensorFlow's ``linear_to_mel_weight_matrix``: bands are equally wide
    in it, from 0 Hz to half the rate.
    """
    half = np.arange(_WINDOW // 2)
    hertz = np.arange(_WINDOW // 2 + 1) * (_RATE_HZ / _WINDOW)
    mel = np.log1p(hertz / 700.0)
    found = {
        "cosine": np.cos(2 * np.pi * half / _WINDOW),
        "hamming": 0.54 - 0.46 * np.cos(2 * np.pi * half / (_WINDOW - 1)),
        "band": (_BANDS + 1) * mel / mel[-1],
    }
    return {name: rows(values.astype(np.float32)) for name, values in found.items()}
