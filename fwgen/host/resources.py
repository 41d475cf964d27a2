"""The resources of fwgen, templates and board files: beside the package in a checkout, inside it
in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _data(name: str) -> Path:
    inside = _PACKAGE / "data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def templates_dir() -> Path:
    """Folder of the C sources and Jinja2 templates."""
    return _data("templates")


def license_file() -> Path:
    """The text of fwgen's license, which is also that of the code it writes."""
    inside = _PACKAGE / "data" / "LICENSE"
    return inside if inside.is_file() else _PACKAGE.parent / "LICENSE"


def boards_dir() -> Path:
    """Folder of the board files."""
    return _data("boards")
