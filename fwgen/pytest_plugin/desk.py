"""The desk of a test session: its wishes, the devices in use, and the folder of each test."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pytest

from fwgen.board import Board, load_board
from fwgen.build.built_project import open_project
from fwgen.errors import DeviceUnavailable, UsageError
from fwgen.project.naming import safe_name
from fwgen.pytest_plugin.bench import Bench, prepare
from fwgen.pytest_plugin.bench_file import Attached, attached, read_bench
from fwgen.pytest_plugin.dut import NEEDS, Dut
from fwgen.pytest_plugin.serial_log import SerialLog
from fwgen.pytest_plugin.wishes import Wishes

LOG = "serial.log"
_LAST_LINES = 12


class Desk:
    """One for each process that runs tests.

    A test has a folder of its own with the log of the line, below that of all logs.
    """

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self._logs = wishes.logs or wishes.root / "build" / "fwgen-logs"
        self._log = SerialLog(self._logs / LOG)
        self._known: set[Path] = set()
        self._duts: list[Dut] = []

    @cached_property
    def _attached(self) -> tuple[Attached, ...]:
        """What the bench file has, with the run's further options."""
        if self.wishes.bench is None:
            return ()
        listed = read_bench(self.wishes.bench)
        return tuple(attached(each.board, (*each.words, *self.wishes.run)) for each in listed)

    @cached_property
    def _board_word(self) -> str | None:
        """The name or file of the board: of an option, else the first of the bench, else of a
        setting; None for that of the project."""
        if self._attached and not self.wishes.board_given:
            return self._attached[0].board
        return self.wishes.board

    @cached_property
    def board(self) -> Board:
        """The board of the tests. Raises DeviceUnavailable if none is asked for, UsageError."""
        wishes = self.wishes
        if wishes.model is None and wishes.project is None:
            raise DeviceUnavailable(
                "No model was given.", tries=("--fwgen-model FILE.tflite", "--fwgen-project DIR")
            )
        if self._board_word is not None:
            return load_board(self._board_word)
        if wishes.project is None or wishes.model is not None:
            raise DeviceUnavailable("No board was given.", tries=("--fwgen-board corstone-300",))
        return open_project(wishes.project).board

    def prepare(self, shared: Path) -> Bench:
        """The bench; ``shared`` is a folder of all processes of the run.

        Raises DeviceUnavailable if the bench file has no such board, and what building raises.
        """
        name = self.board.name
        devices = [each for each in self._attached if load_board(each.board).name == name]
        if self.wishes.bench is not None and not devices:
            raise DeviceUnavailable(
                f"The bench has no {name}.",
                at=str(self.wishes.bench),
                tries=tuple(f"--fwgen-board {each.board}" for each in self._attached),
            )
        found = tuple(devices) or (attached(name, self.wishes.run),)
        return prepare(self.wishes, self._board_word, found, shared)

    @contextmanager
    def device(self, bench: Bench) -> Iterator[Dut]:
        """A device that runs the project; as ``Dut.reset`` raises."""
        dut = Dut(bench, self)
        self._duts.append(dut)
        try:
            dut.reset()
            yield dut
        finally:
            self._duts.remove(dut)
            dut.close()

    def begin(self, item: pytest.Item) -> None:
        """From now on all is of this test. Restarts devices that failed in one before."""
        folder = self._logs / safe_name(item.nodeid)
        self._log.close()
        self._log = SerialLog(folder / LOG, keep=folder in self._known)
        self._known.add(folder)
        for dut in self._duts:
            dut.begin()

    @property
    def log(self) -> SerialLog:
        """That of the test that runs."""
        return self._log

    def told(self, data: bytes) -> None:
        """As a transcript of all devices."""
        self._log.told(data)

    def heard(self, data: bytes) -> None:
        """As a transcript of all devices."""
        self._log.heard(data)

    def require_needs(self, needs: Sequence[str]) -> None:
        """Raise DeviceUnavailable for something that the device of the test has not got, and
        UsageError for a need that nobody knows."""
        for need in needs:
            if need not in NEEDS:
                raise UsageError(
                    f"The marker fwgen_needs has {need!r}, expected {', '.join(NEEDS)}."
                )
            if not self._duts:
                raise UsageError(
                    "The marker fwgen_needs is for tests with a device.",
                    tries=("the fixture fwgen_dut among the arguments of the test",),
                )
            for dut in self._duts:
                if need not in dut.offers:
                    raise DeviceUnavailable(
                        f"{dut.bench.board.name} on {dut.runner} has no {need}."
                    )

    def properties(self) -> list[tuple[str, object]]:
        """What was counted in the test, as properties of its report; and why its log is not whole,
        where it is not."""
        told = [("fwgen.log", self._log.fault)] if self._log.fault else []
        return [*(each for dut in self._duts for each in dut.properties()), *told]

    def failure_text(self) -> str:
        """Where the log of the test is, and its last lines; "" if nothing was said."""
        self._log.close()
        lines = self._log.text.splitlines()[-_LAST_LINES:]
        said = [f"log of the line: {self._log.path}", *lines] if lines else []
        return os.linesep.join([*said, *([self._log.fault] if self._log.fault else [])])
