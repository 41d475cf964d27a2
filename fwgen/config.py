"""fwgen.toml: the options of ``fwgen build`` that a user keeps beside the model."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from fwgen.errors import ToolError, UsageError

FILE = "fwgen.toml"


@dataclass(frozen=True)
class Config:
    """What fwgen.toml says: ``model`` relative to the file, ``board`` a name or a .toml path."""

    model: Path
    board: str | None


def load_config(folder: Path) -> Config:
    """Read ``folder``/fwgen.toml. Raises UsageError naming the file and key."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except FileNotFoundError:
        raise UsageError(
            f"No model was given and there is no {FILE} in this folder.",
            at=str(folder),
            tries=(
                "fwgen build MODEL.tflite --board BOARD",
                "fwgen init MODEL.tflite, which writes one",
            ),
        ) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{FILE} cannot be read: {error}.", at=str(path)) from None
    unknown = sorted(set(data) - {"model", "board"})
    if unknown:
        raise UsageError("Unknown key, expected model or board.", at=f"{path}: {unknown[0]}")
    for key, value in data.items():
        if not isinstance(value, str) or not value:
            raise UsageError("Expected a non-empty string.", at=f"{path}: {key}")
    if "model" not in data:
        raise UsageError("The key model is missing.", at=str(path))
    return Config(folder / data["model"], data.get("board"))


def write_config(folder: Path, model: Path, board: str | None) -> Path:
    """Write a new fwgen.toml. Raises UsageError if there is one, ToolError if writing fails."""
    path = folder / FILE
    lines = [
        "# Options of `fwgen build` in this folder.",
        f"model = {_quoted(str(model))}",
        f"board = {_quoted(board)}" if board else '# board = "corstone-300"',
    ]
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        raise UsageError(f"There is a {FILE} already.", at=str(path)) from None
    except OSError as error:
        raise ToolError(f"{FILE} could not be written: {error.strerror}.", at=str(path)) from None
    return path


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(
        f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else {"\\": "\\\\", '"': '\\"'}.get(c, c)
        for c in text
    )
    return f'"{escaped}"'
