"""Single functions of the runtime against Python: formats, checksums, memory, the wide counter."""

from __future__ import annotations

import binascii
import ctypes
import random
import subprocess
import zlib

import numpy as np
import pytest

from fwgen.host.resources import templates_dir
from tests.device.firmware.build import HERE, WARNINGS


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Runtime functions as a library: formats, checksums, memory functions, the wide counter."""
    folder = tmp_path_factory.mktemp("functions")
    (folder / "fw_board.h").write_text(
        "#include <stdint.h>\n"
        "extern uint32_t fake_timer[16];\n"
        "#define FW_COUNTER_BASE ((uintptr_t)fake_timer)\n"
        "#define FW_COUNTER_HZ UINT32_C(25000000)\n"
    )
    runtime, platform = templates_dir() / "runtime", templates_dir() / "platform"
    library = folder / "functions.so"
    names = {name: f"-D{name}=fw_{name}" for name in ("memcpy", "memmove", "memset", "memcmp")}
    subprocess.run(
        [
            *("gcc", "-std=c11", "-O2", "-ffreestanding", "-shared", "-fPIC", *WARNINGS),
            *("-fsanitize=undefined", "-fno-sanitize-recover=all", *names.values()),
            *(f"-I{path}" for path in (folder, HERE, runtime, platform / "cmsdk_uart")),
            *(str(runtime / f"fw_{name}.c") for name in ("format", "crc", "line", "output")),
            *(str(platform / name) for name in ("cortex_m/memory.c", "mps2/counter.c")),
            *(str(HERE / "functions.c"), "-o", str(library)),
        ],
        check=True,
    )
    return ctypes.CDLL(str(library))


def printed(functions: ctypes.CDLL) -> str:
    size = ctypes.c_uint32.in_dll(functions, "printed_bytes")
    text = (ctypes.c_char * 4096).in_dll(functions, "printed").raw[: size.value].decode()
    size.value = 0
    return text


EDGES = (
    *(0, 0x80000000, 1, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000),
    *(0xFFC00001, 0x4B7FFFFF, 0x4B800000, 0x4B000000, 0x4AFFFFFF, 0x4F800000, 0x5F000000),
)
"""Bits of zeros, subnormals, infinities, NaNs, and of where the fraction ends."""


def interesting_floats() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    chooser = np.random.default_rng(3)
    bits = chooser.integers(0, 1 << 32, 150_000, dtype=np.uint32).view(np.float32)
    scales = np.exp2(chooser.integers(-16, 8, 50_000)).astype(np.float32)
    results = (chooser.integers(-128, 128, 50_000).astype(np.float32) * scales).astype(np.float32)
    eighths = np.arange(-40_000, 40_000, dtype=np.float32) / np.float32(16)  # many halves of 0.001
    edges = np.array(EDGES, np.uint32).view(np.float32)
    near = np.float32(0.0005) * np.arange(-3000, 3000).astype(np.float32)
    return np.concatenate([bits, results, eighths, edges, near])


def test_floats_print_as_printf_does(functions: ctypes.CDLL) -> None:
    functions.fw_put_float.argtypes = [ctypes.c_float]
    functions.fw_put_float.restype = None
    values = interesting_floats()
    assert len(values) > 280_000
    for value in values.tolist():
        functions.fw_put_float(value)
        assert printed(functions) == f"{value:.3f}", value.hex()


class Result(ctypes.Structure):
    """fw_tensor of fw_types.h."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("bytes", ctypes.c_uint32),
        ("type", ctypes.c_int),
        ("scale", ctypes.c_float),
        ("zero_point", ctypes.c_int32),
    )


TYPES = ("float32", "int8", "uint8", "int16", "int32", "int64", "bool", "uint32", "uint64")


@pytest.mark.parametrize("dtype", TYPES)
def test_results_of_every_type(functions: ctypes.CDLL, dtype: str) -> None:
    """Dequantized in float32, as the model's own arithmetic would; 64-bit integers are exact, and
    those without a sign."""
    chooser = np.random.default_rng(12)
    scale, zero_point = np.float32(0.0235), -7
    if dtype == "float32":
        values = chooser.normal(0, 1000, 50).astype(np.float32)
        expected = [f"{float(value):.3f}" for value in values]
    elif dtype == "int64":
        values = np.array([0, -1, 1, -(1 << 63), (1 << 63) - 1, *chooser.integers(-9, 9, 9)])
        expected = [f"{value}.000" for value in values.tolist()]
    elif dtype == "uint32":
        values = np.array([0, 1, (1 << 31) + 1, (1 << 32) - 1], np.uint32)
        expected = [f"{value}.000" for value in values.tolist()]
    elif dtype == "uint64":
        values = np.array([0, 1, (1 << 63) + 1, (1 << 64) - 1], np.uint64)
        expected = [f"{value}.000" for value in values.tolist()]
    else:
        high = 2 if dtype == "bool" else np.iinfo(dtype).max
        low = 0 if dtype == "bool" else np.iinfo(dtype).min + 10
        values = chooser.integers(low, high, 50).astype(dtype)
        differences = (values.astype(np.int64) - zero_point).astype(np.float32)
        expected = [f"{float(scale * each):.3f}" for each in differences]
    data = values.tobytes()
    held = ctypes.create_string_buffer(data, len(data))
    result = Result.in_dll(functions, "result")
    result.data = ctypes.addressof(held)
    result.bytes, result.type = len(data), TYPES.index(dtype)
    result.scale, result.zero_point = scale, zero_point
    functions.fw_output_print_results()
    assert printed(functions) == f"m-results-[{','.join(expected)}]\r\n"


