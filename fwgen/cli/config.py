"""The configuration: fwgen.toml, the options of ``fwgen build`` kept beside the model, and the
user's own settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.errors import UsageError
from fwgen.host.files import read_input, write_file
from fwgen.host.toml_table import MOST_BYTES, parse_toml

FILE = "fwgen.toml"

USER_SETTINGS = ("cmsis_nn.root",)
"""Keys of the user's own file, which holds on all of the user's projects."""


@dataclass(frozen=True)
class Config:
    """What fwgen.toml says: ``model`` relative to the file, ``board`` a name or a .toml path, the
    ``npu`` by its configuration."""

    model: Path
    board: str | None
    npu: str | None


def load_config(folder: Path) -> Config:
    """Read ``folder``/fwgen.toml. Raises UsageError naming the file and key."""
    path = folder / FILE
    if not os.path.lexists(path):
        raise UsageError(
            f"No model was given and there is no {FILE} in this folder.",
            at=str(folder),
            tries=(
                "fwgen build MODEL.tflite --board BOARD",
                "fwgen init MODEL.tflite, which writes one",
            ),
        )
    data = _read(path, FILE)
    unknown = sorted(set(data) - {"model", "board", "npu"})
    if unknown:
        raise UsageError("Unknown key, expected model, board or npu.", at=f"{path}: {unknown[0]}")
    for key, value in data.items():
        _require_text(value, f"{path}: {key}")
    if "model" not in data:
        raise UsageError("The key model is missing.", at=str(path))
    return Config(folder / data["model"], data.get("board"), data.get("npu"))


def write_config(folder: Path, model: Path, board: str | None) -> Path:
    """Write a new fwgen.toml. Raises UsageError if there is one, ToolError if writing fails."""
    path = folder / FILE
    lines = [
        "# Options of `fwgen build` in this folder.",
        f"model = {_quoted(str(model))}",
        f"board = {_quoted(board)}" if board else '# board = "corstone-300"',
    ]
    try:
        content = ("\n".join(lines) + "\n").encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"The name of the model or of the board is not UTF-8, which all of {FILE} is.",
            at=str(model),
            tries=("rename it, or a link to it with another name",),
        ) from None
    if os.path.lexists(path):
        raise UsageError(f"There is a {FILE} already.", at=str(path))
    write_file(path, content)
    return path


def user_config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The path of the user's own settings, which are the same for all projects.

    The file need not exist.
    """
    home = environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "~"), ".config")
    return Path(home, "fwgen", "config.toml")


def user_setting(key: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """A setting of ``USER_SETTINGS``, None if the user has none. Raises UsageError."""
    path = user_config_file(environment)
    if not os.path.lexists(path):
        return None
    data = _read(path, "The file of the user's settings")
    settings = {
        f"{name}.{inner}": value
        for name, table in data.items()
        for inner, value in (table.items() if isinstance(table, dict) else (("", table),))
    }
    for name, value in settings.items():
        if name not in USER_SETTINGS:
            expected = ", ".join(USER_SETTINGS)
            raise UsageError(f"Unknown setting, expected {expected}.", at=f"{path}: {name}")
        _require_text(value, f"{path}: {name}")
    return settings.get(key)


def _read(path: Path, what: str) -> dict[str, Any]:
    try:
        return parse_toml(read_input(path, MOST_BYTES, what))
    except ValueError as error:
        raise UsageError(f"{what} is not TOML: {error}.", at=str(path)) from None


def _require_text(value: object, at: str) -> None:
    if not isinstance(value, str) or not value or "\0" in value:
        raise UsageError("Expected a non-empty string, without NUL.", at=at)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(
        f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else {"\\": "\\\\", '"': '\\"'}.get(c, c)
        for c in text
    )
    return f'"{escaped}"'
