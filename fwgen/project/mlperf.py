"""The tasks of MLPerf Tiny: what their data sets hold, and what firmware for each has to convert.

Sources: ``benchmark/evaluation/datasets/README.md`` of mlcommons/tiny (elements and types of the
data sets), and its ``benchmark/reference_submissions`` (what the firmware makes of them).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from fwgen.board import Board
from fwgen.board.keys import ADDRESS, Key
from fwgen.board.platforms import sources
from fwgen.board.sections import Section
from fwgen.errors import ModelError, UsageError
from fwgen.model.element import Element
from fwgen.model.graph import Graph, Tensor

PERFORMANCE_BAUD, ENERGY_BAUD = 115_200, 9_600
"""Of the serial line. In energy mode the device is behind an interface board, at 9,600 baud."""


@dataclass(frozen=True)
class Sound:
    """Where sound comes from: the UART at ``base``."""

    base: int


SECTION = Section(
    "sound",
    "A serial line of a simulated board that brings sound, in place of a microphone.",
    (Key("base", ADDRESS, "the address of its UART, which is like that of [uart]"),),
    Sound,
)


@dataclass(frozen=True)
class Task:
    """A task: the elements of an input and an output of its models, and its data set's type.

    ``sample`` is the type of the elements in the files of the data set. A model whose result is a
    ``score`` gives back its input: the result is the mean squared error between both. A task that
    ``streams`` has no files: its firmware hears sound, and makes the input itself.
    """

    name: str
    what: str
    inputs: int
    outputs: int
    sample: Element
    score: bool = False
    streams: bool = False

    def types(self) -> tuple[Element, ...]:
        """The element types that inputs of its models may have."""
        if self.streams:
            return (Element.S8,)
        return (Element.S8, Element.F32) if self.sample == Element.F32 else (Element.S8, Element.U8)


TASKS = {
    task.name: task
    for task in (
        Task("kws01", "12 keywords in 49 x 10 features of sound", 490, 12, Element.S8),
        Task("vww01", "whether a person is on a picture of 96 x 96 x 3", 27_648, 2, Element.U8),
        Task("ic01", "10 classes of pictures of 32 x 32 x 3", 3_072, 10, Element.U8),
        Task("ad01", "how strange 5 x 128 features sound", 640, 640, Element.F32, score=True),
        Task(
            "sww01", "a wake word in 30 x 40 features of sound", 1_200, 3, Element.S8, streams=True
        ),
    )
}
"""All that firmware can be built for, by the name that runners know each by."""


@dataclass(frozen=True)
class Benchmark:
    """What ``--mlperf`` asks of a project. ``energy`` is EEMBC's energy mode: windows of energy
    are marked by a pin alone, at a lower speed of the line."""

    task: Task
    energy: bool = False

    @property
    def baud(self) -> int:
        """Of the serial line: a stream, which needs an interface board always, stays fast."""
        return ENERGY_BAUD if self.energy and not self.task.streams else PERFORMANCE_BAUD

    def words(self) -> tuple[str, ...]:
        """What tells its project from others of the model."""
        return f"mlperf-{self.task.name}", *(["energy"] if self.energy else [])

    def told(self) -> dict[str, Any]:
        """For the project's JSON."""
        return {"task": self.task.name, "mode": "energy" if self.energy else "performance"}

    def names(self, graph: Graph) -> dict[str, Any]:
        """What templates print for a model that fits the task. Raises ModelError for others."""
        require_task(self.task, graph)
        task, dtype = self.task, graph.tensors[graph.inputs[0]].dtype
        return {
            "name": task.name,
            "flips": {task.sample, dtype} == {Element.S8, Element.U8},
            "sample": task.sample.word,
            "floats": task.inputs if (task.sample, dtype) == (Element.F32, Element.S8) else 0,
            "score": task.score,
            "streams": task.streams,
            "energy": self.energy,
            "baud": self.baud,
        }


def require_task(task: Task, graph: Graph) -> None:
    """Raise ModelError for a model that the data set and the results of a task are not for."""
    for sort, tensors in (("input", graph.inputs), ("output", graph.outputs)):
        if len(tensors) != 1:
            _refuse(task, f"{len(tensors)} {sort}s, expected 1", "")
    x, y = (graph.tensors[t] for t in (*graph.inputs, *graph.outputs))
    for sort, t, elements in (("input", x, task.inputs), ("output", y, task.outputs)):
        if prod(t.shape) != elements:
            shape = "x".join(map(str, t.shape))
            got = f"an {sort} of {shape} = {prod(t.shape):,} elements, expected {elements:,}"
            _refuse(task, got, _at(graph, sort, t))
    _require_type(task, graph, "input", x, task.types())
    if task.streams:
        _require_type(task, graph, "output", y, (Element.S8,))
    if task.score:
        _require_type(task, graph, "output", y, (Element.S8, Element.F32))


def _require_type(
    task: Task, graph: Graph, sort: str, t: Tensor, types: tuple[Element, ...]
) -> None:
    computed = task.sample == Element.F32 or task.streams
    scaled = t.dtype != Element.S8 or t.quant is not None or not computed
    if t.dtype not in types or not scaled:
        found = t.dtype.word if scaled else f"{t.dtype.word} without a scale"
        got = f"an {sort} of {found}, expected {' or '.join(each.word for each in types)}"
        _refuse(task, got, _at(graph, sort, t))


def _at(graph: Graph, sort: str, t: Tensor) -> str:
    return f"{sort} {graph.name_of(t.index)!r}"


def _refuse(task: Task, got: str, at: str) -> None:
    fitting = ", ".join(TASKS)
    raise ModelError(
        f"The model is none for {task.name} of MLPerf Tiny ({task.what}): it has {got}.",
        at=at,
        tries=(f"--mlperf of another task ({fitting})", "fwgen build without --mlperf"),
    )


def require_board(board: Board, benchmark: Benchmark) -> None:
    """Raise UsageError for a board whose firmware could not be driven by a runner in this mode."""
    if board.library_only:
        raise UsageError(
            f"A runner of MLPerf Tiny talks to firmware, but {board.name} has libraries only.",
            at=f"board {board.name}: platform",
            tries=("a board with a platform: fwgen boards",),
        )
    text = "".join(
        path.read_text("utf-8", "replace") for at in board.folders.values() for path in sources(at)
    )
    task = benchmark.task
    hears = "fw_platform_samples" in text or SECTION.name in board.sections
    if task.streams and not hears:
        raise UsageError(
            f"Firmware for {task.name} hears sound, but {board.name} has none: its file has no "
            f"[{SECTION.name}], its platform no fw_platform_samples.",
            at=f"--mlperf {task.name}, board {board.name}",
            tries=("--board corstone-300", "a platform of your own: docs/mlperf.md"),
        )
    if not benchmark.energy:
        return
    lacking, tries = "", ["a board with a trigger, such as nucleo-l4r5zi"]
    if board.uart is None or "FW_UART_BAUD" not in text:
        lacking = f"it has no line whose speed is FW_UART_BAUD ({ENERGY_BAUD:,} baud)"
    elif "fw_platform_trigger" not in text:
        lacking = "its platform has no fw_platform_trigger"
    elif "FW_TRIGGER_PIN" in text and board.trigger is None:
        lacking = "its file names no trigger pin"
        tries.append(f'fwgen boards --show {board.name}, and in it a line such as trigger = "PA1"')
    if lacking:
        raise UsageError(
            f"Energy mode marks the window of energy by a pin, but {board.name} cannot: {lacking}.",
            at=f"--mlperf-energy, board {board.name}",
            tries=tuple(tries),
        )
