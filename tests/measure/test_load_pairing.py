"""Cycles of short sequences on a Cortex-M3 and M4, counted by hand from Arm's manuals.

Technical Reference Manuals DDI 0337 and DDI 0439, sections "Instruction set summary" and
"Load/store timings", whose own examples are among them.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fwgen.measure.counters.core_models import SECOND_MODELS, CoreModel
from fwgen.measure.counters.instructions import Instruction
from fwgen.measure.counters.llvm import Cost, Text, find_llvm
from fwgen.measure.counters.load_pairing import PairingTable
from fwgen.measure.counters.pipeline_model import extra_cycles, straight_line, timing_of

M3, M4, M33 = (SECOND_MODELS[name] for name in ("cortex-m3", "cortex-m4", "cortex-m33"))


def text_of(code: str) -> Text:
    return tuple(line.strip() for line in code.split(";"))


def cycles(code: str, core: CoreModel = M4) -> int:
    """As ``Costs`` adds them up."""
    text = text_of(code)
    instructions = [Instruction(*line.partition(" ")[::2]) for line in text]
    extra = sum(extra_cycles(instruction, core) for instruction in instructions)
    cost = timing_of(core, find_llvm()).costs([text])[text]
    assert cost.unmodelled == ()
    return cost.cycles + int(extra)


@pytest.mark.parametrize("core", [M3, M4], ids=lambda core: core.name)
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # the manuals' own examples of pipelined loads and stores
        ("ldr r0, [r1]; ldr r1, [r2]", 3),
        ("ldr r0, [r1, r2]; str r0, [r3, #0x14]", 3),
        ("ldr r0, [r1, r2]; str r1, [r3, r2]", 3),
        ("ldr r0, [r1, r5]; ldr r1, [r2]; ldr r2, [r3, #0x4]", 4),
        # their rules: the address needs the load before it; stores; several registers
        ("ldr r0, [r1]; ldr r2, [r0]", 4),
        ("ldr r0, [r1]; ldr r2, [r3, r0, lsl #2]", 4),
        ("ldr r0, [r1], #4; ldr r2, [r1]", 3),
        ("str r0, [r1, #0x4]", 1),
        ("str r0, [r1, r2]", 2),
        ("str r0, [r1, #0x4]; ldr r2, [r3]", 2),
        ("str r0, [r1, r2]; ldr r2, [r3]", 4),
        ("ldr r0, [r1]; nop; ldr r2, [r3]", 5),
        ("ldrd r0, r1, [r2, #8]; ldr r3, [r4]", 5),
        ("ldr r3, [r4]; strd r0, r1, [r2, #8]", 5),
        ("ldm r0!, {r1, r2, r3}", 4),
        ("push {r4, r5, r6, lr}", 5),
        ("stmdb sp!, {r4, r5, r6}; ldr r0, [r1]", 6),
        ("pop {r4, pc}", 3),
        ("ldr.w pc, [r0]", 2),
        # a data processing instruction just before makes a register of the address
        ("add.w r1, r1, r2; ldr r0, [r1]", 4),
        ("add.w r1, r1, r2; nop; ldr r0, [r1]", 4),
        ("adds r1, #0x4; str r1, [r2]", 2),
        ("lsls r2, r2, #2; ldr r0, [r1, r2]", 4),
        ("sub sp, #0x8; push {r4, lr}", 5),
        ("sub sp, #0x8; ldr r0, [sp, #0x4]", 4),
        ("cmp r1, r2; ldr r0, [r1]", 3),
        ("bfi r1, r2, #4, #4; ldr r0, [r1]", 4),
        # conditions, and IT, which is folded
        ("itt eq; ldreq r0, [r1]; ldreq r2, [r3]", 3),
        ("ite ge; movge r0, r1; movlt r0, r2", 2),
        # arithmetic, jumps, ranges of which the middle is taken
        ("adds r0, r0, r1; movs r2, #0x0; clz r3, r0; ubfx r0, r0, #3, #4", 4),
        ("sdiv r0, r1, r2", 7),
        ("udiv r0, r1, r2", 7),
        ("bne #8", 1),
        ("cbz r3, #8", 1),
        ("tbb [pc, r0]", 2),
    ],
)
def test_integer_code(code: str, expected: int, core: CoreModel) -> None:
    assert cycles(code, core) == expected


@pytest.mark.parametrize(
    ("code", "m3", "m4"),
    [
        ("mul r0, r1, r2", 1, 1),
        ("mla r0, r1, r2, r3", 2, 1),
        ("mls r0, r1, r2, r3", 2, 1),
        ("smull r0, r1, r2, r3", 4, 1),
        ("umull r0, r1, r2, r3", 4, 1),
        ("smlal r0, r1, r2, r3", 5, 1),
        ("ldrsb r0, [r1]; ldrsb r2, [r3]; mla r4, r0, r2, r4", 5, 4),
    ],
)
def test_multiplications(code: str, m3: int, m4: int) -> None:
    assert (cycles(code, M3), cycles(code, M4)) == (m3, m4)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("smlad r0, r1, r2, r0; smlabt r3, r1, r2, r3; smmla r4, r5, r6, r7; ssat r0, #0x8, r0", 4),
        ("sxtb16 r0, r1; sxtb16 r2, r1, ror #8; sadd16 r0, r0, r2; pkhbt r0, r1, r2, lsl #16", 4),
        # 4 pixels x 2 channels, 4 inputs: two loads of weights and four of inputs, 16 products
        (
            "ldr r0, [r1], #4; ldr r2, [r1], #4; sxtb16 r3, r0; sxtb16 r4, r2;"
            "ldr r5, [r6], #4; ldr r7, [r6], #4; smlad r8, r5, r0, r8; smlad r8, r7, r3, r8",
            3 + 2 + 3 + 2,
        ),
        ("vldr s0, [r0]; vldr s1, [r0, #0x4]", 4),
        ("vldr d0, [r0]", 3),
        ("vldmia r0!, {s0, s1, s2, s3}", 5),
        ("vmov r0, s0; vmov s1, r0", 2),
        ("vmov r0, r1, s0, s1", 2),
        ("vmul.f32 s0, s1, s2; vadd.f32 s3, s4, s5", 2),
        ("vmul.f32 s0, s1, s2; vadd.f32 s3, s0, s5", 3),
        ("vmla.f32 s0, s1, s2; vmla.f32 s0, s3, s4", 7),
        ("vcmp.f32 s0, s1; vadd.f32 s0, s2, s3", 2),
        ("vdiv.f32 s0, s1, s2", 14),
    ],
)
def test_dsp_and_float(code: str, expected: int) -> None:
    assert cycles(code) == expected


def test_the_m33_multiplies_as_fast_as_the_m4() -> None:
    """Steady state: sums that depend on nothing take a cycle each, in both."""
    for core in (M4, M33):
        once, more = (cycles("; ".join(["smull r0, r1, r2, r3"] * n), core) for n in (10, 30))
        assert more - once == 20
    pairs = ["ldrd r0, r1, [r2, #8]"]
    assert cycles("; ".join(pairs * 30), M33) - cycles("; ".join(pairs * 10), M33) == 40


def test_what_is_not_in_the_table_costs_a_cycle_and_is_named() -> None:
    text = ("vldrb.u8 q0, [r0]", "frobnicate r0, r1", "nop")
    assert PairingTable(M4).costs([text])[text] == Cost(3, ("frobnicate", "vldrb.u8"))


EVERY_KIND = """
    .syntax unified
    adds r0, r1, r2; adcs r0, r1; bic r0, r1, r2; orn r0, r1, r2; eors r0, r1; rsbs r0, r1, #0
    lsl r0, r1, #3; asrs r0, r1, r2; ror r0, r1, #3; rrx r0, r1; mvns r0, r1; movw r0, #1
    movt r0, #1; addw r0, r1, #1; subw r0, r1, #1; cmn r0, r1; teq r0, r1; tst r0, r1
    bfc r0, #1, #2; sbfx r0, r1, #1, #2; rbit r0, r1; rev r0, r1; rev16 r0, r1; revsh r0, r1
    uxtb r0, r1; sxth r0, r1; uxtah r0, r1, r2; sxtab16 r0, r1, r2; uxtb16 r0, r1; usat r0, #7, r1
    ssat16 r0, #7, r1; qadd r0, r1, r2; qdsub r0, r1, r2; sel r0, r1, r2; pkhtb r0, r1, r2, asr #16
    usad8 r0, r1, r2; usada8 r0, r1, r2, r3; sadd16 r0, r1, r2; qsub8 r0, r1, r2; uhasx r0, r1, r2
    shsax r0, r1, r2; uqadd16 r0, r1, r2; smulbb r0, r1, r2; smlatb r0, r1, r2, r3
    smulwb r0, r1, r2; smlawt r0, r1, r2, r3; smuadx r0, r1, r2; smusd r0, r1, r2
    smladx r0, r1, r2, r3; smlsd r0, r1, r2, r3; smlald r0, r1, r2, r3; smlsldx r0, r1, r2, r3
    smlaltb r0, r1, r2, r3; smmulr r0, r1, r2; smmla r0, r1, r2, r3; smmlsr r0, r1, r2, r3
    umaal r0, r1, r2, r3; umlal r0, r1, r2, r3; ldrsh r0, [r1]; strh r0, [r1]; ldrex r0, [r1]
    strex r0, r2, [r1]; ldmdb r0, {r1, r2}; pld [r0]; dmb; dsb; isb; mrs r0, primask; cpsid i
    vabs.f32 s0, s1; vneg.f32 s0, s1; vnmul.f32 s0, s1, s2; vcvt.s32.f32 s0, s1; vsqrt.f32 s0, s1
    vfma.f32 s0, s1, s2; vfnms.f32 s0, s1, s2; vnmls.f32 s0, s1, s2; vpush {s16, s17}; vstr s0, [r1]
    vcmpe.f32 s0, #0; vmrs apsr_nzcv, fpscr; tbh [pc, r0, lsl #1]; blx r3; svc #1; bkpt #1
"""


def test_every_kind_of_instruction_is_in_the_table(tmp_path: Path) -> None:
    """As LLVM prints them, for it prints some otherwise than they were written."""
    source, image = tmp_path / "every.s", tmp_path / "every.o"
    source.write_text(EVERY_KIND)
    flags = ["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"]
    subprocess.run(["arm-none-eabi-gcc", *flags, "-c", source, "-o", image], check=True)
    llvm = find_llvm()
    listed = llvm.run(llvm.objdump, "-d", "--no-show-raw-insn", "--mcpu=cortex-m4", str(image))
    rows = [
        line.split(":", 1)[1].split("@")[0].split(maxsplit=1) for line in listed.splitlines()[6:]
    ]
    code = [Instruction(row[0], row[1].strip() if row[1:] else "") for row in rows]
    assert len(code) == EVERY_KIND.count(";") + EVERY_KIND.count("\n") - 2
    text = straight_line(tuple(code))
    assert PairingTable(M4).costs([text])[text].unmodelled == ()
