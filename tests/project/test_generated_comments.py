"""The comments of the generated C: what they say is true of its code and of the plan's JSON."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen

CORSTONE, CORTEX_M4 = "corstone-300", "mps2-an386"
PROJECTS = [
    *((model.stem, board) for model in OWN_MODELS for board in (CORSTONE, CORTEX_M4)),
    ("digits", CORSTONE, "--npu", "ethos-u55-128"),
    *((model.stem, CORSTONE) for model in REAL_MODELS),
    *((model.stem, CORTEX_M4, "--optimize", "ram") for model in REAL_MODELS if "Res" in model.stem),
    *((model.stem, CORTEX_M4, "--feed-rows") for model in REAL_MODELS if "vww" in model.stem),
]
PATH_OF = {model.stem: model for model in [*OWN_MODELS, *REAL_MODELS]}


@dataclass(frozen=True)
class Section:
    """An op in model.c: its comment, its parameter structs, and the bodies of its functions."""

    comment: str
    structs: str
    body: str


class Project:
    """The generated project as an independent reader finds it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = (folder / "src" / "model.c").read_text()
        self.weights = (folder / "src" / "weights.c").read_text()
        self.data = json.loads((folder / "fwgen.json").read_text())

    @cached_property
    def ops(self) -> list[Section]:
        found = re.findall(
            r"^/\* \d+: (.*?) \*/\n(.*?)(^static FW_OP void op\d+(?:_band)?\(.*?^})",
            self.source,
            re.DOTALL | re.MULTILINE,
        )
        assert len(found) == len(self.data["ops"])
        return [
            Section(re.sub(r"\n \* ", " ", comment), structs, body)
            for comment, structs, body in found
        ]

    @cached_property
    def places(self) -> dict[int, int]:
        """By tensor its offset in its arena, by the plan's JSON."""
        return {t["index"]: b["offset"] for b in self.data["buffers"] for t in b["tensors"]}

    def place(self, tensor: int) -> int:
        """The offset by the C code, or by the JSON where no call names the tensor."""
        pointer = rf"\*const t{tensor} = \(\w+ \*\)\(fw_arena\w* \+ (\d+)\);"
        found = re.search(pointer, self.source)
        return int(found[1]) if found else self.places[tensor]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Generates a project by its options, once."""
    known: dict[tuple[str, ...], Project] = {}

    def make(fwgen: Fwgen, options: tuple[str, ...]) -> Project:
        if options not in known:
            folder = tmp_path_factory.mktemp("project") / "out"
            name, board, *others = options
            done = fwgen(
                *("build", PATH_OF[name], "-b", board, *others, "-o", folder, "--no-compile")
            )
            assert done.returncode == 0, done.stderr
            known[options] = Project(folder)
        return known[options]

    return make


@pytest.fixture(params=PROJECTS, ids="_".join)
def project(request: pytest.FixtureRequest, fwgen: Fwgen, made: Callable[..., Project]) -> Project:
    return made(fwgen, request.param)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_map_of_the_arena_is_the_plan(project: Project) -> None:
    """Who lies where and when, in order of address, and who overlaps whom at the same time."""
    text = project.source[project.source.index("/* Map of the arena") :]
    region, rows, overlaps = "", [], set()
    for line in text[: text.index("*/")].splitlines():
        if named := re.fullmatch(r" \* fw_arena\w*(?: in (\w+))?:", line):
            region = named[1] or ""
        if row := re.fullmatch(r" \* +([\d,]+) +([\d,]+) +(\d+)(?:-(\d+))?  (.*)", line):
            what, *over = row[5].split("; ")
            first, last = int(row[3]), int(row[4] or row[3])
            rows.append((region, number(row[1]), number(row[2]), first, last, what))
            for one in over:
                said = re.fullmatch(r"over ([\d,]+) bytes? of t(\d+) in op (\d+)", one)
                assert said, one
                upper = re.findall(r"t(\d+)", what)
                overlaps.add((upper[0], said[2], number(said[1]), int(said[3])))
    assert rows == sorted(rows, key=lambda r: (r[0], r[1], r[3])) or len({r[0] for r in rows}) > 1
    assert sorted(rows) == sorted(expected_rows(project))
    assert overlaps == set(expected_overlaps(project))


def expected_rows(project: Project) -> Iterator[tuple[str, int, int, int, int, str]]:
    ops = project.data["ops"]
    position = {op["index"]: p for p, op in enumerate(ops)}
    kinds = {"input": " (input)", "output": " (output)"}
    for b in project.data["buffers"]:
        what = ", ".join(f"t{t['index']}" for t in b["tensors"])
        if b["kind"] == "scratch":
            what = f"scratch of op {position[b['scratch_of']]}"
        named = kinds.get(b["kind"], "")
        if len(b["tensors"]) == 1:
            what += named
        elif named:  # which of the tensors with the same data it is, the JSON does not say
            text = project.source
            what = next(
                found
                for t in b["tensors"]
                if (found := re.sub(rf"\bt{t['index']}\b", rf"t{t['index']}{named}", what)) in text
            )
        last = min(b["last"], len(ops)) - 1
        yield b["region"], b["offset"], b["offset"] + b["bytes"], b["first"], last, what


def expected_overlaps(project: Project) -> Iterator[tuple[str, str, int, int]]:
    """All pairs of parts with tensors that share bytes while both are in use.

    As (written, read, bytes, op). Of a part with several tensors, the first one is written, and the
    last one is read last.
    """
    parts = [b for b in project.data["buffers"] if b["tensors"]]
    for b in (part for part in parts if part["kind"] != "input"):
        for a in (part for part in parts if part is not b and part["region"] == b["region"]):
            low = max(a["offset"], b["offset"])
            high = min(a["offset"] + a["bytes"], b["offset"] + b["bytes"])
            born = -1 if a["kind"] == "input" else a["first"]
            if low < high and born < b["first"] < a["last"]:
                names = f"{b['tensors'][0]['index']}", f"{a['tensors'][-1]['index']}"
                yield *names, high - low, b["first"]


def test_the_kernels_that_a_comment_names_are_those_that_are_called(project: Project) -> None:
    for op in project.ops:
        said = re.search(r" Kernels: ([\w, ]+)\.", op.comment)
        named = said[1].split(", ") if said else []
        used = re.findall(r"\bfw_\w+\b", op.body)
        called = dict.fromkeys(n for n in used if not re.match(r"fw_(arena|model)", n))
        assert named == list(called)


COVERS = re.compile(
    r"utput t(\d+) begins (?:where|([\d,]+) bytes? (before|after)) input t(\d+)(?: begins)? and "
    r"covers ([\d,]+) bytes? of it"
)


def test_what_an_op_says_of_its_output_over_its_input_is_so(project: Project) -> None:
    said = []
    for position, op in enumerate(project.ops):
        for y, count, side, x, shared in COVERS.findall(op.comment):
            after = number(count or "0") * (-1 if side == "before" else 1)
            assert project.place(int(y)) - project.place(int(x)) == after
            said.append((int(y), int(x), number(shared), position))
    expected = expected_overlaps(project)
    assert sorted(said) == sorted((int(y), int(x), n, op) for y, x, n, op in expected)


def test_an_op_runs_backwards_if_and_only_if_it_says_so(project: Project) -> None:
    for op in project.ops:
        starts = re.findall(r"fw_matrix_\w+\(&\w+, \w+, (\d+)", op.body)
        descending = [int(s) for s in starts] == sorted(map(int, starts), reverse=True)
        turned = ".backwards = 1," in op.structs
        says = "Runs backwards, from the end" in op.comment
        if re.search(r"\d - \d+ \* i", op.body) or turned:
            assert says
        elif says:
            assert len(starts) > 1 and descending
        if says:
            assert " after input " in op.comment


def test_what_a_cascade_says_is_so(project: Project) -> None:
    """Its ops are no others', and what lies between them is nowhere whole."""
    alone = [op["index"] for op in project.data["ops"] if op["op"] != "CASCADE"]
    inside = []
    for op, data in zip(project.ops, project.data["ops"], strict=True):
        if data["op"] != "CASCADE":
            assert "in bands of rows" not in op.comment
            continue
        ops = re.findall(r"\(op (\d+) of the model\)", op.comment)
        assert int(ops[-1]) == data["index"] and len(ops) > 1
        inside += map(int, ops)
        between, scratch = re.findall(
            r"of ([t\d, and]+) only the rows .*?([\d,]+) bytes of its scratch", op.comment
        )[0]
        buffers = project.data["buffers"]
        assert number(scratch) in [b["bytes"] for b in buffers if b["scratch_of"] == data["index"]]
        for tensor in re.findall(r"\d+", between):
            assert int(tensor) not in project.places and f" t{tensor} " not in op.body
    assert not {*alone} & {*inside}


