"""fwgen.toml, the options of ``fwgen build`` kept beside the model, and the user's own settings."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fwgen.errors import ToolError, UsageError

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
    unknown = sorted(set(data) - {"model", "board", "npu"})
    if unknown:
        raise UsageError("Unknown key, expected model, board or npu.", at=f"{path}: {unknown[0]}")
    for key, value in data.items():
        if not isinstance(value, str) or not value:
            raise UsageError("Expected a non-empty string.", at=f"{path}: {key}")
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
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError:
        raise UsageError(f"There is a {FILE} already.", at=str(path)) from None
    except OSError as error:
        raise ToolError(f"{FILE} could not be written: {error.strerror}.", at=str(path)) from None
    return path


def user_config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's own settings are, on which all projects agree; it need not be there."""
    home = environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "~"), ".config")
    return Path(home, "fwgen", "config.toml")


def user_setting(key: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """A setting of ``USER_SETTINGS``, None if the user has none. Raises UsageError."""
    path = user_config_file(environment)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The user's settings cannot be read: {error}.", at=str(path)) from None
    settings = {
        f"{name}.{inner}": value
        for name, table in data.items()
        for inner, value in (table.items() if isinstance(table, dict) else (("", table),))
    }
    for name, value in settings.items():
        if name not in USER_SETTINGS:
            expected = ", ".join(USER_SETTINGS)
            raise UsageError(f"Unknown setting, expected {expected}.", at=f"{path}: {name}")
        if not isinstance(value, str) or not value:
            raise UsageError("Expected a non-empty string.", at=f"{path}: {name}")
    return settings.get(key)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(
        f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else {"\\": "\\\\", '"': '\\"'}.get(c, c)
        for c in text
    )
    return f'"{escaped}"'
