#!/usr/bin/env python3
"""Measure the code of every kernel and write templates/kernels/code_bytes.toml.

    tools/code_bytes.py [--check]

Compiles each kernel as a generated project for corstone-300 does and adds up code and constants.
The number of the runtime is that of an image less its kernels and its model. --check compares with
the file instead and exits 1 where a number is off by more than 2 % or a kernel is missing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fwgen.board import load_board
from fwgen.ops.code_bytes import TABLE, measured_bytes
from fwgen.resources import templates_dir

KERNELS = templates_dir() / "kernels"
MODEL = templates_dir().parent / "models" / "digits.tflite"


def compiled_bytes(source: Path, folder: Path) -> int:
    """Bytes of text of a kernel's object file."""
    board = load_board("corstone-300")
    level = "-Os" if source.stem.endswith("_mve") else "-O2"
    flags = [*board.cpu.flags, level, "-std=c11", "-ffreestanding", "-fno-strict-aliasing"]
    target = folder / f"{source.stem}.o"
    command = ["arm-none-eabi-gcc", *flags, f"-I{KERNELS}", "-c", str(source), "-o", str(target)]
    subprocess.run(command, check=True)
    size = ["arm-none-eabi-size", str(target)]
    printed = subprocess.run(size, check=True, capture_output=True, text=True).stdout
    return int(printed.splitlines()[1].split()[0])


def measure() -> dict[str, int]:
    """Bytes by kernel."""
    with TemporaryDirectory() as folder:
        sources = sorted(KERNELS.glob("*.c"))
        found = {source.stem: compiled_bytes(source, Path(folder)) for source in sources}
        return {"runtime": runtime(found, Path(folder)), **found}


def runtime(found: dict[str, int], folder: Path) -> int:
    """Code of a small model's image less its kernels; of the model it has the calls."""
    project, result = folder / "project", folder / "result.json"
    command = [sys.executable, "-m", "fwgen", "build", MODEL, "--board", "corstone-300"]
    command += ["-o", project, "--json", result, "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    used = [source.stem for source in (project / "kernels").glob("*.c")]
    code: int = json.loads(result.read_bytes())["memory"]["code_bytes"]
    return code - sum(found[name] for name in used)


def main() -> int:
    """Write or check the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    measured = measure()
    if not parser.parse_args().check:
        lines = ["# Bytes of code by kernel, written by tools/code_bytes.py."]
        lines += [f"{name} = {size}" for name, size in measured.items()]
        (KERNELS / TABLE).write_text("\n".join(lines) + "\n")
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
