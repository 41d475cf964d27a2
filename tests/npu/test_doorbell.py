"""The NPU on QEMU: Vela's streams in firmware give TFLM's bytes, and every fault ends the run."""

from __future__ import annotations

import os
import shutil
import struct
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.device.link.faults import Disconnected, FirmwareFault, OutOfTime
from fwgen.device.run import Session, find_runner, open_session
from fwgen.device.run.doorbell import REGIONS, STATUS_END_REACHED, Doorbell, SharedMemory
from fwgen.device.run.elf import Elf, read_elf
from fwgen.device.run.gdb import PC, R0
from fwgen.device.run.runner import Choice, Launch
from fwgen.errors import DeviceFault, DeviceUnavailable, FwgenError, UsageError
from fwgen.host.oracle import Oracle
from fwgen.measure.counters.disassembly import Disassembly
from fwgen.measure.counters.llvm import find_llvm
from fwgen.measure.profile.recording import RecordedWindow, record_project
from fwgen.npu.board_npu import npus_of
from fwgen.npu.model.machine import Machine
from fwgen.npu.model.stream_commands import Operation, Short
from fwgen.npu.payload import MAGIC, Configuration
from tests.conftest import OWN_MODELS
from tests.device.firmware.build import build
from tests.device.firmware.npu_model import BUILD, npu_firmware, payload_of
from tests.device.firmware.tiny_model import expected_outputs, model_input
from tests.device.stand_ins import Simulate, pids_fixture, simulate_fixture, wait_until_gone  # noqa: F401
from tests.npu import offloaded as npu
from tests.tflite_models import random_inputs

BOARD = load_board("corstone-300")
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
Model = tuple[npu.Offloaded, bytes]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Model]:
    """The digits model for a configuration, and its payload."""

    @cache
    def compile_for(configuration: str) -> Model:
        data = npu.compiled(DIGITS.read_bytes(), tmp_path_factory.mktemp("vela"), configuration)
        model = npu.offloaded(data)
        assert model is not None
        return model, payload_of(data)

    return compile_for


@pytest.fixture
def noted(tmp_path: Path, pids: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """QEMU itself, which notes its process id."""
    qemu = shutil.which("qemu-system-arm")
    path = tmp_path / "qemu-system-arm"
    path.write_text(f'#!/bin/sh\necho $$ >> {pids}\nexec {qemu} "$@"\n')
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)


def on_qemu(image: Path, **how: Any) -> AbstractContextManager[Session]:
    """A session on QEMU."""
    return open_session(Launch(BOARD, image, Choice("qemu"), **how))


def infer(image: Path, configuration: Configuration, counters: bool = True) -> list[int | None]:
    """The counts of inferences on random inputs, whose outputs are TFLM's."""
    model = DIGITS.read_bytes()
    counts, distinct = [], set()
    with (
        Oracle(model) as oracle,
        on_qemu(image, npu=configuration, build=BUILD, counters=counters) as session,
    ):
        for seed in range(4):
            values = random_inputs(model, np.random.default_rng(seed))
            session.link.load(b"".join(value.tobytes() for value in values))
            ticks = session.link.run()
            counts.append(None if ticks is None else session.count(ticks))
            outputs = session.link.outputs()
            assert outputs == b"".join(each.tobytes() for each in oracle.invoke(values))
            distinct.add(outputs)
    assert len(distinct) == 4, "the outputs say nothing"
    return counts


def run_once(image: Path, configuration: Configuration | None) -> None:
    """One inference on zeros."""
    with open_session(
        Launch(BOARD, image, Choice("qemu"), build=BUILD, npu=configuration)
    ) as session:
        session.link.load(bytes(session.info.input_bytes))
        session.link.run()


