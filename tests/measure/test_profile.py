"""The recorder, on programs counted by hand, and the pipeline model on top of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fwgen.board import load_board
from fwgen.errors import DeviceFault, FwgenError, ToolError, UsageError
from fwgen.measure.counters.core_models import CORES, find_core, models_of
from fwgen.measure.counters.instructions import CLASSES, Instruction
from fwgen.measure.counters.llvm import Cost, Mca, find_llvm
from fwgen.measure.counters.pipeline_model import extra_cycles, straight_line, timing_of
from fwgen.measure.counters.predication import whole
from fwgen.measure.counters.record import is_complete, read_record
from fwgen.measure.counters.timing_table import TimingTable
from fwgen.measure.profile.recording import RecordedWindow
from fwgen.measure.profile.shares import Foreign, profile_elf
from tests.conftest import OWN_MODELS, REAL_MODELS, ROOT, Fwgen

TEMPLATES = ROOT / "templates"
HARNESS = ROOT.parent / "shared" / "harness"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")

START = """
    .syntax unified
    .thumb
    .equ UART, 0x49303000
    .word 0x30001000, reset
    .org 0x40
    .macro function name
        .global \\name
        .type \\name, %function
        \\name:
    .endm
    function reset
        ldr r0, =0xE000ED88
        mov r1, 0x00F00000          @ the floating-point and vector unit
        str r1, [r0]
        dsb
        isb
"""
ENDING = """
        ldr r0, =UART
        movs r1, 1
        str r1, [r0, 8]
        movs r1, 'E'
        str r1, [r0]
    forever: b forever
        .ltorg
"""

Profiled = dict[str, Any]


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is compiled and estimated here is kept for these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def assemble(tmp_path: Path) -> Callable[..., Path]:
    """Make an image that calls what it is told to, says E and loops."""

    def run(main: str, rest: str, cpu: str = "cortex-m55", origin: int = 0x10000000) -> Path:
        source, elf = tmp_path / "image.s", tmp_path / "image.elf"
        source.write_text(f"{START}{main}{ENDING}{rest}\n.bss\n.align 2\ncell: .space 64\n")
        floats = ["-mfloat-abi=hard"] if cpu == "cortex-m55" else []
        places = [f"-Wl,-Ttext={origin:#x}", "-Wl,-Tbss=0x30000000", "-Wl,-ereset"]
        command = ["arm-none-eabi-gcc", f"-mcpu={cpu}", "-mthumb", *floats, "-nostdlib", *places]
        subprocess.run([*command, "-o", elf, source], check=True, capture_output=True)
        return elf

    return run


def profile(elf: Path, window: RecordedWindow, **foreign: Any) -> Profiled:
    details: Profiled = profile_elf(elf, Foreign(until="E", **foreign), window, 60.0)["profile"]
    return details


COUNTED = """
    function work                    @ 1 + 10 * 6 + 2 instructions
        movs r0, 10
    1:  ldr r1, [r2], 4              @ 10 * 4 bytes
        ldrb r3, [r2]                @ 10 * 1
        strh r3, [r4]                @ 10 * 2
        mul r1, r3, r1
        subs r0, 1
        bne 1b
        nop
        bx lr
"""
POINTERS = "ldr r2, =0x30000100; ldr r4, =0x30008000;"


def test_counts_are_exact(assemble: Callable[..., Path]) -> None:
    found = profile(assemble(f"{POINTERS} bl work", COUNTED), RecordedWindow("work"))
    assert found["instructions"] == 63
    assert found["classes"] == {"memory": 30, "alu": 12, "branch": 11, "multiply": 10}
    assert found["memory"] == [{"region": "0x30000000", "loaded_bytes": 50, "stored_bytes": 20}]
    assert [(s["name"], s["instructions"]) for s in found["symbols"]] == [("work", 63)]
    assert (found["closed_by"], found["unmodelled"]) == ("return", [])


def test_memory_goes_by_the_regions_of_the_board(assemble: Callable[..., Path]) -> None:
    elf = assemble("ldr r2, =0x31000100; ldr r4, =0x30008000; bl work", COUNTED)
    found = profile(elf, RecordedWindow("work"), board=load_board("corstone-300"))
    assert {m["region"]: (m["loaded_bytes"], m["stored_bytes"]) for m in found["memory"]} == {
        "ISRAM": (50, 0),
        "DTCM": (0, 20),
    }


def test_a_return_is_found_whichever_way_the_call_was_made(assemble: Callable[..., Path]) -> None:
    main = f"{POINTERS} ldr r5, =work; blx r5"
    assert profile(assemble(main, COUNTED), RecordedWindow("work"))["instructions"] == 63


def test_only_the_first_window_is_recorded(assemble: Callable[..., Path]) -> None:
    main = f"{POINTERS} bl work; bl work"
    assert profile(assemble(main, COUNTED), RecordedWindow("work"))["instructions"] == 63


PLACES = """
    function work
        nop
        nop
    first:
        nop
        movs r0, 3
        ldr r1, =cell
        str r0, [r1]
        nop
    second:
        nop
        str r0, [r1, 4]
        str r0, [r1]
        nop
        bx lr
    function other
        nop
        nop
        bx lr
        .ltorg
