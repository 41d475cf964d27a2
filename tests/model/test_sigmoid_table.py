"""The sigmoid table against real functions, TFLM, and the C of the same rules."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable

import numpy as np
import pytest

from fwgen.kernels.c_files import kernel_files
from fwgen.model.sigmoid_table import ENTRIES, MOST_LEFT, logistic16, scaled16, tanh16
from tests.kernels.on_this_machine import FLAGS
from tests.tflite_models import ModelBuilder
from tests.tflite_models.liveliness import answers

VALUES = np.arange(-(1 << 15), 1 << 15)
FUNCTIONS = {"LOGISTIC": logistic16, "TANH": tanh16}
REALS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "LOGISTIC": lambda x: 1 / (1 + np.exp(-x)),
    "TANH": np.tanh,
}
FACTORS = ((3, 0), (6, 0), (3, 2), (16384, 13), (32767, 0), (32767, 31), (3 << MOST_LEFT, 0))


@pytest.mark.parametrize("code", FUNCTIONS)
def test_approximates_the_real_function(code: str) -> None:
    got = FUNCTIONS[code](scaled16(VALUES, 3, 0)) / 2.0**15
    assert np.abs(got - REALS[code](VALUES / 2.0**12)).max() < 1e-4


@pytest.mark.parametrize("code", FUNCTIONS)
def test_every_value_is_that_of_tflm(code: str) -> None:
    m = ModelBuilder()
    x, y = (m.tensor((len(VALUES),), "int16", scale=2.0**power) for power in (-12, -15))
    m.op(code, [x], [y])
    ((expected,),) = answers(m.build(), [[VALUES.astype(np.int16)]])
    assert (FUNCTIONS[code](scaled16(VALUES, 3, 0)) == expected).all()


@pytest.mark.parametrize("code", FUNCTIONS)
def test_c_equals_python(code: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    kernel = f"fw_{code.lower()}_of"
    folder = tmp_path_factory.mktemp(code)
    source, library = folder / "sigmoid.c", folder / "sigmoid.so"
    source.write_text(
        '#include "sigmoid_s16.h"\n'
        "void run(const uint16_t* t, const int16_t* x, int16_t* y, int n, int m, int s);\n"
        "void run(const uint16_t* t, const int16_t* x, int16_t* y, int n, int m, int s) {\n"
        f"  for (int i = 0; i < n; i++) y[i] = {kernel}(t, fw_sigmoid_scaled(x[i], m, s));\n}}\n"
    )
    sanitize = ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    include = f"-I{kernel_files()['sigmoid_s16.h'].parent}"
    command = ["gcc", *FLAGS, "-O1", *sanitize, "-shared", "-fPIC", include]
    subprocess.run([*command, source, "-o", library], check=True)
    run = ctypes.CDLL(str(library)).run
    values, got = VALUES.astype(np.int16), np.empty(len(VALUES), np.int16)
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (ENTRIES, values, got)]
    for multiplier, right in FACTORS:
        run(*pointers, len(VALUES), multiplier, right)
        assert (got == FUNCTIONS[code](scaled16(VALUES, multiplier, right))).all()
