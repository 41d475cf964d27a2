"""C files of the kernels, which lie in the folders of their families: a name -> its path."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).resolve().parent


@cache
def kernel_files() -> Mapping[str, Path]:
    """The C files and headers of all families, by their names, which are unique.

    A generated project has one folder for all that it needs.
    """
    found = (path for ending in ("c", "h") for path in sorted(FOLDER.glob(f"*/*.{ending}")))
    return MappingProxyType({path.name: path for path in found})


@cache
def kernel_folders() -> tuple[Path, ...]:
    """The folders of the families that have C files, in which a compiler finds all headers."""
    return tuple(sorted({path.parent for path in kernel_files().values()}))
