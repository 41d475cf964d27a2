"""Firmware that offloads to an NPU, on QEMU with the functional model, as users run it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.build.built_project import open_project
from fwgen.device.run import open_session
from fwgen.device.run.runner import Launch
from fwgen.errors import DeviceFault
from fwgen.npu.board_npu import npu_of
from fwgen.npu.payload import read_payload
from fwgen.npu.vela import compile_model
from tests.cli.test_cli import check_error
from tests.conftest import OWN_MODELS, REAL_MODELS, ROOT, Fwgen
from tests.npu.test_offload import REMEMBERING, UPDATING, WITHOUT_OUTPUTS, in_part

U55 = "ethos-u55-128"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
PARTLY = {
    "kws_ref_model": "AVERAGE_POOL_2D,DEPTHWISE_CONV_2D",
    "vww_96_int8": "CONV_2D",
    "pretrainedResnet_quant": "ADD,SOFTMAX",
    "str_ww_ref_model": "DEPTHWISE_CONV_2D,RESHAPE",
    "ad01_int8": "RELU",
}


DYNAMIC = next(path for path in OWN_MODELS if path.stem == "dynamic_shape")
FIXED = [path for path in OWN_MODELS if path != DYNAMIC]
"""Models all of whose shapes are known to Vela."""


def test_a_model_whose_shapes_vela_does_not_know_is_refused(fwgen: Fwgen) -> None:
    done = fwgen("build", DYNAMIC, "-b", "corstone-300", "--npu", U55)
    check_error(done, 3, "left all ops to the core", "It says: Dynamic non-batch dimension")


def built(fwgen: Fwgen, model: Path, *options: object, board: str = "corstone-300") -> Path:
    """A project beside the test, which was built."""
    done = fwgen("build", model, "-b", board, "-o", "out", *options)
    assert done.returncode == 0, done.stderr
    # fwgen ran in the folder that the elf is in
    return Path(re.findall(r" files in ([^\s,;]+)", done.stderr)[0])


def verified(fwgen: Fwgen, tmp_path: Path, *options: object, inputs: int = 4) -> dict[str, Any]:
    """What a verification of the project says, which must find no mismatch."""
    done = fwgen("verify", "out", "--inputs", inputs, "--json", "verified.json", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads((tmp_path / "verified.json").read_bytes())
    assert result["mismatches"] == 0 and result["bytes"] > 0
    for byte in result["rounded"]:
        apart = (byte["tflm"] - byte["got"]) & 0xFF
        assert apart in (1, 255), "more than one step from TFLM"
    assert all(op["npu"] or op["why"] for op in result["npu"]["ops"])
    return result


@pytest.mark.parametrize("configuration", [U55, "ethos-u55-256", "ethos-u65-512"])
@pytest.mark.parametrize("path", [*FIXED, *REAL_MODELS], ids=lambda path: path.stem)
def test_models_give_the_bytes_of_tflm(
    path: Path, configuration: str, fwgen: Fwgen, tmp_path: Path
) -> None:
    built(fwgen, path, "--npu", configuration)
    result = verified(fwgen, tmp_path)
    assert result["npu"]["configuration"] == configuration
    if path.stem != "ad01_int8":
        assert not result["rounded"]


LARGE = sorted((ROOT.parent / "shared" / "models" / "more").glob("mobilenet_v2_224.tflite"))


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("configuration", [U55, "ethos-u65-512"])
@pytest.mark.parametrize("path", LARGE, ids=lambda path: path.stem)
def test_a_vision_model_of_300m_macs_gives_the_bytes_of_tflm(
    path: Path, configuration: str, fwgen: Fwgen, tmp_path: Path
) -> None:
    """However long jobs and their transfers take."""
    built(fwgen, path, "--npu", configuration)
    result = verified(fwgen, tmp_path, inputs=1)
    assert result["npu"]["proof"]["proven"] == len(result["npu"]["ops"])


@pytest.mark.parametrize("path", [p for p in REAL_MODELS if p.stem == "ad01_int8"])
def test_bytes_by_the_multipliers_of_vela_are_told_one_by_one(
    path: Path, fwgen: Fwgen, tmp_path: Path
) -> None:
    """With these inputs two bytes are one step from TFLM's, as Vela's multipliers say."""
    built(fwgen, path, "--npu", U55)
    result = verified(fwgen, tmp_path, "--seed", 7, inputs=20)
    told = [(byte["input"], byte["tflm"], byte["got"]) for byte in result["rounded"]]
    assert told == [(12, 256 - 21, 256 - 22), (19, 256 - 21, 256 - 22)]
    done = fwgen("verify", "out", "--inputs", 20, "--seed", 7)
    assert "2 more are not TFLM's but exactly what" in done.stdout and "-22" in done.stdout
    left = ["--npu", U55, "--vela-args=--ignore-ops FULLY_CONNECTED"]
    check_error(fwgen("build", path, "-b", "corstone-300", *left), 3, "left all ops to the core")


@pytest.mark.parametrize("path", [p for p in REAL_MODELS if p.stem in PARTLY], ids=lambda p: p.stem)
def test_models_in_part_on_the_npu(path: Path, fwgen: Fwgen, tmp_path: Path) -> None:
    options = ["--npu", U55, f"--vela-args=--ignore-ops {PARTLY[path.stem]}", "--canaries"]
    built(fwgen, path, *options)
    result = verified(fwgen, tmp_path)
    left = {op["op"] for op in result["npu"]["ops"] if not op["npu"]}
    assert left == set(PARTLY[path.stem].split(",")) & {op["op"] for op in result["npu"]["ops"]}
    assert "CUSTOM ethos-u" in {op["op"] for op in result["ops"]}


@pytest.mark.parametrize("seed", [0, 3, 6, *REMEMBERING[:3], *WITHOUT_OUTPUTS, *UPDATING[:2]])
def test_random_models_in_part_on_the_npu(seed: int, fwgen: Fwgen, tmp_path: Path) -> None:
    data, left, configuration = in_part(seed)
    model = tmp_path / "model.tflite"
    model.write_bytes(data)
    board = ("corstone-300", "corstone-310")[seed % 2]
    options = ["--npu", configuration, f"--vela-args=--ignore-ops {','.join(left)}", "--canaries"]
    done = fwgen("build", model, "-b", board, "-o", "out", *options)
    assert done.returncode == 0, done.stderr
    verified(fwgen, tmp_path)


def test_a_run_tells_what_the_npu_did_and_where_numbers_are_from(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    built(fwgen, DIGITS, "--npu", U55)
    done = fwgen("run", "out", "--json", "ran.json")
    assert done.returncode == 0, done.stderr
    assert "npu_estimated_cycles" in done.stdout and "source: vela" in done.stdout
    result = json.loads((tmp_path / "ran.json").read_bytes())
    assert result["counters"]["unit"] == "instructions", "the core's, which waits"
    assert "counters" not in result["npu"], "QEMU has no NPU whose counters could be read"
    again = fwgen("run", "out", "--json", "again.json")
    assert again.returncode == 0
    assert (tmp_path / "ran.json").read_bytes() == (tmp_path / "again.json").read_bytes()


def test_a_profile_counts_the_core_beside_the_npu(fwgen: Fwgen, tmp_path: Path) -> None:
    built(fwgen, DIGITS, "--npu", U55, "--vela-args=--ignore-ops SOFTMAX")
    done = fwgen("profile", "out", "--json", "profile.json")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "profile.json").read_bytes())
    assert result["counters"]["total"] > 0


@pytest.fixture(scope="module")
def vela_digits() -> bytes:
    npu = npu_of(load_board("corstone-300"), U55)
    return compile_model(DIGITS.read_bytes(), "digits", U55, npu, "").model


def test_a_model_compiled_before_is_taken_as_it_is(
    fwgen: Fwgen, vela_digits: bytes, tmp_path: Path
) -> None:
    model = tmp_path / "compiled.tflite"
    model.write_bytes(vela_digits)
    for options in ([], ["--npu", U55]):
        built(fwgen, model, *options)
        check_error(fwgen("verify", "out"), 2, "--reference")
        other = next(path for path in OWN_MODELS if path.stem == "mixed_ops")
        check_error(fwgen("verify", "out", "--reference", other), 2, "expected int8")
        verified(fwgen, tmp_path, "--reference", DIGITS)


def test_a_compiled_model_among_several_is_verified_by_itself(
    fwgen: Fwgen, vela_digits: bytes, tmp_path: Path
) -> None:
    """TFLM cannot run it, so that it needs another reference than the image's others."""
    model = tmp_path / "compiled.tflite"
    model.write_bytes(vela_digits)
    done = fwgen("build", DIGITS, model, "-b", "corstone-300", "-o", "p")
    assert done.returncode == 0, done.stderr
    check_error(fwgen("verify", "p"), 2, "compiled by Vela before", "p/compiled", "--reference")
    for words in ("p/digits",), ("p/compiled", "--reference", DIGITS):
        done = fwgen("verify", *words, "--inputs", "2")
        assert done.returncode == 0 and done.stdout.startswith("0 of 20 output bytes"), done.stderr


