"""Models in a user's firmware: own linker script, C and C++, two models in one image."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from fwgen.board import load_board
from fwgen.cli import main
from fwgen.device.run.qemu_machine import SECTION
from fwgen.host.resources import templates_dir
from fwgen.kernels.c_files import kernel_files, kernel_folders
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.firmware.build import render as render_board
from tests.kernels.cmsis_library import STAND_IN
from tests.tflite_models import random_inputs
from tests.tflite_models.tflm import tflm

HERE = Path(__file__).parent / "vendor_firmware"
MODELS = {
    "kws": next(path for path in OWN_MODELS if path.stem == "digits"),
    "second": next(path for path in OWN_MODELS if path.stem == "mixed_ops"),
}
"""Which the examples call so."""
ORIGINS = {
    "corstone-300": ("0x10000000", "0x30000000"),
    "mps2-an386": ("0x00000000", "0x20000000"),
}
"""Of flash and RAM."""

LISTS = """
cmake_minimum_required(VERSION 3.20)
project(application C CXX)
add_compile_options(-g -O1 -ffreestanding -Wall -Wextra -Werror)
add_executable(my_firmware startup.c example.c example.cpp both.cpp main.cpp main_c.c)
target_compile_options(my_firmware PRIVATE
  $<$<COMPILE_LANGUAGE:CXX>:-std=c++17 -pedantic -fno-exceptions -fno-rtti>
  $<$<COMPILE_LANGUAGE:C>:-std=c11 -pedantic>)
target_link_options(my_firmware PRIVATE -nostdlib
  -Wl,--fatal-warnings,--orphan-handling=error,--build-id=none
  -T ${CMAKE_SOURCE_DIR}/vendor.ld)
target_link_libraries(my_firmware PRIVATE gcc)
"""

MAIN_C = """
#include "inputs.h"
#include "kws.h"
int start(void);
const int8_t *infer(const int8_t *input0);
void put_bytes(const void *data, uint32_t bytes);
void run_c(void);
void run_c(void) {
  const uint8_t ill = (uint8_t)start();
  put_bytes(&ill, 1);
  put_bytes(infer(kws_input), KWS_OUTPUT_0_BYTES);
}
"""

MAIN_CPP = """
#include "inputs.h"
#include "kws.h"
#include "second.h"
extern "C" void put_bytes(const void *data, uint32_t bytes);
extern "C" void run_c(void);
const int8_t *infer(const int8_t *input0);
void infer_both(const void *input, void *output, const void *second_input, void *second_output);
static uint8_t output[KWS_OUTPUT_0_BYTES], second_output[SECOND_OUTPUT_0_BYTES];
int main() {
  run_c();
  put_bytes(infer(kws_input), KWS_OUTPUT_0_BYTES);
  infer_both(kws_input, output, second_input, second_output);
  put_bytes(output, sizeof output);
  put_bytes(second_output, sizeof second_output);
  return second_check() >= 0 || !second_check_constants();
}
"""


@dataclass(frozen=True)
class Application:
    """A user's project around two models; ``inputs`` by the model's name."""

    folder: Path
    board: str
    inputs: dict[str, list[np.ndarray]]

    def cmake(self) -> subprocess.CompletedProcess[str]:
        """Configure and build."""
        flags = " ".join(load_board(self.board).cpu.flags)
        configure = [
            *("cmake", "-G", "Ninja", "-S", self.folder, "-B", self.folder / "build"),
            *(f"-DCMAKE_TOOLCHAIN_FILE={self.folder / 'kws' / 'toolchain.cmake'}",),
            *("-DCMAKE_CXX_COMPILER=arm-none-eabi-g++", f"-DCMAKE_CXX_FLAGS={flags}"),
        ]
        done = subprocess.run(configure, capture_output=True, text=True, check=False)
        if done.returncode:
            return done
        command = ["ninja", "-C", self.folder / "build"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def run(self) -> list[str]:
        """The lines that it prints on QEMU."""
        qemu = load_board(self.board).section(SECTION)
        assert qemu is not None
        command = [
            *("qemu-system-arm", "-M", qemu.machine, "-display", "none", "-monitor", "none"),
            *("-serial", "none", "-semihosting-config", "enable=on,target=native"),
            *("-kernel", self.folder / "build" / "my_firmware"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return (done.stdout + done.stderr).split()

    def expected(self) -> list[str]:
        """What it should print, by TFLM."""
        kws, second = (
            tflm(MODELS[name].read_bytes(), self.inputs[name]).tobytes().hex() for name in MODELS
        )
        return ["00", kws, kws, kws, second]


def blocks(readme: Path, language: str) -> list[str]:
    """The examples of a README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", readme.read_text(), re.M | re.S)


