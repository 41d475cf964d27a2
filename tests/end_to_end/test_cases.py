"""The cases beside the checkout, where they lie there: small models that failed once.

Each builds, and its outputs are TFLM's, but for those that no build can be right of. What a case
was about is also tested elsewhere by models of the tests' own; here are the files themselves.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fwgen.cli import main
from tests.conftest import ROOT, Fwgen
from tests.fuzz.bounded import bounded

FOLDER = ROOT.parent / "shared" / "cases"
CASES = sorted(FOLDER.glob("*.tflite"))

pytestmark = pytest.mark.skipif(not CASES, reason="there is no folder of cases beside the checkout")

REFUSED = {
    "lfs_pointer.tflite": "git lfs pull",
    "model_array.cc": "give the .tflite file from which the array was made",
    "concat_11.tflite": "takes at most 10 inputs",
}
"""What no build can be right of, with words of the sentence."""

LARGE = ("hang1037", "relu_1000000")
"""Of millions of elements, which a simulator takes long for."""

ACCEPTED = [path for path in CASES if path.name not in REFUSED]

UNPROVEN = "npu_exp_unverifiable"
"""Of an op that TFLM lacks: on the core it is compared with a table, on an NPU with nothing."""

NPU, LARGER_NPU = "ethos-u55-128", "ethos-u65-256"

WITHOUT_NPU = ("dynamic_size_a", "strict_scalar")
"""Of which an NPU does nothing."""

MADE_FOR_NPUS = (
    "npu_concat_channel_max_a",
    "npu_concat_channel_max_b",
    "npu_only_resize",
    "split_channels",
    "dilated_dynamic_batch_a",
    "dilated_dynamic_batch_b",
    "uint8_io_a",
)
"""What failed with an NPU; the others are tried with one at night."""

ON_NPUS = [
    *((name, NPU) for name in MADE_FOR_NPUS),
    *((name, LARGER_NPU) for name in MADE_FOR_NPUS[:2]),
    *(
        pytest.param(path.stem, NPU, marks=pytest.mark.nightly)
        for path in ACCEPTED
        if path.stem not in (*MADE_FOR_NPUS, *LARGE, UNPROVEN)
    ),
]


def case(name: str) -> Path:
    return FOLDER / f"{name}.tflite"


def verified(fwgen: Fwgen, out: Path, *options: object) -> dict[str, Any]:
    """The verdict, which must hold."""
    result = out.with_suffix(".json")
    done = fwgen("verify", out, "--json", result, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict: dict[str, Any] = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 0
    return verdict


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_a_case_is_inspected(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each op has a kernel: nothing is left to say of what the core lacks."""
    assert main(["inspect", str(path)]) == 0
    said = capsys.readouterr().out
    assert "done by" in said and "not on the core" not in said


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_a_case_builds_and_computes_as_tflm(fwgen: Fwgen, tmp_path: Path, path: Path) -> None:
    board = "host" if path.stem in LARGE else "corstone-300"
    out = tmp_path / "o"
    done = fwgen("build", path, "-b", board, "-o", out)
    assert done.returncode == 0, done.stderr
    verified(fwgen, out, "--inputs", 2)


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_that_is_no_model_says_what_to_do(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", str(FOLDER / name), "-b", "host", "-o", str(tmp_path / "o")]) == 3
    assert REFUSED[name] in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(("name", "npu"), ON_NPUS)
def test_a_case_on_an_npu_computes_as_tflm(
    fwgen: Fwgen, tmp_path: Path, name: str, npu: str
) -> None:
    """What Vela compiles wrongly stays on the core."""
    out = tmp_path / "o"
    done = fwgen("build", case(name), "-b", "corstone-300", "--npu", npu, "-o", out)
    if name in WITHOUT_NPU:
        assert done.returncode == 3 and f"{npu} would do nothing" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    verified(fwgen, out, "--inputs", 2)


def test_a_model_that_tflm_lacks_an_operator_of_is_warned_of(fwgen: Fwgen, tmp_path: Path) -> None:
    """The build says that nothing can be proven; comparing is no failure of a build tool."""
    out = tmp_path / "o"
    done = fwgen("build", case(UNPROVEN), "-b", "corstone-300", "--npu", NPU, "-o", out)
    assert done.returncode == 0, done.stderr
    assert "`fwgen verify` cannot compare" in done.stderr
    assert fwgen("verify", out).returncode == 3


def test_more_inputs_than_tflm_takes_are_for_an_npu_alone(fwgen: Fwgen, tmp_path: Path) -> None:
    """Vela has no such limit; comparing then fails in a sentence about TFLM."""
    out = tmp_path / "o"
    done = fwgen("build", case("concat_11"), "-b", "corstone-300", "--npu", NPU, "-o", out)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out)
    assert done.returncode == 3 and "TFLM refused to load the model" in done.stderr


