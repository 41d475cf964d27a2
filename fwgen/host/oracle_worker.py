"""The child process of ``oracle``: holds one TFLM interpreter and answers requests on stdin.

Requests and answers are pickles, ``(name, argument)`` and ``(kind, value)``; both ends are ours.
The file is run as a script and imports nothing of fwgen.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

ARENA_BYTES = 64 << 20
"""Enough for all tensors of a microcontroller's model at once; untouched pages cost nothing."""


PERTURB = -6
"""glibc's M_PERTURB: what memory is filled with that nobody asked to have cleared."""


class InterpreterSession:
    """A model loaded by TFLM; raises what the wheel raises.

    Its memory holds ``garbage`` at first, where the C library can do that, and else zeros.
    """

    def __init__(self, model: bytes, garbage: int = 0) -> None:
        from tflite_micro import runtime

        self._model = model
        with contextlib.redirect_stdout(io.StringIO()), filled_with(garbage):
            self._interpreter = runtime.Interpreter.from_bytes(
                model,
                arena_size=ARENA_BYTES,
                intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors,
            )
        self._inputs = count(self._interpreter.get_input_details)
        self._outputs = count(self._interpreter.get_output_details)

    def invoke(self, inputs: list[Any]) -> list[Any]:
        if len(inputs) != self._inputs:
            raise ValueError(f"the model has {self._inputs} inputs, not {len(inputs)}")
        for index, array in enumerate(inputs):
            self._interpreter.set_input(array, index)
        self._interpreter.invoke()
        return [self._interpreter.get_output(index) for index in range(self._outputs)]

    def tensors(self, indices: list[int]) -> list[Any]:
        return [self._interpreter.GetTensor(index, 0)["tensor_data"] for index in indices]

    def unrepeatable(self, argument: tuple[list[Any], list[int]]) -> list[Any]:
        """The indices, as one array, of tensors that differ after a first inference in memory with
        other garbage."""
        import numpy

        inputs, indices = argument
        # both begin anew, as a model may keep something of an inference
        one, other = (InterpreterSession(self._model, garbage) for garbage in (0, 0xA5))
        one.invoke(inputs)
        other.invoke(inputs)
        pairs = ((i, one.tensors([i])[0], other.tensors([i])[0]) for i in indices)
        return [numpy.array([i for i, a, b in pairs if a.tobytes() != b.tobytes()], int)]


@contextlib.contextmanager
def filled_with(garbage: int) -> Iterator[None]:
    """What is allocated inside holds this byte, turned over, at first."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None) if garbage else None
    if tune is None:
        yield
        return
    tune(PERTURB, garbage)
    try:
        yield
    finally:
        tune(PERTURB, 0)


def count(details: Callable[[int], object]) -> int:
    """How many inputs or outputs there are, which the wheel tells only by an error."""
    index = 0
    while True:
        try:
            details(index)
        except IndexError:
            return index
        index += 1


def serve() -> None:
    """Answer requests until stdin ends."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints, TFLM's C++ included, must not get into the answers
    session: Any = None
    while True:
        try:
            name, argument = pickle.load(requests)
        except EOFError:
            return
        kind = "ok"
        value: object = []
        try:
            if name == "load":
                session = InterpreterSession(argument)
            else:
                value = getattr(session, name)(argument)
        except ImportError as error:
            kind, value = "missing", str(error)
        except Exception as error:
            kind, value = "refused", str(error).rstrip(".")
        pickle.dump((kind, value), answers, protocol=5)
        answers.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    serve()
