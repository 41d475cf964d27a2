"""Models with an LSTM or an SVDF: their state is where kernels work on it, and is not copied."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.request import Request
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from fwgen.pipeline import compile_graph
from fwgen.project.render import render
from tests.kernels import on_this_machine as kernels
from tests.tflite_models import ModelBuilder
from tests.tflite_models.cases import cases_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.liveliness import answers

STEPS = 12

MAIN = """
#include <stdio.h>
#include "fw_model.h"

/* inferences until the input ends, outputs to stdout; the last ones after a reset */
int main(void) {
  for (int i = 0; fread(fw_model.input[0].data, 1, fw_model.input[0].bytes, stdin); i++) {
    if (i == %d) fw_model_reset();
    fw_model_invoke();
    fwrite(fw_model.output[0].data, 1, fw_model.output[0].bytes, stdout);
  }
  return 0;
}
"""


def two_layers(code: str, seed: int) -> bytes:
    """Two of them in a row, with states of their own."""
    m, d, cases = ModelBuilder(), Draw(np.random.default_rng(seed), tame=True), cases_of(code)
    rank = cases.ranks[0]
    x = m.tensor((2, 5, 7)[-rank:], scale=2.0**-7, zero_point=-3)
    cases.append(m, d, cases.append(m, d, x))
    return m.build()


@pytest.mark.parametrize("code", ["SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"])
def test_firmware_steps_and_resets(code: str, tmp_path: Path) -> None:
    model = two_layers(code, 8)
    graph = resolve(read_model(model, "m"))
    program = compile_graph(graph, Request(load_board("host")))
    for name, content in render(program, {}, program.board.source).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "stepping.c").write_text(MAIN % (STEPS // 2))
    sources = [tmp_path / "stepping.c", *tmp_path.glob("src/*.c"), *tmp_path.glob("kernels/*.c")]
    includes = [f"-I{tmp_path / name}" for name in ("runtime", "kernels", "src")]
    command = ["gcc", *kernels.FLAGS, *kernels.SANITIZE, *includes, *sources]
    command += [tmp_path / "runtime" / "fw_crc.c", "-o", tmp_path / "stepping"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    x = graph.tensors[graph.inputs[0]]
    rng = np.random.default_rng(1)
    once = rng.integers(-128, 128, (STEPS // 2, *x.shape)).astype(np.int8)
    inputs = np.concatenate([once, once])
    ran = subprocess.run([tmp_path / "stepping"], input=inputs.tobytes(), capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()
    expected = b"".join(out.tobytes() for (out,) in answers(model, [[x] for x in once]))
    assert ran.stdout == expected + expected
    assert len({*np.frombuffer(expected, np.int8)}) > 10


@pytest.mark.parametrize("board", ["host", "corstone-300"])
@pytest.mark.parametrize("code", ["SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"])
def test_no_state_is_copied(code: str, board: str) -> None:
    graph = resolve(read_model(two_layers(code, 8), "m"))
    program = compile_graph(graph, Request(load_board(board)))
    variables = {v.before: v.after for v in graph.variables}
    assert len(variables) == (2 if code == "SVDF" else 4)
    names = {f"t{before}" for before in variables}
    calls = [call for step in program.steps for _, block in step.blocks for call in block]
    assert not [call for call in calls if names.intersection(call[1])]
