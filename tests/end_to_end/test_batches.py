"""Models that take several samples at once: their kernels, their samples, and what refuses them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.kernels.c_files import kernel_files
from fwgen.measure.verify.samples import batch_of, correct, load_samples
from fwgen.model.reader import read_model
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder, random_graph
from tests.tflite_models.tflm import load, tflm

FAMILIES = {"depthwise", "elementwise", "matrix", "moves", "pools", "softmax"}
"""Of kernels for MVE, that random models of int8 call."""
SEEDS = range(200, 210)


def family_of(kernel: str) -> str:
    """The folder of a row's C file, "" for a row that has none of its own name."""
    file = kernel_files().get(f"{kernel}.c")
    return file.parent.name if file else ""


@pytest.mark.parametrize("board", ["corstone-300", "host"])
def test_random_models_of_two_and_three_samples_are_exact(
    fwgen: Fwgen, tmp_path: Path, board: str
) -> None:
    """Of every family of kernels that there is for the core, in one image."""
    paths, kept = [], 0
    for seed in SEEDS:
        model = random_graph(np.random.default_rng(seed), 10, batches=(2 + seed % 2,))
        kept += len(load(model).variables)
        paths.append(tmp_path / f"batch-{seed}.tflite")
        paths[-1].write_bytes(model)
    assert kept, "some keep a state"
    options = ["--sanitize"] if board == "host" else []
    done = fwgen("build", *paths, "-b", board, "-o", "all", *options)
    assert done.returncode == 0, done.stderr
    families = {
        family_of(op["kernel"])
        for path in (tmp_path / "all").glob("*/fwgen.json")
        for op in json.loads(path.read_text())["ops"]
    }
    if board == "corstone-300":
        assert families >= FAMILIES
    done = fwgen("verify", "all", "--inputs", "2", "--every-op")
    assert done.returncode == 0, done.stdout + done.stderr


def classifier(batch: int, dims: int = 2) -> bytes:
    """A model that finds the largest of 4 numbers, for several samples at once."""
    shape = (batch, 4) if dims == 2 else (batch, 2, 2, 1)
    m = ModelBuilder()
    x = y = m.tensor(shape, scale=1 / 64)
    if dims != 2:
        y = m.tensor((batch, 4), scale=1 / 64)
        m.op("RESHAPE", [x], [y])
    z = m.tensor((batch, 4), scale=1 / 256, zero_point=-128)
    m.op("SOFTMAX", [y], [z], beta=1.0)
    return m.build()


class Tflm:
    """A device that is right."""

    def __init__(self, model: bytes) -> None:
        self.model, self.graph = model, read_model(model, "m")
        self.runs = 0
        self._input = b""

    def reset(self) -> None:
        """Nothing is kept."""

    def load(self, data: bytes) -> None:
        self._input = data

    def run(self) -> None:
        self.runs += 1

    def outputs(self) -> bytes:
        tensor = self.graph.tensors[self.graph.inputs[0]]
        values = np.frombuffer(self._input, np.int8).reshape(tensor.shape)
        return tflm(self.model, [values]).tobytes()


@pytest.mark.parametrize("dims", [2, 4])
@pytest.mark.parametrize(("batch", "samples"), [(1, 5), (2, 6), (3, 7), (3, 2)])
def test_accuracy_is_of_samples_not_of_batches(
    tmp_path: Path, batch: int, samples: int, dims: int
) -> None:
    model = classifier(batch, dims)
    graph = read_model(model, "m")
    assert batch_of(graph) == batch
    rng = np.random.default_rng(samples)
    inputs = np.stack([rng.permutation(np.arange(-60, 60, 30)) for _ in range(samples)])
    labels = inputs.argmax(axis=1)
    labels[1] = (labels[1] + 1) % 4
    shape = (samples, *graph.tensors[graph.inputs[0]].shape[1:])
    np.savez(tmp_path / "s.npz", inputs=inputs.astype(np.int8).reshape(shape), labels=labels)
    device, ticks = Tflm(model), list[int]()
    loaded = load_samples(tmp_path / "s.npz", graph)
    assert correct(device, graph, loaded, ticks.append) == samples - 1  # type: ignore[arg-type]
    assert device.runs == -(-samples // batch) and ticks[-1] == samples


def test_a_model_of_several_samples_runs_with_samples_and_inputs(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    (tmp_path / "m.tflite").write_bytes(classifier(2))
    assert fwgen("build", "m.tflite", "-b", "host", "-o", "p").returncode == 0
    inputs = np.array([[9, 1, 2, 3], [0, 9, 1, 2], [5, 6, 7, 90]], np.int8)
    np.savez(tmp_path / "s.npz", inputs=inputs, labels=[0, 1, 3])
    np.save(tmp_path / "i.npy", inputs[:2])
    done = fwgen("run", "p", "--samples", "s.npz", "--input", "i.npy", "--json", "r")
    assert done.returncode == 0 and "correct 3 of 3 samples" in done.stdout, done.stderr
    (output,) = json.loads((tmp_path / "r").read_text())["outputs"]
    assert output["shape"] == [2, 4] and np.argmax(np.reshape(output["real"], (2, 4)), 1)[1] == 1
    np.savez(tmp_path / "s.npz", inputs=np.zeros((3, 8), np.int8), labels=[0, 1, 3])
    done = fwgen("run", "p", "--samples", "s.npz")
    assert done.returncode == 2 and "expected int8 [N, 4]" in done.stderr


def test_rows_of_several_images_are_not_fed(fwgen: Fwgen, tmp_path: Path) -> None:
    m = ModelBuilder()
    x, y = m.tensor((2, 8, 8, 1), scale=0.1), m.tensor((2, 4, 4, 1), scale=0.1)
    m.op("MAX_POOL_2D", [x], [y], filter_width=2, filter_height=2, stride_w=2, stride_h=2)
    (tmp_path / "m.tflite").write_bytes(m.build())
    done = fwgen("build", "m.tflite", "-b", "host", "-o", "p", "--feed-rows")
    assert done.returncode == 3 and "fed row by row" in done.stderr and "try:" in done.stderr
    assert not (tmp_path / "p").exists()
