"""A cell: a model, a board and options, and what is to be measured of them."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from fwgen import SCHEMA
from fwgen.cli.cells.tool_identity import Identity
from fwgen.project.naming import safe_name

MEASURES = ("run", "verify", "profile")
"""The commands that measure, in the order of their use."""

_KEY_DIGITS = 16  # of a result's file name: enough that no two of a folder are alike


@dataclass(frozen=True)
class GivenModel:
    """A file: what it is called here, the name of the file, and its bytes."""

    name: str
    file: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """Of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class BoardChoice:
    """A board and the options with which its images are run.

    ``label`` is both in words. ``verify_words`` are those options that ``fwgen verify`` has, too.
    ``files`` are the board file of a user's own and those of its platform, by their paths; there
    are none of a board that fwgen ships. ``native`` boards have no core whose cycles could be
    estimated. ``device`` names what is attached to this machine and does one thing at a time, ""
    for a simulator.
    """

    label: str
    name: str
    run_words: tuple[str, ...]
    verify_words: tuple[str, ...]
    files: Mapping[str, bytes]
    native: bool
    device: str


@dataclass(frozen=True)
class OptionSet:
    """Options of ``fwgen build``, called ``name``."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Measurement:
    """What to measure after the build, some of MEASURES. ``inputs`` and ``seed`` are those of
    ``verify``, ``repeat`` is how often to ``run``."""

    measure: tuple[str, ...] = MEASURES
    inputs: int = 20
    seed: int = 0
    repeat: int = 1


@dataclass(frozen=True)
class Cell:
    """One cell of a bench."""

    model: GivenModel
    board: BoardChoice
    options: OptionSet
    measurement: Measurement

    @property
    def name(self) -> str:
        """As people read it, and as ``fwgen compare`` finds it in another result."""
        return f"{self.model.name} {self.board.label} {self.options.name}"

    @property
    def measures(self) -> tuple[str, ...]:
        """The commands after ``build``; a board without a core is not profiled."""
        wanted = self.measurement.measure
        return tuple(
            m for m in MEASURES if m in wanted and not (m == "profile" and self.board.native)
        )

    def key(self, identity: Identity) -> str:
        """A hash of all that the result depends on, by content: a result with it is still true."""
        facts = {
            "schema": SCHEMA,
            "identity": asdict(identity),
            "model": [self.model.name, self.model.file, self.model.sha256],
            "board": [self.board.name, self.board.label, self.board.run_words],
            "board_files": {
                path: hashlib.sha256(content).hexdigest()
                for path, content in self.board.files.items()
            },
            "options": [self.options.name, self.options.words],
            "measurement": asdict(self.measurement),
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def stem(self, key: str) -> str:
        """The name of its files, without an ending."""
        return f"{safe_name(self.name.replace(' ', '-'))}-{key[:_KEY_DIGITS]}"

    def described(self) -> dict[str, Any]:
        """What it is, as of its result."""
        return {
            "cell": self.name,
            "model": {"name": self.model.name, "sha256": self.model.sha256},
            "board": self.board.name,
            "run_options": shlex.join(self.board.run_words),
            "options": {"name": self.options.name, "words": shlex.join(self.options.words)},
            **asdict(self.measurement),
            "measure": list(self.measures),
        }

    def request(self) -> bytes:
        """All that the process of a cell needs to know, on whatever machine it is: JSON of one
        line."""
        asked = {
            "model": {"file": self.model.file, "content": _text(self.model.content)},
            "board": {
                "name": self.board.name,
                "files": {path: _text(content) for path, content in self.board.files.items()},
            },
            "build": list(self.options.words),
            "run": list(self.board.run_words),
            "verify": list(self.board.verify_words),
            **asdict(self.measurement),
            "measure": list(self.measures),
        }
        return json.dumps(asked).encode()


@dataclass(frozen=True)
class Ended:
    """A cell that was tried: what its process told, and what its commands printed."""

    cell: Cell
    outcome: Mapping[str, Any]
    log: str

    def __str__(self) -> str:
        """One line on it."""
        if self.outcome["exit_code"]:
            error = self.outcome["error"]
            return f"{self.cell.name}: exit {self.outcome['exit_code']}, {error['what']}"
        counted = ", ".join(
            f"{figure['value']:,} {figure['unit']}"
            for figure in self.outcome["figures"].values()
            if figure["unit"].endswith(("cycles", "instructions"))
        )
        seconds = sum(self.outcome["tool_s"].values())
        return f"{self.cell.name}: {counted or 'ok'} ({seconds:.1f} s)"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
