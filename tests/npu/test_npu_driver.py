"""The driver of the Ethos-U against a fake one, natively with ASan and UBSan, and as firmware.

What registers are to hold is written here from Arm's definitions, not taken from the driver.
"""

from __future__ import annotations

import atexit
import random
import re
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.device.link.answers import read_fault
from fwgen.device.link.npu_faults import _MEANING, _WRONG
from fwgen.errors import ModelError
from fwgen.host.resources import templates_dir
from fwgen.kernels.c_files import kernel_files
from fwgen.npu.payload import read_payload
from tests.device.firmware.build import SANITIZERS, WARNINGS, folders, link
from tests.device.firmware.device import EOT, READY, Device, checked, dumped
from tests.device.firmware.tiny_model import expected_outputs, model_input

HERE = Path(__file__).parent / "npu_driver"
NPU = templates_dir() / "npu"
KERNELS = kernel_files()["ethos_u.c"].parent
ETHOS_U = templates_dir() / "platform" / "ethos_u"

LOW = 0x2000_0000
PAYLOADS_END = LOW + 0x1_0000
END_REACHED, IRQ = 1 << 5, 1 << 1
TIMEOUT_US = 10_000_000
REGION_CONFIG, STREAM_CONFIG = 0x5557, 2


@dataclass(frozen=True)
class Product:
    """An NPU: CONFIG and ID, and what a job of 3 regions writes before its addresses."""

    number: int
    config: int
    id: int
    ports: tuple[tuple[int, int], ...]
    pmu: int
    events: tuple[int, ...]

    @property
    def counters(self) -> int:
        return 0x8000_0000 | (1 << len(self.events)) - 1


U55 = Product(
    0, 0x0000_1807, 0x1006_6001,
    tuple((0x40 + 4 * n, 31 << 16 | 15 << 24) for n in range(4)), 0, (35, 130, 135, 386),
)  # fmt: skip
U65 = Product(
    1, 0x1000_6009, 0x1006_6001,
    tuple((0x40 + 4 * n, 63 << 16 | 31 << 24) for n in range(4)), 0, (35, 130, 135, 386),
)  # fmt: skip
U85 = Product(
    2, 0x2000_0118, 0x2000_7000,
    ((0x40, 0), (0x44, 0), (0x48, 4), (0x4C, 4), (0x50, 11 | 15 << 8 | 2 << 16),
     (0x54, 63 | 31 << 8 | 2 << 16), (0x38, 0)),
    0x1000, (35, 130, 135, 386, 391),
)  # fmt: skip
PRODUCTS = {"u55": U55, "u65": U65, "u85": U85}
each_product = pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)


def board_header(product: Product, *, doorbell: bool) -> str:
    return f"""
#ifndef FW_BOARD_H
#define FW_BOARD_H
#include <stdint.h>
#define FW_CLOCK_HZ UINT32_C(1000000)
#define FW_NPU_BASE UINT32_C(0x58102000)
#define FW_NPU_IRQ 56
#define FW_NPU_PRODUCT {product.number}
#define FW_NPU_MACS {product.config & 15}
#define FW_NPU_REGIONCFG UINT32_C({REGION_CONFIG})
#define FW_NPU_QCONFIG UINT32_C({STREAM_CONFIG})
{"#define FW_NPU_DOORBELL 1" * doorbell}
#endif
"""


@cache
def build(product: Product, hooks: bool, doorbell: bool) -> Path:
    """The driver with the fake NPU; ``hooks`` of the test, or the driver's own."""
    short = "-DFW_NPU_TIMEOUT_US=UINT64_C(2000)"
    return compiled(product, doorbell, "-DHOOKS" if hooks else short, *WARNINGS)


