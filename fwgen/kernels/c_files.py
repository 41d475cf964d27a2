"""C files of the kernels, which lie in the folders of their families: a name -> its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).resolve().parent


@cache
def kernel_files(cpu: str = "") -> Mapping[str, Path]:
    """The C files and headers of all families, by their names, which are unique.

    A generated project has one folder for all that it needs. For some cores a family has a folder
    with the core's name. Its files take the place of those of the same name: they have the same
    kernels, in the order of instructions for that core's pipeline.
    """
    found = {path.name: path for path in _in(FOLDER, "*")}
    if cpu:
        found |= {path.name: path for path in _in(FOLDER, f"*/{cpu}")}
    return MappingProxyType(found)


def _in(folder: Path, below: str) -> Iterator[Path]:
    return (path for end in ("c", "h") for path in sorted(folder.glob(f"{below}/*.{end}")))


@cache
def kernel_folders() -> tuple[Path, ...]:
    """The folders of the families that have C files, in which a compiler finds all headers."""
    return tuple(sorted({path.parent for path in kernel_files().values()}))
