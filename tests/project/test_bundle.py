"""Several models in one image: one arena, all exact in turn, from fwgen and from a user's C++."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile
from tflite_micro import runtime

from fwgen.board import load_board
from fwgen.device.run.qemu_machine import SECTION
from fwgen.project.bundle_names import bundle_names
from tests.conftest import OWN_MODELS, Fwgen
from tests.project.test_own_firmware import HERE, ORIGINS, blocks
from tests.tflite_models import random_graph, random_inputs, random_op_model
from tests.tflite_models.streams import random_stream

MODELS = {
    path.stem: path for path in OWN_MODELS if path.stem in ("digits", "mixed_ops", "float_io")
}
NAMES = sorted(MODELS)
PATHS = [MODELS[name] for name in NAMES]


def data_of(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize(
    ("board", "options"),
    [("host", ["--sanitize"]), ("corstone-300", []), ("mps2-an386", ["--optimize", "size"])],
    ids=["host", "corstone-300", "mps2-an386"],
)
def test_three_models_in_one_image_are_exact_in_turn(
    fwgen: Fwgen, tmp_path: Path, board: str, options: list[str]
) -> None:
    """And their arena is the largest that one of them needs."""
    done = fwgen("build", *PATHS, "-b", board, "-o", "all", "--json", "b", *options)
    assert done.returncode == 0, done.stderr
    built = json.loads((tmp_path / "b").read_text())
    assert [model["name"] for model in built["models"]] == NAMES
    arenas = [model["arena_bytes"] for model in built["models"]]
    assert built["memory"]["arena_bytes"] == max(arenas) < sum(arenas)
    assert all(name in done.stdout for name in NAMES) and "flash" in done.stdout
    with (tmp_path / "all" / "build" / "firmware.elf").open("rb") as file:
        symbols = [*ELFFile(file).get_section_by_name(".symtab").iter_symbols()]
    arena = [s for s in symbols if "arena" in s.name and s["st_info"]["type"] == "STT_OBJECT"]
    assert [s.name for s in arena if "asan" not in s.name.lower()] == ["fw_shared_arena"]
    copies = [s.name for s in symbols if s.name == "fw_softmax_s8" or s.name == "fw_crc32"]
    assert len(copies) == len(set(copies)), "kernels are there once"
    done = fwgen("verify", "all", "--inputs", "3", "--every-op", "--json", "v")
    assert done.returncode == 0, done.stderr
    verified = json.loads((tmp_path / "v").read_text())
    assert verified["build_id"] == built["build_id"]
    for model in verified["models"]:
        assert model["mismatches"] == 0 and model["inputs"] == 3 and model["bytes"] > 0
        assert model["op_outputs"]["compared"] > 5 and model["op_outputs"]["mismatches"] == 0
    for name in NAMES:
        done = fwgen("verify", f"all/{name}", "--inputs", "2", "--json", "v")
        assert done.returncode == 0, done.stderr
        assert json.loads((tmp_path / "v").read_text())["build_id"] == built["build_id"]


def test_random_models_in_one_image_are_exact_in_turn(fwgen: Fwgen, tmp_path: Path) -> None:
    paths = []
    for seed in range(4):
        paths.append(tmp_path / f"random-{seed}.tflite")
        paths[-1].write_bytes(random_graph(np.random.default_rng(1000 + seed), 8))
    done = fwgen("build", *paths, "-b", "host", "--sanitize", "-o", "all")
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "all", "--inputs", "4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "random_3" in done.stdout


def test_a_model_of_an_image_runs_is_profiled_and_drawn(fwgen: Fwgen, tmp_path: Path) -> None:
    """As it does alone, but for a few instructions of the call."""
    name = "mixed_ops"
    built = (PATHS, "all"), ([MODELS[name]], name)
    found = []
    for (paths, out), project in zip(built, (f"all/{name}", name), strict=True):
        for words in (
            ("build", *paths, "-b", "corstone-300", "-o", out),
            ("run", project, "--json", "r"),
            ("profile", project, "--json", "p"),
            ("report", project, "-o", "page.html"),
        ):
            done = fwgen(*words)
            assert done.returncode == 0, done.stderr
        run, profile = (json.loads((tmp_path / path).read_text()) for path in "rp")
        found.append((run["outputs"], run["counters"], profile["counters"]))
    inside, alone = found
    assert inside[0] == alone[0]
    assert abs(inside[1]["total"] - alone[1]["total"]) < 40
    values = [[op["value"] for op in counters[1]["ops"]] for counters in found]
    assert max(abs(a - b) for a, b in zip(*values, strict=True)) < 20
    assert abs(inside[2]["total"] / alone[2]["total"] - 1) < 0.02
    for command in ("run", "profile", "report"):
        done = fwgen(command, "all")
        assert done.returncode == 2 and "3 models in one image" in done.stderr
        assert all(f"all/{name}" in done.stderr for name in NAMES)


LISTS = """
cmake_minimum_required(VERSION 3.20)
project(application C CXX)
add_executable(application main.cpp infer.cpp {sources})
target_compile_options(application PRIVATE -g -O1 -Wall -Wextra -Werror {options}
  $<$<COMPILE_LANGUAGE:CXX>:-std=c++17 -pedantic -fno-exceptions -fno-rtti>)
