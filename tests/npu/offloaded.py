"""Models through Vela and the functional NPU, without the rest of fwgen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tflite

from fwgen.npu.model.machine import Machine
from fwgen.npu.payload import Payload, read_payload

DTYPES = {
    tflite.TensorType.INT8: "<i1",
    tflite.TensorType.INT16: "<i2",
    tflite.TensorType.INT32: "<i4",
}
Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Tensor:
    shape: tuple[int, ...]
    dtype: str
    offset: int


@dataclass(frozen=True)
class Offloaded:
    """A model whose only op is the NPU's; regions 0 to 2 are constants, arena and fast arena."""

    payload: Payload
    constants: bytes
    arena_bytes: int
    fast_bytes: int | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    def run(self, machine: Machine, values: Sequence[Array]) -> list[Array]:
        arena = np.zeros(self.arena_bytes, np.uint8)
        fast = arena if self.fast_bytes is None else np.zeros(max(1, self.fast_bytes), np.uint8)
        for tensor, value in zip(self.inputs, values, strict=True):
            if tensor.offset < 0:
                continue  # nothing reads it
            data = np.frombuffer(value.tobytes(), np.uint8)
            arena[tensor.offset : tensor.offset + len(data)] = data
        constants = np.frombuffer(self.constants, np.uint8).copy()
        machine.run(self.payload, {0: constants, 1: arena, 2: fast})
        results = []
        for tensor in self.outputs:
            count = int(np.prod(tensor.shape)) * np.dtype(tensor.dtype).itemsize
            part = arena[tensor.offset : tensor.offset + count]
            results.append(part.view(tensor.dtype).reshape(tensor.shape))
        return results


def compiled(model: bytes, folder: Path, configuration: str) -> bytes:
    """What Vela makes of a model.

    It runs in a fork of this process, which imports it once: it keeps state of a compilation.
    """
    from ethosu.vela import vela  # only where it is used: it takes a while

    source, said = folder / "m.tflite", folder / "vela.log"
    source.write_bytes(model)
    options = [str(source), "--output-dir", str(folder), "--accelerator-config", configuration]
    child = os.fork()
    if not child:
        status = 1
        try:
            with said.open("w") as log:
                for stream in (1, 2):
                    os.dup2(log.fileno(), stream)
                with redirect_stdout(log), redirect_stderr(log):
                    status = int(vela.main(options) or 0)
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0, said.read_text()
    return (folder / "m_vela.tflite").read_bytes()


def offloaded(data: bytes) -> Offloaded | None:
    """The NPU's part of a model; None if some of it is left for the core."""
    model = tflite.Model.GetRootAs(data)
    graph = model.Subgraphs(0)
    if graph.OperatorsLength() != 1:
        return None
    op = graph.Operators(0)
    if model.OperatorCodes(op.OpcodeIndex()).CustomCode() != b"ethos-u":
        return None
    offsets = next(
        np.frombuffer(model.Buffers(entry.Buffer()).DataAsNumpy().tobytes(), "<i4")[3:]
        for entry in map(model.Metadata, range(model.MetadataLength()))
        if entry.Name() == b"OfflineMemoryAllocation"
    )

    def constant(index: int) -> bytes:
        buffer = model.Buffers(graph.Tensors(index).Buffer())
        return bytes(buffer.DataAsNumpy().tobytes()) if buffer.DataLength() else b""

    def size(index: int) -> int:
        return int(np.prod(graph.Tensors(index).ShapeAsNumpy()))

    def tensors(indices: npt.NDArray[np.int32]) -> tuple[Tensor, ...]:
        found = []
        for i in indices.tolist():
            shape = graph.Tensors(i).ShapeAsNumpy()
            dims = tuple(shape.tolist()) if graph.Tensors(i).ShapeLength() else ()
            found.append(Tensor(dims, DTYPES[graph.Tensors(i).Type()], int(offsets[i])))
        return tuple(found)

    stream, constants, arena, fast = op.InputsAsNumpy().tolist()[:4]
    return Offloaded(
        payload=read_payload(constant(stream), "model"),
        constants=constant(constants),
        arena_bytes=size(arena),
        fast_bytes=None if fast == arena else size(fast),
        inputs=tensors(graph.InputsAsNumpy()),
        outputs=tensors(graph.OutputsAsNumpy()),
    )
