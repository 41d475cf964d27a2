"""Every call of CMSIS-NN, on the ways of each class of core: as the reference kernels compute.

With the stand-in, which checks all arguments, and with the library itself where CMSIS_NN_ROOT names
it: on this machine as plain C, on a Cortex-M55 in QEMU with MVE and with what a Cortex-M33 has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import kernels
import mve
import numpy as np
import pytest
from cmsis_library import LIBC, REAL, Library, real
from tflite_models import random_inputs, random_op_model
from tflite_models.hand_made import convolution, dense
from tflm import load

from fwgen.contract.call import each_call
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.kernels import kernels_of
from fwgen.kernels.c_files import kernel_files
from fwgen.kernels.cmsis_nn.cores import Core
from fwgen.kernels.providers import CMSIS_NN
from fwgen.model.graph import Graph, Op
from fwgen.ops import operators

CODES = tuple(code for code in operators() if any(v.provider == CMSIS_NN for v in kernels_of(code)))
MODELS = 80

Cases = tuple[list[kernels.Case], dict[int, Kernel]]


def row_of(graph: Graph, op: Op, core: Core) -> Kernel | None:
    """The variant for a core, of several the last that holds; None where none does."""
    needs, lacks, _ = core.value
    found = [
        v
        for v in kernels_of(op.code)
        if v.provider == CMSIS_NN
        and (v.needs, v.lacks) == (needs, lacks)
        and v.takes(Node(graph, op))
    ]
    return found[-1] if found else None


def rows_of_pixels(seed: int) -> bytes:
    """A convolution of one row, which the library does in its own way."""
    rng = np.random.default_rng(seed)
    stride, depth = int(rng.integers(1, 4)), 4 * int(rng.integers(1, 4))
    kernel, units = int(rng.integers(1, 6)), int(rng.integers(1, 10))
    width = int(rng.integers(kernel, kernel + 14))
    same = bool(rng.integers(0, 2))
    outputs = -(-width // stride) if same else (width - kernel) // stride + 1
    weights = rng.integers(-127, 128, (units, 1, kernel, depth)).astype(np.int8)
    size = (int(rng.integers(1, 3)), 1, width, depth)
    return convolution(
        size,
        weights,
        (size[0], 1, outputs, units),
        bias=rng.integers(-2000, 2000, units).tolist(),
        scales=(0.05, 0.01, 0.3),
        padding="SAME" if same else "VALID",
        stride_w=stride,
    )


def channels_by_themselves(seed: int) -> bytes:
    """A depthwise convolution of more channels than the library takes at once, or without bias."""
    rng = np.random.default_rng(seed)
    channels, kernel = int(rng.integers(100, 140)), int(rng.integers(2, 4))
    weights = rng.integers(-127, 128, (1, kernel, kernel, channels)).astype(np.int8)
    return convolution(
        (1, 5, 6, channels),
        weights,
        (1, 5, 6, channels),
        bias=rng.integers(-2000, 2000, channels).tolist() if seed % 2 else None,
        scales=(0.05, 0.01, 0.2),
        code="DEPTHWISE_CONV_2D",
        padding="SAME",
        depth_multiplier=1,
    )


def one_channel(seed: int) -> bytes:
    """A depthwise convolution of one channel into several, which is a convolution as well."""
    rng = np.random.default_rng(seed)
    units, kernel, stride = (int(n) for n in rng.integers(2, (12, 5, 4)))
    size = int(rng.integers(kernel, 9))
    same = bool(rng.integers(0, 2))
    outputs = -(-size // stride) if same else (size - kernel) // stride + 1
    return convolution(
        (1, size, size, 1),
        rng.integers(-127, 128, (1, kernel, kernel, units)).astype(np.int8),
        (1, outputs, outputs, units),
        bias=rng.integers(-2000, 2000, units).tolist(),
        scales=(0.05, 0.01, 0.2),
        code="DEPTHWISE_CONV_2D",
        padding="SAME" if same else "VALID",
        stride_w=stride,
        stride_h=stride,
        depth_multiplier=units,
    )


def units_of_their_own(seed: int) -> bytes:
    """A layer with a scale per unit."""
    rng = np.random.default_rng(seed)
    units, depth = (int(n) for n in rng.integers(1, 40, 2))
    weights = rng.integers(-127, 128, (units, depth)).astype(np.int8)
    scales = [float(np.float32(s)) for s in rng.uniform(0.01, 0.02, units)]
    return dense((0.05, -7), scales, (0.3, 4), weights, rng.integers(-2000, 2000, units))


MAKERS = {
    **{
        code: lambda seed, code=code: random_op_model(code, np.random.default_rng(seed))
        for code in CODES
    },
    "row": rows_of_pixels,
    "channels": channels_by_themselves,
    "one channel": one_channel,
    "units": units_of_their_own,
}


def cases(core: Core, makers: Sequence[str]) -> Cases:
    """Models whose op a row of the core covers, with inputs, and the row by graph."""
    found: list[kernels.Case] = []
    chosen: dict[int, Kernel] = {}
    for name in makers:
        before = len(found)
        for seed in range(MODELS):
            model = MAKERS[name](seed)
            graph = replace(load(model))
            if len(graph.ops) != 1 or graph.ops[0].code not in CODES:
                continue  # it computes a constant
            row = row_of(graph, graph.ops[0], core)
            if row is not None:
                chosen[id(graph)] = row
                inputs = random_inputs(model, np.random.default_rng(seed))
                found.append((graph, inputs))
        assert len(found) - before > MODELS // 8, f"{name} is hardly covered"
    return found, chosen


def assert_same(
    found: list[kernels.Case], results: Sequence[Sequence[kernels.Array]], rows: dict[int, Kernel]
) -> None:
    expected = kernels.run(found, flags=("-O2",))
    for (graph, _), right, got in zip(found, expected, results, strict=True):
        for index in graph.outputs:
            what = [rows[id(graph)].name, graph.ops[0], [t.shape for t in graph.tensors]]
            assert got[index].tobytes() == right[index].tobytes(), what


@pytest.mark.parametrize("core", Core)
def test_every_call_gives_what_the_reference_does(core: Core) -> None:
    found, rows = cases(core, tuple(MAKERS))
    flags = [*kernels.SANITIZE, f"-DCORE={core.name}"]
    assert_same(found, kernels.run(found, lambda g, op: rows[id(g)], flags), rows)
    called = {
        c.function
        for g, _ in found
        for c in each_call(rows[id(g)].forms(Node(g, g.ops[0]))[0].calls)
    }
    files = {
        f"fw_{path.stem}"
        for path in kernel_files().values()
        if path.suffix == ".c" and path.stem.startswith("cmsis_")
    }
    assert called == files


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Library:
    if REAL is None:
        pytest.skip("CMSIS_NN_ROOT is not set")
    return real(REAL, tmp_path_factory.mktemp("here"), ("gcc",))


COMPILERS = {
    Core.MVE: mve.GCC,
    # the M55 runs it, too
    Core.DSP: ("arm-none-eabi-gcc", "-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard"),
}


@pytest.fixture(scope="module", params=COMPILERS, ids=lambda core: core.name)
def on_arm(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Core, Library]:
    if REAL is None:
        pytest.skip("CMSIS_NN_ROOT is not set")
    core: Core = request.param
    compiler = (*COMPILERS[core], *LIBC, "-ffreestanding", "-fbuiltin")
    return core, real(REAL, tmp_path_factory.mktemp(core.name), compiler)


@pytest.mark.parametrize("name", MAKERS)
def test_the_library_as_plain_c(name: str, here: Library) -> None:
    found, rows = cases(Core.PLAIN, (name,))
    results = kernels.run(found, lambda g, op: rows[id(g)], ("-O2",), library=here)
    assert_same(found, results, rows)


@pytest.mark.parametrize("name", MAKERS)
def test_the_library_on_arm(name: str, on_arm: tuple[Core, Library]) -> None:
    core, library = on_arm
    found, rows = cases(core, (name,))
    results = mve.run(found, lambda g, op: rows[id(g)], COMPILERS[core], library=library)
    assert_same(found, [result.tensors for result in results], rows)