target_link_options(application PRIVATE {link})
"""
ON_CHIP = "-nostdlib -Wl,--fatal-warnings,--build-id=none -T ${CMAKE_SOURCE_DIR}/vendor.ld"
ON_HOST_PUT = """
#include <cstdio>
extern "C" void put_bytes(const void *data, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) std::printf("%02x", static_cast<const uint8_t *>(data)[i]);
  std::printf("\\n");
}
"""


def in_turn(names: Iterable[str], at: int) -> list[str]:
    """The order of a round: forwards, and backwards in every second one."""
    return [*names][:: -1 if at % 2 else 1]


def main_of(inputs: Mapping[str, list[list[np.ndarray]]]) -> str:
    """A C++ program that gives each model its inputs, one model after the other, and prints the
    outputs."""
    lines = [f'#include "{name}.h"\n' for name in inputs]
    lines.append('extern "C" void put_bytes(const void *data, uint32_t bytes);\n')
    calls = []
    for name, samples in inputs.items():
        lines.append(f"void infer_{name}(const void *input, void *output);\n")
        lines.append(f"static uint8_t output_{name}[{name.upper()}_OUTPUT_0_BYTES];\n")
        for at, (sample,) in enumerate(samples):
            data = ", ".join(map(str, np.frombuffer(sample.tobytes(), np.uint8)))
            lines.append(f"static const uint8_t {name}_{at}[] = {{{data}}};\n")
    for at in range(len(next(iter(inputs.values())))):
        for name in in_turn(inputs, at):
            calls.append(f"  infer_{name}({name}_{at}, output_{name});\n")
            calls.append(f"  put_bytes(output_{name}, sizeof output_{name});\n")
    checks = " || ".join(f"{n}_check() >= 0 || !{n}_check_constants()" for n in inputs)
    return "".join([*lines, "int main() {\n", *calls, f"  return {checks};\n}}\n"])


def steps(model: bytes, inputs: list[list[np.ndarray]]) -> list[bytes]:
    """The first outputs of TFLM for inputs one after the other."""
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
    found = []
    for (sample,) in inputs:
        interpreter.set_input(sample, 0)
        interpreter.invoke()
        found.append(interpreter.get_output(0).tobytes())
    return found


@pytest.mark.parametrize("board", ["host", "corstone-300"])
def test_models_are_exact_in_turn_in_a_user_s_cpp(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    """By the example of the README, with a vendor's linker script, and one arena.

    One of them is there twice, and each keeps a state of its own.
    """
    for code in ("SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"):
        (tmp_path / f"{code}.tflite").write_bytes(random_op_model(code, np.random.default_rng(4)))
    (tmp_path / "stream.tflite").write_bytes(random_stream(np.random.default_rng(5)))
    paths = {
        **MODELS,
        "lstm": tmp_path / "UNIDIRECTIONAL_SEQUENCE_LSTM.tflite",
        "wake": tmp_path / "stream.tflite",
        "one": tmp_path / "SVDF.tflite",
        "two": tmp_path / "SVDF.tflite",
    }
    named = [word for name in paths for word in ("--name", name)]
    done = fwgen("build", *paths.values(), *named, "-b", board, "-o", "models", "--no-compile")
    assert done.returncode == 0, done.stderr
    native = load_board(board).native
    inputs = {
        name: [random_inputs(path.read_bytes(), np.random.default_rng([seed, at]))
               for at in range(3)]
        for seed, (name, path) in enumerate(paths.items())
    }  # fmt: skip
    readme = tmp_path / "models" / "README.md"
    put = "#include <stdint.h>\n" + ON_HOST_PUT if native else ""
    (tmp_path / "main.cpp").write_text(put + main_of(inputs))
    (tmp_path / "infer.cpp").write_text(blocks(readme, "cpp")[0])
    (use,) = blocks(readme, "cmake")
    names = dict(sources="" if native else "startup.c", link="" if native else ON_CHIP)
    lists = LISTS.format(**names, options="" if native else "-ffreestanding")
    lists += use.replace("my_firmware", "application")
    lists += "" if native else "target_link_libraries(application PRIVATE gcc)\n"
    (tmp_path / "CMakeLists.txt").write_text(lists)
    (tmp_path / "startup.c").write_bytes((HERE / "startup.c").read_bytes())
    options = []
    if not native:
        script = (HERE / "vendor.ld").read_text()
        for what, origin in zip(("FLASH_ORIGIN", "RAM_ORIGIN"), ORIGINS[board], strict=True):
            script = script.replace(what, origin)
        (tmp_path / "vendor.ld").write_text(script)
        options = [
            f"-DCMAKE_TOOLCHAIN_FILE={tmp_path / 'models' / 'toolchain.cmake'}",
            "-DCMAKE_CXX_COMPILER=arm-none-eabi-g++",
            f"-DCMAKE_CXX_FLAGS={' '.join(load_board(board).cpu.flags)}",
        ]
    command: list[str | Path] = ["cmake", "-G", "Ninja", "-S", tmp_path, "-B", tmp_path / "build"]
    for each in ([*command, *options], ["ninja", "-C", tmp_path / "build"]):
        made = subprocess.run(each, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    image = tmp_path / "build" / "application"
    run: list[str | Path] = [image]
    if not native:
        qemu = load_board(board).section(SECTION)
        assert qemu is not None
        run = ["qemu-system-arm", "-M", qemu.machine, "-display", "none", "-monitor", "none"]
        run += [
            "-serial",
            "none",
            "-semihosting-config",
            "enable=on,target=native",
            "-kernel",
            image,
        ]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    outputs = {name: steps(path.read_bytes(), inputs[name]) for name, path in paths.items()}
    expected = [outputs[name][at].hex() for at in range(3) for name in in_turn(paths, at)]
    assert outputs["one"] != outputs["two"]
    assert (done.stdout + done.stderr).split() == expected
    with image.open("rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab")
        arenas = [s.name for s in symbols.iter_symbols() if s.name.endswith("_arena")]
        assert arenas == ["fw_shared_arena"]


def test_an_image_is_made_again_as_a_whole(fwgen: Fwgen, tmp_path: Path) -> None:
    """The user's files stay, also among those of a model; a project that was moved works."""
    done = fwgen("build", *PATHS, "-b", "host", "-o", "all")
    assert done.returncode == 0, done.stderr
    own = tmp_path / "all" / "digits" / "user" / "mine.c"
    own.parent.mkdir()
    own.write_text("/* mine */\n")
    before = (tmp_path / "all" / "fwgen.json").read_bytes()
    source = tmp_path / "all" / "digits" / "src" / "model.c"
    source.write_text(source.read_text() + "/* edited */\n")
    first = fwgen("verify", "all/digits", "--inputs", "1", "--json", "v")
    assert first.returncode == 0, first.stderr
    edited = data_of(tmp_path / "v")["build_id"]
    done = fwgen("build", *PATHS[:2], "-b", "host", "-o", "all")
    assert done.returncode == 2 and "digits/src/model.c" in done.stderr
    assert (tmp_path / "all" / "fwgen.json").read_bytes() == before, "nothing half-written"
    done = fwgen("build", *PATHS, "-b", "host", "-o", "all", "--force")
    assert done.returncode == 0 and own.read_text() == "/* mine */\n"
    assert "edited" in (tmp_path / "all/digits/src/model.c.orig").read_text()
    shutil.move(tmp_path / "all", tmp_path / "moved")
    done = fwgen("verify", "moved/digits", "--inputs", "1", "--json", "v")
    assert done.returncode == 0 and data_of(tmp_path / "v")["build_id"] != edited
    done = fwgen("build", PATHS[0], "-b", "host", "-o", f"moved/{NAMES[0]}")
    assert done.returncode == 2 and "made as a whole" in done.stderr
    done = fwgen("build", PATHS[0], "-b", "host", "-o", "moved")
    assert done.returncode == 0 and own.parent.parent.parent.exists() is False
    assert (tmp_path / "moved" / "digits" / "user" / "mine.c").read_text() == "/* mine */\n"