"""


@pytest.mark.parametrize(
    ("window", "counts"),
    [
        (RecordedWindow("work"), [12]),
        (RecordedWindow("work", marks=("first", "second")), [2, 5, 5]),
        (RecordedWindow("work", marks=("cell",)), [6, 4, 2]),
        (RecordedWindow("work", marks=("second", "cell")), [6, 1, 3, 2]),
        (RecordedWindow("first", "second"), [5]),
        (RecordedWindow("first", "second", ("cell",)), [4, 1]),
        (RecordedWindow("work", "other", ("first",)), [2, 11]),
        (RecordedWindow("other", "other_end"), [2]),
    ],
    ids=str,
)
def test_windows_open_close_and_divide_between_any_two_instructions(
    assemble: Callable[..., Path], window: RecordedWindow, counts: list[int]
) -> None:
    elf = assemble(
        "bl work; bl other",
        PLACES.replace(
            "nop\n        bx lr\n        .ltorg", "nop\n    other_end: bx lr\n        .ltorg"
        ),
    )
    found = profile(elf, window)
    assert [segment["instructions"] for segment in found["segments"]] == counts
    assert found["instructions"] == sum(counts)
    assert sum(found["classes"].values()) == sum(counts)


def test_dividing_a_window_changes_no_total(assemble: Callable[..., Path]) -> None:
    elf = assemble(f"{POINTERS} bl work", COUNTED.replace("mul", "inner: mul"))
    undivided = profile(elf, RecordedWindow("work"))
    divided = profile(elf, RecordedWindow("work", marks=("inner", "0x30008000")))
    assert len(divided["segments"]) == 21
    for key in ("estimated_cycles", "instructions", "classes", "memory", "symbols"):
        assert divided[key] == undivided[key]


def test_the_end_of_the_program_closes_a_window(assemble: Callable[..., Path]) -> None:
    exit_call = "movs r0, 0x18; ldr r1, =0x20026; bkpt 0xab; .ltorg"
    elf = assemble("bl work", f"function work; nop; nop; nop; {exit_call}")
    found = profile(elf, RecordedWindow("work", "exit"), semihosting=True)
    assert (found["instructions"], found["closed_by"]) == (6, "exit")


@pytest.mark.parametrize(
    ("main", "window", "words"),
    [
        (
            "bl outer",
            RecordedWindow("work"),
            "but not the end of the window before the output matched",
        ),
        ("bl work", RecordedWindow("work", "never"), "reached work but not the end"),
        ("nop", RecordedWindow("work"), "did not reach work before the output matched --until"),
    ],
)
def test_a_window_that_does_not_close_is_a_fault_with_a_reason(
    assemble: Callable[..., Path], main: str, window: RecordedWindow, words: str
) -> None:
    elf = assemble(main, "function work; bx lr; function outer; b work; function never")
    with pytest.raises(DeviceFault, match=words):
        profile(elf, window)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (RecordedWindow("wrok"), "no symbol 'wrok'"),
        (RecordedWindow("work", "nowhere"), "no symbol 'nowhere'"),
        (RecordedWindow("work", marks=("nothing",)), "no symbol 'nothing'"),
    ],
)
def test_an_unknown_symbol_is_named(
    assemble: Callable[..., Path], window: RecordedWindow, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        profile(assemble("bl work", COUNTED), window)


def test_text_is_sent_when_the_image_is_ready(assemble: Callable[..., Path]) -> None:
    echo = """
        ldr r0, =UART
        movs r1, 3
        str r1, [r0, 8]
        movs r1, '?'
        str r1, [r0]
    1:  ldr r1, [r0, 4]
        tst r1, 2
        beq 1b
        ldr r1, [r0]
        cmp r1, 'x'
        bne 1b
        bl work
    """
    elf = assemble(f"{POINTERS} {echo}", COUNTED)
    found = profile(elf, RecordedWindow("work"), send="yx", ready=r"\?")
    assert found["instructions"] == 63


# the pipeline model


def cycles(assemble: Callable[..., Path], code: str, **options: Any) -> int:
    """Estimated cycles of a function."""
    elf = assemble("bl work", f"function work; {code}; bx lr", **options)
    found = profile(elf, RecordedWindow("work"))
    assert found["unmodelled"] == []
    total: int = found["estimated_cycles"]
    return total


def test_a_load_hides_under_each_vector_mac_and_two_do_not(assemble: Callable[..., Path]) -> None:
    """The architecture's limits: 8 MAC/cycle, and 4 with two loads for each."""
    for loads, limit in ((1, 8.0), (2, 4.0)):
        body = "".join(
            f"vldrb.8 q{i % 4}, [r0];" * loads + f"vmladava.s8 r{4 + i % 4 * 2}, q7, q6;"
            for i in range(16)
        )
        loop = f"mov r0, 0x30000000; movs r1, 100; dls lr, r1; 1: {body} le lr, 1b"
        code = f"push {{r4-r10, lr}}; {loop}; pop {{r4-r10, lr}}"
        rate = 100 * 16 * 16 / cycles(assemble, code)
        assert limit * 0.95 < rate <= limit