def test_constants_are_read_where_they_say(project: Project) -> None:
    """Each array names the kernels and ops that read it, and a header that tells its layout."""
    arrays = re.findall(
        r"/\* (\w+): read by ([\w, ]+) in ops? ([\d, and]+);\s[ *]*layout:\s[ *]*kernels/(\S+).*?"
        r"\*/\n\.(\w+) = \{",
        project.weights,
        re.DOTALL,
    )
    assert len(arrays) == project.weights.count("= {") - project.weights.count("))) = {")
    for name, said, positions, header, member in arrays:
        assert name == member
        readers, ops = set(), set()
        for position, op in enumerate(project.ops):
            for function, arguments in re.findall(r"(fw_\w+)\((.*)\);", op.body):
                if re.search(rf"\.{name}\b", arguments):
                    readers.add(function)
                    ops.add(position)
        assert set(re.split(", | and ", said)) == readers
        assert set(map(int, re.split(", | and ", positions))) == ops
        text = (project.folder / "kernels" / header).read_text()
        role = re.sub(r"^op\d+_(?:\d+_)?|_\d+$|s$", "", name)
        assert role in text or re.fullmatch(r"t\d+", name), f"{header} does not tell of {role}"


def test_numbers_are_not_added_to_0(project: Project) -> None:
    code = re.sub(r"/\*.*?\*/", "", project.source, flags=re.DOTALL)
    assert not re.search(r"\b0 [+-] |\b1 \* i\b", code)


