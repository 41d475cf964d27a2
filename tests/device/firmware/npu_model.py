"""Firmware around one job for the NPU (npu_model.c), in memories that a test chooses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import tflite

from fwgen.board import load_board
from tests.device.firmware.build import link, part
from tests.npu.offloaded import Offloaded, Tensor

BUILD = "0123456789abcdef"


def payload_of(model: bytes) -> bytes:
    """The payload in what Vela made of a model of one op: the op's first input."""
    graph = tflite.Model.GetRootAs(model).Subgraphs(0)
    tensor = graph.Tensors(int(graph.Operators(0).Inputs(0)))
    return bytes(tflite.Model.GetRootAs(model).Buffers(tensor.Buffer()).DataAsNumpy().tobytes())


def bytes_of(tensor: Tensor) -> int:
    return int(np.prod(tensor.shape)) * np.dtype(tensor.dtype).itemsize


def npu_firmware(
    model: Offloaded,
    payload: bytes,
    folder: Path,
    *flags: str,
    board: str = "corstone-300",
    arena: str = "ISRAM",
    fast: str = "ISRAM",
    weights: str = "QSPI",
) -> Path:
    """Link it in ``folder``: arenas and constants in regions of the board."""
    folder.mkdir(exist_ok=True)
    (folder / "payload").write_bytes(payload)
    (folder / "constants").write_bytes(model.constants)
    (tensor,), (output,) = model.inputs, model.outputs
    values = {
        "NPU_PAYLOAD": f'"{folder / "payload"}"',
        "NPU_CONSTANTS": f'"{folder / "constants"}"',
        "NPU_PAYLOAD_BYTES": len(payload),
        "NPU_CONSTANTS_BYTES": len(model.constants),
        "NPU_ARENA_BYTES": model.arena_bytes,
        "NPU_FAST_BYTES": model.fast_bytes or 0,
        "NPU_INPUT": tensor.offset,
        "NPU_INPUT_BYTES": bytes_of(tensor),
        "NPU_OUTPUT": output.offset,
        "NPU_OUTPUT_BYTES": bytes_of(output),
    }
    lines = (f"#define {name} {value}\n" for name, value in values.items())
    (folder / "npu_case.h").write_text("".join(lines))
    try:
        return link(
            load_board(board),
            folder,
            *flags,
            model="npu_model.c",
            input_bytes=bytes_of(tensor),
            arenas=[
                part("arena", "bss", arena),
                part("fast", "bss", fast),
            ],
            weights=[part("weights", "rodata", weights)],
        )
    except subprocess.CalledProcessError as error:
        raise AssertionError(error.stderr) from None
