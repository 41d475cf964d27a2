#!/usr/bin/env python3
"""Measure the code of every kernel and write fwgen/kernels/code_bytes.toml.

    tools/code_bytes.py [--check]

Compiles each kernel as a generated project for corstone-300 does and adds up code and constants.
The number of the runtime is that of an image less its kernels and its model. That of a kernel which
calls CMSIS-NN has all that is linked for it; it is measured where the library is at hand, or kept.
That of an NPU's has its driver.
--check compares with the file instead and exits 1 where a number is off by more than 2 % or a
kernel is missing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fwgen.board import load_board
from fwgen.cli.cmsis_nn_checkout import find_cmsis_nn
from fwgen.host.resources import templates_dir
from fwgen.kernels.c_files import FOLDER, kernel_files, kernel_folders
from fwgen.kernels.code_bytes import TABLE, measured_bytes

NPU_KERNEL = "ethos_u"
MODEL = templates_dir().parent / "models" / "digits.tflite"


def compiled_bytes(
    source: Path, folder: Path, include: Sequence[Path] = (), archive: Path | None = None
) -> int:
    """Bytes of text of a kernel's object file, with what it needs of an archive."""
    board = load_board("corstone-300")
    small = source.stem.endswith("_mve") or source.stem.startswith("cmsis_")
    level = "-Os" if small else "-O2"
    flags = [*board.cpu.flags, level, "-std=c11", "-ffreestanding", "-fno-strict-aliasing"]
    target = folder / f"{source.stem}.o"
    headers = [
        *(f"-I{folder}" for folder in kernel_folders()),
        *(f"-isystem{path}" for path in include),
    ]
    command = ["arm-none-eabi-gcc", *flags, *headers, "-c", str(source), "-o", str(target)]
    subprocess.run(command, check=True)
    if archive is not None:
        objects = [str(target), str(archive)]
        target = target.with_suffix(".elf")
        link = ["-nostdlib", "-Wl,--unresolved-symbols=ignore-all", "-Wl,-e,0"]
        command = ["arm-none-eabi-gcc", *board.cpu.flags, *link, *objects, "-o", str(target)]
        subprocess.run(command, check=True)
    size = ["arm-none-eabi-size", str(target)]
    printed = subprocess.run(size, check=True, capture_output=True, text=True).stdout
    return int(printed.splitlines()[1].split()[0])


def measure() -> dict[str, int]:
    """Bytes by kernel."""
    with TemporaryDirectory() as folder:
        sources = [path for path in kernel_files().values() if path.suffix == ".c"]
        own = [s for s in sources if not s.stem.startswith("cmsis_") and s.stem != NPU_KERNEL]
        found = {source.stem: compiled_bytes(source, Path(folder)) for source in own}
        calls = [source for source in sources if source.stem.startswith("cmsis_")]
        library = find_cmsis_nn()
        if library is None:
            found |= {s.stem: measured_bytes()[s.stem] for s in calls if s.stem in measured_bytes()}
        else:
            archive = built(Path(folder) / "library", "cmsis-nn") / "build" / "libcmsis-nn.a"
            include = [
                library.root / "Include",
                templates_dir() / "libc",
                templates_dir() / "runtime",
            ]
            found |= {s.stem: compiled_bytes(s, Path(folder), include, archive) for s in calls}
        base = runtime(found, Path(folder))
        offloaded = built(Path(folder) / "offloaded", "fwgen", "--npu", "ethos-u55-128")
        found[NPU_KERNEL] = code_of(offloaded) - base
        return {"runtime": base, **dict(sorted(found.items()))}


def runtime(found: dict[str, int], folder: Path) -> int:
    """Code of a small model's image less its kernels; of the model it has the calls."""
    project = built(folder / "project", "fwgen")
    used = [source.stem for source in (project / "kernels").glob("*.c")]
    return code_of(project) - sum(found[name] for name in used)


def code_of(project: Path) -> int:
    """Bytes of code of a project's image."""
    result = json.loads(Path(f"{project}.json").read_bytes())
    return int(result["memory"]["code_bytes"])


def built(project: Path, kernels: str, *options: str) -> Path:
    """The project of a small model, with its result beside it."""
    command = [sys.executable, "-m", "fwgen", "build", MODEL, "--board", "corstone-300"]
    command += [
        "--kernels",
        kernels,
        "-o",
        project,
        "--json",
        f"{project}.json",
        "--quiet",
        *options,
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return project


def main() -> int:
    """Write or check the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    measured = measure()
    if not parser.parse_args().check:
        lines = ["# Bytes of code by kernel, written by tools/code_bytes.py."]
        lines += [f"{name} = {size}" for name, size in measured.items()]
        (FOLDER / TABLE).write_text("\n".join(lines) + "\n")
        return 0
    known = measured_bytes()
    off = [
        f"{name}: {known.get(name)} in the table, {measured.get(name)} measured"
        for name in sorted(known.keys() | measured.keys())
        if abs(known.get(name, 0) - measured.get(name, 0)) > 0.02 * measured.get(name, 0)
    ]
    print("\n".join(off) or "the table is right", file=sys.stderr)
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())