def compiled(product: Product, doorbell: bool, *flags: str) -> Path:
    """The program, with more flags and sources."""
    holder = tempfile.TemporaryDirectory(prefix="fwgen-npu-")
    atexit.register(holder.cleanup)
    folder = Path(holder.name)
    (folder / "fw_board.h").write_text(board_header(product, doorbell=doorbell))
    sources = [p for p in NPU.glob("*.c") if p.name != "fw_npu_doorbell.c"]
    sources += [*HERE.glob("*.c"), KERNELS / "ethos_u.c"]
    command = [
        *("gcc", "-std=c11", "-O1", "-g", "-D_GNU_SOURCE", *SANITIZERS),
        *("-include", str(HERE / "fw_npu_access.h")),
        *(f"-I{path}" for path in (folder, HERE, NPU, KERNELS)),
        *(*flags, *map(str, sorted(sources)), "-o", str(folder / "driver")),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return folder / "driver"


def payload(
    product: Product = U55,
    stream: Sequence[int] = (0,) * 8,
    *,
    config: int | None = None,
    version: int | None = None,
) -> bytes:
    """As Vela makes it: configuration, padding, stream at byte 32."""
    words = [
        *(0x3150_4F43, 1),
        product.config if config is None else config,
        product.id if version is None else version,
        *(5, 5, 5, 2 | len(stream) << 16 | (len(stream) >> 16) << 8, *stream),
    ]
    return struct.pack(f"<{len(words)}I", *words)


@dataclass
class Told:
    """What the program printed."""

    lines: list[str]

    def all(self, word: str) -> list[str]:
        return [line.partition(" ")[2] for line in self.lines if line.partition(" ")[0] == word]

    def accesses(self, kind: str) -> list[tuple[int, int]]:
        pairs = (line.split() for line in self.all(kind))
        return [(int(offset, 16), int(value, 16)) for offset, value in pairs]

    @property
    def writes(self) -> list[tuple[int, int]]:
        return self.accesses("w")

    def failure(self) -> list[str]:
        """Name, STATUS, QREAD, CONFIG of the NPU and of the stream; of the one that there was."""
        (line,) = self.all("failed")
        return line.split()


def tell(
    script: Sequence[str], product: Product = U55, *, hooks: bool = True, doorbell: bool = False
) -> Told:
    return told_by(build(product, hooks, doorbell), script)


def told_by(program: Path, script: Sequence[str]) -> Told:
    done = subprocess.run(
        [str(program)],
        input="".join(f"{line}\n" for line in script),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return Told(done.stdout.splitlines())


def sets(**values: int) -> list[str]:
    return [f"set {name} {value:x}" for name, value in values.items()]


def prepared(product: Product, data: bytes | None = None, **values: int) -> list[str]:
    """A sound NPU with a job of three regions, the last of which is the second again."""
    sound = {"config": product.config, "id": product.id, "end_status": END_REACHED, "qread": 32}
    return [
        *sets(**(sound | {"counters": len(product.events)} | values)),
        f"payload {(payload(product) if data is None else data).hex()}",
        *("region 20000 1000", "region 30000 200", "region 30000 200"),
    ]


def expected_writes(product: Product, data: bytes) -> list[tuple[int, int]]:
    """All that a good job writes, with addresses remapped as the test's hook does."""
    wide = product is not U55
    at = PAYLOADS_END - len(data) + 32

    def address(offset: int, value: int, index: int) -> list[tuple[int, int]]:
        return [(offset, value), (offset + 4, index + 2)][: 2 if wide else 1]

    pmu, counters = product.pmu, product.counters
    return [
        *((0x0C, 1), *product.ports, (0x08, 0)),
        (pmu + 0x1A8, 0),
        *((pmu + 0x380 + 4 * n, event) for n, event in enumerate(product.events)),
        *((pmu + 0x190, counters), (pmu + 0x184, counters), (pmu + 0x180, 7)),
        *(*address(0x10, at, -1), (0x20, len(data) - 32), (0x1C, STREAM_CONFIG)),
        *address(0x80, LOW + 0x2_0000, 0),
        *address(0x88, LOW + 0x3_0000, 1),
        *address(0x90, LOW + 0x3_0000, 2),
        *((0x3C, REGION_CONFIG), (0x08, 1), (0x08, 2), (pmu + 0x180, 0), (0x08, 0xC)),
    ]


@each_product
def test_a_job_writes_what_arm_says_in_this_order(product: Product) -> None:
    data = payload(product)
    told = tell([*prepared(product, data), "run", "report"], product)
    assert told.all("run") == ["0"] and not told.all("failed")
    assert told.writes == expected_writes(product, data)
    assert told.all("error") == ["none"]


@each_product
def test_hooks_come_where_they_belong(product: Product) -> None:
    """Cleaned before anything runs, emptied after it ended, each region that is written once."""
    told = tell([*prepared(product), "run"], product)
    order = [line for line in told.lines if not re.match(r"[rw] (?!8 [12]$)", line)]
    assert order == [
        *("create", "lock 1", "flush 30000 200", "begin 1", "w 8 1"),
        *(f"take 1 {TIMEOUT_US}", "w 8 2", "give 1"),
        *("invalidate 30000 200", "end 1", "unlock 1", "run 0"),
    ]


def test_two_arenas_are_both_cleaned() -> None:
    script = prepared(U65)[:-1]
    told = tell([*script, "region 30400 80", "region 0 0", "run"], U65)
    assert told.all("flush") == told.all("invalidate") == ["30000 200 30400 80"]


@each_product
def test_without_a_platform_the_driver_polls(product: Product) -> None:
    told = tell([*prepared(product, run_reads=40), "run", "run", "report"], product, hooks=False)
    assert told.all("run") == ["0", "0"]
    assert told.writes.count((0x08, 2)) == 2
    assert told.all("error") == ["none"]
    if product is not U55:
        assert (0x84, 0) in told.writes


def test_an_interrupt_between_two_steps_of_polling() -> None:
    """An own service routine runs just after the driver saw the interrupt raised."""
    script = [*prepared(U55), *sets(nested=1), "run", *sets(nested=1), "run", "run"]
    told = tell(script, hooks=False)
    assert told.all("run") == ["0", "0", "0"]
    # one by the routine, one by the driver, which had seen it already
    assert [value for offset, value in told.writes if offset == 8 and value & 3] == (
        [1, 2, 2, 1, 2, 2, 1, 2]
    )


def test_an_interrupt_too_late_is_for_no_other_job() -> None:
    """The next one waits for its own, in vain, and the one after that runs."""
    script = [
        *prepared(U55, never=1),
        *("run", "raise", "interrupt", "interrupt", "run"),
        *(*sets(never=0), "clear", "run", "report"),
    ]
    for hooks in (True, False):
        told = tell(script, hooks=hooks)
        assert told.all("run") == ["-1", "-1", "0"]
        assert told.all("error") == ["none"]
        assert [f.split()[0] for f in told.all("failed")] == ["npu-timeout"] * 2
        first = told.lines[told.lines.index("run -1") :]
        assert "w 8 e" in first[: first.index("run -1", 1)], "it was cleared"
        assert told.all("give") == ["1"] * hooks


def test_an_interrupt_at_the_last_moment_is_for_its_job() -> None:
    """The wait was just given up: the job is done, and its semaphore is not left for the next."""
    told = tell([*prepared(U55), *sets(last_moment=1), "run", "run", *sets(never=1), "run"])
    assert told.all("run") == ["0", "0", "-1"]
    assert told.failure()[0] == "npu-timeout"


def test_a_lock_that_cannot_be_had() -> None:
    told = tell([*prepared(U55, refuse=1), "run", *sets(refuse=0), "run"])
    assert told.failure()[0] == "npu-busy"
    assert told.all("run") == ["-1", "0"]
    assert told.all("unlock") == ["1"]


ENDS = [
    (END_REACHED | 1 << 2, "npu-bus-error", "all"),
    (1 << 2, "npu-bus-error", "all"),
    (1 << 4, "npu-parse-error", "all"),
    (END_REACHED | 1 << 4, "npu-parse-error", "all"),
    (END_REACHED | 1 << 8, "npu-ecc-fault", "all"),
    (END_REACHED | 1 << 7, "npu-weight-fault", "u55 u65"),
    (END_REACHED | 1 << 9, "npu-branch-fault", "u85"),
    (0, "npu-end-not-reached", "all"),
]


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize(("status", "fault", "of"), ENDS)
def test_a_run_that_ends_badly(name: str, status: int, fault: str, of: str) -> None:
    """The fault is told with its registers, the NPU reset, and the next job is not harmed."""
    product = PRODUCTS[name]
    script = [*prepared(product, end_status=status, qread=0x14), "run", "report"]
    script += [*sets(end_status=END_REACHED), "run", "report", "clear", "run", "report"]
    told = tell(script, product)
    if of != "all" and name not in of:
        assert not told.all("failed")  # the bit has no meaning there
        return
    registers = [f"{status | IRQ:x}", "14", f"{product.config:x}", f"{product.config:x}"]
    assert told.failure() == [fault, *registers]
    assert told.all("run") == ["-1", "0", "0"]
    assert told.all("error") == [fault, fault, "none"]  # until it is cleared
    first = told.lines[: told.lines.index("run -1")]
    assert [line for line in first if line == "w c 1"] == ["w c 1"] * 2
    after = first[len(first) - first[::-1].index("w c 1") :]
    assert "w 8 c" in after and "w 8 1" not in after


def test_the_first_failure_is_kept() -> None:
    script = [*prepared(U55, end_status=1 << 2), "run", *sets(end_status=1 << 4), "run", "report"]
    told = tell(script)
    assert [f.split()[0] for f in told.all("failed")] == ["npu-bus-error", "npu-parse-error"]
    assert told.all("error") == ["npu-bus-error"]


@each_product
def test_a_run_that_never_ends(product: Product) -> None:
    for hooks in (True, False):
        told = tell([*prepared(product, never=1), "run", "report"], product, hooks=hooks)
        name, status, *_ = told.failure()
        assert (name, status) == ("npu-timeout", "1")
        assert told.all("stopped") == [""]  # by the reset
    assert told.writes[-1] == (0x08, 0xC)


def test_polling_is_bounded_by_the_clock() -> None:
    """2000 us at 1 MHz: at least so many polls, and not many times as many."""
    told = tell([*prepared(U55, never=1), "run"], hooks=False)
    polls = [a for a in told.accesses("r") if a[0] == 4]
    assert 2000 <= len(polls) < 10_000


def test_an_interrupt_that_nobody_handles() -> None:
    assert tell([*prepared(U55, give_up=1), "run"]).failure()[0] == "npu-no-interrupt"
    told = tell([*prepared(U55, give_up=1, end_status=1 << 4), "run"])
    assert told.failure()[0] == "npu-parse-error"


def test_a_run_that_stops_without_an_interrupt() -> None:
    told = tell([*prepared(U55, no_irq=1), "run"])
    assert told.failure()[:2] == ["npu-timeout", f"{END_REACHED:x}"]


@each_product
def test_no_npu(product: Product) -> None:
    told = tell([*prepared(product, config=0, id=0), "run", "report"], product)
    assert told.failure() == ["npu-absent", "0", "0", "0", f"{product.config:x}"]
    assert told.writes == []
    assert told.all("counts") == ["none"]


@pytest.mark.parametrize(
    ("product", "config", "version", "fault"),
    [
        (U55, 0x1000_1807, U55.id, "npu-wrong-product"),
        (U65, 0x0000_6009, U65.id, "npu-wrong-product"),
        (U85, 0xFFFF_FFFF, 0xFFFF_FFFF, "npu-wrong-product"),
        (U55, 0x0000_1808, U55.id, "npu-wrong-macs"),
        (U85, 0x2000_0119, U85.id, "npu-wrong-macs"),
        (U55, 0x0000_1817, U55.id, "npu-wrong-version"),
        (U55, U55.config, 0x2006_6001, "npu-wrong-version"),
        (U85, 0x2000_0218, U85.id, "npu-wrong-ports"),
        (U85, 0x2000_0518, U85.id, "npu-wrong-ports"),
        (U55, 0x0000_3007 & ~0xFF00 | 0x3000, U55.id, None),  # SHRAM is not looked at
        (U55, U55.config, 0x1016_6001, None),  # a newer minor version
        (U55, U55.config | 1 << 27, U55.id, None),  # a DMA that is not asked for
    ],
)
def test_another_npu(product: Product, config: int, version: int, fault: str | None) -> None:
    """It is not even reset if the stream is for another one."""
    told = tell([*prepared(product, config=config, id=version), "run"], product)
    if fault is None:
        assert told.all("run") == ["0"]
        return
    assert told.failure() == [fault, "0", "0", f"{config:x}", f"{product.config:x}"]
    assert told.writes == []


def test_a_stream_for_another_npu() -> None:
    for config, version, fault in (
        (U65.config, U55.id, "npu-wrong-product"),
        (0x0000_1806, U55.id, "npu-wrong-macs"),
        (U55.config, 0x1016_6001, "npu-wrong-version"),
        (U55.config | 1 << 27, U55.id, "npu-no-custom-dma"),
    ):
        data = payload(config=config, version=version)
        told = tell([*prepared(U55, data), "run"])
        assert told.failure() == [fault, "0", "0", f"{U55.config:x}", f"{config:x}"]


@each_product
def test_a_reset_that_does_not_end(product: Product) -> None:
    told = tell([*prepared(product, reset_reads=0), "run"], product)
    assert told.failure()[0] == "npu-reset"
    assert told.writes[-1] == (0x0C, 1)
    assert len([a for a in told.accesses("r") if a[0] == 4]) <= 300_000


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_access_that_is_not_given(bits: int) -> None:
    told = tell([*prepared(U55, protection=bits), "run"])
    assert told.failure()[0] == "npu-protection"
    assert (0x08, 1) not in told.writes


@each_product
def test_counters(product: Product) -> None:
    """Cycles and events are those of the NPU, summed over jobs; the last ones are read stopped."""
    script = [*prepared(product), "run", "report", "run", "run", "report", "clear", "report"]
    told = tell(script, product)
    one, three, none = (line.split() for line in told.all("counts"))
    assert none == ["none"]
    assert (one[0], three[0]) == ("1", "3")
    assert int(one[1]) > 0 and int(one[1]) % 7 == 0  # the fake's tick
    assert int(three[1]) == 3 * int(one[1])
    assert [int(n) for n in one[2:]] == [1000 + event for event in product.events]
    assert [int(n) for n in three[2:]] == [3000 + 3 * event for event in product.events]


def test_cycles_across_32_bits() -> None:
    """Wherever the low half wraps, between two readings as well."""
    usual = int(tell([*prepared(U55), "run", "report"]).all("counts")[0].split()[1])
    script = prepared(U55)
    for before in range(1, usual + 30):
        script += [f"set cycles_at_start {(1 << 32) - before:x}", "clear", "run", "report"]
    counts = [int(line.split()[1]) for line in tell(script).all("counts")]
    assert len(counts) == usual + 29 and all(usual <= n <= usual + 40 for n in counts)


@pytest.mark.parametrize("broken", [{"stuck": 1}, {"tick": 0}, {"overflow": 1}])
def test_a_counter_that_does_not_count_is_none(broken: dict[str, int]) -> None:
    script = [*prepared(U55, **broken), "run", "report", *sets(stuck=0, tick=7, overflow=0)]
    told = tell([*script, "run", "report", "clear", "run", "report"])
    counts = told.all("counts")
    assert counts[:2] == ["none", "none"]  # a sum with a part missing is none, either
    assert counts[2].startswith("1 ")
    assert not told.all("failed")


@each_product
def test_the_doorbell_is_first(product: Product) -> None:
    data = payload(product)
    script = [*prepared(product, data, answer=END_REACHED), "run", "report"]
    told = tell(script, product, doorbell=True)
    at = PAYLOADS_END - len(data) - LOW
    assert told.all("doorbell") == [f"ffffffff {at:x} {len(data):x} 3"]
    assert told.all("rung") == ["20000 1000", "30000 200", "30000 200"]
    assert told.all("run") == ["0"] and told.all("counts") == ["none"]
    assert not told.writes and not told.accesses("r")


def test_a_doorbell_that_nobody_serves() -> None:
    data = payload()
    told = tell([*prepared(U55, data), "run", "report"], doorbell=True)
    assert told.all("doorbell") and told.writes == expected_writes(U55, data)
    assert told.all("counts") != ["none"]


def test_the_doorbells_answer_is_a_status() -> None:
    for status, fault in ((0, "npu-end-not-reached"), (1 << 4, "npu-parse-error")):
        told = tell([*prepared(U55, answer=status), "run"], doorbell=True)
        assert told.failure() == [fault, f"{status:x}", "0", "0", f"{U55.config:x}"]


def test_a_damaged_payload_rings_no_doorbell() -> None:
    told = tell([*prepared(U55, payload()[:24], answer=END_REACHED), "run"], doorbell=True)
    assert told.failure()[0] == "npu-payload-no-stream"
    assert not told.all("doorbell")


def test_the_kernel_makes_the_job() -> None:
    data = payload()
    for fast, last in ((0, "30000 60"), (1, "30200 20")):
        script = [*prepared(U55, data, answer=END_REACHED), f"kernel {fast}"]
        told = tell(script, doorbell=True)
        at = PAYLOADS_END - len(data) - LOW
        assert told.all("doorbell") == [f"ffffffff {at:x} {len(data):x} 3"]
        assert told.all("rung") == ["20000 40", "30000 60", last]


def words(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)


MAGIC = 0x3150_4F43


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (words(MAGIC), "npu-payload-no-stream"),
        (words(0x3250_4F43), "npu-payload-magic"),
        (words(MAGIC, 5, 5, 5), "npu-payload-no-stream"),
        (words(MAGIC, 1, 2), "npu-payload-truncated"),
        (words(MAGIC, 1), "npu-payload-truncated"),
        (words(MAGIC, 1, 2, 3), "npu-payload-no-stream"),
        (words(MAGIC, 2 | 1 << 16, 0, 0), "npu-payload-no-config"),
        (words(MAGIC, 1, 2, 3, 5, 5, 5, 2 | 2 << 16, 0), "npu-payload-truncated"),
        (words(MAGIC, 1, 2, 3, 5, 5, 5, 2 | 1 << 8, 0), "npu-payload-truncated"),
        (words(MAGIC, 1, 2, 3, 5, 5, 5, 0xFFFF_FF02), "npu-payload-truncated"),
        (words(MAGIC, 1, 2, 3, 5, 5, 5, 2, 0, 0, 0, 0), "npu-payload-no-stream"),
        (words(MAGIC, 1, 2, 3, 5, 5, 2 | 4 << 16, 0, 0, 0, 0, 0), "npu-unaligned"),
        *((words(MAGIC, action, 0, 0), "npu-payload-action") for action in (0, 3, 4, 6, 255)),
    ],
    ids=lambda value: value.hex()[8:40] if isinstance(value, bytes) else value,
)
def test_a_damaged_payload(data: bytes, fault: str) -> None:
    told = tell([*prepared(U55, data), "run"])
    assert told.failure()[0] == fault
    assert not told.writes and not told.accesses("r")