def application(folder: Path, board: str, *, shared_arena: bool) -> Application:
    """Two projects and, around them, what a user would have, of the README's examples."""
    inputs = {}
    for name, model in MODELS.items():
        out = ["-o", str(folder / name), "--name", name, "--no-compile", "-q"]
        assert main(["build", str(model), "-b", board, *out]) == 0
        inputs[name] = random_inputs(model.read_bytes(), np.random.default_rng(5))
    (folder / "startup.c").write_bytes((HERE / "startup.c").read_bytes())
    script = (HERE / "vendor.ld").read_text()
    for what, origin in zip(("FLASH_ORIGIN", "RAM_ORIGIN"), ORIGINS[board], strict=True):
        script = script.replace(what, origin)
    (folder / "vendor.ld").write_text(script)
    readme = folder / "kws" / "README.md"
    _, _, two, arena = blocks(readme, "cmake")
    (folder / "CMakeLists.txt").write_text(LISTS + two + (arena if shared_arena else ""))
    (folder / "example.c").write_text("".join(blocks(readme, "c")))
    (folder / "example.cpp").write_text(blocks(readme, "cpp")[0])
    (folder / "both.cpp").write_text(blocks(readme, "cpp")[1])
    (folder / "main_c.c").write_text(MAIN_C)
    (folder / "main.cpp").write_text(MAIN_CPP)
    arrays = (
        f"static const int8_t {name}_input[] = {{{', '.join(map(str, arrays[0].reshape(-1)))}}};\n"
        for name, arrays in inputs.items()
    )
    lines = '#pragma GCC diagnostic ignored "-Wunused-variable"\n#include <stdint.h>\n'
    (folder / "inputs.h").write_text(lines + "".join(arrays))
    return Application(folder, board, inputs)


@pytest.fixture(scope="module", params=[("corstone-300", True), ("mps2-an386", False)], ids=str)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Application:
    """The application for a board, with one arena for both models or two."""
    board, shared_arena = request.param
    made = application(tmp_path_factory.mktemp("own"), board, shared_arena=shared_arena)
    done = made.cmake()
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def test_two_models_in_one_image_are_exact(built: Application) -> None:
    """From C and C++, by the README's examples, linked by a plain script without any orphan."""
    assert built.run() == built.expected()
    with (built.folder / "build" / "my_firmware").open("rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab")
        arenas = [s.name for s in symbols.iter_symbols() if "arena" in s.name]
    own = ["fw_arena"] * 2 * (built.board != "corstone-300")
    assert sorted(arenas) == [*own, "shared_arena"]


