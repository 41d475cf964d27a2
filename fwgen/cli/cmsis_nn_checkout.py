"""The user's checkout of CMSIS-NN, or its unpacked CMSIS-Pack: where it is, and its revision."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fwgen.cli.config import user_config_file, user_setting
from fwgen.errors import ToolError

VARIABLE = "CMSIS_NN_ROOT"
SETTING = "cmsis_nn.root"
PINNED = "v7.0.0"
GET = (
    f"git clone --depth 1 --branch {PINNED} https://github.com/ARM-software/CMSIS-NN "
    f'&& export {VARIABLE}="$PWD/CMSIS-NN"'
)
"""The command that gets the release that fwgen is tested with most."""

TESTED: Mapping[str, str] = {"18.0.0": "7.0.0", "19.1.0": "its main branch of July 2026"}
"""Releases by the revision of the header of all functions, which is all that a checkout has."""

_HEADER = Path("Include", "arm_nnfunctions.h")
_SOURCES = Path("Source", "CMakeLists.txt")
_REVISION = re.compile(r"\$Revision:\s*V\.?([\d.]+\d)")


@dataclass(frozen=True)
class CmsisNn:
    """The library: its folder, what named it, and the revision of its functions."""

    root: Path
    named_by: str
    revision: str

    @property
    def version(self) -> str:
        """Its release if that is a tested one, else the revision."""
        release = TESTED.get(self.revision)
        return f"revision {self.revision}, not tested" if release is None else release


def find_cmsis_nn(environment: Mapping[str, str] = os.environ) -> CmsisNn | None:
    """The library that the environment, the user's configuration or a pack folder has.

    Raises ToolError if what one of them names is not CMSIS-NN, UsageError if the configuration is
    wrong.
    """
    if environment.get(VARIABLE):
        return _read(Path(environment[VARIABLE]), VARIABLE)
    root = user_setting(SETTING, environment)
    if root is not None:
        return _read(Path(root).expanduser(), f"{SETTING} in {user_config_file(environment)}")
    packs = Path(environment.get("CMSIS_PACK_ROOT") or "/nonexistent", "ARM", "CMSIS-NN")
    unpacked = [path.parent.parent for path in packs.glob(f"*/{_HEADER}")]
    if not unpacked:
        return None
    return _read(max(unpacked, key=lambda path: _numbers(path.name)), "CMSIS_PACK_ROOT")


def library_for(kernels: str) -> CmsisNn | None:
    """The library that ``--kernels`` asks for, or may use."""
    if kernels == "cmsis-nn":
        return require_cmsis_nn()
    return find_cmsis_nn() if kernels == "auto" else None


def require_cmsis_nn(environment: Mapping[str, str] = os.environ) -> CmsisNn:
    """The same, but it must be there. Raises ToolError that says how to get it."""
    found = find_cmsis_nn(environment)
    if found is None:
        raise ToolError(
            "CMSIS-NN was asked for, but it was not found.",
            at=f"{VARIABLE}, {SETTING} in {user_config_file(environment)}, CMSIS_PACK_ROOT",
            tries=(GET, "--kernels fwgen, which needs no library", "fwgen doctor"),
        )
    return found


def _read(root: Path, named_by: str) -> CmsisNn:
    try:
        text = (root / _HEADER).read_text(encoding="utf-8", errors="replace")
        present = (root / _SOURCES).is_file()
    except OSError:
        text, present = "", False
    revision = _REVISION.search(text)
    if revision is None or not present:
        raise ToolError(
            f"{named_by} names a folder that is not CMSIS-NN: {_HEADER} and {_SOURCES} are "
            "expected in it.",
            at=str(root),
            tries=(GET,),
        )
    return CmsisNn(root.resolve(), named_by, revision[1])


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