def test_jobs_that_make_no_sense() -> None:
    good = prepared(U55)
    assert tell([*good, *sets(regions=9), "run"]).failure()[0] == "npu-regions"
    assert tell([*good, *sets(payload=LOW + 1), "run"]).failure()[0] == "npu-unaligned"
    assert tell([*good, "region 20008 10", "run"]).failure()[0] == "npu-unaligned"
    odd = prepared(U55, payload() + b"\0\0\0\0")[:-3]  # the stream is no more at a multiple of 16
    assert tell([*odd, "run"]).failure()[0] == "npu-unaligned"


def mutated(chooser: random.Random) -> bytes:
    """A payload, much of it in order."""
    data = bytearray(
        payload(stream=[chooser.getrandbits(32) for _ in range(chooser.choice((4, 8)))])
    )
    for _ in range(chooser.choice((0, 1, 1, 2, 4))):
        at = chooser.randrange(min(len(data), 36)) if data else 0
        match chooser.randrange(4):
            case 0:
                data[at : at + 1] = bytes(
                    [chooser.choice((0, 1, 2, 5, 255, chooser.randrange(256)))]
                )
            case 1:
                del data[chooser.randrange(0, len(data) + 1, 4) :]
            case 2:
                data[at & ~3 : at & ~3] = words(chooser.choice((5, 1, 2, 1 << 16 | 2, 0)))
            case _:
                data += bytes(chooser.choice((4, 16)))
    return bytes(data)