def test_a_model_without_its_image_is_told(fwgen: Fwgen, tmp_path: Path) -> None:
    assert fwgen("build", *PATHS, "-b", "host", "-o", "all", "--no-compile").returncode == 0
    shutil.copytree(tmp_path / "all" / "digits", tmp_path / "alone" / "digits")
    done = fwgen("run", "alone/digits")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    os.rename(tmp_path / "all" / "digits", tmp_path / "all" / "other")
    done = fwgen("verify", "all/other")
    assert done.returncode == 2 and "bundle" in done.stderr
    done = fwgen("verify", "all")
    assert done.returncode == 2 and "digits" in done.stderr
    marker = tmp_path / "all" / "fwgen.json"
    for wrong in ({"models": "x"}, {"models": [1]}, {"models": [{}]}):
        marker.write_text(json.dumps(json.loads(marker.read_text()) | wrong))
        done = fwgen("verify", "all")
        assert done.returncode == 2 and "damaged" in done.stderr, done.stderr


def test_models_that_do_not_fit_together_are_told_which(fwgen: Fwgen, tmp_path: Path) -> None:
    """Each by itself would; before the tools are asked, and by the linker where code decides."""
    shown = fwgen("boards", "--show", "mps2-an386").stdout
    for bytes_, code in ((0x1800, 4), (0x4000, 4)):
        text = shown.replace('name = "mps2-an386"', 'name = "tiny"', 1)
        (tmp_path / "tiny.toml").write_text(_with_flash(text, bytes_))
        done = fwgen("build", *PATHS, "-b", "tiny.toml", "-o", f"p{bytes_}", "--optimize", "size")
        assert done.returncode == code, done.stderr
        if code:
            assert f"{bytes_:,}" in done.stderr and "Traceback" not in done.stderr
            assert "try:" in done.stderr
        if bytes_ == 0x1800:
            assert "weights of digits" in done.stderr and not (tmp_path / "p6144").exists()


