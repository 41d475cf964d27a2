"""CMSIS-NN as a provider of kernels: how it is found, built and checked at boot."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.cli.cmsis_nn_checkout import TESTED, find_cmsis_nn, require_cmsis_nn
from fwgen.compile.request import Request
from fwgen.contract.node import Node
from fwgen.errors import ToolError, UsageError
from fwgen.kernels import kernels_of
from fwgen.kernels.c_files import FOLDER
from fwgen.kernels.cmsis_nn import depthwise_conv
from fwgen.kernels.cmsis_nn.cores import Core
from fwgen.kernels.providers import providers_of
from fwgen.ops.parts.windows import ExplicitPadding
from fwgen.pipeline import compile_graph
from fwgen.source import read
from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen
from tests.kernels.cmsis_library import STAND_IN
from tests.tflite_models import ModelBuilder
from tests.tflite_models.tflm import load

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")

Env = dict[str, str]


def settings(folder: Path, text: str) -> Env:
    """An environment in which the user's settings are these."""
    path = folder / "fwgen" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return {"XDG_CONFIG_HOME": str(folder)}


def copied(root: Path, revision: str = "0.0.0", block: int = 124) -> Path:
    """A stand-in elsewhere, which says that it is of a revision and copies so many channels."""
    for name in ("Include/arm_nnfunctions.h", *(f"Source/{p.name}" for p in sources())):
        text = (STAND_IN / name).read_text().replace("V.0.0.0", f"V.{revision}")
        text = text.replace("#define BLOCK 124", f"#define BLOCK {block}")
        text = text.replace("${CMAKE_CURRENT_SOURCE_DIR}/../../../../fwgen/kernels", str(FOLDER))
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def sources() -> list[Path]:
    return sorted((STAND_IN / "Source").iterdir())


# Finding it