def test_all_initialisers_are_designated(project: Project, tmp_path: Path) -> None:
    """By the compiler: structs that want it are marked in copies of all headers."""
    copy = tmp_path / "copy"
    shutil.copytree(project.folder, copy)
    for header in copy.rglob("*.h"):
        text = header.read_text()
        header.write_text(text.replace("struct {", "struct __attribute__((designated_init)) {"))

    def said(path: Path) -> str:
        flags = re.findall(r'FLAGS_INIT "(.*)"', (copy / "toolchain.cmake").read_text())[0].split()
        folders = [f"-I{copy / name}" for name in ("src", "runtime", "kernels", "npu", "libc")]
        command = ["arm-none-eabi-gcc", *flags, "-std=c11", "-fsyntax-only", "-Wdesignated-init"]
        done = subprocess.run(
            [*command, "-ffreestanding", *folders, path], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "designated" not in said(copy / "src" / "model.c")
    assert "designated" not in said(copy / "src" / "weights.c")
    model = copy / "src" / "model.c"
    model.write_text(model.read_text().replace("{.data = ", "{", 1))
    assert "designated" in said(model), "the compiler would not tell"


@pytest.mark.parametrize("name", ["digits", "mixed_ops"])
def test_constants_are_made_of_the_tensors_that_they_name(
    name: str, fwgen: Fwgen, made: Callable[..., Project], tmp_path: Path
) -> None:
    """A bit of a tensor in the model's file changes the arrays that name it, and no others."""
    project = made(fwgen, (name, CORSTONE))
    model = PATH_OF[name].read_bytes()
    before = arrays_of(project)
    named = {t for _, tensors in before.values() for t in tensors}
    changed = tmp_path / f"{name}.tflite"
    tried = 0
    for tensor, data in constants_of(PATH_OF[name]):
        if model.count(data) != 1 or len(data) < 8:
            continue
        at = model.index(data)
        changed.write_bytes(model[:at] + bytes([model[at] ^ 1]) + model[at + 1 :])
        out = tmp_path / "out"
        done = fwgen("build", changed, "-b", CORSTONE, "-o", out, "--no-compile")
        if done.returncode == 3:  # of a shape or of what is padded: the model is no longer sound
            continue
        assert done.returncode == 0, done.stderr
        after = arrays_of(Project(out))
        assert after.keys() == before.keys()
        different = {array for array in after if after[array][0] != before[array][0]}
        assert different == {array for array, (_, names) in before.items() if tensor in names}
        tried += bool(different)
    assert tried >= min(3, len(named))


def arrays_of(project: Project) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By array: its numbers, and the names of the tensors that it is made of."""
    found = re.findall(r"/\*((?:(?!/\*).)*?) \*/\n\.(\w+) = \{(.*?)\}", project.weights, re.DOTALL)
    return {
        name: (numbers, tuple(re.findall(r"Made of t\d+ (\S+)", comment)))
        for comment, name, numbers in found
    }


def constants_of(model: Path) -> Iterator[tuple[str, bytes]]:
    """Names, as comments have them, and bytes of the constant tensors of a file."""
    from tflite import Model

    root = Model.GetRootAsModel(model.read_bytes(), 0)
    graph = root.Subgraphs(0)
    for index in range(graph.TensorsLength()):
        tensor = graph.Tensors(index)
        buffer = root.Buffers(tensor.Buffer())
        if buffer.DataLength():
            name = re.sub(r"[^A-Za-z0-9_.:;-]", "?", tensor.Name().decode().replace("/", "."))
            yield (name if len(name) <= 60 else name[:57] + "..."), buffer.DataAsNumpy().tobytes()
