"""From samples to a label: the C of ``docs/audio.md`` with a front end and a classifier."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.device.run.qemu_machine import SECTION
from tests.conftest import Fwgen
from tests.project.test_own_firmware import HERE, ORIGINS, blocks
from tests.tflite_models.audio import FRAME, STEP, classifier, clip, front_end
from tests.tflite_models.liveliness import answers

PAGE = Path(__file__).parents[2] / "docs" / "audio.md"
CLIPS = 3

LISTS = """
cmake_minimum_required(VERSION 3.20)
project(application C)
add_executable(my_firmware main.c {sources})
target_compile_options(my_firmware PRIVATE -g -O1 -Wall -Wextra {options})
target_link_options(my_firmware PRIVATE {link})
"""
ON_CHIP = "-nostdlib -Wl,--fatal-warnings,--build-id=none -T ${CMAKE_SOURCE_DIR}/vendor.ld"
PRINT = """
#include <stdio.h>
static void put_bytes(const void *data, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) printf("%02x", ((const uint8_t *)data)[i]);
  printf("\\n");
}
"""
MAIN = """
int main(void) {
  for (uint32_t clip = 0; clip < sizeof clips / sizeof clips[0]; clip++) {
    int8_t scores[SPEECH_OUTPUT_0_BYTES];
    const uint32_t best = label_of(clips[clip], sizeof clips[0] / sizeof clips[0][0], scores);
    put_bytes(features, sizeof features);
    put_bytes(scores, sizeof scores);
    put_bytes(&best, sizeof best);
  }
  return 0;
}
"""


def right(front: bytes, speech: bytes, samples: np.ndarray) -> list[str]:
    """The features, scores and label that TFLM makes of a clip."""
    begins = range(0, len(samples) - FRAME + 1, STEP)
    frames = [[samples[None, at : at + FRAME]] for at in begins]
    features = np.concatenate([made for (made,) in answers(front, frames)])
    ((scores,),) = answers(speech, [[features[None]]])
    best = np.uint32(scores.argmax())
    return [one.tobytes().hex() for one in (features, scores, best)]


def source(native: bool, clips: list[np.ndarray]) -> str:
    rows = ", ".join(f"{{{', '.join(map(str, each))}}}" for each in clips)
    put = PRINT if native else "void put_bytes(const void *data, uint32_t bytes);\n"
    data = f"static const int16_t clips[][{len(clips[0])}] = {{{rows}}};\n"
    return "".join((*blocks(PAGE, "c"), put, data, MAIN))


@pytest.mark.parametrize("board", ["host", "corstone-300", "mps2-an386"])
def test_samples_become_the_label_that_tflm_gives_them(
    board: str, fwgen: Fwgen, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    models = {"front_end": front_end(), "speech": classifier(rng)}
    for name, model in models.items():
        (tmp_path / f"{name}.tflite").write_bytes(model)
    done = fwgen("build", *(f"{name}.tflite" for name in models), "-b", board, "-o", "keyword")
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "keyword", "--inputs", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    clips = [clip(rng) for _ in range(CLIPS)]
    wanted = [right(*models.values(), samples) for samples in clips]
    assert len({label for _, _, label in wanted}) > 1, "the label depends on the samples"
    assert outputs(tmp_path, board, clips) == [line for lines in wanted for line in lines]


def outputs(folder: Path, board: str, clips: list[np.ndarray]) -> list[str]:
    """The lines that a user's program prints, which is linked with the project ``keyword``."""
    native = load_board(board).native
    (folder / "main.c").write_text(source(native, clips))
    (use,) = blocks(folder / "keyword" / "README.md", "cmake")
    names = dict(sources="" if native else "startup.c", link="" if native else ON_CHIP)
    lists = LISTS.format(**names, options="" if native else "-ffreestanding")
    lists += use.replace("(models)", "(keyword)")
    options: list[str | Path] = []
    if not native:
        lists += "target_link_libraries(my_firmware PRIVATE gcc)\n"
        script = (HERE / "vendor.ld").read_text()
        for what, origin in zip(("FLASH_ORIGIN", "RAM_ORIGIN"), ORIGINS[board], strict=True):
            script = script.replace(what, origin)
        (folder / "vendor.ld").write_text(script)
        (folder / "startup.c").write_bytes((HERE / "startup.c").read_bytes())
        options = [f"-DCMAKE_TOOLCHAIN_FILE={folder / 'keyword' / 'toolchain.cmake'}"]
        options.append(f"-DCMAKE_C_FLAGS={' '.join(load_board(board).cpu.flags)}")
    (folder / "CMakeLists.txt").write_text(lists)
    command: list[str | Path] = ["cmake", "-G", "Ninja", "-S", folder, "-B", folder / "made"]
    for each in ([*command, *options], ["ninja", "-C", folder / "made"]):
        made = subprocess.run(each, capture_output=True, text=True, timeout=300, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
    image = folder / "made" / "my_firmware"
    run: list[str | Path] = [image]
    if not native:
        qemu = load_board(board).section(SECTION)
        assert qemu is not None
        run = ["qemu-system-arm", "-M", qemu.machine, "-display", "none", "-monitor", "none"]
        run += ["-serial", "none", "-semihosting-config", "enable=on,target=native"]
        run += ["-kernel", image]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).split()
