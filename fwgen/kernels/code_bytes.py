"""The code bytes of each kernel, as compiled for a Cortex-M55 by the default toolchain.

``fwgen/kernels/code_bytes.toml`` is measured, by ``tools/code_bytes.py``. On other cores the
numbers differ by some 20 %: they serve to choose among kernels, not to say what an image takes.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

TABLE = "code_bytes.toml"


@cache
def code_bytes(kernel: str) -> int:
    """Bytes of code and constants of a kernel, by the name of its file; a new one counts 1,000."""
    return measured_bytes().get(kernel, 1000)


@cache
def runtime_bytes() -> int:
    """Bytes of all that is in each image of a Cortex-M board beside kernels and model."""
    return measured_bytes().get("runtime", 8000)


@cache
def measured_bytes() -> dict[str, int]:
    """Bytes by kernel, and of the runtime."""
    return tomllib.loads(Path(__file__).with_name(TABLE).read_text(encoding="utf-8"))
