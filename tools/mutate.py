#!/usr/bin/env python3
"""Plant faults in fwgen, one at a time, and see whether the tests find them.

    tools/mutate.py [--count 40] [--seed 0] [--only CLASS] [--least 0.95] [--json FILE]

Each fault is made in a copy of the checkout, where tests run until one fails: first those that name
the file, then those of a folder that suits it, then all. A fault that changes no bytecode and no
object code is none, and one that does not compile is too easy; others are drawn for them. What no
test finds is printed as a patch, and the exit code is 1 if the tests found less than the share
--least.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from mutations import CLASSES, Mutation, drawn, mutations

ROOT = Path(__file__).resolve().parents[1]
PYTEST = ("-q", "-x", "-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider", "--timeout=600")
NO_TESTS = 5  # exit code of pytest
CPUS = (("-mcpu=cortex-m55", "-mfloat-abi=hard"), ("-mcpu=cortex-m3",))

FIRST = {"meaning": "ops", "types": "ops", "packing": "kernels", "kernel": "kernels"}
"""Of classes of faults, the folder of tests that are most likely to find them."""

Suite = Callable[[Path, str, Mutation], str | None]
"""Runs tests in a checkout that has a mutation of a class; gives the first that failed."""


@dataclass(frozen=True)
class Trial:
    """A fault, and the test that found it, None if none did."""

    name: str
    mutation: Mutation
    diff: str
    found_by: str | None


def copied(root: Path, folder: Path) -> Path:
    """A copy of a checkout's files, committed or not, in a folder that has what lies beside it."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    tree = folder / root.name
    for name in filter(None, names):
        if (root / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, tree / name)
    for beside in (root / ".venv", root.parent / "shared"):
        if beside.exists():
            (folder / beside.relative_to(root.parent)).symlink_to(beside.resolve())
    return tree


def trials(tree: Path, count: int, seed: int, only: str | None, suite: Suite) -> Iterator[Trial]:
    """The outcome of ``count`` mutations of a tree, which is as before after each."""
    found = mutations(tree)
    if only is not None:
        found = {only: found[only]}
    for name, mutation in drawn(found, seed):
        if count == 0:
            return
        path = tree / mutation.path
        text = path.read_text()
        try:
            before = compiled(tree, mutation.path)
            path.write_text(mutation.applied(text))
            if compiled(tree, mutation.path) in (before, None):
                continue
            found_by = suite(tree, name, mutation)
        finally:
            path.write_text(text)
        count -= 1
        yield Trial(name, mutation, mutation.diff(text), found_by)


def compiled(tree: Path, path: Path) -> list[bytes] | None:
    """What a file becomes: bytecode less its lines, or object code; None if it does not compile.

    A header becomes that of the kernels which include it.
    """
    if path.suffix == ".py":
        return [_bytecode(compile((tree / path).read_text(), path.name, "exec"))]
    folder = tree.joinpath(*path.parts[:2])
    sources = [s for s in sorted(folder.rglob("*.c")) if path.name in {s.name, *_includes(s)}]
    headers = sorted({header.parent for header in folder.rglob("*.h")})
    objects = []
    for source in sources:
        for cpu in CPUS if "_mve" not in source.stem else CPUS[:1]:
            code = _object([*cpu, *(f"-I{header}" for header in headers)], source, tree)
            if code is None:
                return None
            objects.append(code)
    return objects


def _bytecode(code: object) -> bytes:
    if not isinstance(code, CodeType):
        return repr(code).encode()
    parts = [_bytecode(constant) for constant in code.co_consts]
    return code.co_code + b"(" + b",".join(parts) + b")" + repr(code.co_names).encode()


def _includes(source: Path) -> set[str]:
    """The names of all headers beside a source, or below its folder, that it includes."""
    known = {header.name: header for header in source.parents[1].rglob("*.h")}
    found, left = set(), [source]
    while left:
        for name in re.findall(r'#include "(\w+\.h)"', left.pop().read_text()):
            if name not in found and name in known:
                found.add(name)
                left.append(known[name])
    return found


def _object(flags: Sequence[str], source: Path, tree: Path) -> bytes | None:
    libraries = (tree / "tests").rglob("arm_nnfunctions.h")
    include = [word for path in libraries for word in ("-isystem", str(path.parent))]
    include += ["-isystem", str(tree / "templates/libc"), f"-I{tree / 'templates/runtime'}"]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "object.o")
        command = ["arm-none-eabi-gcc", "-std=c11", "-O2", "-ffreestanding", "-mthumb", *flags]
        done = subprocess.run(
            [*command, *include, "-c", source, "-o", output], capture_output=True, check=False
        )
        return output.read_bytes() if done.returncode == 0 else None


def tests_of_fwgen(tree: Path, name: str, mutation: Mutation) -> str | None:
    """The default suite, the likeliest tests to find it first; stops at the first failure."""
    first = (f"--op={mutation.path.stem}",), ("-m", FIRST.get(name, "kernels"))
    for options in (*first, ()):
        failed = _failed(tree, options)
        if failed is not None:
            return failed
    return None


def _failed(tree: Path, options: Sequence[str]) -> str | None:
    # Python takes old bytecode for a file of the same size that was written in the same second
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PYTEST, *options],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode in (0, NO_TESTS):
        return None
    found = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return found[1] if found else (done.stdout + done.stderr)[-500:]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=40, help="how many faults (default 40)")
    parser.add_argument("--seed", type=int, default=0, help="which ones (default 0)")
    parser.add_argument("--only", choices=CLASSES, help="faults of one class (default: of each)")
    parser.add_argument("--least", type=float, default=0.95, help="share to find (default 0.95)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome there, too")
    args = parser.parse_args()
    done: list[Trial] = []
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        tree = copied(ROOT, Path(folder))
        for trial in trials(tree, args.count, args.seed, args.only, tests_of_fwgen):
            done.append(trial)
            if trial.found_by and "::" in trial.found_by and _failed(tree, (trial.found_by,)):
                sys.exit(f"It fails without a fault, too: {trial.found_by}")
            fate = f"found by {trial.found_by}" if trial.found_by else "SURVIVED"
            place = f"{trial.mutation.path} ({trial.name}, {trial.mutation.kind})"
            print(f"{len(done)} {place}: {fate}", file=sys.stderr, flush=True)
    survivors = [trial for trial in done if trial.found_by is None]
    print(f"The tests found {len(done) - len(survivors)} of {len(done)} faults.")
    for trial in survivors:
        print(f"\n{trial.name}, {trial.mutation.kind}:\n{trial.diff}")
    if args.json is not None:
        listed = [{"class": t.name, "diff": t.diff, "found_by": t.found_by} for t in done]
        args.json.write_text(json.dumps({"seed": args.seed, "trials": listed}, indent=2) + "\n")
    return int(len(done) - len(survivors) < args.least * len(done))


if __name__ == "__main__":
    sys.exit(main())
