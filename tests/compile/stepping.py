"""Models with state in steps: generated C on this machine, and TFLM, over the same inputs."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tflite
from tflite_micro import runtime

from fwgen.board import load_board
from fwgen.compile.lower.program import Program
from fwgen.project.render import render
from tests.kernels import on_this_machine as kernels

HOST = load_board("host")

Array = np.ndarray

MAIN = """
#include <stdio.h>
#include "fw_model.h"

/* After each inference on inputs from stdin: outputs and state to stdout. R begins anew. */
int main(void) {
  for (int c; (c = getchar()) != EOF;) {
    if (c == 'R') {
      fw_model_reset();
      continue;
    }
    for (uint32_t i = 0; i < fw_model.inputs; i++) {
      const uint32_t bytes = fw_model.input[i].bytes;
      if (fread(fw_model.input[i].data, 1, bytes, stdin) != bytes) return 2;
    }
    fw_model_invoke();
    for (uint32_t i = 0; i < fw_model.outputs; i++) {
      fwrite(fw_model.output[i].data, 1, fw_model.output[i].bytes, stdout);
    }
    fwrite(fw_model_state, 1, FW_MODEL_STATE_BYTES, stdout);
  }
  return 0;
}
"""


def stepping(program: Program, folder: Path) -> Path:
    """The program, under sanitizers, that makes a step for each input."""
    for name, content in render(program, {}, HOST.source).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "stepping.c").write_text(MAIN)
    sources = [folder / "stepping.c", *folder.glob("src/*.c"), *folder.glob("kernels/*.c")]
    includes = [f"-I{folder / name}" for name in ("runtime", "kernels", "src")]
    command = ["gcc", *kernels.FLAGS, *kernels.SANITIZE, *includes, *sources]
    command += [folder / "runtime" / "fw_crc.c", "-o", folder / "stepping"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "stepping"


def steps(
    program: Program, executable: Path, inputs: Sequence[Sequence[Array]], reset_at: int = -1
) -> list[tuple[bytes, dict[int, bytes]]]:
    """After each step the bytes of all outputs, and of each variable by the index of the tensor
    that is its value for the next one."""
    stdin = b"".join(
        b"R" * (number == reset_at) + b"I" + b"".join(x.tobytes() for x in step)
        for number, step in enumerate(inputs)
    )
    ran = subprocess.run([executable], input=stdin, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    graph, plan = program.graph, program.plan
    size = len(ran.stdout) // len(inputs)
    found = []
    for number in range(len(inputs)):
        left = ran.stdout[number * size : (number + 1) * size]
        outputs, state = left[: graph.output_bytes], left[graph.output_bytes :]
        kept = {}
        for variable in graph.variables:
            at = plan.offset_of[variable.after] - plan.state.base
            kept[variable.after] = state[at : at + graph.tensors[variable.after].bytes]
        found.append((outputs, kept))
    return found


def tflm_steps(
    model: bytes, inputs: Sequence[Sequence[Array]], tensors: Sequence[int]
) -> list[tuple[bytes, dict[int, bytes]]]:
    """The same by TFLM, from its first inference on, with the values of some tensors."""
    interpreter = runtime.Interpreter.from_bytes(
        model,
        arena_size=2 << 20,
        intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors,
    )
    outputs = tflite.Model.GetRootAs(model).Subgraphs(0).OutputsLength()
    found = []
    for step in inputs:
        for index, array in enumerate(step):
            interpreter.set_input(array, index)
        interpreter.invoke()
        given = b"".join(interpreter.get_output(i).tobytes() for i in range(outputs))
        values = {t: interpreter.GetTensor(t, 0)["tensor_data"].tobytes() for t in tensors}
        found.append((given, values))
    return found
