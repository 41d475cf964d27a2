"""Runners: an image and a board -> a Session, a link to the firmware that runs it.

Every module here that holds a ``RUNNER`` is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fwgen.board import Board, Counter
from fwgen.board.sections import modules_holding
from fwgen.device.link import Info, Link
from fwgen.device.link.faults import FirmwareFault
from fwgen.device.link.transcript import witnessed
from fwgen.device.run.runner import Capability, Choice, Launch, Runner
from fwgen.device.run.symbols import places
from fwgen.errors import FwgenError, UsageError
from fwgen.host.spelling import meant, shown
from fwgen.npu.board_npu import npu_of, npus_of
from fwgen.npu.payload import Configuration

END_S = 10.0  # for a program to end by itself, leak check included


def _find_runners() -> dict[str, Runner]:
    modules = modules_holding("RUNNER", Path(__file__).resolve().parent)
    found: list[Runner] = [module.RUNNER for module in modules]
    return {runner.name: runner for runner in sorted(found, key=lambda runner: runner.rank)}


RUNNERS = _find_runners()
"""By name, the one to prefer first."""


@dataclass(frozen=True)
class Session:
    """A booted firmware: ``link`` to talk to it, ``counter`` for what its ticks mean here.

    ``counter`` is None where they mean nothing; then ``count`` is not to be used. ``place`` tells
    where the device is, "" if the runner has only one.
    """

    link: Link
    info: Info
    runner: Runner
    counter: Counter | None
    place: str = ""

    @property
    def where(self) -> str:
        """The runner, and the place if there is one, for people."""
        return f"{self.runner.name}, {self.place}" if self.place else self.runner.name

    @property
    def told(self) -> dict[str, str]:
        """The runner, and the place if there is one, as a result has them."""
        return {"runner": self.runner.name, **({"place": self.place} if self.place else {})}

    def count(self, ticks: int) -> int:
        """Ticks of the firmware as a number in the unit of ``counter``."""
        return self.runner.count(ticks, self.info)


def find_runner(
    board: Board, choice: Choice | None = None, npu: Configuration | None = None
) -> Runner:
    """The runner of the user's choice, or the preferred one for the board with ``npu``.

    Nothing has been started then. Raises UsageError for a name that is unknown or does not suit the
    board, for an NPU that the board cannot have, and for something that the runner cannot do.
    Raises DeviceUnavailable if the runner cannot run on this machine.
    """
    choice = choice or Choice()
    if npu:
        npu_of(board, npu.name)
    needs = choice.needs | ({Capability.NPU} if npu else frozenset())
    runner = _chosen(board, choice, needs)
    _check_options(runner, choice)
    for lacking in sorted(needs - runner.capabilities, key=lambda each: each.value):
        able = [r.name for r in _suiting(board) if lacking in r.capabilities]
        raise UsageError(
            f"Runner {runner.name} cannot {lacking.value}.",
            at=f"--runner {runner.name}",
            tries=tuple(f"--runner {name}" for name in able)
            or (f"another board: no runner of {board.name} can",),
        )
    problem = runner.refusal(board, npu) or runner.missing(board, npu, choice)
    if problem:
        raise problem
    return runner


def _suiting(board: Board) -> list[Runner]:
    return [runner for runner in RUNNERS.values() if runner.suits(board)]


def wished_runners(choice: Choice) -> list[Runner]:
    """Runners that a choice leaves: the one of its name, or those that have all its options; the
    simulators, if it says nothing."""
    if choice.name is not None:
        return [runner for runner in RUNNERS.values() if runner.name == choice.name]
    if choice.options:
        flags = {*choice.options}
        return [r for r in RUNNERS.values() if flags <= {option.flag for option in r.options}]
    return [runner for runner in RUNNERS.values() if not runner.attached]


def _chosen(board: Board, choice: Choice, needs: frozenset[Capability]) -> Runner:
    """The runner of a name, or the first that suits the board, of those that have the options and
    can do what is needed if there are any. Raises UsageError."""
    name, suiting = choice.name, _suiting(board)
    known = ", ".join(runner.name for runner in suiting) or "none"
    if name is not None and name not in RUNNERS:
        raise UsageError(
            f"There is no runner {shown(name)}; {board.name} runs on {known}.",
            at="--runner",
            tries=meant(name, RUNNERS),
        )
    asked_for = wished_runners(choice)
    if not asked_for:
        raise UsageError(
            f"No runner has all of {', '.join(choice.options)}.",
            at=next(iter(choice.options)),
            tries=("the options of one runner: fwgen run --help lists them by runner",),
        )
    wished = [runner for runner in asked_for if runner in suiting]
    named = [runner for runner in suiting if name in (None, runner.name)]
    able = [runner for runner in (*wished, *named) if needs <= runner.capabilities]
    for runner in (*able, *named):
        return runner
    asked = f"Runner {name}" if name else "What is here"
    raise UsageError(
        f"{asked} runs no images of {board.name}.", at="--runner", tries=(f"its runners: {known}",)
    )


def _check_options(runner: Runner, choice: Choice) -> None:
    """Raise UsageError for an option of another runner."""
    own = {option.flag for option in runner.options}
    for flag in choice.options:
        if flag not in own:
            owners = [r.name for r in RUNNERS.values() if flag in {o.flag for o in r.options}]
            raise UsageError(
                f"{flag} says nothing to the runner {runner.name}.",
                at=flag,
                tries=tuple(f"--runner {name}, whose option it is" for name in owners),
            )


def notes_on(board: Board, runner: str, npu: str | None) -> tuple[str, ...]:
    """What is to be told of a run: of the board, of what it runs on, and of its NPU, if any."""
    used = (each.notes for each in npus_of(board) if npu in each.configurations)
    return (*board.notes, *RUNNERS[runner].notes(board), *next(used, ()))


def _room_bytes(board: Board) -> int | None:
    """The RAM of a board, which no size that its firmware tells can exceed; None if it has any."""
    return sum(region.bytes for region in board.regions if region.kind == "ram") or None


@contextmanager
def open_session(launch: Launch) -> Iterator[Session]:
    """Run an image and talk to it; on leaving, nothing of it runs on, whatever happened.

    Limits are in seconds of ``fwgen.host.patience``. Raises what ``find_runner`` does, the
    DeviceFaults of ``fwgen.device.link`` and those of the NPU.
    """
    launch = replace(launch, limit_s=min(launch.limit_s, launch.choice.session_s))
    runner = find_runner(launch.board, launch.choice, launch.npu)
    if launch.flash:
        runner.flash(launch)
    connection = runner.connect(launch)
    try:
        runner.reset(launch, connection)
        link = Link(
            witnessed(connection, launch.transcript),
            build=launch.build,
            timeouts=runner.limits(launch),
            clock=connection.clock,
            room_bytes=_room_bytes(launch.board),
        )
        link.memory = None if launch.choice.serial else runner.memory(connection)
        link.sizes = launch.sizes
        link.wait_boot()
        if launch.model is not None:
            link.choose(launch.model, launch.sizes)
        info = link.info()
        counter = runner.counter(info, counters=launch.counters)
        yield Session(link, info, runner, counter, runner.place(connection))
        if not runner.attached:
            link.end()
        if runner.ends:
            connection.finish(END_S)
    except FwgenError as error:
        if isinstance(error, FirmwareFault) and (where := places(error.fields, launch.image)):
            error.at = f"{error.at}: {where}"
        connection.complete(error)
        raise
    finally:
        connection.close()
