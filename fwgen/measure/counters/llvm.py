"""LLVM's tools: objdump for the text of instructions, mca for the cycles of straight-line code."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.errors import ToolError
from fwgen.host.cache import cache_folder, replace_file
from fwgen.host.children import run
from fwgen.host.programs import find_program
from fwgen.measure.counters.core_models import CoreModel

OLDEST = 19
"""The first LLVM whose mca can leave out instructions that it has no model of."""

Text = tuple[str, ...]
"""Assembler lines of straight-line code."""

_NEWEST = 40
_REGIONS = 400  # of one call
_CACHED = 200_000  # costs; a cache that outgrew this is begun anew
_TRIPLE = "-mtriple=thumbv8.1m.main-none-eabi"


@dataclass(frozen=True)
class Llvm:
    """Paths of tools of one version."""

    version: str
    mca: str
    objdump: str
    cxxfilt: str | None

    def demangle(self, names: Sequence[str]) -> list[str]:
        """C++ names as people write them, if there is a tool for it."""
        if self.cxxfilt is None or not any(name.startswith("_Z") for name in names):
            return list(names)
        return self.run(self.cxxfilt, "-p", text="\n".join(names)).splitlines()

    def run(self, tool: str, *args: str, text: str = "") -> str:
        """The standard output of a tool. Raises ToolError if it cannot be started or prints nothing
        on stdout."""
        done = run([tool, *args], stdin=text)
        if not done.stdout:
            words = done.stderr.strip().splitlines() or ["it says nothing"]
            raise ToolError(f"{Path(tool).name} failed: {words[0].strip()}", at=tool)
        return done.stdout


def find_llvm() -> Llvm:
    """The oldest LLVM on the PATH that will do, as estimates differ between versions.

    Raises ToolError with the package to install if there is none.
    """
    for suffix in (*(f"-{number}" for number in range(OLDEST, _NEWEST)), ""):
        mca, objdump = (find_program(f"llvm-{tool}{suffix}") for tool in ("mca", "objdump"))
        if mca and objdump:
            version = _version(mca)
            if int(version.split(".")[0]) >= OLDEST:
                return Llvm(version, mca, objdump, find_program(f"llvm-cxxfilt{suffix}"))
    raise ToolError(
        f"Cycles are estimated with llvm-mca and llvm-objdump {OLDEST} or later, which are not "
        "installed.",
        at="PATH",
        tries=(f"apt install llvm-{OLDEST}",),
    )


def _version(tool: str) -> str:
    found = re.search(r"version (\d+(?:\.\d+)*)", run([tool, "--version"]).stdout)
    return found[1] if found else "0"


@dataclass(frozen=True)
class Cost:
    """``cycles`` of a text; ``unmodelled`` are mnemonics in it that mca has no model of."""

    cycles: int
    unmodelled: tuple[str, ...] = ()


class Mca:
    """llvm-mca for one core: what texts cost, each asked for once and kept in the user's cache.

    An instruction that mca rejects or has no model of costs one cycle.
    """

    def __init__(self, llvm: Llvm, core: CoreModel) -> None:
        self.llvm, self.core = llvm, core
        self._known: dict[str, Cost] | None = None

    def costs(self, texts: Iterable[Text]) -> dict[Text, Cost]:
        """The cost of each text run once from an empty pipeline, its drain included."""
        keys = {text: _key(text) for text in set(texts) if text}
        known = self._load()
        missing = sorted(text for text, key in keys.items() if key not in known)
        for first in range(0, len(missing), _REGIONS):
            part = missing[first : first + _REGIONS]
            known |= {keys[text]: cost for text, cost in zip(part, self._ask(part), strict=True)}
        if missing:
            self._save(known)
        return {(): Cost(0)} | {text: known[key] for text, key in keys.items()}

    def _ask(self, texts: Sequence[Text]) -> list[Cost]:
        lines = [
            line
            for number, text in enumerate(texts)
            for line in (f"# LLVM-MCA-BEGIN {number}", *text, f"# LLVM-MCA-END {number}")
        ]
        output = self.llvm.run(
            self.llvm.mca,
            *(_TRIPLE, f"-mcpu={self.core.name}", f"-mattr={self.core.attributes}"),
            *("-iterations=1", "-all-views=false", "-summary-view", "-json", "-call-latency=1"),
            "-skip-unsupported-instructions=any",
            text="\n".join(lines) + "\n",
        )
        try:
            regions = {r["Name"]: r for r in json.loads(output)["CodeRegions"]}
            return [_cost(regions.get(str(n)), text) for n, text in enumerate(texts)]
        except (ValueError, KeyError, TypeError) as error:
            raise ToolError(
                f"llvm-mca's answer is not understood: {error!r}.", at=self.llvm.mca
            ) from None

    def _path(self) -> Path | None:
        folder = cache_folder("mca")
        return folder and folder / f"{self.llvm.version}-{self.core.name}.json"

    def _load(self) -> dict[str, Cost]:
        if self._known is None:
            try:
                path = self._path()
                found = json.loads(path.read_bytes()) if path else {}
                self._known = {k: Cost(int(c), tuple(map(str, u))) for k, (c, *u) in found.items()}
            except (OSError, ValueError, TypeError, AttributeError):  # none yet, or damaged
                self._known = {}
            if len(self._known) > _CACHED:
                self._known = {}
        return self._known

    def _save(self, known: dict[str, Cost]) -> None:
        path = self._path()
        content = {key: [cost.cycles, *cost.unmodelled] for key, cost in known.items()}
        if path:
            with suppress(OSError):  # it is a cache
                replace_file(path, json.dumps(content).encode())


def _cost(region: dict[str, Any] | None, text: Text) -> Cost:
    """Cycles of a region by llvm-mca, plus one for each line that llvm-mca was not given.

    A region of which all lines are left out has no report.

    An IT that is left out costs nothing, because the tables of cores that fold IT do not have it.
    """
    kept: list[str] = region["Instructions"] if region else []
    cycles: int = region["SummaryView"]["TotalCycles"] if region else 0
    asked, modelled = _mnemonics(text), _mnemonics(kept)
    left_out = asked.total() - modelled.total()
    return Cost(cycles + left_out, tuple(sorted(asked - modelled)) if left_out else ())


def _mnemonics(lines: Sequence[str]) -> Counter[str]:
    """The mnemonics but IT."""
    names = (line.split()[0] for line in lines)
    return Counter(name for name in names if not re.fullmatch(r"it[te]{0,3}", name))


def _key(text: Text) -> str:
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:20]