def test_integers_print_as_python_prints_them(functions: ctypes.CDLL) -> None:
    chooser = random.Random(5)
    wide = [
        0,
        9,
        10,
        (1 << 64) - 1,
        *(chooser.getrandbits(chooser.randrange(1, 65)) for _ in range(5000)),
    ]
    for value in wide:
        functions.fw_put_decimal(ctypes.c_uint64(value))
        assert printed(functions) == str(value)
        functions.fw_put_hex(ctypes.c_uint32(value & 0xFFFFFFFF), 8)
        assert printed(functions) == f"{value & 0xFFFFFFFF:08x}"
    for signed in (0, -1, 1, -(1 << 31), (1 << 31) - 1):
        functions.fw_put_signed(ctypes.c_int32(signed))
        assert printed(functions) == str(signed)


def test_division(functions: ctypes.CDLL) -> None:
    functions.fw_divide.restype = ctypes.c_uint64
    chooser = random.Random(6)
    rest = ctypes.c_uint32()
    for _ in range(5000):
        value = chooser.getrandbits(chooser.randrange(1, 65))
        divisor = chooser.choice([1, 10, 25, 32, 1000, 65535, chooser.randrange(1, 65536)])
        quotient = functions.fw_divide(ctypes.c_uint64(value), divisor, ctypes.byref(rest))
        assert (quotient, rest.value) == divmod(value, divisor)


def test_checksums(functions: ctypes.CDLL) -> None:
    functions.fw_crc16.restype = ctypes.c_uint16
    functions.fw_crc32.restype = ctypes.c_uint32
    chooser = random.Random(8)
    for length in [0, 1, 2, 9, *(chooser.randrange(300) for _ in range(300))]:
        data = chooser.randbytes(length)
        crc = 0xFFFF
        for byte in data:
            crc = functions.fw_crc16(crc, byte)
        assert crc == binascii.crc_hqx(data, 0xFFFF)
        cut = chooser.randrange(length + 1)
        first = functions.fw_crc32(0, data[:cut], cut)
        assert functions.fw_crc32(first, data[cut:], length - cut) == zlib.crc32(data)


def test_memory_functions(functions: ctypes.CDLL) -> None:
    """Against Python's slices, over all alignments, with overlap in both directions."""
    functions.fw_memcmp.restype = ctypes.c_int
    chooser = random.Random(9)
    block = ctypes.create_string_buffer(400)
    base = ctypes.addressof(block)
    for _ in range(5000):
        expected = bytearray(chooser.randbytes(400))
        block.raw = bytes(expected)
        length = chooser.choice([0, 1, 3, 4, 5, 8, chooser.randrange(100)])
        to, source = chooser.randrange(100), chooser.randrange(100)
        function = chooser.choice(["memmove", "memcpy", "memset", "memcmp"])
        address, other = ctypes.c_void_p(base + to), ctypes.c_void_p(base + source)
        size = ctypes.c_size_t(length)
        if function == "memmove":
            functions.fw_memmove(address, other, size)
            expected[to : to + length] = expected[source : source + length]
        elif function == "memcpy":
            functions.fw_memcpy(address, ctypes.c_void_p(base + source + 200), size)
            expected[to : to + length] = expected[source + 200 : source + 200 + length]
        elif function == "memset":
            functions.fw_memset(address, 0x1A5, size)
            expected[to : to + length] = b"\xa5" * length
        else:
            a, b = expected[to : to + length], expected[source : source + length]
            order = functions.fw_memcmp(address, other, size)
            assert (order > 0, order < 0) == (a > b, a < b)
        assert block.raw == bytes(expected)


@pytest.mark.parametrize("lag", [700, 0, -100])
def test_wide_counter_survives_wraps(functions: ctypes.CDLL, lag: int) -> None:
    """Two 32-bit timers that count down make one counter that never goes back or loses a wrap.

    The coarse one lags by ``lag`` ticks: it starts later, but is also read later.
    """
    functions.fw_platform_counter.restype = ctypes.c_uint64
    timer = (ctypes.c_uint32 * 16).in_dll(functions, "fake_timer")
    functions.fw_platform_init()
    chooser = random.Random(10)
    time = 1_000_000
    steps = [1, 1000, (1 << 32) - 1, 1 << 32, (1 << 32) + 5, 1 << 39, *range(0, 1 << 33, 123456789)]
    steps += [chooser.getrandbits(chooser.randrange(1, 40)) for _ in range(5000)]

    def read() -> int:
        timer[1] = ~time & 0xFFFFFFFF
        timer[9] = ~((time - lag) // 256) & 0xFFFFFFFF
        count: int = functions.fw_platform_counter()
        return count

    offset = read() - time
    for step in steps:
        time += step
        assert read() - time == offset