def test_taken_branches_cost_and_ends_of_low_overhead_loops_do_not(
    assemble: Callable[..., Path],
) -> None:
    body = "ldr r3, [r1]; ldr r2, [r1];"
    count = "subs r0, 1; bne"
    low = cycles(
        assemble, f"push {{lr}}; mov r1, 0x30000000; mov lr, 1000; 1: {body} le lr, 1b; pop {{lr}}"
    )
    loop = cycles(assemble, f"mov r1, 0x30000000; mov r0, 1000; 1: {body} {count} 1b")
    straight = cycles(
        assemble, f"mov r1, 0x30000000; mov r0, 0; .rept 200; {body} {count} 1f; 1: ; .endr"
    )
    assert abs(low - 2 * 1000) < 20
    assert abs(loop - (5 * straight + 2 * 1000)) < 50


def test_code_across_the_end_of_a_page_costs_no_branch(assemble: Callable[..., Path]) -> None:
    """QEMU ends a block there, and counts half of an instruction that lies across with it."""
    code = ".rept 40; add.w r0, r0, r0; .endr"
    inside = cycles(assemble, code)
    across = cycles(assemble, f"b 1f; .balign 1024; .space 1002; 1: {code}")
    assert inside + 2 <= across <= inside + 5  # the branch to it


@pytest.mark.parametrize("offset", range(1002, 1024, 2))
def test_predicated_code_across_the_end_of_a_page(
    assemble: Callable[..., Path], offset: int
) -> None:
    code = "cmp r0, r0; ittee eq; moveq r1, 1; addeq r2, r2, r2; movne r3, 3; addne.w r3, r3, r3;"
    code += "vpste; vaddt.i32 q0, q0, q1; vsube.i32 q1, q1, q2; vptt.s32 gt, q0, r0;"
    code += "vaddt.i32 q0, q0, q1; vaddt.i32 q0, q0, q1; .rept 4; nop; .endr"
    inside = cycles(assemble, code)
    across = cycles(assemble, f"b 1f; .balign 1024; .space {offset}; 1: {code}")
    assert abs(across - inside) <= 5


def test_a_profile_has_both_models_of_a_core(assemble: Callable[..., Path]) -> None:
    """The second one counted by hand: two loads together take 3 cycles, an addition 1; the first
    load waits for its address; the first model has 1 for a load and 1 for using it at once."""
    code = "mov r1, 0x30000000; .rept 10; ldr r2, [r1]; ldr r3, [r1, 4]; adds r0, r2, r3; .endr"
    elf = assemble("bl work", f"function work; {code}; bx lr", cpu="cortex-m4")
    found = profile_elf(elf, Foreign(until="E", core="cortex-m4"), RecordedWindow("work"), 60.0)
    (second,) = found["estimates"]
    assert second["source"] == "pipeline model 2 of cortex-m4, Arm's timing table"
    assert second["total"] == 1 + 1 + 10 * (2 + 1 + 1) + 1
    assert second["unit"] == found["counters"]["unit"] == "estimated_cycles"
    assert found["counters"]["source"].startswith("pipeline model 1 of cortex-m4, LLVM ")
    assert [s["estimates"] for s in found["profile"]["segments"]] == [{"model 2": second["total"]}]
    elf = assemble("bl work", "function work; nop; bx lr")
    found = profile_elf(elf, Foreign(until="E"), RecordedWindow("work"), 60.0)
    assert "estimates" not in found