def test_global_symbols_are_the_models_or_shared(built: Application) -> None:
    """None without a prefix, and only sections of usual names."""
    for archive in sorted((built.folder / "build").rglob("*.a")):
        stem = archive.stem.removeprefix("lib")
        prefix = "fw_" if stem == "fw_kernels" else stem
        names = subprocess.run(
            ["arm-none-eabi-nm", "-g", "--defined-only", "-j", archive],
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        symbols = [name for name in names if not name.endswith((".obj:", ".o:"))]
        assert symbols and all(re.match(rf"{prefix}(_|$)|fw_", s) for s in symbols), symbols
        if stem != "fw_kernels":
            assert all(re.match(rf"{prefix}(_|$)", s) for s in symbols), symbols
        headers = subprocess.run(
            ["arm-none-eabi-objdump", "-h", archive], capture_output=True, text=True, check=True
        ).stdout
        sections = set(re.findall(r"^ +\d+ (\.\S+)", headers, re.M))
        usual = r"\.(text|rodata|data|bss)(\.\w+)*|\.(debug_\w+|comment|ARM\.\w+|note\S*|group)"
        assert all(re.fullmatch(usual, section) for section in sections), sections
    for source in [*kernel_files().values(), *templates_dir().glob("npu/*")]:
        assert "section" not in re.sub(r"/\*.*?\*/", "", source.read_text(), flags=re.S), source
    assert {a.stem for a in (built.folder / "build").rglob("*.a")} == {
        "libkws", "libsecond", "libfw_kernels",
    }  # fmt: skip
    assert not list((built.folder / "build").rglob("firmware.elf")), "firmware of a model's own"


def test_an_own_section_is_an_orphan_of_a_plain_script(built: Application) -> None:
    """What the tests above would see; and the macro for the arena's section is heeded."""
    lists = built.folder / "CMakeLists.txt"
    before = lists.read_text()
    define = 'target_compile_definitions(second PRIVATE "SECOND_ARENA_SECTION=\\".dtcm\\"")\n'
    lists.write_text(re.sub(r"target_compile_definitions.*\n", "", before) + define)
    done = built.cmake()
    lists.write_text(before)
    assert done.returncode != 0 and "`.dtcm'" in done.stdout, done.stdout


def all_kernels(files: Iterable[Path], *, backwards: bool = False, mve: bool = True) -> str:
    """A source that includes all C files among those given, but for what its core lacks."""
    sources = sorted((f for f in files if f.suffix == ".c"), key=lambda f: f.name)
    sources = sources[::-1] if backwards else sources
    return "".join(f'#include "{s}"\n' for s in sources if mve or not s.stem.endswith("_mve"))


@pytest.mark.parametrize("backwards", [False, True], ids=["", "backwards"])
@pytest.mark.parametrize(
    "flags", [("-mcpu=cortex-m55", "-mfloat-abi=hard"), ("-mcpu=cortex-m4",)], ids=str
)
def test_all_kernels_compile_as_one_source(
    tmp_path: Path, flags: tuple[str, ...], backwards: bool
) -> None:
    """For build systems that do so: names and macros of one do not get in the way of another."""
    mve = "-mcpu=cortex-m55" in flags
    source = all_kernels(kernel_files().values(), backwards=backwards, mve=mve)
    if mve:
        source += all_kernels((templates_dir() / "npu").glob("*"), backwards=backwards)
    (tmp_path / "one.c").write_text(source + '#include "fw_crc.c"\n')
    header = render_board("fw_board.h.j2", load_board("corstone-300"))
    npu = {"BASE": 0, "IRQ": 1, "PRODUCT": 0, "MACS": 7, "REGIONCFG": 3, "QCONFIG": 2}
    defines = "".join(f"#define FW_NPU_{name} {value}u\n" for name, value in npu.items())
    (tmp_path / "fw_board.h").write_text(header + defines)
    folders = (*kernel_folders(), *(templates_dir() / name for name in ("npu", "runtime", "libc")),
               tmp_path, STAND_IN / "Include")  # fmt: skip
    command = [
        *("arm-none-eabi-gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffreestanding", *flags),
        *(f"-I{path}" for path in folders),
        *("-fsyntax-only", tmp_path / "one.c"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]


def test_headers_that_are_taken_once_are_the_same_for_all_kernels() -> None:
    """Else the second kernel in a source would get what was made for the first, without a word."""
    files = kernel_files().values()
    chosen = {
        name
        for source in files
        if source.suffix == ".c"
        for name in re.findall(r"^#define (\w+)", source.read_text(), re.M)
    }
    for header in (path for path in files if path.suffix == ".h"):
        code = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        if re.search(r"^#ifndef FW_\w+_H$", code, re.M):
            code = code.partition("#ifndef FW_")[2].rpartition("#endif")[0]
            own = set(re.findall(r"^\s*#define (\w+)", code, re.M))
            used = set(re.findall(r"\w+", code)) & chosen - own
            assert not used, f"{header.name} is taken once, and uses {used} of the kernel"


def test_a_library_of_one_source_is_exact(tmp_path: Path) -> None:
    """With all kernels that there are in it: each has the parts that are its own."""
    made = application(tmp_path, "corstone-300", shared_arena=False)
    ours = (f'#include "kws/src/{name}.c"\n' for name in ("weights", "model", "fw_build_id"))
    crc = f'#include "{templates_dir() / "runtime" / "fw_crc.c"}"\n'
    own = re.sub(
        r".*/(cmsis_|ethos_).*\n", "", all_kernels(kernel_files().values(), backwards=True)
    )
    folders = "\n".join(f'"{folder}"' for folder in kernel_folders())
    (tmp_path / "one.c").write_text(own + "".join(ours) + crc)
    with (tmp_path / "CMakeLists.txt").open("a") as lists:
        lists.write("set_target_properties(kws PROPERTIES SOURCES ${CMAKE_SOURCE_DIR}/one.c)\n")
        lists.write(f"target_include_directories(kws PRIVATE\n{folders})\n")
        lists.write("target_link_libraries(kws PUBLIC gcc)\n")  # as that of the kernels does
    done = made.cmake()
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.run() == made.expected()


def test_models_of_different_kernels_are_refused(built: Application) -> None:
    header = built.folder / "second" / "runtime" / "fw_types.h"
    before = header.read_bytes()
    header.write_bytes(before + b"/* of another version */\n")
    done = built.cmake()
    header.write_bytes(before)
    assert done.returncode != 0
    assert "runtime/fw_types.h differs" in " ".join(done.stderr.split())
    assert "same version of fwgen" in " ".join(done.stderr.split())


def test_moved_or_spoiled_constants_are_noticed_at_boot(fwgen: Fwgen, tmp_path: Path) -> None:
    done = fwgen("build", MODELS["kws"], "-b", "mps2-an386", "-o", "p", "--name", "kws")
    assert done.returncode == 0, done.stderr
    elf = tmp_path / "p" / "build" / "firmware.elf"
    whole = elf.read_bytes()
    with elf.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".fw_weights")
        begin, data = section["sh_offset"], section.data()
    spoiled = bytes([*data[:-1], data[-1] ^ 0x40]), bytes([data[0] ^ 1, *data[1:]])
    for wrong in (*spoiled, bytes(8) + data[:-8], data[8:] + bytes(8)):
        assert wrong != data
        elf.write_bytes(whole[:begin] + wrong + whole[begin + len(data) :])
        done = fwgen("run", "p")
        assert done.returncode == 7 and "Traceback" not in done.stderr
        assert "constants" in done.stderr and "not what they were built as" in done.stderr, (
            done.stderr
        )
    elf.write_bytes(whole)
    assert fwgen("run", "p").returncode == 0


def test_a_named_model_runs_as_any(fwgen: Fwgen, tmp_path: Path) -> None:
    for options in (("-b", "host", "--sanitize"), ("-b", "corstone-300", "--canaries")):
        out = options[1]
        done = fwgen("build", MODELS["kws"], *options, "-o", out, "--name", "kws", "--json", "b")
        assert done.returncode == 0, done.stderr
        result = json.loads((tmp_path / "b").read_text())
        assert result["prefix"] == "kws" and result["memory"]["weights_bytes"] > 5000
        verified = fwgen("verify", out, "--inputs", 2)
        assert verified.returncode == 0, verified.stderr


@pytest.mark.parametrize(
    "name",
    [
        *("", "1st", "a-b", "a b", "$(x)", "int", "class", "main", "printf", "memcpy", "fw_x"),
        *("FW_x", "_x", "a__b", "x_", "ünï", "op3", "t12", "op3_params", "inputs", "int8_t"),
        *("a;b", 'a"b', "a\n", "x" * 41, "ethosu_driver", "fw_model_invoke"),
        *("weights", "string", "stdint", "copy", "softmax", "uart", "firmware", "gcc", "test"),
    ],
)
def test_names_that_c_cannot_have_are_refused(fwgen: Fwgen, tmp_path: Path, name: str) -> None:
    done = fwgen("build", MODELS["kws"], "-b", "host", "-o", "p", f"--name={name}")
    assert done.returncode == 2 and "A model's name" in done.stderr and "--name" in done.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("options", [(), ("--feed-rows",), ("--canaries",)], ids=str)
@pytest.mark.parametrize("board", ["host", "corstone-300"])
def test_each_file_says_its_license(
    fwgen: Fwgen, tmp_path: Path, board: str, options: tuple[str, ...]
) -> None:
    args = ("-b", board, "--no-compile", "-o", "p", "--name", "kws", *options)
    assert fwgen("build", MODELS["kws"], *args).returncode == 0
    data = {"model.tflite", "fwgen.json", "LICENSE"}
    files = {p for p in (tmp_path / "p").rglob("*") if p.is_file()}
    for path in files:
        if str(path.relative_to(tmp_path / "p")) not in data:
            first = path.read_text().splitlines()[0]
            assert "SPDX-License-Identifier: Apache-2.0" in first, path
    assert "Apache License" in (tmp_path / "p" / "LICENSE").read_text()
