"""TOML files of a bounded size."""

from __future__ import annotations

import tomllib
from typing import Any

MOST_BYTES = 16 * 1024
"""Of a file: the time that TOML takes to read grows with the square."""


def parse_toml(source: bytes) -> dict[str, Any]:
    """The top table of a file. Raises ValueError for all that is none, or cannot be read."""
    try:
        return tomllib.loads(source.decode("utf-8"))
    except RecursionError:
        raise ValueError("it nests too deep") from None