def patched(vela: bytes, word: int, value: int) -> bytes:
    """A compiled model with another word of its payload."""
    at = vela.index(b"COP1") + 4 * word
    return vela[:at] + value.to_bytes(4, "little") + vela[at + 4 :]


def rebuilt(project: Path, array: str, change: Callable[[bytearray], None]) -> None:
    """A project whose C code has other bytes in a constant, built again by its own files.

    Without the check at boot, which would be first to see it.
    """
    weights = project / "src" / "weights.c"
    head, values, tail = re.split(
        rf"(?<=\.{array} = )({{[^}}]*)(?=}})", weights.read_text(), maxsplit=1
    )
    declared, _, numbers = values.partition("{")
    data = bytearray(int(n) for n in re.findall(r"\d+", numbers))
    change(data)
    weights.write_text(f"{head}{declared}{{{', '.join(map(str, data))}{tail}")
    model = project / "src" / "model.c"
    model.write_text(re.sub(r"return crc == .*;", "return (int)(crc | 1u);", model.read_text()))
    subprocess.run(["ninja", "-C", str(project / "build")], check=True)


def test_what_is_wrong_with_a_stream_in_the_firmware_is_a_named_fault(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    """Firmware that was changed after it was built: the device says what an NPU would."""

    def word(data: bytearray, number: int, value: int) -> None:
        data[4 * number : 4 * number + 4] = value.to_bytes(4, "little")

    def without_end(data: bytearray) -> None:
        words = np.frombuffer(bytes(data), "<u4")
        word(data, int(np.flatnonzero(words == 0xFFFF0000)[0]), 0x0000012F)

    def unknown(data: bytearray) -> None:
        word(data, read_payload(bytes(data), "p").offset // 4, 0x000003FF)

    for change, words in (
        (without_end, ["STOP"]),
        (unknown, ["no command 0x03ff", "word 0"]),
        (lambda data: word(data, 0, 0x32504F43), ["npu-payload-magic"]),
        (lambda data: word(data, 2, 0x1808), ["ethos-u55-256"]),
    ):
        built(fwgen, DIGITS, "--npu", U55, "--force")
        rebuilt(tmp_path / "out", "t0", change)
        check_error(fwgen("run", "out"), 7, *words)


def test_a_stream_for_another_number_of_macs_is_a_named_error(
    fwgen: Fwgen, vela_digits: bytes, tmp_path: Path
) -> None:
    model = tmp_path / "compiled.tflite"
    model.write_bytes(patched(vela_digits, 2, 0x00001808))
    done = fwgen("build", model, "-b", "corstone-300", "--npu", U55)
    check_error(done, 3, "compiled for ethos-u55-256, expected ethos-u55-128")
    # a project that says otherwise than its streams
    built(fwgen, DIGITS, "--npu", U55)
    marker = tmp_path / "out" / "fwgen.json"
    marker.write_text(marker.read_text().replace(U55, "ethos-u55-256"))
    check_error(fwgen("run", "out"), 2, "is for ethos-u55-256", "for ethos-u55-128")


def test_corrupted_weights_are_noticed(fwgen: Fwgen, tmp_path: Path) -> None:
    noticed = 0
    for share in (0.1, 0.5, 0.9):
        built(fwgen, DIGITS, "--npu", U55, "--force")
        if share == 0.1:
            verified(fwgen, tmp_path)

        def flip(data: bytearray, share: float = share) -> None:
            data[int(share * len(data))] ^= 0x5A

        rebuilt(tmp_path / "out", "t1", flip)
        done = fwgen("verify", "out", "--inputs", "4")
        assert done.returncode in (0, 1, 7) and "Traceback" not in done.stderr
        noticed += done.returncode != 0
    assert noticed >= 2


def test_an_npu_that_does_not_answer_is_a_named_fault(fwgen: Fwgen, tmp_path: Path) -> None:
    """QEMU without anybody at the doorbell: the driver finds no NPU at its address."""
    built(fwgen, DIGITS, "--npu", U55)
    project = open_project(tmp_path / "out")
    with (
        pytest.raises(DeviceFault, match="npu-absent"),
        open_session(Launch(project.board, project.elf, build=project.build_id)) as session,
    ):
        session.link.load(bytes(session.info.input_bytes))
        session.link.run()


def test_an_arena_that_is_too_large_for_one_region_goes_to_the_next(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    """On the board's large memory the NPU's arena is shared with the model and not copied."""
    built(fwgen, DIGITS, "--npu", U55, "--place", "arena=DDR")
    result = verified(fwgen, tmp_path)
    assert [arena["region"] for arena in result["memory"]["arenas"]] == ["DDR"]
