"""The bound of the stack: of small images with known frames, and against what boards measure."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.build.stack import (
    EXCEPTION_BYTES,
    StackBound,
    StackExceeded,
    check_stack,
    stack_bound,
    watermark,
)
from fwgen.build.stack_offsets import PlacedInstruction, offsets
from fwgen.build.thumb import Kind, ThumbInstruction, decode
from fwgen.errors import DoesNotFit
from tests.conftest import OWN_MODELS, Fwgen
from tests.tflite_models import ModelBuilder
from tests.tflite_models.signal_ops import TYPES

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")

START = """
#define KEEP __attribute__((noinline, used))
void leaf(volatile int* p);
KEEP void leaf(volatile int* p) { *p = 1; }
KEEP void small(void) { volatile int a[4]; leaf(a); }
KEEP void large(void) { volatile int a[100]; leaf(a); }
KEEP void trap(void) { volatile int a[20]; leaf(a); for (;;) {} }
void start(void);
__attribute__((section(".vectors"), used)) void (*const vectors[3])(void) = {0, start, trap};
"""
GCC = ("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-O2")
CLANG = ("clang-19", "--target=thumbv7em-none-eabi", "-mcpu=cortex-m4", "-O2", "-fuse-ld=lld")
COMPILERS = {"gcc": GCC, "gcc-Os": (*GCC, "-Os"), "clang": CLANG}


def linked(folder: Path, source: str, compiler: str = "gcc", usage: bool = True) -> Path:
    """The image of C code whose ``start`` is the entry."""
    (folder / "a.c").write_text(START + source)
    command = COMPILERS[compiler]
    flags = ["-c", "-std=c11", "-ffreestanding", "-ffunction-sections", "-fdata-sections"]
    subprocess.run(
        [*command, *flags, *["-fstack-usage"] * usage, "a.c", "-o", "a.o"], cwd=folder, check=True
    )
    (folder / "a.ld").write_text(
        "ENTRY(start) SECTIONS { .vectors 0 : { KEEP(*(.vectors)) }"
        " .text : { *(.text*) *(.rodata*) } .data : { *(.data*) } .bss : { *(.bss*) } }"
    )
    subprocess.run(
        [*GCC, "-nostdlib", "-Wl,--gc-sections", "-T", "a.ld", "a.o", "-lgcc", "-o", "a.elf"],
        cwd=folder,
        check=True,
    )
    return folder / "a.elf"


def names(bound: StackBound) -> list[str]:
    return [name.split(".")[0] for name, _ in bound.chain]  # without marks of specialized copies


@pytest.mark.parametrize("usage", [True, False])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_deepest_chain(tmp_path: Path, compiler: str, usage: bool) -> None:
    source = "void start(void) { small(); large(); small(); for (;;) {} }"
    bound = stack_bound(linked(tmp_path, source, compiler, usage))
    assert names(bound) == ["start", "large", "leaf"]
    sizes = dict(bound.chain)
    assert 400 <= sizes["large"] <= 416
    assert bound.call_bytes == sum(sizes.values())
    assert EXCEPTION_BYTES + 80 <= bound.exception_bytes <= EXCEPTION_BYTES + 96
    assert re.fullmatch(r"start \d+ > large 4\d\d > leaf \d+", bound.calls)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_tail_calls_are_calls(tmp_path: Path, compiler: str) -> None:
    source = "KEEP void last(void) { small(); large(); } void start(void) { last(); }"
    elf = linked(tmp_path, source, compiler)
    assert names(stack_bound(elf)) == ["start", "last", "large", "leaf"]


@pytest.mark.parametrize("cases", [5, 6, 7, 8])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_call_right_after_a_table_of_branches_counts(
    tmp_path: Path, compiler: str, cases: int
) -> None:
    """A table of an odd number of halves ends inside a word, in whose other half code begins."""
    calls = "".join(f"case {k}: step_{k}(p); break;" for k in range(1, cases))
    steps = "".join(
        f"KEEP void step_{k}(volatile int* p) {{ volatile int a[{k}]; a[0] = *p; leaf(a); }}"
        for k in range(2, cases)
    )
    source = (
        "KEEP void step_1(volatile int* p) { large(); *p = 1; }"
        f"{steps} KEEP int chosen(volatile int* p) {{ switch (*p) {{ {calls} default: leaf(p); }}"
        " return *p; } void start(void) { volatile int n = 3; chosen(&n); for (;;) {} }"
    )
    bound = stack_bound(linked(tmp_path, source, compiler))
    assert names(bound) == ["start", "chosen", "step_1", "large", "leaf"]


@pytest.mark.parametrize("usage", [True, False])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_what_a_caller_has_given_back_does_not_count(
    tmp_path: Path, compiler: str, usage: bool
) -> None:
    """A tail call comes when the frame has gone, and one in a branch without a frame had none."""
    source = (
        "KEEP void last(volatile int* n) { volatile int a[60]; if (*n) { large(); return; }"
        " a[*n] = 1; *n = a[2]; large(); }"
        "void start(void) { volatile int n = 3; last(&n); for (;;) {} }"
    )
    bound = stack_bound(linked(tmp_path, source, compiler, usage))
    assert names(bound) == ["start", "last", "large", "leaf"]
    sizes = dict(bound.chain)
    assert sizes["last"] == 0, "both calls of large are tail calls"
    assert 400 <= sizes["large"] <= 416


def test_what_begins_the_stack_anew_comes_on_top_of_nothing(tmp_path: Path) -> None:
    source = (
        "__attribute__((naked, used)) void fails(void) {"
        '__asm__ volatile("ldr r2, =0x20001000\\n\\tmsr msp, r2\\n\\tb large\\n\\t.ltorg"); }'
        "KEEP void deep(void) { volatile int a[70]; leaf(a); fails(); leaf(a); }"
        "void start(void) { deep(); for (;;) {} }"
    )
    bound = stack_bound(linked(tmp_path, source))
    assert names(bound) == ["large", "leaf"]
    less = source.replace("a[70]", "a[200]")
    assert names(stack_bound(linked(tmp_path, less))) == ["start", "deep", "leaf"]


def test_bytes_on_the_stack_where_ways_meet_and_where_none_is_known() -> None:
    plain, push = ThumbInstruction(2), ThumbInstruction(2, pushed=8)
    pop = ThumbInstruction(2, pushed=-8)
    leave = ThumbInstruction(2, Kind.LEAVE, ends=True, pushed=-8)
    branch = ThumbInstruction(2, Kind.BRANCH, 8)
    code = [branch, push, ThumbInstruction(2, pushed=16), pop, plain, leave, plain, leave]
    placed = [PlacedInstruction(2 * i, step, False) for i, step in enumerate(code)]
    assert offsets(placed, 100) == {0: 0, 2: 0, 4: 8, 6: 24, 8: 16, 10: 16, 12: 100, 14: 100}
    placed = [
        PlacedInstruction(2 * i, step, step is leave)
        for i, step in enumerate((push, leave, pop, leave))
    ]
    assert offsets(placed, 100) == {0: 0, 2: 8, 4: 8, 6: 0}, "a return that may be skipped"


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    ("source", "chain"),
    [
        (  # a pointer handed down
            "KEEP void call(void (*f)(void)) { volatile int a[8]; f(); leaf(a); }"
            "KEEP void hand(void (*f)(void)) { volatile int a[8]; call(f); leaf(a); }"
            "void start(void) { hand(large); hand(small); for (;;) {} }",
            ["start", "hand", "call", "large", "leaf"],
        ),
        (  # a table of constants
            "static void (*const table[])(void) = {small, large, small};"
            "KEEP void call(volatile int* n) { for (int i = 0; i < *n; i++) table[i](); }"
            "void start(void) { volatile int n = 3; call(&n); for (;;) {} }",
            ["start", "call", "large", "leaf"],
        ),
        (  # a pointer in a structure of constants, which another one points to
            "typedef struct { int n; void (*f)(void); } inner;"
            "typedef struct { int n; const inner* in; } outer;"
            "static const inner in = {1, large}; static const outer out = {2, &in};"
            "KEEP void call(const outer* o) { volatile int a[8]; leaf(a); o->in->f(); leaf(a); }"
            "void start(void) { call(&out); for (;;) {} }",
            ["start", "call", "large", "leaf"],
        ),
    ],
)  # fmt: skip
def test_calls_through_pointers(
    tmp_path: Path, source: str, chain: list[str], compiler: str
) -> None:
    assert names(stack_bound(linked(tmp_path, source, compiler))) == chain


def test_a_pointer_reaches_only_what_can_be_handed_to_it(tmp_path: Path) -> None:
    """``large`` is given to another function than the one that calls."""
    source = (
        "KEEP void call(void (*f)(void)) { volatile int a[8]; f(); leaf(a); }"
        "KEEP void other(void (*f)(void)) { leaf((volatile int*)f); }"
        "KEEP void one(void) { volatile int a[8]; call(small); leaf(a); }"
        "KEEP void two(void) { other(large); }"
        "void start(void) { one(); two(); for (;;) {} }"
    )
    assert names(stack_bound(linked(tmp_path, source))) == ["start", "one", "call", "small", "leaf"]


UNBOUNDED = {
    "recursion in again > again": (
        "KEEP void again(int n) { volatile int a[2]; if (n) again(n - 1); leaf(a); }"
        "void start(void) { volatile int n = 3; again(n); for (;;) {} }"
    ),
    "recursion in ping > pong > ping": (
        "KEEP void pong(int n); KEEP void ping(int n) { volatile int a; pong(n); leaf(&a); }"
        "KEEP void pong(int n) { volatile int a; if (n) ping(n - 1); leaf(&a); }"
        "void start(void) { volatile int n = 3; ping(n); for (;;) {} }"
    ),
    "vary takes a variable amount": (
        "KEEP void vary(int n) { volatile int a[n]; leaf(a); }"
        "void start(void) { volatile int n = 3; vary(n); for (;;) {} }"
    ),
    "call calls through a pointer that nothing sets": (
        "void (*volatile kept)(void); KEEP void call(void) { kept(); }"
        "void start(void) { call(); for (;;) {} }"
    ),
}


def test_transforms_without_odd_radices_have_a_bound(fwgen: Fwgen, tmp_path: Path) -> None:
    """No pointer of theirs is null, even if the image has no function for other radices."""
    m = ModelBuilder()
    for dtype in ("int16", "int32", "float32"):
        x, y = (m.tensor((1, 64), dtype) for _ in range(2))
        spectrum = m.tensor((1, 66), dtype)
        m.op("SIGNAL_RFFT", [x], [spectrum], T=TYPES[dtype], fft_length=64)
        m.op("SIGNAL_IRFFT", [spectrum], [y], T=TYPES[dtype], fft_length=64)
    model, out = tmp_path / "m.tflite", tmp_path / "o"
    model.write_bytes(m.build())
    done = fwgen("build", model, "-b", "mps2-an386", "-o", out)
    assert done.returncode == 0, done.stderr
    assert fwgen("verify", out, "--inputs", 1).returncode == 0


@pytest.mark.parametrize("words", UNBOUNDED)
def test_what_has_no_bound_is_named(tmp_path: Path, words: str) -> None:
    with pytest.raises(DoesNotFit, match="has no bound") as caught:
        stack_bound(linked(tmp_path, UNBOUNDED[words]))
    assert words in caught.value.what


def test_what_inline_assembly_pushes_counts(tmp_path: Path) -> None:
    """The compiler says nothing of it."""
    source = (
        'KEEP void pushes(void) { __asm__ volatile("push {r0-r7}\\n\\tvpush {d0-d3}\\n\\t'
        "str r0, [sp, #-8]!\\n\\tstrd r0, r1, [sp, #-16]!\\n\\tsub sp, #24\\n\\t"
        'sub.w sp, sp, #1024\\n\\tadd.w sp, sp, #1136" ::: "memory"); }'
        "void start(void) { pushes(); for (;;) {} }"
    )
    COMPILERS["gcc-fp"] = (*GCC, "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
    bound = stack_bound(linked(tmp_path, source, "gcc-fp"))
    assert dict(bound.chain)["pushes"] >= 32 + 32 + 8 + 16 + 24 + 1024


def test_functions_of_libgcc(tmp_path: Path) -> None:
    source = (
        "KEEP unsigned long long divide(unsigned long long a, unsigned long long b)"
        " { return a / b; }"
        "void start(void) { volatile long long n = 3; n = divide(n, n); for (;;) {} }"
    )
    chain = names(stack_bound(linked(tmp_path, source)))
    assert chain[:3] == ["start", "divide", "__aeabi_uldivmod"] and chain[-1] == "__udivmoddi4"


def test_functions_of_libgcc_on_a_core_without_division(tmp_path: Path) -> None:
    """They follow one another in one section, have other names of no size, jump into each other,
    and by tables of addresses."""
    COMPILERS["gcc-m0"] = ("arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb", "-O2")
    source = (
        "KEEP int all(unsigned a, int b, long long c, float d, unsigned char e)"
        " { switch (e) { case 1: return a / e; case 2: return b / e; case 3: return a % e;"
        " case 4: return b % e; case 5: return c / e; case 6: return d / e; case 7: return d * e;"
        " default: return c * e; } }"
        "void start(void) { volatile int n = 3; n = all(n, n, n, n, n); for (;;) {} }"
    )
    chain = names(stack_bound(linked(tmp_path, source, "gcc-m0")))
    assert chain[:2] == ["start", "all"] and len(chain) > 2


def test_a_part_of_a_function_that_it_calls_is_no_recursion(tmp_path: Path) -> None:
    """Products of doubles have such a part in libgcc. It may push as much as the function does."""
    product = (
        "KEEP double product(double a, double b) { return a * b; }"
        "void start(void) { volatile double n = 3; n = product(n, n); for (;;) {} }"
    )
    chain = names(stack_bound(linked(tmp_path, product)))
    assert chain[:2] == ["start", "product"] and len(chain) == 3
    parts = (
        'KEEP __attribute__((naked)) void parts(void) { __asm__("push {r4, lr}\\n\\tbl 1f\\n\\t'
        'pop {r4, pc}\\n1:\\tpush {r4-r7}\\n\\tpop {r4-r7}\\n\\tbx lr"); }'
        "void start(void) { parts(); for (;;) {} }"
    )
    assert dict(stack_bound(linked(tmp_path, parts)).chain)["parts"] >= 8 + 16


def test_a_stack_that_is_too_small_names_the_deepest_calls() -> None:
    bound = StackBound(3900, 200, (("fw_start", 100), ("fw_kernel", 3600)))
    check_stack(bound, load_board("corstone-300"))
    with pytest.raises(DoesNotFit) as caught:
        check_stack(bound, load_board("mps2-an386"))  # its guard takes some
    assert caught.value.exit_code == 4
    assert "fw_start 100 > fw_kernel 3600" in caught.value.what
    assert "stack_bytes = 4352" in str(caught.value)


def test_more_than_the_bound_is_a_named_fault(tmp_path: Path) -> None:
    elf = linked(tmp_path, "void start(void) { large(); for (;;) {} }")
    bound = stack_bound(elf)
    most = bound.call_bytes
    assert watermark(elf, (4096, most)) == {
        "stack_used_bytes": most,
        "stack_bound_bytes": bound.bytes,
    }
    assert watermark(elf, None) == {}
    with pytest.raises(StackExceeded, match=f"used {most + 4:,} bytes") as caught:
        watermark(elf, (4096, most + 4))
    assert caught.value.exit_code == 7


@pytest.mark.parametrize(
    ("board", "name"),
    [
        ("corstone-300", "digits"),
        ("corstone-300", "mixed_ops"),
        ("mps2-an385", "dynamic_shape"),
        ("mps2-an386", "mixed_ops"),
        ("mps2-an505", "digits"),
    ],
)
def test_a_project_says_what_it_needs_at_most(
    fwgen: Fwgen, tmp_path: Path, board: str, name: str
) -> None:
    """Never less than it uses, and not much more."""
    out, result = tmp_path / "out", tmp_path / "r.json"
    model = next(path for path in OWN_MODELS if path.stem == name)
    done = fwgen("build", model, "-b", board, "-o", out, "--json", result)
    assert done.returncode == 0, done.stderr
    memory = json.loads(result.read_text())["memory"]
    bound = memory["stack_bound_bytes"]
    assert f"{bound:,}" in re.search(r"of it needed at most +([\d,]+)", done.stdout)[1]
    calls = memory["stack_deepest_calls"]
    assert calls[0]["function"] == "fw_reset" and calls[-1]["bytes"] > 0
    assert sum(c["bytes"] for c in calls) + memory["stack_exception_bytes"] == bound
    for command in ("run", "verify"):
        done = fwgen(command, out, "--json", result)
        assert done.returncode == 0, done.stderr
        said = json.loads(result.read_text())["memory"]
        assert said["stack_bound_bytes"] == bound
        used = said["stack_used_bytes"]
        assert used <= bound - memory["stack_exception_bytes"]
        assert bound <= 1.5 * used
        assert f"stack   {used:,} of 4,096 bytes used, {bound:,} needed at most" in done.stdout


def test_a_board_with_too_little_is_refused(fwgen: Fwgen, tmp_path: Path) -> None:
    board = tmp_path / "small.toml"
    source = load_board("mps2-an385").source.decode()
    board.write_text(re.sub(r"(?m)^stack_bytes = .*", "stack_bytes = 1024", source))
    done = fwgen("build", DIGITS, "-b", board, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    path = out / "src" / "model.c"
    source = path.read_text()
    assert source.count("void fw_model_invoke(void) {") == 1
    more = (
        "void fw_model_invoke(void) {\n  volatile char room[700];\n  room[0] = 0;\n  (void)room[0];"
    )
    path.write_text(source.replace("void fw_model_invoke(void) {", more))
    subprocess.run(["ninja", "-C", out / "build"], check=True, capture_output=True)
    bound = stack_bound(out / "build" / "firmware.elf")
    with pytest.raises(DoesNotFit, match="fw_model_invoke 7"):
        check_stack(bound, load_board(str(board)))


LINE = re.compile(r"\s*([0-9a-f]+):\s+(\S+)\s*([^@<\n]*)")
CONDITION = "eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"


def expected_kind(mnemonic: str, operands: str) -> Kind:
    """By the text of objdump."""
    if mnemonic == "bl":
        return Kind.CALL
    if re.fullmatch(rf"b({CONDITION})?|cbn?z", mnemonic):
        return Kind.BRANCH
    if mnemonic in ("blx", "bx"):
        return Kind.LEAVE if operands == "lr" else Kind.INDIRECT
    to_pc = mnemonic in ("ldr", "mov") and operands.startswith("pc,")
    if to_pc or mnemonic in ("tbb", "tbh") or re.search(r"\bpc\}", operands):
        return Kind.LEAVE
    return Kind.PLAIN


@pytest.mark.parametrize("board", ["corstone-300", "microbit"])
def test_machine_code_is_read_as_objdump_does(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    model = DIGITS.with_name("float_io.tflite") if board == "microbit" else DIGITS
    done = fwgen("build", model, "-b", board, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    elf, flat = tmp_path / "out" / "build" / "firmware.elf", tmp_path / "text"
    objcopy = ["arm-none-eabi-objcopy", "-O", "binary", "-j", ".text", elf, flat]
    subprocess.run(objcopy, check=True)
    objdump = ["arm-none-eabi-objdump", "-d", "-j", ".text", "--no-show-raw-insn", elf]
    done = subprocess.run(objdump, capture_output=True, text=True, check=True)
    listing = done.stdout.partition("<fw_code_end>:")[0]
    lines = [match for match in map(LINE.match, listing.splitlines()) if match]
    code, start, calls = flat.read_bytes(), int(lines[0][1], 16), 0
    moves = 0

    def word(address: int) -> int:
        return int.from_bytes(code[address - start : address - start + 2], "little")

    for match, following in itertools.pairwise(lines):
        address, mnemonic, operands = int(match[1], 16), match[2], match[3].strip()
        if mnemonic.startswith("."):  # data
            continue
        step = decode(word, address)
        if not following[2].startswith("."):
            assert address + step.bytes <= int(following[1], 16)  # zeros are left out
        name, last = mnemonic.split(".")[0], operands.split(", ")[-1]
        assert step.kind is expected_kind(name, operands), match[0]
        if step.kind in (Kind.CALL, Kind.BRANCH):
            assert step.target == int(last, 16)
            assert step.ends == (name == "b")
        if name in ("sub", "subw", "add", "addw") and operands.startswith("sp,"):
            assert step.pushed == int(last.lstrip("#")) * (1 if name.startswith("sub") else -1)
        if name in ("push", "pop", "vpush", "vpop"):
            bytes_each = 8 if "{d" in operands else 4
            assert step.pushed == registers(operands) * bytes_each * (1 if "push" in name else -1)
            moves += 1
        calls += step.kind is Kind.CALL
    assert calls > 100 and moves > 100


def registers(operands: str) -> int:
    """How many are in a list such as {r4, r6-r8, pc}."""
    ranges = [re.findall(r"\d+", part) for part in operands.split(",")]
    return sum(int(r[1]) - int(r[0]) + 1 if len(r) == 2 else 1 for r in ranges)


def test_constants_of_subtractions() -> None:
    """Modified immediates as the architecture manual expands them."""
    for first, second, expected in (
        (0xF5AD, 0x6D80, 0x400),  # sub.w sp, sp, #1024
        (0xF1AD, 0x0D10, 16),
        (0xF2AD, 0x4D04, 1028),  # subw
        (0xF5AD, 0x5D7C, 0x3F00),
    ):
        words = {0: first, 2: second}
        assert decode(lambda at, words=words: words[at], 0) == ThumbInstruction(4, pushed=expected)


@pytest.mark.parametrize("popped", [4, 8, 16])
def test_a_return_that_pops_more_than_itself_is_no_call(popped: int) -> None:
    """``ldr pc, [sp], #8`` of libgcc's comparisons, which keeps the stack at a multiple of 8."""
    for second, kind in ((0xFB00, Kind.LEAVE), (0xEB00, Kind.PLAIN)):
        words = {0: 0xF85D, 2: second | popped}
        assert decode(words.__getitem__, 0).kind is kind
    assert decode({0: 0xF85D, 2: 0xEB00 | popped}.__getitem__, 0).pushed == -popped
