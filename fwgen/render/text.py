"""What of a Program appears in text: safe names, literals and number rows."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from fwgen.model.graph import DType

_NAME_CHARACTERS = 60


def comment(name: str) -> str:
    """A tensor name as it may stand in a C comment: harmless characters only, at most 60.

    Anything else, above all what could end the comment or continue the line, becomes ``?``.
    """
    safe = re.sub(r"[^A-Za-z0-9_.:;-]", "?", name.replace("/", "."))
    return safe if len(safe) <= _NAME_CHARACTERS else safe[: _NAME_CHARACTERS - 3] + "..."


def identifier(name: str) -> str:
    """A model name as it may stand in a C string and on the serial line."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:_NAME_CHARACTERS] or "model"


def float_literal(value: float) -> str:
    """A C float literal that reads back as exactly this float32."""
    text = f"{value:.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")


def type_constant(dtype: DType) -> str:
    """The ``fw_type`` enumerator of a dtype."""
    return f"FW_{dtype.name}"


def rows(data: npt.NDArray[np.generic]) -> str:
    """A flat array as comma-separated C initialisers, indented and wrapped."""
    if data.dtype.kind == "f":
        items = [float_literal(float(v)) for v in data]
    else:
        items = [str(v) for v in data.tolist()]
        if data.dtype.itemsize >= 4:
            lowest = str(np.iinfo(data.dtype).min)
            suffix = "LL" if data.dtype.itemsize == 8 else ""
            # the most negative number has no literal in C
            smallest = f"(-{int(lowest[1:]) - 1}{suffix} - 1)"
            items = [smallest if i == lowest and lowest != "0" else i for i in items]
    per_row = {1: 20, 2: 14}.get(data.dtype.itemsize, 8)
    return "\n".join(
        "    " + ", ".join(items[i : i + per_row]) + "," for i in range(0, len(items), per_row)
    )
