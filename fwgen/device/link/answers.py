"""The answers of a device: ``m-fw-`` lines of docs/protocol.md -> checked values.

Every function takes the lines of one answer without the closing ``m-ready`` and raises BadAnswer
unless they are exactly what the protocol says, checksums included.
"""

from __future__ import annotations

import binascii
import re
import zlib
from dataclasses import dataclass
from typing import NoReturn

from fwgen.device.link.faults import BadAnswer, FirmwareFault
from fwgen.device.link.npu_faults import explain
from fwgen.model.control import MOST_TRIPS
from fwgen.model.sizes import ModelSizes

SCHEMA = 2

_FRAME = re.compile(r"(m-fw-([a-z]+)-\[([!-~]*)\](?:@[0-9]+\.[0-9]+)?)\*([0-9A-F]{4})")
_MARKS = re.compile(r".*\]@([0-9]+)\.([0-9]+)\*[0-9A-F]{4}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")
_HEX = re.compile(r"([0-9A-Fa-f]{2})*")
_CRC32 = re.compile(r"[0-9a-f]{8}")
_INFO_KEYS = (
    *("schema", "build", "board", "ops", "inputs", "outputs", "arena", "stack"),
    *("counter", "unit", "hz"),
)

_SIZES = ("ops", "inputs", "outputs", "arena", "stack", "state")
"""What takes memory, a byte for each at least."""

_MOST_COUNT = (1 << 63) - 1
"""No counter comes so far; the firmware tells what is below 0 as more, modulo 2^64."""

_OTHER_COUNTERS = ("another source in [timer] of the board file, such as systick",)
_CHECKS = {
    "constants": (
        "The model's constants in memory are not what they were built as, or not where",
        ("load the image again", "see how its linker script and loader treat .rodata.*"),
    ),
    "counter-absent": (
        "The chip has no such counter: its register of features says so",
        _OTHER_COUNTERS,
    ),
    "counter-locked": (
        "The lock of DWT did not open, so that nothing can be counted",
        ("power off and on, without a debugger", *_OTHER_COUNTERS),
    ),
    "counter-stopped": (
        "The counter stood still while the firmware ran a loop; QEMU has neither DWT nor PMU",
        ("power off and on, without a debugger", *_OTHER_COUNTERS),
    ),
    "counter-implausible": (
        "The counter advanced by what no core takes for a loop of known length",
        ("see whether the firmware sets the clock that the board file states", *_OTHER_COUNTERS),
    ),
    "endless-loop": (
        f"A WHILE had run {MOST_TRIPS:,} times and did not end",
        ("inputs for which its condition becomes false", "a model whose loops count their steps"),
    ),
}
"""What the firmware's own checks found, and what to try; other names tell enough."""


@dataclass(frozen=True)
class Info:
    """What the firmware says about itself.

    ``build`` is the image's id, 16 hex digits; ``hz`` the counter's ticks per s, 0 for no counter.
    ``state_bytes`` are what its model keeps from one inference to the next.
    """

    build: str
    board: str
    ops: int
    input_bytes: int
    output_bytes: int
    arena_bytes: int
    stack_bytes: int
    counter: str
    unit: str
    hz: int
    state_bytes: int = 0

    @property
    def sizes(self) -> ModelSizes:
        """Those of its model."""
        return ModelSizes(self.ops, self.input_bytes, self.output_bytes)


@dataclass(frozen=True)
class NpuCounts:
    """What an NPU counted over the ``jobs`` of an inference: cycles, and ``events`` in the order
    of the driver."""

    jobs: int
    cycles: int
    events: tuple[int, ...]


@dataclass(frozen=True)
class FirmwareWindow:
    """What the firmware says of inferences between two edges of its trigger pin: how many there
    were, ``ticks`` of its counter, and ``seconds`` by the clock of that. ``energy`` is what a
    monitor on the board counted, in a unit of its own, None if there is none."""

    inferences: int
    ticks: int
    seconds: float
    energy: int | None = None


@dataclass(frozen=True)
class TensorPlace:
    """Where the device keeps a tensor, and the CRC-32 of what is there."""

    address: int
    bytes: int
    crc: int


def crc16(data: bytes) -> int:
    """CRC-16/CCITT: polynomial 0x1021, initial value 0xFFFF, not reflected."""
    return binascii.crc_hqx(data, 0xFFFF)


def check_marks(lines: list[str], mark: int, before: int | None) -> None:
    """Check that the lines answer the command with this mark.

    If the mark ``before`` is known, check that the device obeyed that command last. The checksums
    of the lines cover both marks.
    """
    for line in lines:
        found = _MARKS.fullmatch(line)
        if found is None or found[1] != str(mark):
            _refuse("answered another command than the one it was given", line)
        if before is not None and found[2] != str(before):
            _refuse("does not remember the command before", line)


