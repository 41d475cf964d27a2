"""The files of a board's platform in a project: fwgen's own, and those of users as they are."""

from __future__ import annotations

from pathlib import Path

from fwgen.board import Board
from fwgen.board.platforms import IN_PROJECT, is_shipped, sources


def shipped_folders(board: Board) -> dict[str, Path]:
    """The folders of a platform of fwgen's own, by their place in a project."""
    folders = board.folders.items()
    return {f"{IN_PROJECT}/{name}": at for name, at in folders if is_shipped(at)}


def users_sources(board: Board) -> dict[str, bytes]:
    """The C sources of a platform of the user's, as they are."""
    return {
        f"{IN_PROJECT}/{name}/{path.name}": path.read_bytes()
        for name, folder in board.folders.items()
        if not is_shipped(folder)
        for path in sources(folder)
    }