def test_any_payload_ends_in_a_run_or_a_name() -> None:
    """Never a byte beyond the payload is read, and what is run is what the other reader finds."""
    chooser = random.Random(7)
    payloads = [data for data in (mutated(chooser) for _ in range(3000)) if data]
    script = prepared(U55)
    for data in payloads:
        script += [f"payload {data.hex()}", "run"]
    told = tell(script)
    jobs, current = [], []
    for line in told.lines:
        current.append(line)
        if line.startswith("run "):
            jobs.append(current)
            current = []
    assert len(jobs) == len(payloads)
    ran = 0
    for data, lines in zip(payloads, jobs, strict=True):
        name = next((line.split()[1] for line in lines if line.startswith("failed")), None)
        base, start = (
            PAYLOADS_END - len(data),
            next((x for x in lines if x.startswith("w 10 ")), ""),
        )
        try:
            found = read_payload(data, "x")
        except ModelError as error:
            assert name is not None and not start, (data.hex(), name)
            # that it is no NPU's configuration is for the driver to see after all of the payload
            late = "product has code" in error.what
            assert late or name.startswith("npu-payload-") or base % 4, (data.hex(), name)
            continue
        unaligned = (base + found.offset) % 16 != 0
        if not len(found.stream):
            assert name == "npu-payload-no-stream"
        elif unaligned:
            assert name == "npu-unaligned"
        elif name is None:
            ran += 1
            assert int(start.split()[2], 16) == base + found.offset
            assert f"w 20 {4 * len(found.stream):x}" in lines
        else:
            assert name.startswith("npu-wrong-") or name == "npu-no-custom-dma"
    assert ran > 300


