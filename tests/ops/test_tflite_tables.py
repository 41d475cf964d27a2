"""Functions of int8 that TFLM lacks: the tables are those of TFLite itself, and verify says so."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from fwgen.measure.verify.oracle_start import with_stand_ins
from fwgen.model.reader import read_model
from fwgen.ops import operators
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder
from tests.tflite_models.cases import cases_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import unary
from tests.tflite_models.liveliness import LACKING, answers

BYTES = np.arange(-128, 128).astype(np.int8)
CODES = [name for name, operator in operators().items() if operator.code in LACKING]
RECORDED = (
    ("EXP", 0.0486915297806263, 33, 0.13457439839839935, 11, 0x5ED3AFEF),
    ("EXP", 0.19083987176418304, 43, 0.20461373031139374, -128, 0x8DFAA3D9),
    ("EXP", 0.1381613165140152, 67, 0.004597607534378767, 58, 0x10C2DABF),
    ("LOG", 0.15698623657226562, -128, 0.011687303893268108, -97, 0x86D40C3E),
    ("LOG", 0.012957978993654251, -128, 0.06711883097887039, 13, 0x55C9FA4D),
    ("LOG", 0.1133035272359848, -128, 0.05926530808210373, -55, 0x57E68264),
    ("SQRT", 0.059569861739873886, -128, 0.32892608642578125, -112, 0xF0F7F85F),
    ("SQRT", 0.12586326897144318, -128, 0.024907145649194717, -45, 0xF44B4DD3),
    ("SQRT", 0.24386601150035858, -128, 0.17293880879878998, -4, 0x27A470D3),
    ("GELU", 0.10255089402198792, 105, 0.016229575499892235, -114, 0xC18A7CFF),
    ("GELU", 0.010469326749444008, 10, 0.055231258273124695, 96, 0x15F07E42),
    ("GELU", 0.06017338111996651, 21, 0.0743744894862175, -120, 0xDFEED0E4),
    ("RELU_N1_TO_1", 0.003983676433563232, 5, 0.028423450887203217, -17, 0xFDC09361),
    ("RELU_N1_TO_1", 0.035817794501781464, 84, 0.1062537282705307, -89, 0x6958B6FF),
    ("RELU_N1_TO_1", 0.01468183659017086, -39, 0.005051403772085905, 127, 0x0D774E4A),
    ("RELU_0_TO_1", 0.02633286453783512, 95, 0.16177956759929657, 103, 0x8834D224),
    ("RELU_0_TO_1", 0.048333242535591125, -28, 0.03478885442018509, -15, 0x12AA74AB),
    ("RELU_0_TO_1", 0.01502927951514721, -3, 0.015117093920707703, -4, 0x2F275F1A),
)
"""Scale and zero point of input and output, and the CRC-32 of what LiteRT 2.3.0 makes of all
values, run without delegates."""


def test_every_such_operator_was_recorded() -> None:
    assert {*CODES} == {code for code, *_ in RECORDED}


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: f"{row[0]}-{row[5]:08x}")
def test_tables_are_those_of_tflite(row: tuple[str, float, int, float, int, int]) -> None:
    code, x_scale, x_zero, y_scale, y_zero, crc = row
    model = unary(code, (x_scale, x_zero), (y_scale, y_zero))
    ((found,),) = answers(model, [[BYTES]])
    assert zlib.crc32(found.tobytes()) == crc


def one_after_another() -> bytes:
    """All of them, between ops that TFLM has, of which one is read twice."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(3), tame=True)
    for code in CODES:
        x = m.tensor((1, 5, 7), scale=0.03, zero_point=-128)
        y = cases_of(code).append(m, d, x)
        m.op("RELU", [y], [m.like(y, y.shape)])
        m.op("RELU", [y], [m.like(y, y.shape)])
    return m.build()


def test_the_copy_keeps_tensors_and_other_ops() -> None:
    model = one_after_another()
    read = read_model(model, "m")
    copied, told = with_stand_ins(model, read)
    other = read_model(copied, "m")
    assert [t.name for t in other.tensors[: len(read.tensors)]] == [t.name for t in read.tensors]
    assert (other.inputs, other.outputs) == (read.inputs, read.outputs)
    codes = [op.code for op in other.ops]
    assert codes == ["CAST", "ADD", "GATHER", "RELU", "RELU"] * len(CODES)
    assert len(told) == 1 and all(code in told[0] for code in CODES)
    assert with_stand_ins(copied, other) == (copied, ())


@pytest.mark.parametrize("board", ["host", "corstone-300", "mps2-an386"])
def test_verify_compares_with_the_table_and_says_so(
    fwgen: Fwgen, tmp_path: Path, board: str
) -> None:
    model, out, result = tmp_path / "tables.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(one_after_another())
    done = fwgen("build", model, "-b", board, "-o", out)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 4, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "of int8: compared with the table of TFLite's formula" in done.stdout
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] == 4 * 2 * 35 * len(CODES)