def instruction(text: str) -> Instruction:
    mnemonic, _, operands = text.partition(" ")
    return Instruction(mnemonic, operands)


@pytest.mark.parametrize(
    ("text", "core", "extra"),
    [
        ("pop {r4, r5, r6, r7, pc}", "cortex-m55", 2),
        ("pop {r4, r5, r6, r7, pc}", "cortex-m4", 4),
        ("ldm r0!, {r1, r2}", "cortex-m55", 0),
        ("stmdb sp!, {r4-r11}", "cortex-m55", 3),
        ("vpush {d8, d9, d10, d11}", "cortex-m55", 3),
        ("vldmia r0!, {s0, s1, s2, s3}", "cortex-m55", 1),
        ("vldrb.u8 q0, [r0, q1]", "cortex-m55", 14),
        ("vldrw.u32 q0, [r0, q1, uxtw #2]", "cortex-m55", 2),
        ("vstrb.32 q0, [r0, q1]", "cortex-m55", 2),
        ("vldrb.u8 q0, [r0], #16", "cortex-m55", 0),
        ("dls lr, r0", "cortex-m55", 1),
        ("le lr, #-8", "cortex-m55", 0),
        ("mla r0, r1, r2, r3", "cortex-m3", 1),
        ("smull r0, r1, r2, r3", "cortex-m4", -1),
        ("add r0, r1", "cortex-m7", 0),
    ],
)
def test_cycles_that_llvm_does_not_know_of(text: str, core: str, extra: int) -> None:
    assert extra_cycles(instruction(text), find_core(core)) == extra


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("vmladavat.s8 r0, q0, q1", "mve_mac"),
        ("vfmaq.f32 q0, q1, q2", "mve_mac"),
        ("vldrb.u8 q0, [r0]", "mve_memory"),
        ("vadd.i32 q0, q1, q2", "mve"),
        ("vpst ", "mve"),
        ("vctp.8 r0", "mve"),
        ("vmsr p0, r2", "mve"),
        ("vldr s0, [r0]", "memory"),
        ("vpush {d8, d9}", "memory"),
        ("vadd.f32 s0, s1, s2", "float"),
        ("smlad r0, r1, r2, r3", "multiply"),
        ("muls r0, r1, r0", "multiply"),
        ("udiv r0, r1, r2", "multiply"),
        ("ldrsb.w r0, [r1, r2]", "memory"),
        ("stmdb sp!, {r4, r5}", "memory"),
        ("bls #8", "branch"),
        ("bleq #8", "branch"),
        ("cbnz r0, #8", "branch"),
        ("bics r0, r1", "alu"),
        ("bfi r0, r1, #0, #8", "alu"),
        ("lsls r0, r1, #2", "alu"),
        ("letp lr, #-16", "loop"),
        ("wlstp.8 lr, r0, #16", "loop"),
    ],
)
def test_classes(text: str, kind: str) -> None:
    assert instruction(text).kind == kind
    assert kind in CLASSES


def test_straight_lines_have_targets_and_no_loop_ends() -> None:
    code = [
        instruction(text)
        for text in ("cbz r3, 0x100", "bne.w 0x10000", "bl 0x44", "bx lr", "le lr, 0x40", "it eq")
    ]
    assert straight_line((None, *code)) == ("cbz r3, #8", "bne #8", "bl #8", "bx lr", "nop")


def test_halves_of_predicated_blocks_lose_their_predicates() -> None:
    code = tuple(map(instruction, ("ite ge", "movge.w r0, r1", "movlt r0, r2", "nop ")))
    assert whole(code) == code
    assert [i.mnemonic for i in whole(code[:2]) if i] == ["nop", "mov.w"]
    assert [i.mnemonic for i in whole(code[2:], ("lt",)) if i] == ["mov", "nop"]
    vector = tuple(map(instruction, ("vptt.s8 gt, q0, r0", "vaddt.i8 q0, q1, q2")))
    assert [i.mnemonic for i in whole(vector) if i] == ["vcmp.s8", "vadd.i8"]


