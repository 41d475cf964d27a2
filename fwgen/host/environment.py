"""The environment of compilers and build tools: nothing in it changes what they make."""

from __future__ import annotations

import os
from collections.abc import Mapping

_KEPT = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "LD_LIBRARY_PATH"),
        *("TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME"),
        *("CMSIS_NN_ROOT", "CMSIS_ROOT", "ETHOSU_DRIVER_ROOT"),
    )
)
"""Where programs, libraries and scratch files are. Not CFLAGS, CC, CPATH, CMAKE_GENERATOR, DESTDIR,
NINJA_STATUS and their like: an image depends on the project, and on nothing that is not seen."""

_KEPT_PREFIXES = ("CCACHE_", "NIX_")
"""Of wrappers around compilers, which do not work without theirs."""


def tool_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a build tool gets of ``environment``; it speaks English, which fwgen reads."""
    kept = {
        name: value
        for name, value in environment.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return kept | {"LC_ALL": "C"}
