"""Loops and branches that firmware decides: exact on the boards, with state, over a sequence of
inferences; their counters; and a loop that does not end."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.device.run import open_session
from fwgen.device.run.runner import Launch
from fwgen.model.control import CONTROL, MOST_TRIPS
from fwgen.model.reader import read_model
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder
from tests.tflite_models.decided import random_decisions
from tests.tflite_models.loops import number

IN_ONE_IMAGE = 8
MOST_OF_TRACING = 16
"""Instructions that tracing adds to a run of an op beside what is subtracted."""

BOARDS = ("host", "corstone-300", "mps2-an386")


@pytest.mark.parametrize(
    ("board", "first"),
    [
        *((board, number * IN_ONE_IMAGE) for number, board in enumerate(BOARDS)),
        *(
            pytest.param(board, first, marks=pytest.mark.nightly)
            for board in BOARDS
            for first in range(24, 120, IN_ONE_IMAGE)
        ),
    ],
)
def test_random_decisions_are_tflm_s(fwgen: Fwgen, tmp_path: Path, board: str, first: int) -> None:
    """Several models in one image; outputs of ops that always run, and the state."""
    paths, codes, variables = [], set[str](), 0
    for seed in range(first, first + IN_ONE_IMAGE):
        model = random_decisions(np.random.default_rng(seed))
        paths.append(tmp_path / f"decided-{seed}.tflite")
        paths[-1].write_bytes(model)
        graph = read_model(model, "m")
        codes |= {op.code for op in graph.ops}
        variables += len(graph.variables)
    assert codes >= CONTROL and variables > 2
    options = ["--sanitize"] if board == "host" else []
    done = fwgen("build", *paths, "-b", board, "-o", "all", *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "all", "--inputs", "5", "--every-op")
    assert done.returncode == 0, done.stdout + done.stderr


def counting(steps: int | None) -> bytes:
    """A loop of as many steps as an input says, or of steps of a size that never come to an end; a
    branch that is taken after fewer than three."""
    m = ModelBuilder()
    x, few, y, count = (
        m.tensor((1, 8), scale=0.5),
        number(m),
        m.tensor((1, 8), scale=0.5),
        number(m),
    )
    _, c = m.subgraph()
    held = [number(c), c.tensor((1, 8), scale=0.5), number(c)]
    again = number(c, dtype="bool")
    c.op("LESS", [held[0], held[2]], [again])
    c.returns(held, [again])
    _, b = m.subgraph()
    held = [number(b), b.tensor((1, 8), scale=0.5), number(b)]
    later, new = number(b), b.tensor((1, 8), scale=0.5)
    b.op("ADD", [held[0], number(b, 1 if steps is None else steps)], [later])
    b.op("ADD", [held[1], held[1]], [new])
    b.returns(held, [later, new, held[2]])
    outputs = [count, y, number(m)]
    m.op("WHILE", [number(m, 0), x, few], outputs, cond_subgraph_index=1, body_subgraph_index=2)
    for code in ("RELU", "RELU6"):
        _, s = m.subgraph()
        given, made = (s.tensor((1, 8), scale=0.5) for _ in range(2))
        s.op(code, [given], [made])
        s.returns([given], [made])
    holds, z = number(m, dtype="bool"), m.tensor((1, 8), scale=0.5)
    m.op("LESS", [count, number(m, 3)], [holds])
    m.op("IF", [holds, y], [z], then_subgraph_index=3, else_subgraph_index=4)
    return m.build([x, few], [z, count])


@dataclass(frozen=True)
class Counting:
    """A built project of ``counting``, and a command on it with so many steps."""

    fwgen: Fwgen
    folder: Path

    def run(self, command: str, steps: int) -> dict[str, Any]:
        values = {"x": np.arange(-4, 4, dtype=np.int8).reshape(1, 8), "n": np.int32(steps)}
        paths = [self.folder / f"{name}.npy" for name in values]
        for path, value in zip(paths, values.values(), strict=True):
            np.save(path, value)
        inputs = [word for path in paths for word in ("--input", str(path))]
        done = self.fwgen(command, "counting", *inputs, "--json", "-")
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result


@pytest.fixture
def project(fwgen: Fwgen, tmp_path: Path) -> Counting:
    path = tmp_path / "counting.tflite"
    path.write_bytes(counting(None))
    done = fwgen("build", path, "-b", "corstone-300", "-o", "counting")
    assert done.returncode == 0, done.stderr
    return Counting(fwgen, tmp_path)


@pytest.mark.parametrize("steps", [0, 2, 5])
def test_counters_are_those_of_all_runs(project: Counting, steps: int) -> None:
    """Ops of the body run as often as there are steps, those of the condition once more, and one
    branch of two: in the profile, and by the counter of the machine."""
    segments = project.run("profile", steps)["profile"]["segments"]
    runs = {segment["op"]: (segment["name"], segment["runs"]) for segment in segments}
    then, other = int(steps < 3), int(steps >= 3)
    assert [*runs.values()] == [
        *(("WHILE", 1), ("LESS", steps + 1), ("DO", steps + 1)),
        *(("ADD", steps), ("ADD", steps), ("END_WHILE", steps), ("LESS", 1), ("IF", 1)),
        *(("RELU", then), ("ELSE", then), ("RELU6", other), ("END_IF", other)),
    ]
    counts = project.run("run", steps)["counters"]
    by_op = [op["value"] for op in counts["ops"]]
    assert [value > 0 for value in by_op] == [count > 0 for _, count in runs.values()]
    for segment, value, (_, count) in zip(segments, by_op, runs.values(), strict=True):
        assert 0 <= value - segment["instructions"] <= MOST_OF_TRACING * count


def test_the_link_tells_of_ops_that_ran(fwgen: Fwgen, tmp_path: Path) -> None:
    """Of each op the CRC-32 and the bytes that it left first, and none of one that did not run."""
    path = tmp_path / "counting.tflite"
    path.write_bytes(counting(None))
    assert fwgen("build", path, "-b", "host", "-o", "counting").returncode == 0
    image = tmp_path / "counting" / "build" / "firmware.elf"
    values = np.arange(-4, 4, dtype=np.int8)
    with open_session(Launch(load_board("host"), image)) as session:
        link = session.link
        for steps, missing in ((0, {3, 4, 10}), (2, {10}), (5, {8, 9})):
            link.load(values.tobytes() + np.int32(steps).tobytes())
            crcs, dumps = link.op_crcs(), [link.dump(op) for op in range(12)]
            assert {op for op, crc in enumerate(crcs) if crc is None} == missing
            for op, (crc, data) in enumerate(zip(crcs, dumps, strict=True)):
                assert (zlib.crc32(data) == crc) if op not in missing else not data
            count = np.int32(steps).tobytes()
            doubled = np.clip(values.astype(int) * 2**steps, -128, 127).astype(np.int8)
            assert dumps[5] == count + doubled.tobytes() + count  # when the loop is over
            assert steps == 0 or dumps[3] == np.int32(1).tobytes()  # of the first step
            assert link.outputs()[-4:] == count


def test_a_loop_that_does_not_end_is_left(fwgen: Fwgen, tmp_path: Path) -> None:
    path = tmp_path / "endless.tflite"
    path.write_bytes(counting(0))
    np.save(tmp_path / "n.npy", np.int32(1))
    np.save(tmp_path / "x.npy", np.zeros((1, 8), np.int8))
    assert fwgen("build", path, "-b", "host", "-o", "endless").returncode == 0
    done = fwgen("run", "endless", "--input", tmp_path / "x.npy", "--input", tmp_path / "n.npy")
    assert done.returncode == 7
    assert f"in op 2: endless-loop. A WHILE had run {MOST_TRIPS:,} times" in done.stderr


def test_what_cannot_go_with_loops_is_refused(fwgen: Fwgen, tmp_path: Path) -> None:
    path = tmp_path / "counting.tflite"
    path.write_bytes(counting(None))
    for options, words in (
        (["--feed-rows"], "takes its input as a whole, not row by row"),
        (["--npu", "ethos-u55-128"], "An NPU does nothing beside WHILE and IF"),
    ):
        done = fwgen("build", path, "-b", "corstone-300", "-o", "refused", *options)
        assert done.returncode in (2, 3) and words in done.stderr, done.stderr
        assert not (tmp_path / "refused").exists()
