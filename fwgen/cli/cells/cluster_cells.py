"""The cells of a cluster: measured by the workers of a Dask scheduler, wherever they are.

A cell is one task. Dask gives it to another worker if one dies, and has one result for it. Only
this process writes results, so that none is lost or counted twice.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from fwgen.cli.cells.cell import Cell, Ended
from fwgen.cli.cells.cell_process import CellProcess, end_all, failed
from fwgen.cli.cells.tool_identity import Identity, tool_identity
from fwgen.errors import DeviceUnavailable, FwgenError, ToolError, UsageError
from fwgen.host.packages import install
from fwgen.host.prerequisite import Prerequisite

PREREQUISITES = (
    Prerequisite(
        name="distributed",
        purpose="fwgen bench --scheduler",
        remedy=install("distributed"),
        package="distributed",
    ),
)

CONNECT_S = 10.0
WORKERS_S = 60.0
"""For workers to come, at the beginning and when all are gone."""

_POLL_S = 0.2
_LOOK_S = 2.0  # how often the scheduler is asked for its workers


class Cluster:
    """The workers of the scheduler at ``address``, each cell within ``limit_s``."""

    def __init__(self, address: str, limit_s: float, workers_s: float = WORKERS_S) -> None:
        """Connect. Raises DeviceUnavailable if there is no scheduler, or no worker that has this
        fwgen; ToolError without Dask."""
        try:
            import distributed
        except ModuleNotFoundError as error:
            if error.name != "distributed":
                raise
            raise ToolError(
                "A scheduler needs the Python package distributed.",
                at="--scheduler",
                tries=(install("distributed"),),
            ) from None
        self._address, self._limit_s, self._workers_s = address, limit_s, workers_s
        for name in list(logging.root.manager.loggerDict):
            if name.partition(".")[0] in ("distributed", "tornado"):
                logging.getLogger(
                    name
                ).disabled = True  # what they tell is told here, in a sentence
        try:
            self._client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise DeviceUnavailable(
                f"There is no Dask scheduler: {_first_line(error)}.",
                at=address,
                tries=("dask scheduler, which starts one and prints its address",),
            ) from None
        try:
            self._identity = self._common()
        except BaseException:
            self.close()
            raise

    @property
    def identity(self) -> Identity:
        """Of the tools of all workers."""
        return self._identity

    def close(self) -> None:
        """Leave the scheduler; it and its workers go on."""
        with suppress(Exception):
            self._client.close(timeout=2)

    @staticmethod
    def require_no_devices(cells: Sequence[Cell]) -> None:
        """Raise UsageError for cells on a device that is attached to one machine."""
        for cell in cells:
            if cell.board.device:
                raise UsageError(
                    f"Workers have not got {cell.board.device}, which is attached to this machine.",
                    at=f"--board {cell.board.label}",
                    tries=("--jobs in place of --scheduler",),
                )

    def _common(self) -> Identity:
        """The identity of the workers, which is also that of fwgen here."""
        try:
            self._client.wait_for_workers(1, timeout=self._workers_s)
        except TimeoutError:
            raise self._no_worker() from None
        try:
            found: dict[str, Identity] = self._client.run(tool_identity)
        except Exception as error:  # whatever the import of fwgen raises there
            raise DeviceUnavailable(
                f"A worker cannot measure cells: {_first_line(error)}.",
                at=self._address,
                tries=("the same fwgen in the Python of each worker",),
            ) from None
        (first, common), *others = found.items()
        own = tool_identity()
        if (common.version, common.code) != (own.version, own.code):
            others.append(("this machine", own))
        for name, identity in others:
            if unlike := common.difference(identity):
                raise DeviceUnavailable(
                    f"{first} and {name} have not got the same tools: {unlike}.",
                    at=self._address,
                    tries=("the same fwgen and the same tools everywhere",),
                )
        return common

    def ended(self, cells: Sequence[Cell]) -> Generator[Ended, None, None]:
        """Each cell once, as it ends; the rest is cancelled when the iterator is closed.

        Raises DeviceUnavailable if the scheduler is lost, or if no worker is left for a minute.
        """
        run = os.urandom(4).hex()  # a cell that failed in another run is no answer
        futures = {self._submitted(cell, run): cell for cell in cells}
        looked, seen = time.monotonic(), time.monotonic()
        try:
            while futures:
                over = [future for future in futures if future.status != "pending"]
                for future in over:
                    yield self._told(future, futures.pop(future))
                if time.monotonic() - looked > _LOOK_S:
                    looked = time.monotonic()
                    seen = looked if self._has_workers() else seen
                    if looked - seen > self._workers_s:
                        raise self._no_worker()
                if not over:
                    time.sleep(_POLL_S)
        finally:
            with suppress(Exception):
                self._client.cancel(list(futures), force=True)

    def _submitted(self, cell: Cell, run: str) -> Any:
        """The future of a cell's task."""
        key = f"fwgen-{cell.stem(cell.key(self._identity))}-{run}"
        arguments = key, cell.request(), asdict(self._identity), self._limit_s
        return self._client.submit(measured_by_worker, *arguments, key=key, pure=False)

    def _told(self, future: Any, cell: Cell) -> Ended:
        """What a worker told of a cell, or why none did."""
        if future.status == "finished":
            outcome, log = future.result(timeout=CONNECT_S)
            return Ended(cell, outcome, log)
        if future.status == "error":
            why = _first_line(future.exception(timeout=CONNECT_S))
            error = DeviceUnavailable(f"No worker did the cell: {why}.", at=self._address)
            return Ended(cell, failed(error), "")
        raise self._lost()

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except (OSError, TimeoutError, RuntimeError, ValueError):
            raise self._lost() from None

    def _lost(self) -> DeviceUnavailable:
        return DeviceUnavailable("The connection to the scheduler is lost.", at=self._address)

    def _no_worker(self) -> DeviceUnavailable:
        return DeviceUnavailable(
            f"The scheduler has had no worker for {self._workers_s:g} s.",
            at=self._address,
            tries=(f"dask worker {self._address} --nthreads 1, on each machine",),
        )


def measured_by_worker(
    key: str, request: bytes, identity: dict[str, Any], limit_s: float
) -> tuple[dict[str, Any], str]:
    """The task of a cell, on a worker: its outcome, and what its commands printed.

    It stops when Dask no longer wants the task with this ``key``.
    """
    unlike = tool_identity().difference(Identity(**identity))
    if unlike:
        return failed(DeviceUnavailable(f"A worker came with other tools: {unlike}.")), ""
    try:
        process = CellProcess(request, limit_s)
    except FwgenError as error:
        return failed(error), ""
    try:
        while (outcome := process.outcome()) is None:
            if not _is_wanted(key):
                raise RuntimeError("The cell was cancelled.")
            time.sleep(_POLL_S)
    except BaseException:
        end_all([process])
        raise
    return outcome, process.log


def _is_wanted(key: str) -> bool:
    """Whether the worker of this thread is still to execute a task."""
    from distributed import get_worker

    task = get_worker().state.tasks.get(key)
    return task is not None and task.state == "executing"


def _first_line(error: BaseException | None) -> str:
    text = str(error) or type(error).__name__
    return text.strip().splitlines()[0].rstrip(".")