@pytest.mark.parametrize(
    "name", ["depthwise_multiplier_a", "depthwise_multiplier_b", "add_plain_c_a", "add_plain_c_b"]
)
def test_no_op_of_a_case_is_left_to_plain_c(fwgen: Fwgen, tmp_path: Path, name: str) -> None:
    done = fwgen("build", case(name), "-b", "corstone-300", "-o", tmp_path / "o", "--no-compile")
    assert done.returncode == 0, done.stderr
    ops = json.loads((tmp_path / "o" / "fwgen.json").read_text())["ops"]
    assert ops and all(op["kernel"].endswith("_mve") for op in ops)


@pytest.mark.parametrize("name", ["dilated_dynamic_batch_a", "dilated_dynamic_batch_b"])
def test_a_batch_that_the_file_stores_wrongly_is_corrected(
    fwgen: Fwgen, tmp_path: Path, name: str
) -> None:
    done = fwgen("build", case(name), "-b", "host", "-o", tmp_path / "o", "--no-compile")
    assert done.returncode == 0 and "corrected: tensor" in done.stderr


def test_sizes_left_open(fwgen: Fwgen, tmp_path: Path) -> None:
    """A warning, or the size that was asked for."""
    out, path = tmp_path / "o", case("dynamic_size_a")
    done = fwgen("build", path, "-b", "host", "-o", out, "--no-compile")
    assert "built for 1x1x1x3" in done.stderr
    done = fwgen("build", path, "-b", "host", "-o", out, "--input-shape", "1x12x9x3")
    assert done.returncode == 0 and "warning" not in done.stderr
    assert verified(fwgen, out, "--inputs", 2)["bytes"] == 2 * 12 * 9 * 4


def test_constant_shape_arithmetic_needs_no_kernel(fwgen: Fwgen, tmp_path: Path) -> None:
    for name in ("shape_pack_a", "shape_pack_b", "keras_flatten"):
        out = tmp_path / name
        done = fwgen("build", case(name), "-b", "host", "-o", out, "--no-compile")
        assert done.returncode == 0, done.stderr
        ops = {op["op"] for op in json.loads((out / "fwgen.json").read_text())["ops"]}
        assert not ops & {"SHAPE", "STRIDED_SLICE", "PACK"}


def test_names_of_two_inputs_alike(fwgen: Fwgen, tmp_path: Path) -> None:
    path, out, result = case("two_same_inputs"), tmp_path / "o", tmp_path / "i.json"
    done = fwgen("inspect", path, "--json", result)
    assert "flow" in done.stdout and "pressure" in done.stdout
    named = [each["name"] for each in json.loads(result.read_text())["inputs"]]
    assert fwgen("build", path, "-b", "host", "-o", out, "--no-compile").returncode == 0
    header = (out / "src" / "fw_model.h").read_text()
    for number, word in enumerate(("flow", "pressure")):
        assert word in named[number] and word in (out / "README.md").read_text()
        assert f"FW_MODEL_INPUT_INDEX_{word.upper()} {number}u" in header


def test_a_scalar_activation_without_passes(fwgen: Fwgen, tmp_path: Path) -> None:
    out = tmp_path / "o"
    done = fwgen("build", case("strict_scalar"), "-b", "corstone-300", "--strict", "-o", out)
    assert done.returncode == 0, done.stderr
    verified(fwgen, out, "--inputs", 3)


@pytest.mark.parametrize("character", [";", '"', "\\", "'", "$", "#", "(", " "])
def test_characters_in_the_name_of_a_file(fwgen: Fwgen, tmp_path: Path, character: str) -> None:
    path = tmp_path / f"a{character}b.tflite"
    shutil.copy(case("int16_hop_a"), path)
    done = fwgen("build", path, "-b", "host", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (made,) = (tmp_path / "build").iterdir()
    verified(fwgen, made, "--inputs", 1)


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("command", ["inspect", "build"])
def test_long_axes_take_little_time_and_memory(tmp_path: Path, name: str, command: str) -> None:
    options = ["-b", "corstone-300", "-o", str(tmp_path / "o"), "--no-compile"]

    def run(model: bytes) -> int:
        path = tmp_path / "m.tflite"
        path.write_bytes(model)
        return main([command, str(path), *(options if command == "build" else [])])

    (outcome,) = bounded(run, [(name, case(name).read_bytes())])
    assert not outcome.error and outcome.value in (0, 3, 4), outcome.error