@pytest.mark.parametrize(
    "core",
    [core for first in CORES.values() for core in models_of(first)],
    ids=lambda core: f"{core.name}-{core.model}",
)
def test_every_core_has_a_model(core: Any) -> None:
    """Against what is certain of all of them: dependent additions take a cycle each."""
    text = ("add r0, r0, r1",)
    costs = timing_of(core, find_llvm()).costs([text * 10, text * 30])
    assert costs[text * 30].cycles - costs[text * 10].cycles == 20


@pytest.mark.parametrize(
    ("text", "taken", "m0", "m0plus"),
    [
        ("adds r0, r0, r1", False, 1, 1),
        ("muls r0, r1, r0", False, 1, 1),
        ("ldrb r0, [r1, r2]", False, 2, 2),
        ("str r0, [sp, #4]", False, 2, 2),
        ("ldm r0!, {r1, r2, r3}", False, 4, 4),
        ("push {r4, r5, r6, lr}", False, 5, 5),
        ("pop {r4, r5}", False, 3, 3),
        ("pop {r4, r5, pc}", True, 7, 6),
        ("pop {pc}", True, 5, 4),
        ("bne #8", False, 1, 1),
        ("bne #8", True, 3, 2),
        ("b #8", True, 3, 2),
        ("bl #8", True, 4, 3),
        ("blx r3", True, 3, 2),
        ("bx lr", True, 3, 2),
        ("mov pc, r3", True, 3, 2),
        ("mrs r0, primask", False, 4, 3),
        ("dsb sy", False, 4, 3),
    ],
)
def test_cycles_of_armv6m_are_those_of_arms_manuals(
    text: str, taken: bool, m0: int, m0plus: int
) -> None:
    """Technical Reference Manuals DDI 0432C and DDI 0484C, section "Instruction set summary"."""
    for name, expected in (("cortex-m0", m0), ("cortex-m0plus", m0plus)):
        core = find_core(name)
        cost = TimingTable(core).costs([(text,)])[(text,)]
        cycles = cost.cycles + extra_cycles(instruction(text), core) + taken * core.taken_cycles
        assert (cycles, cost.unmodelled) == (expected, ())


def test_what_armv6m_has_not_got_costs_a_cycle_and_is_named() -> None:
    text = ("smlad r0, r1, r2, r3", "adds r0, r0, r1")
    cost = TimingTable(find_core("cortex-m0")).costs([text])[text]
    assert cost == Cost(2, ("smlad",))


def test_what_llvm_has_no_model_of_costs_a_cycle_and_is_named() -> None:
    mca = Mca(find_llvm(), find_core("cortex-m4"))
    good, bad = ("add r0, r0, r1",) * 4, ("vadd.i8 q0, q1, q2", "frobnicate r1")
    costs = mca.costs([good, good + bad, bad])
    assert costs[good + bad] == Cost(costs[good].cycles + 2, ("frobnicate", "vadd.i8"))
    assert costs[bad] == Cost(2, ("frobnicate", "vadd.i8"))


def test_costs_are_asked_for_once_and_a_damaged_cache_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    texts = [("add r0, r0, r1",), ("mul r0, r0, r1",) * 3]
    fresh = Mca(find_llvm(), find_core("cortex-m55")).costs(texts)
    again = Mca(find_llvm(), find_core("cortex-m55"))
    monkeypatch.setattr(again, "_ask", lambda texts: pytest.fail("asked again"))
    assert again.costs(texts) == fresh
    (cache,) = tmp_path.rglob("*-cortex-m55.json")
    for damage in (b"", b"[1]", b'{"a": 3}', b'{"a": ["x"]}', b"\xff"):
        cache.write_bytes(damage)
        assert Mca(find_llvm(), find_core("cortex-m55")).costs(texts) == fresh


