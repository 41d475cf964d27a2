"""CMSIS-NN for the tests that call it: the stand-in, or a real one where CMSIS_NN_ROOT names it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.kernels.c_files import kernel_files
from tests.conftest import REAL_CMSIS_NN

STAND_IN = Path(__file__).parent / "cmsis_nn"
REAL = Path(REAL_CMSIS_NN) if REAL_CMSIS_NN else None

TEMPLATES = Path(__file__).parents[2] / "templates"
LIBC = ("-isystem", TEMPLATES / "libc", "-isystem", TEMPLATES / "runtime")
"""Where string.h is for a core without a libc."""

_BELOW = (
    "conv_2d_s8",
    "depthwise_conv_2d_s8",
    "fully_connected_s8",
    "average_pool_2d_s8",
    "max_pool_2d_s8",
    "softmax_computed_s8",
    "conv_2d_s16",
    "conv_2d_s16_s32",
    "depthwise_conv_2d_s16",
    "fully_connected_s16",
)
"""Reference kernels that the stand-in calls."""


@dataclass(frozen=True)
class Library:
    """Where its headers are, and its C files or archive."""

    include: Path
    files: tuple[Path, ...]


def stand_in() -> Library:
    """The stand-in, for any core."""
    sources = sorted((STAND_IN / "Source").glob("*.c"))
    return Library(
        STAND_IN / "Include", (*sources, *(kernel_files()[f"{name}.c"] for name in _BELOW))
    )


def real(root: Path, folder: Path, compiler: Sequence[str | Path]) -> Library:
    """The library at ``root`` as an archive, made in ``folder``; but for what is not int8."""
    objects, include = folder / "cmsis-nn", root / "Include"
    objects.mkdir()
    sources = [
        path
        for path in sorted((root / "Source").rglob("*.c"))
        if not any(word in path.stem for word in ("_f16", "_f32", "_s4", "svdf", "lstm"))
    ]
    command = [*compiler, "-O2", f"-I{include}", "-c", *sources]
    subprocess.run(command, check=True, cwd=objects)
    archive = folder / "cmsis-nn.a"
    subprocess.run(["ar", "crs", archive, *sorted(objects.glob("*.o"))], check=True)
    return Library(include, (archive,))
