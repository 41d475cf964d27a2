"""The wishes of a test session: options of the command line, or settings of the same name."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

SCOPES = ("function", "class", "module", "package", "session")
"""For how long a device serves before it is started anew, the default first."""

_TEXTS = {
    "board": ("NAME", "the board: one of `fwgen boards`, or a board file FILE.toml"),
    "model": ("FILE", "the .tflite file that the firmware is made of"),
    "project": ("DIR", "a project of `fwgen build`, or where --fwgen-model is to be built"),
    "build_args": ("ARGS", "further options of `fwgen build`, such as '--optimize size'"),
    "runner": ("NAME", "what runs the image (default: as of `fwgen run`)"),
    "port": ("URL", "where the board is, as of `fwgen run --port`"),
    "place": ("NAME", "the place of a farm, as of `fwgen run --place`"),
    "probe": ("ID", "the debug probe of the board, as of `fwgen run --probe`"),
    "energy": ("PROBE[:PORT]", "the energy probe of the board, as of `fwgen run --energy`"),
    "volts": ("V", "the board's supply, as of `fwgen run --energy-volts`"),
    "run_args": ("ARGS", "further options of `fwgen run`, such as '--timeout 10'"),
    "bench": (
        "FILE",
        "a .toml file with the boards that are attached, of which a free one is used",
    ),
    "logs": ("DIR", "for a folder per test with its log (default: in pytest's temporary folder)"),
    "dut_scope": ("SCOPE", f"how long a device runs until it starts anew: {', '.join(SCOPES)}"),
    "wait": ("S", "seconds to wait for a board of the bench that others use (default 600)"),
}
_SWITCHES = {
    "require": "fail where a test would be skipped for want of a board, or of what it needs",
    "no_flash": "take the firmware that the board has, which must be that of the project",
}
_OF_RUN = {
    "runner": "--runner",
    "port": "--port",
    "place": "--place",
    "probe": "--probe",
    "energy": "--energy",
    "volts": "--energy-volts",
}
"""Wishes that are options of ``fwgen run``."""

_PATHS = ("model", "project", "bench", "logs")


def declare(parser: pytest.Parser) -> None:
    """Declare each wish as ``--fwgen-NAME`` and as a setting ``fwgen_name``."""
    group = parser.getgroup("fwgen", "firmware on a board or its simulator")
    for name, (metavar, what) in _TEXTS.items():
        flag, setting = f"--fwgen-{name.replace('_', '-')}", f"fwgen_{name}"
        group.addoption(flag, dest=setting, metavar=metavar, help=what)
        parser.addini(setting, what, default="")
    for name, what in _SWITCHES.items():
        flag, setting = f"--fwgen-{name.replace('_', '-')}", f"fwgen_{name}"
        group.addoption(flag, dest=setting, action="store_true", default=None, help=what)
        parser.addini(setting, what, type="bool", default=False)
    parser.addini(
        "fwgen_short_names",
        "whether the fixtures have the names board, bench and dut, too, in a project that names a "
        "model, a project or a bench",
        type="bool",
        default=True,
    )


@dataclass(frozen=True)
class Wishes:
    """What is asked for; None and () where nothing is.

    ``board`` is a name or the path of a file. ``board_given`` says that the command line had it.
    ``run`` are options of ``fwgen run``, ``build`` those of ``fwgen build``. Paths are absolute.
    ``root`` is the folder of the tests' settings.
    """

    board: str | None
    board_given: bool
    model: Path | None
    project: Path | None
    build: tuple[str, ...]
    run: tuple[str, ...]
    bench: Path | None
    logs: Path | None
    scope: str
    wait_s: float
    require: bool
    flash: bool
    short_names: bool
    root: Path


def read_wishes(config: pytest.Config) -> Wishes:
    """The wishes of a session; the command line's word counts. Raises pytest.UsageError."""
    texts = {name: _text(config, name) for name in _TEXTS}
    paths = {name: _path(config, name) for name in _PATHS}
    run = [word for name, flag in _OF_RUN.items() if (text := texts[name]) for word in (flag, text)]
    named = bool(texts["model"] or texts["project"] or texts["bench"])
    return Wishes(
        board=_board(config),
        board_given=bool(config.getoption("fwgen_board")),
        model=paths["model"],
        project=paths["project"],
        build=_words(texts["build_args"], "build-args"),
        run=(*run, *_words(texts["run_args"], "run-args")),
        bench=paths["bench"],
        logs=paths["logs"],
        scope=_chosen_scope(texts["dut_scope"] or SCOPES[0]),
        wait_s=_seconds(texts["wait"] or "600"),
        require=_switch(config, "require"),
        flash=not _switch(config, "no_flash"),
        short_names=named and bool(config.getini("fwgen_short_names")),
        root=config.rootpath,
    )


def _text(config: pytest.Config, name: str) -> str:
    return str(config.getoption(f"fwgen_{name}") or config.getini(f"fwgen_{name}"))


def _switch(config: pytest.Config, name: str) -> bool:
    return bool(config.getoption(f"fwgen_{name}") or config.getini(f"fwgen_{name}"))


def _path(config: pytest.Config, name: str) -> Path | None:
    """A path of the command line is relative to where pytest was called, a setting's to the file
    that has it."""
    given = config.getoption(f"fwgen_{name}")
    if given:
        return Path(config.invocation_params.dir, given)
    setting = config.getini(f"fwgen_{name}")
    home = config.inipath.parent if config.inipath else config.rootpath
    return Path(home, setting) if setting else None


def _board(config: pytest.Config) -> str | None:
    """A name as it is, a file by its absolute path."""
    text = _text(config, "board")
    return str(_path(config, "board")) if text.endswith(".toml") else text or None


def _words(text: str, option: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise pytest.UsageError(f"--fwgen-{option}: {error}: {text!r}") from None


def _chosen_scope(text: str) -> str:
    if text not in SCOPES:
        raise pytest.UsageError(f"--fwgen-dut-scope: expected {', '.join(SCOPES)}, got {text!r}")
    return text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 366 * 86400:
        raise pytest.UsageError(f"--fwgen-wait: expected seconds, of at most a year, got {text!r}")
    return value