@pytest.mark.parametrize(
    ("configuration", "arena", "weights"),
    [
        ("ethos-u55-128", "ISRAM", "QSPI"),
        ("ethos-u55-128", "DDR", "SRAM"),
        ("ethos-u55-32", "ISRAM", "SRAM"),
        ("ethos-u65-512", "DDR", "QSPI"),  # with a fast arena in ISRAM
    ],
)
def test_outputs_are_tflms_and_counts_exact(
    configuration: str,
    arena: str,
    weights: str,
    compiled: Callable[[str], Model],
    tmp_path: Path,
    noted: None,
    pids: Path,
) -> None:
    model, payload = compiled(configuration)
    image = npu_firmware(model, payload, tmp_path / "fw", arena=arena, weights=weights)
    files = os.listdir("/proc/self/fd")
    counts = infer(image, model.payload.configuration)
    assert len(set(counts)) == 1 and 40 < (counts[0] or 0) < 200, counts
    assert infer(image, model.payload.configuration)[0] == counts[0]
    infer(image, model.payload.configuration, counters=False)
    wait_until_gone(pids, least=3)
    assert os.listdir("/proc/self/fd") == files


def test_a_job_that_takes_longer_than_any_limit_is_waited_for(
    compiled: Callable[[str], Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the functional model that works, not the device."""
    model, payload = compiled("ethos-u55-128")
    image = npu_firmware(model, payload, tmp_path / "fw")
    run = Machine.run

    def slowly(machine: Machine, *args: Any) -> None:
        time.sleep(2.5)
        run(machine, *args)

    monkeypatch.setattr(Machine, "run", slowly)
    configuration, runner = model.payload.configuration, find_runner(BOARD, Choice("qemu"))
    monkeypatch.setattr(runner, "timeouts", replace(runner.timeouts, command_s=1.0, resync_s=1.0))
    with open_session(
        Launch(BOARD, image, Choice("qemu"), inference_s=0.5, npu=configuration)
    ) as session:
        session.link.load(bytes(session.info.input_bytes))
        session.link.run()


def words_of(payload: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.frombuffer(payload, "<u4").copy()


def patched(model: npu.Offloaded, payload: bytes, opcode: int, word: int) -> bytes:
    """The payload with ``word`` in the place of the first command of that opcode."""
    words, start = words_of(payload), model.payload.offset // 4
    at = start + next(i for i, w in enumerate(words[start:].tolist()) if w & 0xFFFF == opcode)
    words[at] = word
    return words.tobytes()


def spoiled(model: npu.Offloaded, payload: bytes, how: str) -> tuple[bytes, str]:
    """A payload, and a statement for the firmware about its ``job``."""
    region = f"{Short.OFM_REGION.value:#x}"
    match how:
        case "magic":
            return b"COP2" + payload[4:], ""
        case "command":
            return patched(model, payload, int(region, 16), 0x3FF), ""
        case "upscale":
            return patched(model, payload, Short.IFM_UPSCALE.value, 0x10107), ""
        case "no-stop":
            words, last = (
                words_of(payload),
                model.payload.offset // 4 + len(model.payload.stream) - 1,
            )
            assert words[last] & 0xFFFF == Operation.STOP.value
            words[last] = Short.OFM_REGION.value
            return words.tobytes(), ""
        case "constants":
            return patched(model, payload, int(region, 16), int(region, 16)), ""
        case _:
            return payload, how


SPOILS = [
    ("magic", "begins with b'COP2'"),
    ("command", "no command 0x03ff"),
    ("upscale", "upscaled .* is not modelled"),
    ("no-stop", "without STOP"),
    ("constants", "memory that is only read"),
    ("job.payload_bytes = 64", "ends before a stream of"),
    ("job.payload_bytes = 0", "has 0 bytes"),
    ("job.payload += 4", "multiple of 16"),
    ("job.regions = 9", "9 regions, expected 8"),
    ("job.regions = 1", "region 1, which has no base"),
    ("job.region[1].bytes = 64", "region 1 of 64 bytes"),
    ("job.region[1].bytes = 0xFFFFFFF0", "Region 1, 4,294,967,280 bytes"),
    ("job.region[1].base = 0x30000000", "ethos-u55 of corstone-300 reaches"),
    ("job.region[2].base = 0xFFFFFFF0", "Region 2"),
    ("*(volatile npu_job**)&job = 0; fw_npu_doorbell((npu_job*)0xE0000000)", "0xe0000000|NPU job"),
]


@pytest.mark.parametrize(("how", "text"), SPOILS, ids=[how for how, _ in SPOILS])
def test_what_an_npu_would_not_do_ends_the_run(
    how: str,
    text: str,
    compiled: Callable[[str], Model],
    tmp_path: Path,
    noted: None,
    pids: Path,
) -> None:
    model, payload = compiled("ethos-u55-128")
    payload, statement = spoiled(model, payload, how)
    image = npu_firmware(model, payload, tmp_path / "fw", f"-DNPU_SPOIL(job)={statement}")
    with pytest.raises(DeviceFault, match=text) as caught:
        run_once(image, model.payload.configuration)
    assert caught.value.exit_code == 7
    wait_until_gone(pids)


def test_a_stream_for_other_mac_units_ends_the_run(
    compiled: Callable[[str], Model], tmp_path: Path
) -> None:
    model, payload = compiled("ethos-u55-32")
    image = npu_firmware(model, payload, tmp_path / "fw")
    other = replace(model.payload.configuration, macs=128)
    with pytest.raises(DeviceFault, match="for ethos-u55-32, the NPU is ethos-u55-128"):
        run_once(image, other)


def test_a_fault_of_the_firmware_is_its_own(
    compiled: Callable[[str], Model], tmp_path: Path
) -> None:
    model, payload = compiled("ethos-u55-128")
    image = npu_firmware(model, payload, tmp_path / "fw", '-DNPU_SPOIL(job)=__asm__("udf #7")')
    with pytest.raises(FirmwareFault, match="undefined-instruction"):
        run_once(image, model.payload.configuration)


def test_an_unserved_job_is_told_by_the_firmware(
    compiled: Callable[[str], Model], tmp_path: Path
) -> None:
    """Without an NPU nothing stops at the doorbell, and QEMU runs as for any image."""
    model, payload = compiled("ethos-u55-128")
    image = npu_firmware(model, payload, tmp_path / "fw")
    with pytest.raises(FirmwareFault, match="npu-unserved"):
        run_once(image, None)


def test_qemu_that_dies_amid_a_job_is_told(
    compiled: Callable[[str], Model],
    tmp_path: Path,
    noted: None,
    pids: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, payload = compiled("ethos-u55-128")
    image = npu_firmware(model, payload, tmp_path / "fw")
    monkeypatch.setattr(Machine, "run", lambda *_: os.kill(int(pids.read_text()), 9))
    with pytest.raises(Disconnected, match="QEMU ended in the middle"):
        run_once(image, model.payload.configuration)
    wait_until_gone(pids)


@pytest.mark.parametrize(
    ("mode", "error", "text"),
    [
        ("session", OutOfTime, r"did not answer within 3 s"),
        ("refuse", DeviceUnavailable, "unsupported machine type"),
        ("gdb=", Disconnected, "stub is gone"),
        ("gdb=+$T05#00", DeviceFault, "wrong checksum"),
        ("gdb=+$T05#b9+$l<target>#00", DeviceFault, "wrong checksum"),
        ("gdb=+$T05#b9+$l#6c+$#00", DeviceFault, "refused Z1.*nothing"),
        ("gdb=+$T05#b9+$l#6c+$OK#9a|-", DeviceFault, "does not let the core run"),
        ("gdb=+$T05#b9+$l#6c+$OK#9a+$T05#b9", DeviceFault, "nobody asked for"),
        ("gdb=+$T05#b9+$l#6c+$OK#9a|+$T05#b9+$0000#c0", DeviceFault, "refused to read 4 bytes"),
        ("gdb=+$T05#b9+$l#6c+$OK#9a|+$T05#b9+$00000000#80", DeviceFault, "stopped at 0x00000000"),
        ("gdb=+$T05#b9+$l#6c+$OK#9a|+$T05#b9", OutOfTime, "did not answer within 3 s"),
    ],
)
def test_whatever_the_stub_does_the_run_ends_and_says_why(
    mode: str,
    error: type[FwgenError],
    text: str,
    compiled: Callable[[str], Model],
    simulate: Simulate,
    tmp_path: Path,
    pids: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fwgen.device.run.gdb.ANSWER_S", 3.0)
    model, payload = compiled("ethos-u55-128")
    image = npu_firmware(model, payload, tmp_path / "fw")
    simulate(mode)
    with (
        pytest.raises(error, match=text),
        on_qemu(image, npu=model.payload.configuration),
    ):
        pytest.fail("a session")
    wait_until_gone(pids)


def test_only_an_fvp_has_an_ethos_u85(simulate: Simulate, pids: Path) -> None:
    simulate("session")
    (first, *_), u85 = npus_of(BOARD), Configuration("ethos-u85", 256, 0, 0, (2, 0, 0))
    npu = replace(first, product="ethos-u85", configurations=("ethos-u85-256",))
    board = replace(BOARD, sections={**BOARD.sections, "npu": (npu,)})
    with (
        pytest.raises(UsageError, match=r"ethos-u85 is not modelled on QEMU[^$]*--runner fvp"),
        open_session(Launch(board, Path("image.elf"), Choice("qemu"), npu=u85)),
    ):
        pytest.fail("a session")
    with (
        pytest.raises(UsageError, match="no NPU 'ethos-u85-256'"),
        on_qemu(Path("image.elf"), npu=u85),
    ):
        pytest.fail("a session")
    assert pids.read_text() == ""


def test_an_image_without_a_doorbell_runs_as_ever(compiled: Callable[[str], Model]) -> None:
    image, data = build("corstone-300"), bytes(range(8))
    npu_of_project = compiled("ethos-u55-128")[0].payload.configuration
    with on_qemu(image, npu=npu_of_project) as session:
        session.link.load(model_input(data=data))
        assert session.link.outputs() == expected_outputs(data)


def test_a_profile_has_the_instructions_that_the_counter_has(
    compiled: Callable[[str], Model], tmp_path: Path
) -> None:
    model, payload = compiled("ethos-u55-128")
    elf = npu_firmware(model, payload, tmp_path / "fw")
    configuration = model.payload.configuration
    window = RecordedWindow("fw_model_invoke", marks=("fw_model_current_op",))
    image = Disassembly(elf, find_llvm(), "cortex-m55")
    data = bytes(int(np.prod(model.inputs[0].shape)))
    launch = Launch(BOARD, image.path, npu=configuration, build=BUILD)
    recording = record_project(image, launch, data, window)
    assert recording.closed_by == "return" and len(recording.segments) == 3
    executed = sum(
        count * recording.blocks[after].instructions
        for segment in recording.segments
        for (_, after), count in segment.edges.items()
    )
    (counted,) = set(infer(elf, configuration))
    assert counted is not None and abs(executed - counted) < 20  # parts of blocks at the marks


def test_what_an_elf_has_of_an_npu(compiled: Callable[[str], Model], tmp_path: Path) -> None:
    model, payload = compiled("ethos-u55-32")
    elf = read_elf(npu_firmware(model, payload, tmp_path / "fw", arena="DDR", weights="SRAM"))
    ((address, configuration),) = elf.streams()
    assert configuration == model.payload.configuration
    found = elf.constant(address, len(payload))
    assert found is not None and found.tobytes() == payload and not found.flags.writeable
    assert elf.touches(0x6000_0000, 0x8000_0000) and not elf.touches(0x2000_0000, 0x1000)
    assert elf.constant(0x7000_0000, 16) is None
    assert read_elf(build("corstone-300")).doorbell is None
    (tmp_path / "text").write_text("no ELF")
    for path in ("text", "nothing"):
        with pytest.raises(UsageError, match="no readable ELF file"):
            read_elf(tmp_path / path)


# Memory, against one flat array


class FlatMemory:
    """What Gdb offers, on 64 KiB of ISRAM."""

    base = 0x3100_0000

    def __init__(self, content: bytes, job: int) -> None:
        self.content = bytearray(content)
        self.registers = {PC: 0x1000, R0: job}
        self.written = 0

    def wait_stop(self) -> None: ...
    def resume(self) -> None: ...

    def register(self, number: int) -> int:
        return self.registers[number]

    def set_register(self, number: int, value: int) -> None:
        self.registers[number] = value

    def read(self, address: int, count: int) -> bytes:
        start = address - self.base
        assert 0 <= start <= start + count <= len(self.content)
        return bytes(self.content[start : start + count])

    def write(self, pieces: list[tuple[int, bytes]]) -> None:
        for address, data in pieces:
            self.content[address - self.base : address - self.base + len(data)] = data
            self.written += len(data)


@pytest.mark.parametrize("seed", range(40))
def test_regions_in_any_place_are_written_as_in_one_memory(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over one another, next to one another, partly in memory that is shared."""
    rng = np.random.default_rng(seed)
    content = rng.integers(0, 256, 1 << 16, dtype=np.uint8)
    stream = struct.pack("<6I", MAGIC, 1, 0x1807, 0x10066001, 1 << 16 | 2, 0)
    content[: len(stream)] = np.frombuffer(stream, np.uint8)
    count = int(rng.integers(1, REGIONS + 1))
    sizes = rng.integers(0, 4000, count)
    bases = FlatMemory.base + 1024 + 16 * rng.integers(0, 500 if seed % 2 else 3500, count)
    job = struct.pack("<4I", 0xFFFFFFFF, FlatMemory.base, len(stream), count)
    job += b"".join(struct.pack("<2I", b, n) for b, n in zip(bases, sizes, strict=True))
    job += bytes(80 - len(job))
    content[512 : 512 + len(job)] = np.frombuffer(job, np.uint8)
    flat = FlatMemory(content.tobytes(), FlatMemory.base + 512)
    expected = content.copy()
    expected[512:516] = (STATUS_END_REACHED, 0, 0, 0)
    writes = [
        (i, int(rng.integers(0, sizes[i])), int(rng.integers(0, 256)))
        for i in rng.integers(0, count, 300).tolist()
        if sizes[i]
    ]

    def run(self: Machine, payload: object, memory: dict[int, np.ndarray], at: str) -> None:
        assert set(memory) == {i for i in range(count) if sizes[i]}
        for i, data in memory.items():
            assert len(data) == sizes[i]
        for i, offset, value in writes:
            place = bases[i] - FlatMemory.base + offset
            assert memory[i][offset] == expected[place]
            memory[i][offset] = expected[place] = value

    monkeypatch.setattr(Machine, "run", run)
    elf = Elf(doorbell=0x1000, constants=(), extents=())
    configuration = Configuration("ethos-u55", 128, 24576, 0, (1, 0, 6))
    doorbell = Doorbell(flat, elf, BOARD, npus_of(BOARD)[0], configuration, None)  # type: ignore[arg-type]
    assert doorbell.serve()
    assert flat.content == expected.tobytes()
    assert flat.registers[PC] == 0x1002
    assert flat.written <= 4 + 33 * len(writes)


def test_shared_memory_is_a_view() -> None:
    shared = SharedMemory(0x6000_0000, np.zeros(4096, np.uint8))
    view = shared.view(0x6000_0FF0, 16)
    assert view is not None
    view[15] = 7
    assert shared.data[4095] == 7
    for start in (0x6000_0FF1, 0x5FFF_FFFF, 0x7000_0000):
        assert shared.view(start, 16) is None