def read_info(lines: list[str], room_bytes: int | None = None) -> Info:
    """The answer to ``fw-info``, of a device with that much memory: waits are by its sizes."""
    payload = _only(lines, "info")
    keys = (*_INFO_KEYS, "state") if ",state=" in payload else _INFO_KEYS
    values = _values(payload, keys)
    if values["schema"] != str(SCHEMA):
        _refuse(f"speaks version {values['schema']} of the protocol instead of {SCHEMA}", lines[0])
    for key in _SIZES:
        if room_bytes is not None and _number(values.get(key, "0")) > room_bytes:
            claim = f"{key} of {int(values[key]):,}"
            _refuse(f"claims {claim}, more than its board has RAM ({room_bytes:,} bytes)", payload)
    return Info(
        build=values["build"],
        board=values["board"],
        ops=_number(values["ops"]),
        input_bytes=_number(values["inputs"]),
        output_bytes=_number(values["outputs"]),
        arena_bytes=_number(values["arena"]),
        stack_bytes=_number(values["stack"]),
        counter=values["counter"],
        unit=values["unit"],
        hz=_number(values["hz"]),
        state_bytes=_number(values.get("state", "0")),
    )


def read_loaded(lines: list[str], sent: bytes) -> None:
    """Checks that the device holds exactly ``sent``."""
    size, crc = _size_and_crc(_only(lines, "load"))
    if size != len(sent) or crc != zlib.crc32(sent):
        _refuse("did not get the bytes that were sent", lines[0])


def read_places(lines: list[str]) -> tuple[TensorPlace, ...]:
    """The answer to ``fw-places``: where all inputs together are, then where each output is."""
    places = []
    for number, line in enumerate(lines):
        words = _values(_payload(line, "places"), (str(number),))[str(number)].split(":")
        if len(words) != 3:
            _refuse("gave no address, size and CRC-32", line)
        places.append(TensorPlace(_number(words[0]), _number(words[1]), _crc32(words[2])))
    if not places:
        _refuse("did not tell where its inputs are", "")
    return tuple(places)


def read_model(lines: list[str], model: int) -> None:
    """Checks that the device chose the model with this number."""
    values = _values(_only(lines, "model"), ("number", "models"))
    if _number(values["number"]) != model or _number(values["models"]) <= model:
        _refuse(f"chose another model than number {model}", lines[0])


def read_count(lines: list[str]) -> int | None:
    """The ticks of one inference, None where the target has no counter."""
    count = _values(_only(lines, "run"), ("count",))["count"]
    return None if count == "none" else _count(count)


def read_window(lines: list[str], inferences: int, hz: int) -> FirmwareWindow:
    """The answer to ``fw-window``, of a counter of ``hz``."""
    payload = _only(lines, "window")
    keys = ("inferences", "count")
    values = _values(payload, (*keys, "energy") if ",energy=" in payload else keys)
    if _number(values["inferences"]) != inferences:
        _refuse(f"ran {values['inferences']} inferences instead of {inferences}", lines[0])
    ticks = _number(values["count"])
    energy = _number(values["energy"]) if "energy" in values else None
    return FirmwareWindow(inferences, ticks, ticks / hz, energy)


def read_stack(lines: list[str]) -> tuple[int, int]:
    """The stack's (size, used) in bytes."""
    values = _values(_only(lines, "stack"), ("size", "used"))
    return _number(values["size"]), _number(values["used"])


def read_npu(lines: list[str]) -> NpuCounts | None:
    """The answer to ``fw-npu``; None where no NPU counted."""
    values = _values(_only(lines, "npu"), ("jobs", "cycles", "events"))
    if values == {"jobs": "0", "cycles": "none", "events": "none"}:
        return None
    events = tuple(_number(value) for value in values["events"].split(":"))
    return NpuCounts(_number(values["jobs"]), _number(values["cycles"]), events)


def read_bytes(lines: list[str], kind: str, expected: int | None = None) -> bytes:
    """The bytes of ``fw-out`` and ``fw-dump``: data lines in order, then size and CRC-32."""
    *each, last = lines or [""]
    data = bytearray()
    for line in each:
        offset, _, digits = _payload(line, kind).partition("=")
        if _number(offset) != len(data) or not digits or not _HEX.fullmatch(digits):
            _refuse(f"left a gap after byte {len(data)}", line)
        data += bytes.fromhex(digits)
    size, crc = _size_and_crc(_payload(last, kind))
    if size != len(data) or crc != zlib.crc32(data) or expected not in (None, size):
        _refuse(f"sent {len(data)} bytes that do not add up", last)
    return bytes(data)


def read_rom(lines: list[str], size: int) -> int:
    """The CRC-32 of the first ``size`` bytes of the image, as ``fw-rom`` tells it."""
    found, crc = _size_and_crc(_only(lines, "rom"))
    if found != size:
        _refuse(f"told of {found} bytes of the image instead of {size}", lines[0])
    return crc


