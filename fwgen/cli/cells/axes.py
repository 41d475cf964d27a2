"""The axes of a bench: models, boards and options, of which every combination is a cell."""

from __future__ import annotations

import glob
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path

from fwgen.board import Board, load_board
from fwgen.board.platforms import IN_PROJECT, is_shipped, sources
from fwgen.cli.arguments import chosen_runner
from fwgen.cli.cells.cell import MEASURES, BoardChoice, Cell, GivenModel, Measurement, OptionSet
from fwgen.cli.parser import options_of, parser
from fwgen.device.run import wished_runners
from fwgen.errors import UsageError
from fwgen.host.spelling import meant, shown
from fwgen.model.reader import read_model_bytes

MOST_CELLS = 10_000
"""Of a bench: more are a mistake in an axis."""

DEFAULT = "default"
"""The name of the options that are none."""

_NAMED = re.compile(r"([A-Za-z0-9][\w.+-]*)=(.*)", re.DOTALL)
_PATTERN = re.compile(r"[*?[]")


@dataclass(frozen=True)
class Axes:
    """What was asked for, as text.

    ``models`` are paths or patterns of paths, ``boards`` begin with a board, ``options`` may begin
    with ``NAME=``. Cells whose names fit a pattern of ``exclude`` are left out.
    """

    models: tuple[str, ...]
    boards: tuple[str, ...]
    options: tuple[str, ...]
    measurement: Measurement
    exclude: tuple[str, ...] = ()


def cells_of(axes: Axes) -> list[Cell]:
    """Every combination once, model by model.

    Raises UsageError for what is misspelt, missing or ambiguous on an axis; ModelError for a file
    that cannot be read. Whether a model is sound and fits is found by its cells.
    """
    models, boards = _models(axes.models), _boards(axes.boards)
    options = _option_sets(axes.options or ("",))
    for board, chosen in product(boards, options):
        _check_options(chosen, board)
    count = len(models) * len(boards) * len(options)
    if count > MOST_CELLS:
        raise UsageError(
            f"There would be {count:,} cells, expected at most {MOST_CELLS:,}.",
            at="fwgen bench",
            tries=("fewer models, boards or options at a time",),
        )
    cells = [Cell(*each, axes.measurement) for each in product(models, boards, options)]
    return _without(cells, axes.exclude)


def _without(cells: list[Cell], patterns: Sequence[str]) -> list[Cell]:
    """The cells that no pattern fits. Raises UsageError for one that fits none, or if all are
    left out."""
    for pattern in patterns:
        if not any(fnmatchcase(cell.name, pattern) for cell in cells):
            raise UsageError(
                f"No cell is called {shown(pattern)}.",
                at="--exclude",
                tries=("fwgen bench --dry-run", f"a name such as '{cells[0].name}'"),
            )
    left = [c for c in cells if not any(fnmatchcase(c.name, pattern) for pattern in patterns)]
    if not left:
        raise UsageError("All cells are excluded.", at="--exclude", tries=("fewer patterns",))
    return left


def _models(given: Sequence[str]) -> list[GivenModel]:
    """The files, called by as much of their paths as tells them apart."""
    paths = list(dict.fromkeys(path for text in given for path in _expanded(text)))
    if not paths:
        raise UsageError(
            "No model was given.",
            at="fwgen bench",
            tries=("fwgen bench models/*.tflite -b corstone-300", "--axes F.toml"),
        )
    names = [_name(path, 1) for path in paths]
    for parts in range(2, 1 + max(len(path.parts) for path in paths)):
        if len(set(names)) == len(names):
            break
        names = [_name(path, parts) for path in paths]
    return [
        GivenModel(name, path.name, read_model_bytes(path))
        for name, path in zip(names, paths, strict=True)
    ]


def _name(path: Path, parts: int) -> str:
    return "/".join(path.with_suffix("").parts[-parts:])


def _expanded(text: str) -> list[Path]:
    """The files that a path or a pattern names. Raises UsageError for a pattern that names none."""
    path = Path(text)
    if not _PATTERN.search(text) or path.exists():
        return [path]
    found = sorted(glob.glob(text, recursive=True))
    if not found:
        raise UsageError("The pattern matches no file.", at=text)
    return [Path(each) for each in found]


