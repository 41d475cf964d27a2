"""A build folder -> whether what CMake knows there still holds, and a clean start if it does not.

CMake writes absolute paths of its source, compiler and tools. A project that was moved, copied or
kept in a cache of CI has wrong ones, of which CMake and Ninja say nothing that helps.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = ("CMSIS_NN_ROOT", "ETHOSU_DRIVER_ROOT", "CMSIS_ROOT")
"""Settings that a clean start keeps: where libraries are."""

_STATE = ("CMakeCache.txt", "build.ninja", "cmake_install.cmake", ".ninja_deps", ".ninja_log")
_SETTING = re.compile(r"^(\w+):\w+=(.*)$", re.MULTILINE)
_COMPILER = re.compile(r'^set\(CMAKE_C_COMPILER(_VERSION)? "(.*)"\)$', re.MULTILINE)


@dataclass(frozen=True)
class Compiler:
    """A C compiler by its path, its version, and the flags that a core wants of it."""

    path: str
    version: str
    flags: str


def holds(folder: Path, project: Path, compiler: Compiler | None) -> bool:
    """Whether the build folder is of ``project``, of Ninja, and of tools that are there.

    ``compiler`` is what the folder must have been configured with, None for any. CMake reads the
    flags of a toolchain file only once: those of another board would stay.
    """
    cache = _cache(folder)
    if not (folder / "build.ninja").is_file() or cache.get("CMAKE_GENERATOR") != "Ninja":
        return False
    if not _same(cache.get("CMAKE_HOME_DIRECTORY"), project):
        return False
    if not _same(cache.get("CMAKE_CACHEFILE_DIR"), folder):
        return False
    used = _compiler(folder, cache.get("CMAKE_C_FLAGS", ""))
    tools = [cache.get("CMAKE_COMMAND"), cache.get("CMAKE_MAKE_PROGRAM"), used.path]
    if not all(tool and os.path.isfile(tool) for tool in tools):
        return False
    return compiler is None or (
        (used.version, used.flags) == (compiler.version, compiler.flags)
        and _same(used.path, Path(compiler.path))
    )


def forget(folder: Path) -> dict[str, str]:
    """Have CMake start anew in the folder.

    Returns the CMake variables that tell where libraries are, or that there are none, so that they
    outlive what the environment says now.
    """
    cache = _cache(folder)
    for name in _STATE:
        with suppress(FileNotFoundError):
            (folder / name).unlink()
    shutil.rmtree(folder / "CMakeFiles", ignore_errors=True)
    known = {name: cache[name] for name in LIBRARIES if name in cache}
    return {name: path for name, path in known.items() if not path or os.path.isdir(path)}


def _cache(folder: Path) -> dict[str, str]:
    return dict(_SETTING.findall(_text(folder / "CMakeCache.txt")))


def _compiler(folder: Path, flags: str) -> Compiler:
    files = sorted(folder.glob("CMakeFiles/*/CMakeCCompiler.cmake"))
    newest = max(files, key=lambda path: path.stat().st_mtime_ns, default=None)
    found = dict(_COMPILER.findall(_text(newest))) if newest else {}
    return Compiler(found.get("", ""), found.get("_VERSION", ""), flags)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _same(path: str | None, other: Path) -> bool:
    try:
        return bool(path) and os.path.samefile(str(path), other)
    except OSError:
        return False