def read_reset(lines: list[str]) -> None:
    """The answer to ``fw-reset``."""
    if _only(lines, "reset"):
        _refuse("answered fw-reset with more than that", lines[0])


def read_state_crc(lines: list[str], size: int) -> int:
    """The CRC-32 of the state, which has ``size`` bytes."""
    found, crc = _size_and_crc(_only(lines, "state"))
    if found != size:
        _refuse(f"has a state of {found} bytes instead of {size}", lines[0])
    return crc


def read_op_counts(lines: list[str], ops: int, event: int | None = None) -> tuple[int, ...]:
    """The count of each op, in order: of ticks, or of the ``event`` with this number."""
    *each, last = lines or [""]
    keys = ("ops", "total") if event is None else ("ops", "total", "event")
    total = _values(_payload(last, "ops"), keys)
    if event is not None and _number(total["event"]) != event:
        _refuse(f"counted another event than {event}", last)
    counts = tuple(_count(value) for value in _per_op(each, "op", ops))
    if _number(total["ops"]) != ops or _number(total["total"]) != sum(counts):
        _refuse(f"gave a total that is not that of its {ops} ops", last)
    return counts


def read_op_crcs(lines: list[str], ops: int) -> tuple[int | None, ...]:
    """The CRC-32 of each op's output, in order; None of an op that did not run."""
    *each, last = lines or [""]
    total = _values(_payload(last, "crc"), ("ops",))
    values = _per_op(each, "crc", ops)
    crcs = tuple(None if value == "none" else _crc32(value) for value in values)
    if _number(total["ops"]) != ops:
        _refuse(f"told of other ops than its {ops}", last)
    return crcs


def read_fault(line: str) -> FirmwareFault:
    """The fault that a line ``e-[fault NAME pc=H ... op=N]`` reports, as far as it can be read."""
    words = ascii(line)[1:-1].partition("e-[fault ")[2].rstrip("]")
    name, _, rest = words.partition(" ")
    fields = dict(item.partition("=")[::2] for item in rest.split())
    op = fields.get("op", "-1")
    where = "outside the model" if op == "-1" else f"in op {op}"
    meaning, tries = _CHECKS.get(name) or explain({"name": name, **fields})
    return FirmwareFault(
        f"The firmware stopped with a fault {where}: {name}." + (f" {meaning}." if meaning else ""),
        at=rest,
        tries=tries,
        fields={"name": name, **fields},
    )


def _per_op(lines: list[str], kind: str, ops: int) -> list[str]:
    """The values of the lines ``m-fw-<kind>-[INDEX=VALUE]``, one for each op in order."""
    if len(lines) != ops:
        _refuse(f"told of {len(lines)} ops instead of {ops}", lines[-1] if lines else "")
    return [_values(_payload(line, kind), (str(op),))[str(op)] for op, line in enumerate(lines)]


def _only(lines: list[str], kind: str) -> str:
    if len(lines) != 1:
        _refuse(f"answered with {len(lines)} lines instead of one", lines[-1] if lines else "")
    return _payload(lines[0], kind)


def _payload(line: str, kind: str) -> str:
    """What is between the brackets of ``m-fw-<kind>-[...]*CRC``."""
    frame = _FRAME.fullmatch(line)
    if frame is None:
        _refuse(f"sent no line of the form m-fw-{kind}-[...]*CRC", line)
    if crc16(frame[1].encode("latin-1")) != int(frame[4], 16):
        _refuse("sent a line with a wrong checksum", line)
    if frame[2] != kind:
        _refuse(f"answered something else than m-fw-{kind}", line)
    return frame[3]


def _values(payload: str, keys: tuple[str, ...]) -> dict[str, str]:
    pairs = [item.partition("=") for item in payload.split(",")]
    if tuple(key for key, _, _ in pairs) != keys:
        _refuse(f"did not give {', '.join(keys)}", payload)
    return {key: value for key, _, value in pairs}


def _size_and_crc(payload: str) -> tuple[int, int]:
    values = _values(payload, ("bytes", "crc"))
    return _number(values["bytes"]), _crc32(values["crc"])


def _crc32(text: str) -> int:
    if not _CRC32.fullmatch(text):
        _refuse("gave no CRC-32", text)
    return int(text, 16)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        _refuse("gave no number", text)
    return int(text)


def _count(text: str) -> int:
    count = _number(text)
    if count > _MOST_COUNT:
        _refuse("has a counter that ran backwards", text)
    return count


def _refuse(what: str, line: str) -> NoReturn:
    raise BadAnswer(f"The device {what}.", at=f"line {shown(line)}")


def shown(line: str) -> str:
    """A line as it may be printed: quoted, escaped, at most 80 characters of it."""
    return ascii(line if len(line) <= 80 else line[:77] + "...")
