"""Models whose input comes row by row: the same outputs, however many rows come at a time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.cascade.search import cascade
from fwgen.compile.request import Request
from fwgen.compile.select.choices import choices_of
from fwgen.errors import ModelError
from fwgen.pipeline import compile_graph
from fwgen.project.render import render
from tests.compile.test_cascades import chain
from tests.conftest import OWN_MODELS, Fwgen
from tests.kernels import on_this_machine as kernels
from tests.tflite_models import ModelBuilder, random_inputs
from tests.tflite_models.tflm import load

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
HOST = load_board("host")
FED = Request(HOST, fed=True)

MAIN = """
#include <stdio.h>
#include <stdlib.h>
#include "fw_model.h"

/* rows at a time: the first argument; the image twice from stdin, the outputs to stdout */
int main(int argc, char **argv) {
  const uint32_t rows = ROWS, bytes = fw_model.input_bytes / ROWS;
  const uint32_t step = (uint32_t)atoi(argv[argc - 1]);
  int8_t *image = malloc(fw_model.input_bytes);
  for (int image_number = 0; image_number < 2; image_number++) {
    if (fread(image, 1, fw_model.input_bytes, stdin) != fw_model.input_bytes) return 2;
    int done = 0;
    for (uint32_t r = 0; r < rows; r += step) {
      if (done) return 3; /* before the last row */
      int8_t *part = malloc(step * bytes); /* of its size: what reads beyond it is found */
      const uint32_t count = rows - r < step ? rows - r : step;
      for (uint32_t i = 0; i < count * bytes; i++) part[i] = image[r * bytes + i];
      done = fw_model_feed_rows(part, count);
      free(part);
    }
    if (!done) return 4;
    fwrite(fw_model.output[0].data, 1, fw_model.output[0].bytes, stdout);
  }
  *fw_model.rows = image;
  fw_model_invoke();
  fwrite(fw_model.output[0].data, 1, fw_model.output[0].bytes, stdout);
  free(image);
  return 0;
}
"""


def firmware(data: bytes, folder: Path) -> Path:
    """A host program around the generated model."""
    program = compile_graph(load(data), FED)
    for name, content in render(program, {"model.tflite": data}, HOST.source).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    rows = load(data).tensors[program.graph.inputs[0]].shape[1]
    (folder / "feeding.c").write_text(MAIN.replace("ROWS", str(rows)))
    sources = [folder / "feeding.c", *folder.glob("src/*.c"), *folder.glob("kernels/*.c")]
    sources.append(folder / "runtime" / "fw_crc.c")
    includes = [f"-I{folder / name}" for name in ("runtime", "kernels", "src")]
    command = ["gcc", *kernels.FLAGS, *kernels.SANITIZE, *includes, *sources]
    done = subprocess.run(
        [*command, "-o", folder / "feeding"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "feeding"


@pytest.mark.parametrize("seed", range(7))
def test_any_number_of_rows_at_a_time(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(100 + seed)
    while True:
        data = chain(rng)
        graph = load(data)
        try:
            cascade(choices_of(graph, FED), FED, np.inf)
            break
        except ModelError:  # the input is also added to what comes out of the end
            continue
    images = [random_inputs(data, np.random.default_rng(k)) for k in range(2)]
    expected = b"".join(
        arrays[graph.outputs[0]].tobytes()
        for arrays in kernels.run([(graph, image) for image in images], flags=("-O2",))
    )
    expected += expected[len(expected) // 2 :]  # the second once more
    program = firmware(data, tmp_path)
    stdin = b"".join(image[0].tobytes() for image in images)
    for step in (1, 2, 5, 100):
        done = subprocess.run([program, str(step)], input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        assert done.stdout == expected, f"{step} rows at a time"


def test_on_the_command_line(fwgen: Fwgen, tmp_path: Path) -> None:
    """The serial protocol is as for any model."""
    done = fwgen("build", DIGITS, "-b", "corstone-300", "--feed-rows", "-o", "out")
    assert done.returncode == 0, done.stderr
    assert "fw_model_feed_rows" in (tmp_path / "out" / "README.md").read_text()
    done = fwgen("verify", "out", "--inputs", "5")
    assert done.returncode == 0 and "0 of 50 output bytes differ" in done.stdout


def test_what_cannot_be_fed_is_refused(fwgen: Fwgen, tmp_path: Path) -> None:
    m = ModelBuilder()
    x, y = (m.tensor((1, 4, 4, 2), scale=0.1) for _ in range(2))
    z = m.tensor((1, 4, 4, 2), scale=0.2)
    m.op("ADD", [x, y], [z])
    (tmp_path / "two.tflite").write_bytes(m.build())
    done = fwgen("build", "two.tflite", "-b", "host", "--feed-rows", "-o", "out")
    assert done.returncode == 3 and "has 2 inputs, expected 1" in done.stderr
    m = ModelBuilder()
    x = m.tensor((1, 8), scale=0.1)
    k = m.tensor((3, 8), scale=0.1, data=np.ones((3, 8), np.int8))
    m.op("FULLY_CONNECTED", [x, k], [m.tensor((1, 3), scale=0.1)])
    (tmp_path / "flat.tflite").write_bytes(m.build())
    done = fwgen("build", "flat.tflite", "-b", "host", "--feed-rows", "-o", "out")
    assert done.returncode == 3 and "FULLY_CONNECTED does not go by rows" in done.stderr
    assert not (tmp_path / "out").exists()
