"""The identity of the tools: which fwgen, compilers and simulators a result comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fwgen
from fwgen.cli.doctor import examine_makers
from fwgen.host.resources import boards_dir, templates_dir


@dataclass(frozen=True)
class Identity:
    """``code`` is a hash of fwgen's own files: two checkouts of one version are not the same
    fwgen. ``tools`` are versions by name, None for what is not installed."""

    version: str
    code: str
    tools: Mapping[str, str | None]

    def difference(self, other: Identity) -> str:
        """What is not the same in another one, in words; "" if nothing is."""
        if (self.version, self.code) != (other.version, other.code):
            return f"fwgen {self.version} ({self.code}) and fwgen {other.version} ({other.code})"
        unlike = (name for name in self.tools if self.tools[name] != other.tools.get(name))
        return "; ".join(
            f"{name}: {self.tools[name] or 'none'} and {other.tools.get(name) or 'none'}"
            for name in unlike
        )


@cache
def tool_identity() -> Identity:
    """That of this machine."""
    tools = {found.name: _version(found.version) for found in examine_makers()}
    return Identity(fwgen.__version__, _code(), tools)


def _version(found: str | None) -> str | None:
    """Without the folder, in which the same tool may be elsewhere on another machine."""
    if found is None:
        return None
    return Path(found).name if found.startswith("/") else found.partition(", /")[0]


def _code() -> str:
    digest = hashlib.sha256()
    for path in _files():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files() -> Iterator[Path]:
    """The files of which fwgen consists, in an order that is the same everywhere."""
    package = Path(fwgen.__file__).parent
    for root in (package, templates_dir(), boards_dir()):
        found = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")
        inside = ((path.relative_to(root), path) for path in found)
        own = (pair for pair in inside if root != package or pair[0].parts[0] != "data")
        yield from (path for _, path in sorted(own))