# tools that are missing, files that are not what they should be


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have only those tools on the PATH."""
    folder = tmp_path / "bin"

    def run(*names: str) -> None:
        folder.mkdir()
        for name in names:
            (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"no {name}"))
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    return run


LLVM = ("llvm-mca-19", "llvm-objdump-19")


@pytest.mark.parametrize(
    ("present", "code", "words"),
    [
        (("qemu-system-arm", "cc"), 5, "apt install llvm-19"),
        (("qemu-system-arm", *LLVM), 5, "apt install gcc"),
        (("cc", *LLVM), 6, "apt install qemu-system-arm"),
    ],
)
def test_what_is_missing_is_named_with_its_package(
    assemble: Callable[..., Path],
    tools: Callable[..., None],
    present: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    elf = assemble("bl work", COUNTED)
    tools(*present)
    with pytest.raises(FwgenError, match=words) as caught:
        profile(elf, RecordedWindow("work"))
    assert caught.value.exit_code == code


def test_an_older_llvm_is_not_used(tools: Callable[..., None], tmp_path: Path) -> None:
    tools()
    for name in ("llvm-mca", "llvm-objdump"):
        fake = tmp_path / "bin" / name
        fake.write_text("#!/bin/sh\necho Debian LLVM version 14.0.6\n")
        fake.chmod(0o755)
    with pytest.raises(ToolError, match="19 or later"):
        find_llvm()


def test_without_a_place_for_a_cache(
    assemble: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elf = assemble(f"{POINTERS} bl work", COUNTED)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert profile(elf, RecordedWindow("work"))["instructions"] == 63


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"hello" * 50, Path("/bin/sh").read_bytes()])
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "image.elf"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"ELF|Arm"):
        profile(path, RecordedWindow("work"))


@pytest.mark.parametrize(
    "content", ["", "segment 0 0", "edge 1 2 3\nend stop", "block x\nend stop", "block 0 10\nend x"]
)
def test_a_damaged_record_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "record"
    path.write_text(content)
    with pytest.raises(ToolError, match="record"):
        read_record(path)
    assert not is_complete(tmp_path / "none")


# images of ours


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], Path]:
    """Projects, each built once."""
    folder = tmp_path_factory.mktemp("projects")

    def project(model: Path, board: str) -> Path:
        out = folder / f"{model.stem}-{board}"
        if not out.exists():
            command = [sys.executable, "-m", "fwgen", "build", model, "-b", board, "-o", out]
            subprocess.run(command, check=True, capture_output=True)
        return out

    return project


@pytest.mark.parametrize("board", ["corstone-300", "mps2-an386"])
def test_instructions_are_those_that_run_counts(
    built: Callable[[Path, str], Path], fwgen: Fwgen, tmp_path: Path, board: str
) -> None:
    """The recorder and QEMU's instruction counter share no code. An op differs by its call."""
    project = built(DIGITS, board)
    results = []
    for command in ("run", "profile"):
        done = fwgen(command, project, "--json", "result.json")
        assert done.returncode == 0, done.stderr
        results.append(json.loads((tmp_path / "result.json").read_bytes()))
    counted, profiled = results
    assert abs(counted["counters"]["total"] - profiled["profile"]["instructions"]) <= 30
    ops = profiled["profile"]["segments"]
    assert len(ops) == len(counted["counters"]["ops"]) > 0
    for count, op in zip(counted["counters"]["ops"], ops, strict=True):
        assert count["index"] == op["op"]
        assert abs(count["value"] - op["instructions"]) <= 30
    assert profiled["counters"]["unit"] == "estimated_cycles"
    assert sum(op["value"] for op in profiled["counters"]["ops"]) <= profiled["counters"]["total"]


