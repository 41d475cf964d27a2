"""The device under test (dut): inferences, and what they counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fwgen.device.energy import Meter, energy_meter
from fwgen.device.link.transcript import Transcript
from fwgen.device.run import Session, open_session
from fwgen.errors import FwgenError, UsageError
from fwgen.measure.counters.inference_energy import EnergyWish, measure_energy
from fwgen.model.graph import Graph, Tensor
from fwgen.model.inputs import Values
from fwgen.pytest_plugin.bench import Bench
from fwgen.pytest_plugin.serial_log import SerialLog

NEEDS = ("counters", "cycles", "instructions", "npu", "energy")
"""What the marker ``fwgen_needs`` may name."""


class Logged(Transcript, Protocol):
    """A transcript that is kept."""

    @property
    def log(self) -> SerialLog:
        """The log of the test that runs."""


@dataclass(frozen=True)
class Counted:
    """What an inference counted or took: ``value`` in ``unit``, by ``source``; a whole number
    where something was counted."""

    value: float
    unit: str
    source: str


class Dut:
    """A device that runs a project. Its methods raise what goes wrong, as FwgenError.

    After a DeviceFault it answers nothing until ``reset``, or the next test, starts it again.
    """

    def __init__(self, bench: Bench, logged: Logged) -> None:
        self.bench = bench
        self._logged = logged
        self._opened = ExitStack()
        self._session: Session | None = None
        self._offers: frozenset[str] = frozenset()
        self._runner = ""
        self._place = ""
        self._meter: Meter | None = None
        self._energy_wish: EnergyWish | None = None
        self._limit_s = 0.0
        self._ticks: int | None = None
        self._figures: list[Counted] = []
        self._energies: dict[int, Counted] = {}  # by the number of the inference
        self._inferences = 0

    def infer(self, *inputs: npt.ArrayLike) -> list[Values]:
        """One inference: an array for each output, of its type and shape.

        ``inputs`` are an array for each input, of values that its type holds exactly; of any shape
        with as many elements. A model with state goes on from the inference before. Raises
        UsageError for other inputs, DeviceFault.
        """
        graph = self.bench.project.graph
        if len(inputs) != len(graph.inputs):
            raise UsageError(f"The model has {len(graph.inputs)} inputs, {len(inputs)} were given.")
        data = b"".join(
            _exact(value, graph, graph.tensors[index]).tobytes()
            for value, index in zip(inputs, graph.inputs, strict=True)
        )
        with self._talking() as session:
            session.link.load(data)
            ticks = self._ticks = session.link.run()
            outputs = session.link.outputs()
            self._inferences += 1
            if session.counter is not None and ticks is not None:
                counter = session.counter
                self._figures.append(Counted(session.count(ticks), counter.unit, counter.source))
        return _arrays(outputs, graph)

    @property
    def counters(self) -> Counted | None:
        """What the latest inference of the test took; None where nothing counts, or before it."""
        return self._figures[-1] if self._figures else None

    def count_ops(self) -> list[Counted]:
        """What each op takes in one more inference on the latest input, in the order in which they
        run. A model with state makes a step. [] where nothing counts. Raises UsageError before the
        first inference, DeviceFault."""
        if not self._inferences:
            raise UsageError("Ops are counted on the latest input, and there was none.")
        with self._talking() as session:
            counter, ticks = session.counter, session.link.op_counts()
            if counter is None or ticks is None:
                return []
            return [Counted(session.count(each), counter.unit, counter.source) for each in ticks]

    @property
    def energy(self) -> Counted | None:
        """Microjoules of an inference on the latest input, by a probe; None without a probe, or
        before the first inference.

        They are measured when they are asked for, in a window of many inferences: that takes a
        second or more. A model with state goes on as if there had been none. Raises DeviceFault for
        a measurement that cannot be trusted.
        """
        meter, wish, ticks = self._meter, self._energy_wish, self._ticks
        if meter is None or wish is None or ticks is None or not self._inferences:
            return None
        if self._inferences not in self._energies:
            with self._talking() as session:
                found = measure_energy(session, meter, ticks, wish.window_s, self._limit_s)
            taken = Counted(found.uj, "uj", found.source)
            self._energies[self._inferences] = taken
        return self._energies[self._inferences]

    @property
    def log(self) -> str:
        """What was said on the line in this test; docs/pytest.md shows its form."""
        return self._logged.log.text

    @property
    def folder(self) -> Path:
        """Of the test that runs: for its log, and what else it wants to leave."""
        return self._logged.log.path.parent

    @property
    def runner(self) -> str:
        """The name of what runs the image."""
        return self._runner

    @property
    def place(self) -> str:
        """Where it is: the port, or the place of a farm; "" for a simulator."""
        return self._place

    @property
    def offers(self) -> frozenset[str]:
        """Which of NEEDS it has."""
        return self._offers

    def reset(self) -> None:
        """Begin a session anew: a model with state has its first one again.

        A simulator starts the firmware from its beginning; a board whose runner cannot reset it
        runs on. Raises as ``fwgen run`` does.
        """
        self.close()
        with ExitStack() as opened:
            launch, wish = opened.enter_context(self.bench.launched(self._logged))
            meter = None
            if wish is not None:  # before the session: it may be what feeds the board
                meter = opened.enter_context(energy_meter(wish.probe, wish.supply, launch.board))
            session = opened.enter_context(open_session(launch))
            self._session, self._opened = session, opened.pop_all()
        self._meter, self._energy_wish, self._limit_s = meter, wish, launch.inference_s
        units = {"counters", session.counter.unit} if session.counter else set()
        npu = {"npu"} if launch.npu else set()
        energy = {"energy"} if meter is not None else set()
        self._offers = frozenset(units | npu | energy) & {*NEEDS}
        self._runner, self._place = session.runner.name, session.place

    def begin(self) -> None:
        """Another test has the device now."""
        self._figures.clear()
        self._energies.clear()
        self._ticks = None
        self._inferences = 0
        if self._session is None:
            self.reset()

    def close(self) -> None:
        """End the session, if there is one. Raises what the firmware ended with."""
        self._session = self._meter = None
        self._opened.close()

    def properties(self) -> Iterator[tuple[str, object]]:
        """What is to be kept of the test: of each figure its least, its most, unit and source."""
        board = self.bench.board.name
        yield from (("fwgen.board", board), ("fwgen.runner", self._runner))
        if self._place:
            yield "fwgen.place", self._place
        yield "fwgen.build_id", self.bench.build_id
        yield "fwgen.inferences", self._inferences
        for figures in (self._figures, [*self._energies.values()]):
            if figures:
                unit, values = figures[0].unit, [figure.value for figure in figures]
                yield f"fwgen.{unit}.least", min(values)
                yield f"fwgen.{unit}.most", max(values)
                yield f"fwgen.{unit}.source", figures[0].source

    @contextmanager
    def _talking(self) -> Iterator[Session]:
        """The session, which is over if it fails. Raises UsageError if it is over."""
        if self._session is None:
            raise UsageError("The device has failed.", tries=("reset(), which starts it again",))
        try:
            yield self._session
        except UsageError:
            raise
        except FwgenError as error:
            self._session = None
            self._opened.pop_all().__exit__(type(error), error, error.__traceback__)
            raise


def _exact(value: npt.ArrayLike, graph: Graph, tensor: Tensor) -> Values:
    """An input in its type. Raises UsageError if that does not hold it."""
    given = np.asarray(value)
    name = graph.name_of(tensor.index)
    if given.size != tensor.elements:
        raise UsageError(
            f"Input {name!r} has {list(tensor.shape)}, {list(given.shape)} was given.",
        )
    dtype = np.dtype(tensor.dtype.numpy)
    if given.dtype.kind in "biuf":
        with np.errstate(invalid="ignore"):
            cast = given.astype(dtype)
        if dtype.kind == "f" or np.array_equal(cast, given):
            return cast.reshape(tensor.shape)
    raise UsageError(
        f"Input {name!r} takes {tensor.dtype.word}; {given.dtype} with other values was given.",
        tries=("quantize it: real / scale + zero_point, rounded, within the limits of the type",),
    )


def _arrays(data: bytes, graph: Graph) -> list[Values]:
    """The outputs' bytes, cut up."""
    found = []
    for tensor in (graph.tensors[index] for index in graph.outputs):
        values = np.frombuffer(data[: tensor.bytes], tensor.dtype.numpy)
        found.append(values.reshape(tensor.shape))
        data = data[tensor.bytes :]
    return found