def _with_flash(text: str, bytes_: int) -> str:
    """A board file with that much of its first region."""
    head, _, rest = text.partition("bytes = 0x")
    return f"{head}bytes = {bytes_:#x}{rest[rest.index(chr(10)) :]}"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--name", "a"], "a name for each"),
        (["--name", "a", "--name", "A", "--name", "b"], "another model"),
        (["--name", "a", "--name", "a_invoke", "--name", "b"], "a symbol of the model a"),
        (["--name", "runtime", "--name", "a", "--name", "b"], "a folder of the project"),
        (["--name", "int", "--name", "a", "--name", "b"], "word of C"),
        (["--npu", "other=ethos-u55-128"], "some of the models"),
        (["--place", "t3=ISRAM"], "a tensor or an op of one of the models"),
        (["--place", "other/t3=ISRAM"], "a tensor or an op of one of the models"),
        (["--input-shape", "1x8x8x1"], "one of the models"),
        (["--input-shape", "x=1x8x8x1"], "one of the models"),
    ],
)
def test_what_fits_no_model_is_refused(
    fwgen: Fwgen, tmp_path: Path, options: list[str], said: str
) -> None:
    done = fwgen("build", *PATHS, "-b", "corstone-300", "-o", "p", *options)
    assert done.returncode == 2 and said in done.stderr and "try:" in done.stderr, done.stderr
    assert not (tmp_path / "p").exists()


def test_names_come_from_files() -> None:
    stems = ("kws", "1st model", "a-b.c", "runtime", "softmax", "fw_x", "_", "ünï")
    names = bundle_names(stems, ())
    assert names[:3] == ["kws", "m_1st_model", "a_b_c"] and len(set(names)) == len(stems)
    assert "runtime" not in names and "softmax" not in names


def test_the_same_model_twice_has_two_names(fwgen: Fwgen) -> None:
    twice = (MODELS["digits"], MODELS["digits"])
    done = fwgen("build", *twice, "-b", "host", "-o", "p")
    assert done.returncode == 2 and "another model" in done.stderr and "--name" in done.stderr
    done = fwgen("build", *twice, "-b", "host", "-o", "p", "--name", "one", "--name", "two")
    assert done.returncode == 0, done.stderr
    assert fwgen("verify", "p/two", "--inputs", "2").returncode == 0


def test_one_model_has_one_name(fwgen: Fwgen) -> None:
    done = fwgen("build", PATHS[0], "-b", "host", "-o", "p", "--name", "a", "--name", "b")
    assert done.returncode == 2 and "2 names for one model" in done.stderr


def test_a_library_s_board_takes_models_one_by_one(fwgen: Fwgen, tmp_path: Path) -> None:
    shown = fwgen("boards", "--show", "mps2-an505").stdout
    lines = [
        'platform = "none"' if line.startswith("platform = ") else line
        for line in shown.splitlines()
        if not line.startswith("shares")
    ]
    (tmp_path / "lib.toml").write_text("\n".join(lines) + "\n")
    done = fwgen("build", *PATHS, "-b", "lib.toml", "-o", "p")
    assert done.returncode == 2 and "libraries only" in done.stderr, done.stderr