def test_two_profiles_are_the_same(
    built: Callable[[Path, str], Path], fwgen: Fwgen, tmp_path: Path
) -> None:
    project = built(DIGITS, "corstone-300")
    for name in ("a.json", "b.json"):
        done = fwgen("profile", project, "--json", name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert "NOT calibrated" in done.stdout
    assert done.stderr == ""


def test_options_that_do_not_go_together_are_refused(
    built: Callable[[Path, str], Path], fwgen: Fwgen
) -> None:
    project = built(DIGITS, "corstone-300")
    elf = project / "build" / "firmware.elf"
    for args in (
        (project, "--mcpu", "cortex-m4"),
        (elf, "--input", "x.npy"),
        (elf, "--until", "("),
        (elf, "--load", "nothing@0x100"),
        (elf, "--mcpu", "cortex-m99"),
        (elf, "--board", "host"),
    ):
        done = fwgen("profile", *args)
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("error: ")


def agrees(elf: Path, fwgen: Fwgen, tmp_path: Path, *window: str) -> None:
    """Our estimate and that of the project's yardstick, from one and the same image."""
    serial = ("--send", "infer 1 0%", "--until", "m-infer-done")
    done = fwgen("profile", elf, "--json", "own.json", "--top", 99, *window, *serial)
    assert done.returncode == 0, done.stderr
    own = json.loads((tmp_path / "own.json").read_bytes())["profile"]
    command = [sys.executable, HARNESS / "measure.py", elf, *window, *serial, "--top", "99"]
    subprocess.run([*command, "--json", tmp_path / "other.json"], check=True, timeout=120)
    other = json.loads((tmp_path / "other.json").read_bytes())["total"]
    assert own["instructions"] == other["instructions"]
    assert own["estimated_cycles"] == pytest.approx(other["cycles"], rel=0.02)
    theirs = {name: counts for name, counts in other["symbols"].items() if counts[1] > 1000}
    ours = {symbol["name"]: symbol for symbol in own["symbols"]}
    divided = across_pages(elf)
    assert theirs
    for name, (instructions, estimate) in theirs.items():
        assert ours[name]["instructions"] == instructions
        # QEMU ends a block with its page: what mca overlaps there is for each tool to say
        near = 0.05 if name in divided else 0.02
        assert ours[name]["estimated_cycles"] == pytest.approx(estimate, rel=near), name


def across_pages(elf: Path) -> set[str]:
    """Functions that lie in more than one of the pages of 1 KiB by which QEMU cuts code, and what
    they call: a block costs what it adds to the one before, which may be cut."""
    command = ["arm-none-eabi-nm", "--print-size", "--radix=d", elf]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    sized = [(int(row[0]), int(row[1]), row[3]) for row in rows if len(row) == 4]
    cut = {name for at, size, name in sized if at >> 10 != (at + size - 1) >> 10}
    dump = subprocess.run(["arm-none-eabi-objdump", "-d", elf], capture_output=True, text=True)
    functions = re.findall(r"^[0-9a-f]+ <(.+)>:\n((?:.+\n)*)", dump.stdout, flags=re.MULTILINE)
    called = {name: re.findall(r"\tbl\t[0-9a-f]+ <(.+)>", code) for name, code in functions}
    return cut.union(*(called.get(name, ()) for name in cut))


@pytest.mark.parametrize("model", [DIGITS, *REAL_MODELS] if HARNESS.exists() else [])
def test_estimates_agree_with_the_yardstick(
    model: Path, built: Callable[[Path, str], Path], fwgen: Fwgen, tmp_path: Path
) -> None:
    elf = built(model, "corstone-300") / "build" / "firmware.elf"
    agrees(elf, fwgen, tmp_path, "--start", "fw_model_invoke")


@pytest.mark.parametrize("source", [HARNESS / "exp" / "spec.c"] if HARNESS.exists() else [])
def test_estimates_agree_on_an_image_of_other_make(
    source: Path, fwgen: Fwgen, tmp_path: Path
) -> None:
    elf = tmp_path / "spec.elf"
    flags = ["-mcpu=cortex-m55", "-mfloat-abi=hard", "-O2", "-DGROUPS=5", "-nostdlib"]
    # the memory functions that a C library would have, which the compiler need not come with
    memory = TEMPLATES / "platform" / "cortex_m" / "memory.c"
    flags += [f"-I{TEMPLATES / 'runtime'}", f"-T{source.with_name('m55.ld')}"]
    command = ["arm-none-eabi-gcc", *flags, source, memory, "-lgcc"]
    subprocess.run([*command, "-o", elf], check=True, capture_output=True)
    for start in ("spec_pw", "spec_dw"):
        agrees(elf, fwgen, tmp_path, "--start", start)


def test_the_benchmark_compares_with_an_image_of_other_make(
    built: Callable[[Path, str], Path], tmp_path: Path
) -> None:
    elf = built(DIGITS, "corstone-300") / "build" / "firmware.elf"
    command = [sys.executable, ROOT / "tools" / "benchmark.py", DIGITS, "--json", "table.json"]
    peer = f"other={elf},model=digits,send=infer 1 0%"
    done = subprocess.run(
        [*command, "--peer", peer], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    own, other = json.loads((tmp_path / "table.json").read_bytes())["rows"]
    assert (own["who"], own["ratio"], other["who"]) == ("fwgen", 1.0, "other")
    assert other["ratio"] == pytest.approx(1.0, abs=0.05)  # other input
    assert own["flash_bytes"] == other["flash_bytes"]
    assert f"{own['cycles']:,}" in done.stdout and "other" in done.stdout
