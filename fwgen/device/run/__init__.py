"""Runners: an image and a board -> a Session, a link to the firmware that runs it.

Every module here that holds a ``RUNNER`` is one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from fwgen.board import Board, Counter
from fwgen.device.link import Info, Link
from fwgen.device.run.runner import Launch, Runner
from fwgen.errors import FwgenError, UsageError
from fwgen.host.spelling import meant, shown
from fwgen.npu.payload import Configuration

END_S = 10.0  # for a program to end by itself, leak check included


def _find_runners() -> dict[str, Runner]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__, f"{__name__}."))
    modules = [importlib.import_module(name) for name in names]
    found: list[Runner] = [module.RUNNER for module in modules if hasattr(module, "RUNNER")]
    return {runner.name: runner for runner in sorted(found, key=lambda runner: runner.rank)}


RUNNERS = _find_runners()
"""By name, the one to prefer first."""


@dataclass(frozen=True)
class Session:
    """A booted firmware: ``link`` to talk to it, ``counter`` for what its ticks mean here.

    ``counter`` is None where they mean nothing; then ``count`` is not to be used.
    """

    link: Link
    info: Info
    runner: Runner
    counter: Counter | None

    def count(self, ticks: int) -> int:
        """Ticks of the firmware as a number in the unit of ``counter``."""
        return self.runner.count(ticks, self.info)


def find_runner(board: Board, name: str | None = None, npu: Configuration | None = None) -> Runner:
    """The runner of that name, or the preferred one for the board with ``npu``.

    Raises UsageError for a name that is unknown or does not suit the board, DeviceUnavailable
    when the runner cannot run on this machine.
    """
    suiting = [runner for runner in RUNNERS.values() if runner.suits(board)]
    known = ", ".join(runner.name for runner in suiting) or "none"
    if name is not None and name not in RUNNERS:
        raise UsageError(
            f"There is no runner {shown(name)}; {board.name} runs on {known}.",
            at="--runner",
            tries=meant(name, RUNNERS),
        )
    runner = next((runner for runner in suiting if name in (None, runner.name)), None)
    if runner is None:
        asked = f"Runner {name} " if name else "What is here "
        raise UsageError(
            f"{asked}runs no images of {board.name}.",
            at="--runner",
            tries=(f"its runners: {known}",),
        )
    missing = runner.missing(board, npu)
    if missing:
        raise missing
    return runner


@contextmanager
def open_session(
    board: Board,
    image: Path,
    runner_name: str | None = None,
    *,
    build: str | None = None,
    counters: bool = True,
    inference_s: float = 60.0,
    limit_s: float = inf,
    npu: Configuration | None = None,
) -> Iterator[Session]:
    """Run ``image`` and talk to it; on leaving, its process group is gone, whatever happened.

    ``build`` is the build id the image must have. Without ``counters`` the counts mean nothing,
    but the runner may be faster. One inference is given ``inference_s``; the whole session may be
    given ``limit_s``, beside the limit that each of its steps has. Limits are in seconds of
    ``fwgen.host.patience``. ``npu`` is what the image is for, if it is for one. Raises UsageError,
    DeviceUnavailable, the DeviceFaults of ``fwgen.device.link`` and those of the NPU.
    """
    runner = find_runner(board, runner_name, npu)
    process = runner.open(Launch(board, image, counters, limit_s, npu))
    try:
        timeouts = replace(runner.timeouts, inference_s=inference_s)
        link = Link(process, build=build, timeouts=timeouts, clock=process.clock)
        link.wait_boot()
        info = link.info()
        yield Session(link, info, runner, runner.counter(info, counters=counters))
        link.end()
        if runner.ends:
            process.finish(END_S)
    except FwgenError as error:
        process.complete(error)
        raise
    finally:
        process.close()
