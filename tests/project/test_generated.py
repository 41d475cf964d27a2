"""The generated project: the same everywhere, harmless whatever the model says, and minimal."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from fwgen.board import load_board
from fwgen.compile.request import Request
from fwgen.pipeline import compile_graph
from fwgen.project.render import ProjectOptions, render
from fwgen.source import read
from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen
from tests.tflite_models import ModelBuilder, random_graph

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
ALL_MODELS = [*OWN_MODELS, *REAL_MODELS]


def rendered(model: Path, board_name: str, sanitize: bool = False) -> dict[str, bytes]:
    board = load_board(board_name)
    program = compile_graph(read(model).graph, Request(board))
    return render(
        program,
        {"model.tflite": model.read_bytes()},
        board.source,
        ProjectOptions(sanitize=sanitize),
    )


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("compiled_anew")
def test_same_tree_and_elf_in_any_folder(
    fwgen: Fwgen, fwgen_process: Fwgen, tmp_path: Path
) -> None:
    """Other folder, locale, time zone, hash seed, umask: the same bytes."""
    first, second = tmp_path / "a" / "out", tmp_path / "bb" / "deeper" / "project"
    env = {**os.environ, "PYTHONHASHSEED": "1", "LANG": "C", "TZ": "UTC"}
    other = {**os.environ, "PYTHONHASHSEED": "77", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}
    args = ("build", DIGITS, "-b", "corstone-300", "-o")
    assert fwgen_process(*args, first, env=env).returncode == 0
    before = os.umask(0o077)
    try:
        done = fwgen_process(*args, second, env=other)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    elfs = [p / "build" / "firmware.elf" for p in (first, second)]
    assert elfs[0].read_bytes() == elfs[1].read_bytes()
    trees = [
        {k: v for k, v in tree(root).items() if not k.startswith("build/")}
        for root in (first, second)
    ]
    assert trees[0] == trees[1]
    times = {p: p.stat().st_mtime_ns for p in first.rglob("*") if p.is_file()}
    assert fwgen(*args, first).returncode == 0
    changed = {p.name for p in times if p.stat().st_mtime_ns != times[p]}
    assert changed <= {".ninja_log", ".fwgen-lock", ".ninja_deps"}, "built again for nothing"


NASTY = [
    b"*/ int x; /*", b'a"; int evil; char *z="', b"trailing \\", b"new\nline\n#include <evil.h>\n",
    b"??/", b"%s%n", b"${PWD} ; $(rm)", b"{{ 7*7 }} {% raw %}", b"\x00\x01\x1b[31m\x7f",
    "\u202e\u2066bidi".encode(), b"\xff\xfe", b"x" * 65536, b"../../etc/passwd", b"int", b"",
]  # fmt: skip


def named_model(name: bytes) -> bytes:
    model = ModelBuilder()
    x = model.tensor((1, 4, 4, 2), scale=0.1, zero_point=3, name=name)
    w = model.tensor((2, 1, 1, 2), scale=0.02, data=np.ones((2, 1, 1, 2), np.int8), name=name)
    y = model.tensor((1, 4, 4, 2), scale=0.2, zero_point=-3, name=name)
    z = model.tensor((1, 4, 4, 2), scale=0.1, zero_point=-3, name=name)
    options = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    model.op("CONV_2D", [x, w], [y], fused_activation_function="NONE", **options)
    model.op("RELU", [y], [z])
    return model.build()


def without_names(source: bytes) -> str:
    """Without the strings of names, constants that are called like them, and comments."""
    text = re.sub(r'\.name = "(?:[^"\\\n]|\\["\\?])*"', "", source.decode())
    text = re.sub(r"#define FW_MODEL_(?:IN|OUT)PUT_INDEX_[A-Z0-9_]+ [0-9]+u\n", "", text)
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def test_hostile_tensor_names_change_nothing_but_comments_and_strings(tmp_path: Path) -> None:
    plain = tmp_path / "m.tflite"
    plain.write_bytes(named_model(b"plain"))
    expected = rendered(plain, "corstone-300")
    for name in NASTY:
        plain.write_bytes(named_model(name))
        got = rendered(plain, "corstone-300")
        assert set(got) == set(expected)
        for path in got:
            if path.endswith((".c", ".h", ".ld", ".txt", ".cmake")) and "build_id" not in path:
                assert without_names(got[path]) == without_names(expected[path]), (name, path)
            if path not in ("model.tflite", "board.toml"):
                assert got[path].isascii() and b"\\\n" not in got[path], (name, path)


@pytest.mark.parametrize("stem", ["*/ x", 'a"b', "ünï", "a b;c", "$(x)", "x" * 200, "-o", "%s"])
def test_hostile_file_names(fwgen: Fwgen, tmp_path: Path, stem: str) -> None:
    folder = tmp_path / "models"
    path = folder / f"{stem}.tflite"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DIGITS.read_bytes())
    done = fwgen("build", path, "-b", "host", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert fwgen("verify", tmp_path / "out", "--inputs", 1).returncode == 0


@pytest.mark.parametrize("model", ALL_MODELS, ids=lambda m: m.stem)
def test_only_called_kernels_are_in_the_project(model: Path) -> None:
    files = rendered(model, "corstone-300")
    source = files["src/model.c"].decode()
    for path in files:
        if path.startswith("kernels/") and path.endswith(".c"):
            # called, or passed to a kernel that calls it
            assert re.search(rf"\bfw_{Path(path).stem}\b(?!_)", source), path


def test_no_heap_no_libc_and_one_direct_call_of_the_model(fwgen: Fwgen, tmp_path: Path) -> None:
    out = tmp_path / "o"
    assert fwgen("build", DIGITS, "-b", "corstone-300", "-o", out).returncode == 0
    elf = out / "build" / "firmware.elf"
    with elf.open("rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab")
        names = {s.name for s in symbols.iter_symbols()}
    assert "fw_model_invoke" in names
    assert not {
        n for n in names if re.search(r"malloc|calloc|realloc|free$|sbrk|printf|_impure", n)
    }
    text = subprocess.run(
        ["arm-none-eabi-objdump", "-d", elf], capture_output=True, text=True, check=True
    ).stdout
    assert len(re.findall(r"\tbl\t[0-9a-f]+ <fw_model_invoke>", text)) >= 1
    assert not re.search(r"\tb(\.w)?\t[0-9a-f]+ <fw_model_invoke>", text), "a tail call"


def test_all_numbers_of_all_dtypes_are_printed_exactly(tmp_path: Path) -> None:
    """Extreme weights and biases come back from the C compiler as they went in."""
    from fwgen.project.c_text import rows

    arrays = [
        np.array([-128, -1, 0, 127], np.int8), np.array([0, 255], np.uint8),
        np.array([-(1 << 15), (1 << 15) - 1], np.int16),
        np.array([-(1 << 31), -(1 << 31) + 1, (1 << 31) - 1], np.int32),
        np.array([-(1 << 63), (1 << 63) - 1], np.int64),
        np.array([0.1, 1 / 3, -1e-30, 3e38, 1.0, 0.0, 1e-45, np.inf, -np.inf, np.nan], np.float32),
        np.array([True, False, True]),
    ]  # fmt: skip
    c_type = {"float32": "float", "bool": "uint8_t"}
    source = "#include <stdint.h>\n#include <stdio.h>\nint main(void) {\n"
    for i, a in enumerate(arrays):
        name = c_type.get(a.dtype.name, f"{a.dtype.name}_t")
        source += f"  static const {name} a{i}[] = {{\n{rows(a)}\n  }};\n"
        source += f"  fwrite(a{i}, 1, sizeof a{i}, stdout);\n"
    (tmp_path / "a.c").write_text(source + "}\n")
    flags = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wconversion"]
    subprocess.run(["gcc", *flags, "-o", tmp_path / "a", tmp_path / "a.c"], check=True)
    got = subprocess.run([tmp_path / "a"], capture_output=True, check=True).stdout
    assert got == b"".join(a.tobytes() for a in arrays)


def test_random_graphs_under_the_sanitizers(fwgen: Fwgen, tmp_path: Path) -> None:
    """Whole projects of random graphs on the host with ASan and UBSan: exact, and no report."""
    for seed in range(4):
        model = tmp_path / f"g{seed}.tflite"
        model.write_bytes(random_graph(np.random.default_rng(seed), ops=12))
        out = tmp_path / f"o{seed}"
        done = fwgen("build", model, "-b", "host", "--sanitize", "-o", out)
        assert done.returncode == 0, done.stderr
        done = fwgen("verify", out, "--inputs", 6)
        assert done.returncode == 0, (seed, done.stdout, done.stderr)
