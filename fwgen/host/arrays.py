"""Arrays of NumPy's files, .npy and .npz, read within the bytes that are there."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.errors import UsageError
from fwgen.host.files import read_input

MOST_BYTES = 1 << 30
"""Of a file, and of all arrays that are read from an archive."""

Array = npt.NDArray[Any]

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def load_array(path: Path) -> Array:
    """The array of a .npy file, not writable. Raises UsageError."""
    data = read_input(path, MOST_BYTES, "The input")
    if data[:2] == b"PK":
        raise UsageError("The input is an archive, expected one array.", at=str(path))
    try:
        return _array(data)
    except ValueError as error:
        raise UsageError(f"The input is not a readable .npy file: {error}.", at=str(path)) from None


def load_arrays(path: Path, names: Sequence[str]) -> list[Array]:
    """Arrays of a .npz file by name. Raises UsageError."""
    data = read_input(path, MOST_BYTES, "The archive")
    try:
        return _members(data, names)
    except ValueError as error:
        raise UsageError(
            f"Expected an .npz file with arrays {' and '.join(names)}: {error}.", at=str(path)
        ) from None


def _members(data: bytes, names: Sequence[str]) -> list[Array]:
    found, left = [], MOST_BYTES
    for name in names:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(f"{name}.npy") as file:
                content = file.read(left + 1)  # not what the archive says that it has
        except KeyError:
            raise ValueError(f"there is no {name}") from None
        except Exception as error:  # a damaged archive can raise nearly anything
            raise ValueError(f"the archive is damaged, {error}") from None
        if len(content) > left:
            raise ValueError(f"its arrays have more than {MOST_BYTES:,} bytes")
        left -= len(content)
        try:
            found.append(_array(content))
        except ValueError as error:
            raise ValueError(f"of {name}, {error}") from None
    return found


def _array(data: bytes) -> Array:
    """The array of a .npy file's bytes. Raises ValueError with a clause that says what is wrong."""
    file = io.BytesIO(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = _HEADERS[np.lib.format.read_magic(file)]
            shape, by_columns, dtype = header(file)
    except Exception:  # NumPy evaluates it as Python, which can raise nearly anything
        raise ValueError("it has no header of NumPy's that can be read") from None
    if dtype.hasobject:
        raise ValueError("its elements are objects of Python, expected numbers")
    if dtype.itemsize == 0:
        raise ValueError("its elements are no numbers")
    promised, there = math.prod(shape) * dtype.itemsize, len(data) - file.tell()
    if promised != there or min(shape, default=0) < 0:
        raise ValueError(f"its header promises {promised:.15g} bytes, but {there:,} follow")
    flat = np.frombuffer(data, dtype, offset=file.tell()) if promised else np.empty(0, dtype)
    return flat.reshape(shape, order="F" if by_columns else "C")