SOURCES = sorted((*NPU.glob("*.c"), KERNELS / "ethos_u.c"))
FIRMWARE_SOURCES = sorted(ETHOS_U.glob("*.c"))
M55 = ("-std=c11", "-O2", "-ffreestanding", "-fno-strict-aliasing", *WARNINGS)
COMPILERS = {
    "gcc": ("arm-none-eabi-gcc", "-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"),
    "clang": ("clang-19", "--target=thumbv8.1m.main-none-eabihf", "-mcpu=cortex-m55"),
}


@pytest.mark.parametrize("doorbell", [False, True])
@each_product
@pytest.mark.parametrize("compiler", COMPILERS)
def test_every_file_compiles_alone(
    compiler: str, product: Product, doorbell: bool, tmp_path: Path
) -> None:
    """The model's part knows nothing of runtime and platform."""
    (tmp_path / "fw_board.h").write_text(board_header(product, doorbell=doorbell))
    own = [f"-I{path}" for path in (tmp_path, NPU, KERNELS)]
    more = [f"-I{path}" for path in folders(load_board("corstone-300"))]
    for source in (*SOURCES, *FIRMWARE_SOURCES):
        includes = own if source in SOURCES else [*own, *more]
        done = subprocess.run(
            [*COMPILERS[compiler], *M55, *includes, "-fsyntax-only", str(source)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_headers_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "fw_board.h").write_text(board_header(U55, doorbell=False))
    for header in (*NPU.glob("*.h"), KERNELS / "ethos_u.h"):
        if header.name == "fw_npu_arm_config.h":
            continue  # comes before every file of Arm's driver
        (tmp_path / "a.c").write_text(f'#include "{header.name}"\n#include "{header.name}"\n')
        includes = [f"-I{path}" for path in (tmp_path, NPU, KERNELS)]
        command = [*COMPILERS["gcc"], *M55, *includes, "-fsyntax-only", str(tmp_path / "a.c")]
        subprocess.run(command, check=True, timeout=60)


def on_target(late: int, end_status: int, folder: Path, *flags: str) -> Path:
    """Firmware for corstone-300 that does a job before each inference."""
    board = load_board("corstone-300")
    defines = {
        "FW_NPU_BASE": "UINT32_C(0x58102000)",
        **{"FW_NPU_IRQ": 56, "FW_NPU_PRODUCT": 0, "FW_NPU_REGIONCFG": 3, "FW_NPU_QCONFIG": 2},
        **{"LATE": late, "END_STATUS": f"{end_status}u", "FW_NPU_TIMEOUT_US": "UINT64_C(100000)"},
    }
    return link(
        board,
        folder,
        *(f"-D{name}={value}" for name, value in defines.items()),
        *("-include", str(HERE / "fw_npu_access.h")),
        *(f"-I{path}" for path in (NPU, KERNELS)),
        *("-Wl,--wrap=fw_model_invoke,--wrap=fw_platform_microseconds", *flags),
        *map(str, (*SOURCES, *FIRMWARE_SOURCES, *sorted((HERE / "target").glob("*.c")))),
    )


@pytest.mark.parametrize("flags", [(), ("-DSTALE",)], ids=["", "stale"])
@pytest.mark.parametrize("late", [1, 2, 5])
def test_the_core_sleeps_until_the_interrupt(
    late: int, flags: tuple[str, ...], tmp_path: Path
) -> None:
    """No interrupt is taken, which has no vector; each sleep is a tick of 10 ms at most."""
    image = on_target(late, END_REACHED, tmp_path, *flags)
    with Device("corstone-300", image) as device:
        device.until(READY)
        device.load(model_input())
        for _ in range(3):
            (line,) = device.ask("fw-run")
            ticks = int(re.fullmatch(r"m-fw-run-\[count=(\d+)\]", line)[1])  # type: ignore[index]
            sleeps = max(0, late - 2 - bool(flags))
            assert sleeps * 320_000 <= ticks < (sleeps + 1) * 330_000
        assert dumped(device.ask("fw-out"), "out") == expected_outputs(bytes(8))


@pytest.mark.parametrize(
    ("late", "end", "fault", "status"),
    [
        (0, END_REACHED, "npu-timeout", 1),
        (3, 1 << 2, "npu-bus-error", 1 << 2 | IRQ),
        (3, 0, "npu-end-not-reached", IRQ),
    ],
)
def test_a_failed_job_ends_the_run(
    late: int, end: int, fault: str, status: int, tmp_path: Path
) -> None:
    """With the registers in the fault's line, which the host reads."""
    with Device("corstone-300", on_target(late, end, tmp_path)) as device:
        device.until(READY)
        device.load(model_input())
        device.send(b"fw-run%")
        line, last, eot = device.until(EOT).decode("ascii").split("\r\n")
    assert (checked(last), eot.encode()) == ("m-fw-end", EOT)
    found = read_fault(line)
    assert found.fields["name"] == fault
    assert int(found.fields["pc"], 16) and found.fields["op"] == "-1"
    assert int(found.fields["npu_status"], 16) == status
    assert int(found.fields["npu_qread"], 16) == 0x14
    assert found.fields["npu_config"] == found.fields["npu_wanted"] == "00001807"


def test_a_board_without_its_npu(tmp_path: Path) -> None:
    """QEMU has none: its registers read as 0."""
    board = load_board("corstone-300")
    header = board_header(U55, doorbell=True)
    lines = [line for line in header.splitlines() if "define FW_NPU" in line]
    (tmp_path / "target.h").write_text("\n".join(lines) + "\n")
    image = link(
        board,
        tmp_path,
        *("-include", str(tmp_path / "target.h")),
        *(f"-I{path}" for path in (NPU, KERNELS)),
        "-Wl,--wrap=fw_model_invoke",
        *map(str, (*SOURCES, *FIRMWARE_SOURCES, HERE / "target" / "job.c")),
    )
    with Device("corstone-300", image) as device:
        device.until(READY)
        device.send(b"fw-run%")
        said = device.until(EOT).decode("ascii").split("\r\n")
    fault = read_fault(said[0])
    assert fault.fields["name"] == "npu-absent"
    assert (fault.fields["npu_config"], fault.fields["npu_wanted"]) == ("00000000", "00001807")


def fault_line(name: str, config: str = "00001807", wanted: str = "00001807") -> str:
    return f"e-[fault {name} pc=10 op=3 npu_status=22 npu_config={config} npu_wanted={wanted}]"


@pytest.mark.parametrize(
    ("line", "what", "tries"),
    [
        (
            fault_line("npu-wrong-macs", wanted="00003008"),
            "The NPU is ethos-u55-128, but its command stream is for ethos-u55-256.",
            ("fwgen build --npu ethos-u55-128",),
        ),
        (
            fault_line("npu-wrong-product", config="20000118"),
            "The NPU is ethos-u85-256, but its command stream is for ethos-u55-128.",
            ("fwgen build --npu ethos-u85-256",),
        ),
        (fault_line("npu-wrong-version"), "is for ethos-u55-128 of another version.", ()),
        (fault_line("npu-wrong-product", config="ffffffff"), "The NPU is one of CONFIG ff", ()),
        (fault_line("npu-wrong-macs", config="??"), "The NPU is unknown", ()),
        ("e-[fault npu-wrong-macs", "The NPU is unknown", ()),
        (fault_line("npu-bus-error"), "in op 3: npu-bus-error. The NPU was refused", ()),
        (fault_line("npu-payload-size"), "in op 3: npu-payload-size.", ()),
    ],
)
def test_the_host_says_what_an_npus_fault_means(
    line: str, what: str, tries: tuple[str, ...]
) -> None:
    fault = read_fault(line)
    assert what in fault.what and fault.what.endswith(".")
    assert fault.tries == tries
    assert fault.exit_code == 7


def test_all_names_of_faults_are_documented() -> None:
    protocol = (templates_dir().parent / "docs" / "protocol.md").read_text()
    named = set()
    for source in NPU.glob("*.c"):
        named |= set(re.findall(r'"(npu-[a-z-]+)"', source.read_text()))
    assert len(named) >= 20
    assert {name for name in named if f"`{name}`" not in protocol} == set()
    assert set(_MEANING) | _WRONG <= named