def _boards(given: Sequence[str]) -> list[BoardChoice]:
    if not given:
        raise UsageError(
            "No board was given.",
            at="--board",
            tries=("fwgen boards, which lists them", "--board corstone-300"),
        )
    found = [_board(text) for text in dict.fromkeys(given)]
    _require_apart("boards", [board.label for board in found], "--board")
    return found


def _board(text: str) -> BoardChoice:
    """A board, after which there may be options of ``fwgen run``."""
    name, *words = _words(text, "--board") or [""]
    board = load_board(name)
    return BoardChoice(
        label=" ".join((board.name, shlex.join(words))).rstrip(),
        name=board.name,
        run_words=tuple(words),
        verify_words=tuple(_of_verify(words)),
        files=_files(board) if name.endswith(".toml") else {},
        native=board.native,
        device=_device(words, text),
    )


def _device(words: Sequence[str], text: str) -> str:
    """The device at this machine that options of ``fwgen run`` name, "" for a simulator.

    Raises UsageError for what is no such option, or only of one model.
    """
    at = f"--board {shown(text)}"
    try:
        args = parser().parse_args(["run", "P", *words])
    except UsageError as error:
        raise UsageError(error.what, at=at, tries=error.tries) from None
    _require_own(args.json, args.quiet, at)
    if args.input or args.samples:
        raise UsageError("The options of a board cannot have --input or --samples.", at=at)
    choice = chosen_runner(args)
    attached = [runner for runner in wished_runners(choice) if runner.attached]
    given = (choice.options.get(flag) for flag in ("--port", "--place"))
    return next(filter(None, given), text) if attached else ""


def _of_verify(words: Sequence[str]) -> Iterator[str]:
    """Those options of ``fwgen run``, with their values, that ``fwgen verify`` has, too: it
    measures no energy, for example."""
    known, keeps = options_of("verify"), True
    for word in words:
        if word.startswith("-"):
            keeps = word.partition("=")[0] in known
        if keeps:
            yield word


def _files(board: Board) -> dict[str, bytes]:
    """A board file of a user's own and its platform, as they lie in a project."""
    own = [folder for folder in board.folders.values() if not is_shipped(folder)]
    return {
        "board.toml": board.source,
        **{
            f"{IN_PROJECT}/{folder.name}/{path.name}": path.read_bytes()
            for folder in own
            for path in sources(folder)
        },
    }


def _option_sets(given: Iterable[str]) -> list[OptionSet]:
    found = []
    for text in dict.fromkeys(given):
        named = _NAMED.fullmatch(text)
        words = _words(named[2] if named else text, "--options")
        found.append(OptionSet(named[1] if named else shlex.join(words) or DEFAULT, tuple(words)))
    _require_apart("options", [each.name for each in found], "--options")
    return found


def _words(text: str, at: str) -> list[str]:
    """The words of a text, as a shell would read it."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{str(error).capitalize()} in {shown(text)}.", at=at) from None


def _check_options(options: OptionSet, board: BoardChoice) -> None:
    """Raise UsageError for options that ``fwgen build`` has not got, or that are not a cell's."""
    at = f"--options {options.name}"
    try:
        args = parser().parse_args(["build", "M", "-b", board.name, *options.words])
    except UsageError as error:
        raise UsageError(error.what, at=at, tries=error.tries) from None
    _require_own(args.json, args.quiet, at)
    for name, given in (
        ("--board", args.board != board.name),
        ("--out", args.out is not None),
        ("--no-compile", args.no_compile),
        ("--dump", args.dump is not None),
    ):
        if given:
            raise UsageError(f"The options of a cell cannot have {name}.", at=at)


def _require_own(json: object, quiet: bool, at: str) -> None:
    if json is not None or quiet:
        raise UsageError(
            "The options of a cell cannot have --json or --quiet.",
            at=at,
            tries=("them as options of fwgen bench",),
        )


def _require_apart(what: str, names: Sequence[str], at: str) -> None:
    """Raise UsageError if two of an axis have one name."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"Two {what} are called {shown(twice)}.", at=at, tries=("other names",))


def measures_of(words: Sequence[str], at: str) -> tuple[str, ...]:
    """The commands that measure; ``build``, without which nothing is, may be named, too.

    Raises UsageError for a command that does not measure.
    """
    known = ("build", *MEASURES)
    for word in words:
        if word not in known:
            raise UsageError(
                f"There is no measurement {shown(word)}; there are {', '.join(known)}.",
                at=at,
                tries=meant(word, known),
            )
    return tuple(command for command in MEASURES if command in words)
