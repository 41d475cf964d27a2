"""TFLM itself, from the ``tflite-micro`` wheel: the oracle that generated code is compared with.

The interpreter runs in a child process, because TFLM aborts or follows wild pointers on models that
it does not expect. It is told to keep every tensor of an inference.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import subprocess
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from signal import Signals
from types import TracebackType

import numpy as np
import numpy.typing as npt

from fwgen.errors import ModelError, ToolError
from fwgen.host.packages import install
from fwgen.host.patience import Patience
from fwgen.host.scratch import scratch_file

Array = npt.NDArray[np.generic]

WORKER = Path(__file__).with_name("oracle_worker.py")
_LOOK_S = 0.5  # how often the clock is looked at while TFLM works
REQUESTS = {
    "load": "load the model",
    "invoke": "run the model",
    "tensors": "show tensors",
    "unrepeatable": "run the model twice",
}
"""The worker's requests, in words."""


class OracleRefused(ModelError):
    """TFLM cannot run the model, so that nothing can be compared with it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} Without it nothing can be proven of the firmware.",
            tries=("fwgen run, which needs no TFLM",),
        )


class Oracle:
    """One model, loaded by TFLM in a child process of its own; a context manager.

    Every method raises OracleRefused if TFLM refuses what it is given or crashes, ToolError if it
    takes longer than ``timeout_s``, the constructor also if the package is missing. Crashes and
    timeouts close it.
    """

    def __init__(self, model: bytes, *, timeout_s: float = 120.0) -> None:
        self._timeout_s = timeout_s
        self.left_open: frozenset[int] = frozenset()
        self._stderr = scratch_file()  # parent and child share one file position: for appending
        try:
            self._child = subprocess.Popen(
                # -P: fwgen's own directory must not shadow modules of the standard library
                [sys.executable, "-P", os.fspath(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
            )
        except OSError as error:
            raise ToolError(f"Cannot start a process for TFLM: {error}.") from error
        self._finalizer = weakref.finalize(self, _end, self._child)
        try:
            self._request("load", model)
        except (ToolError, OracleRefused):
            self.close()
            raise

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child process."""
        self._finalizer()
        self._stderr.close()

    def invoke(self, inputs: Sequence[Array]) -> list[Array]:
        """One inference: the outputs for one array per model input, of its shape and dtype."""
        return self._request("invoke", list(inputs))

    def tensors(self, indices: Sequence[int]) -> list[Array]:
        """The values after the last inference of the tensors with these indices in the file.

        Inputs and constants have theirs, too. An index that the file does not have crashes TFLM.
        """
        return self._request("tensors", [int(index) for index in indices])

    def unrepeatable(self, inputs: Sequence[Array], indices: Sequence[int]) -> list[int]:
        """Those of some tensors that depend on what TFLM's memory held before an inference."""
        argument = (list(inputs), [int(index) for index in indices])
        return [int(index) for index in self._request("unrepeatable", argument)[0]]

    def _request(self, name: str, argument: object) -> list[Array]:
        if self._stderr.closed:
            raise ToolError("The TFLM process was used after its end.")
        stdin, stdout = self._child.stdin, self._child.stdout
        assert stdin is not None and stdout is not None
        start = self._stderr.seek(0, os.SEEK_END)
        try:
            pickle.dump((name, argument), stdin, protocol=5)
            stdin.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(stdout, selectors.EVENT_READ)
                clock = Patience(self._child.pid)
                until = clock() + self._timeout_s
                while not selector.select(min(_LOOK_S, self._timeout_s)):
                    if clock() < until:
                        continue
                    self.close()
                    raise ToolError(
                        f"TFLM took longer than {self._timeout_s:g} s to {REQUESTS[name]}."
                    )
            kind, value = pickle.load(stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise self._crash(name, start) from error
        if kind == "missing":
            raise ToolError(
                f"Comparing with TFLM needs the Python package tflite-micro: {value}.",
                tries=(install("tflite_micro"),),
            )
        if kind == "refused":
            raise OracleRefused(f"TFLM refused to {REQUESTS[name]}: {value}.{self._said(start)}")
        arrays: list[Array] = value
        return arrays

    def _crash(self, name: str, start: int) -> ModelError | ToolError:
        """What to raise when the child has gone; closes the oracle."""
        said = self._said(start)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(5)
        self.close()
        code = self._child.returncode
        how = Signals(-code).name if code < 0 else f"exit code {code}"
        what = f"TFLM crashed ({how}) when asked to {REQUESTS[name]}.{said}"
        own = (
            code < 0 and code != -Signals.SIGKILL
        )  # else Python did not start, or somebody ended it
        return OracleRefused(what) if own else ToolError(what)

    def _said(self, start: int) -> str:
        """What TFLM printed since ``start``, which often names the op; at most 500 characters."""
        self._stderr.seek(start)
        words = self._stderr.read(500).decode("utf-8", "replace").split()
        return f" It said: {' '.join(words).rstrip('.')}." if words else ""


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child, which holds nothing worth saving, and reap it."""
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # unsent bytes for a child that has gone
                stream.close()