def test_it_is_nowhere(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    assert find_cmsis_nn(env) is None
    with pytest.raises(ToolError, match="was not found") as caught:
        require_cmsis_nn(env)
    assert "CMSIS_NN_ROOT" in caught.value.at and "config.toml" in caught.value.at
    assert caught.value.tries[0].startswith("git clone")


def test_the_environment_goes_before_the_settings(tmp_path: Path) -> None:
    one, two = (copied(tmp_path / name, "18.0.0") for name in ("one", "two"))
    env = settings(tmp_path / "config", f'[cmsis_nn]\nroot = "{one}"\n')
    found = find_cmsis_nn(env)
    assert found is not None and found.root == one and "config.toml" in found.named_by
    assert found.version == TESTED["18.0.0"]
    found = find_cmsis_nn({**env, "CMSIS_NN_ROOT": str(two)})
    assert found is not None and found.root == two and found.named_by == "CMSIS_NN_ROOT"


def test_the_newest_pack_is_taken(tmp_path: Path) -> None:
    packs = tmp_path / "ARM" / "CMSIS-NN"
    for version in ("6.0.0", "10.0.0", "7.0.0"):
        copied(packs / version)
    found = find_cmsis_nn({"HOME": str(tmp_path), "CMSIS_PACK_ROOT": str(tmp_path)})
    assert found is not None and found.root == packs / "10.0.0"
    assert found.version == "revision 0.0.0, not tested"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("root = 1", "Unknown setting"),
        ("[cmsis_nn]\npath = 'x'", "cmsis_nn.path"),
        ("[cmsis_nn]\nroot = 3", "non-empty string"),
        ("[cmsis_nn]\nroot = ''", "non-empty string"),
        ("[cmsis_nn", "is not TOML"),
    ],
)
def test_wrong_settings(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_cmsis_nn(settings(tmp_path, text))
    assert word in str(caught.value)


@pytest.mark.parametrize("kernels", ["auto", "cmsis-nn"])
def test_a_folder_that_is_something_else(fwgen: Fwgen, tmp_path: Path, kernels: str) -> None:
    env = {**os.environ, "CMSIS_NN_ROOT": str(tmp_path)}
    done = fwgen("build", DIGITS, "-b", "host", "--kernels", kernels, env=env)
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    assert "CMSIS_NN_ROOT names a folder that is not CMSIS-NN" in done.stderr
    assert "git clone" in done.stderr


def test_without_it(fwgen: Fwgen, tmp_path: Path) -> None:
    done = fwgen("build", DIGITS, "-b", "host", "--kernels", "cmsis-nn", "-o", tmp_path / "o")
    assert done.returncode == 5
    assert "Traceback" not in done.stderr and "git clone" in done.stderr
    assert not (tmp_path / "o").exists()


def test_the_doctor_knows_it(fwgen: Fwgen, tmp_path: Path) -> None:
    def says(env: Env) -> str:
        done = fwgen("doctor", env={**os.environ, **env})
        assert "Traceback" not in done.stderr
        (line,) = (line for line in done.stdout.splitlines() if "CMSIS-NN" in line)
        return line

    assert says({}).startswith("absent") and "git clone" in says({})
    assert all(version in says({}) for version in TESTED.values())
    assert says({"CMSIS_NN_ROOT": str(tmp_path)}).startswith("absent")
    root = copied(tmp_path / "lib", "18.0.0")
    assert says({"CMSIS_NN_ROOT": str(root)}).startswith("ok") and str(root) in says(
        {"CMSIS_NN_ROOT": str(root)}
    )


# Building with it


def built(fwgen: Fwgen, root: Path, board: str, out: Path, *args: str) -> dict[str, object]:
    env = {**os.environ, "CMSIS_NN_ROOT": str(root)}
    result = out.with_suffix(".json")
    done = fwgen("build", DIGITS, "-b", board, "-o", out, "--json", result, *args, env=env)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(result.read_bytes())
    return found


def providers(result: dict[str, object]) -> set[str]:
    ops = result["ops"]
    assert isinstance(ops, list)
    return {op["provider"] for op in ops}


@pytest.mark.parametrize("board", ["host", "corstone-300", "mps2-an386"])
def test_projects_that_call_it_are_exact(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    out = tmp_path / "o"
    result = built(fwgen, STAND_IN, board, out, "--kernels", "cmsis-nn")
    assert "cmsis-nn" in providers(result)
    assert result["cmsis_nn"] == {"root": str(STAND_IN), "revision": "0.0.0"}
    assert fwgen("verify", out, "--inputs", "5").returncode == 0
    for path in out.rglob("*"):
        if path.is_file() and "build" not in path.relative_to(out).parts:
            assert str(STAND_IN).encode() not in path.read_bytes(), path


def test_a_library_with_other_sizes_is_found_out_at_boot(fwgen: Fwgen, tmp_path: Path) -> None:
    root, out = copied(tmp_path / "lib", block=128), tmp_path / "o"
    built(fwgen, root, "corstone-300", out, "--kernels", "cmsis-nn")
    done = fwgen("run", out)
    assert done.returncode == 7
    assert "scratch-size" in done.stderr and "Traceback" not in done.stderr


def test_auto_takes_the_cheapest_and_tells_of_all(fwgen: Fwgen, tmp_path: Path) -> None:
    result = built(fwgen, STAND_IN, "mps2-an386", tmp_path / "o", "--optimize", "speed")
    ops = result["ops"]
    assert isinstance(ops, list)
    for op in ops:
        costs = op["expected_cycles_by_provider"]
        assert op["expected_cycles"] == costs[op["provider"]] == min(costs.values())
    assert any(len(op["expected_cycles_by_provider"]) > 1 for op in ops)


@pytest.mark.parametrize("kernels", ["fwgen", "reference"])
def test_what_is_not_asked_for_is_not_called(fwgen: Fwgen, tmp_path: Path, kernels: str) -> None:
    args = ("--kernels", kernels, "--no-compile")
    result = built(fwgen, STAND_IN, "corstone-300", tmp_path / "o", *args)
    assert kernels in providers(result) <= {"fwgen", "reference"}


def test_a_project_alone_says_what_it_needs(fwgen: Fwgen, tmp_path: Path) -> None:
    out = tmp_path / "o"
    built(fwgen, STAND_IN, "host", out, "--kernels", "cmsis-nn", "--no-compile")
    command = ["cmake", "-G", "Ninja", "-S", out, "-B", tmp_path / "b"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "-DCMSIS_NN_ROOT=DIR" in done.stderr
    done = subprocess.run([*command, f"-DCMSIS_NN_ROOT={STAND_IN}"], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("goal", ["balanced", "size"])
@pytest.mark.parametrize("board", ["corstone-300", "mps2-an386"])
def test_auto_is_never_slower_than_one_provider(board: str, goal: str) -> None:
    """A balanced choice of all once took 0.3 % more cycles than CMSIS-NN's alone, for flash."""
    taken = load_board(board)
    for model in [*OWN_MODELS, *REAL_MODELS][:5]:
        graph = read(model).graph
        cycles = {
            kernels: compile_graph(
                graph, Request(taken, goal=goal, providers=providers_of(kernels, True))
            ).expected_cycles
            for kernels in ("auto", "cmsis-nn", "fwgen")
        }
        assert cycles["auto"] <= min(cycles.values()), (model.stem, cycles)


@pytest.mark.parametrize(("depth", "most"), [(511, 1), (512, 0)])
def test_long_softmaxes_are_not_left_to_it(depth: int, most: int) -> None:
    """From a sum of 512 on TFLM has zeros, the library has not."""
    m = ModelBuilder()
    x = m.tensor((1, depth), scale=0.1)
    m.op("SOFTMAX", [x], [m.tensor((1, depth), scale=1 / 256, zero_point=-128)], beta=1.0)
    graph = load(m.build())
    rows = [row for row in kernels_of("SOFTMAX") if row.provider == "cmsis-nn"]
    assert rows and [row.takes(Node(graph, graph.ops[0])) for row in rows] == [bool(most)] * len(
        rows
    )


def padded_depthwise(
    window: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
) -> Node:
    """A depthwise convolution of 4x6 pixels with the padding of a PAD that went into it."""
    m = ModelBuilder()
    shape = (1, *window, 16)
    size = (4 + 1 - window[0], 6 + 1 - window[1])
    x, y = m.tensor((1, 4, 6, 16), scale=0.1), m.tensor((1, *size, 16), scale=0.1)
    w = m.tensor(shape, scale=[0.1] * 16, axis=3, data=np.ones(shape, np.int8))
    m.op("DEPTHWISE_CONV_2D", [x, w], [y], padding="VALID", stride_h=1, stride_w=1,
         depth_multiplier=1)  # fmt: skip
    graph = load(m.build())
    (op,) = graph.ops
    padding = ExplicitPadding(rows, columns)
    return Node(graph, replace(op, options=replace(op.options, padding=padding)))  # type: ignore[type-var]


@pytest.mark.parametrize(("above", "held"), [(0, True), (1, False)])
def test_windows_in_the_padding_alone_are_not_left_to_its_fast_way(above: int, held: bool) -> None:
    """There it writes after the end of its scratch memory, on cores with DSP instructions."""
    node = padded_depthwise((1, 2), (above, 0), (0, 0))
    assert depthwise_conv.holds(node, Core.DSP) == held and depthwise_conv.holds(node, Core.PLAIN)


@pytest.mark.parametrize(("after", "held"), [(1, True), (2, False)])
def test_windows_whose_middle_column_is_outside_are_not_left_to_its_3x3_way(
    after: int, held: bool
) -> None:
    """It has a test of the first and of the last column of a window, but none of the middle one."""
    node = padded_depthwise((3, 3), (1, 1), (1, after))
    for core in Core:
        assert depthwise_conv.holds(node, core) == (held or core is Core.MVE)
