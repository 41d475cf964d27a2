"""The bench file: which boards are attached, and how each is reached."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from fwgen.errors import UsageError
from fwgen.host.files import read_input
from fwgen.host.toml_table import MOST_BYTES, parse_toml

_KEYS = ("board", "runner", "port", "place", "probe", "args")
_FLAGS = ("--port", "--place", "--probe")
"""Those that tell one device from others, the surest first."""


@dataclass(frozen=True)
class Attached:
    """A board that is attached, by the name of the board or the path of its file.

    ``words`` are the options of ``fwgen run`` that lead to it. ``key`` tells it from all others:
    None for a simulator, of which there are as many as one likes, and for what a farm gives out.
    """

    board: str
    words: tuple[str, ...]
    key: str | None


def attached(board: str, words: tuple[str, ...]) -> Attached:
    """The board that options of ``fwgen run`` lead to: one device if they name its port, place or
    probe. Else it is a simulator, or any that a farm has."""
    given = {flag: value for flag, value in pairwise(words) if flag in _FLAGS}
    if "=" in given.get("--place", ""):  # tags, which several places can have
        del given["--place"]
    return Attached(board, words, next((given[flag] for flag in _FLAGS if flag in given), None))


def read_bench(path: Path) -> list[Attached]:
    """The boards of a bench file. Raises UsageError with file and key."""
    try:
        data = parse_toml(read_input(path, MOST_BYTES, "The bench file"))
    except ValueError as error:
        raise UsageError(f"The bench file is not TOML: {error}.", at=str(path)) from None
    devices = data.get("device")
    if set(data) != {"device"} or not isinstance(devices, list) or not devices:
        raise UsageError(
            "The bench file has no tables [[device]], or something beside them.",
            at=str(path),
            tries=('[[device]]\nboard = "nucleo-l4r5zi"\nport = "/dev/ttyACM0"',),
        )
    return [_device(device, path, number) for number, device in enumerate(devices)]


def _device(content: object, path: Path, number: int) -> Attached:
    at = f"{path}: device[{number}]"
    if not isinstance(content, dict):
        raise UsageError("Expected a table.", at=at)
    texts: dict[str, Any] = content
    for key, value in texts.items():
        if key not in _KEYS:
            raise UsageError(f"Unknown key, expected {', '.join(_KEYS)}.", at=f"{at}.{key}")
        if not isinstance(value, str) or not value:
            raise UsageError("Expected a non-empty string.", at=f"{at}.{key}")
    if "board" not in texts:
        raise UsageError("The key board is missing.", at=at)
    board = str(texts["board"])
    if board.endswith(".toml"):
        board = str(Path(path.parent, board))
    words = [w for key in _KEYS[1:-1] if key in texts for w in (f"--{key}", texts[key])]
    try:
        words += shlex.split(texts.get("args", ""))
    except ValueError as error:
        raise UsageError(f"The options cannot be read: {error}.", at=f"{at}.args") from None
    return attached(board, tuple(words))
