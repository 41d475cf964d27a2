"""The serial link against devices and lines that go wrong: right numbers or named errors."""

from __future__ import annotations

import random
import tracemalloc
import zlib

import pytest

from fwgen.device.link import FirmwareWindow, Link, NpuCounts, Timeouts
from fwgen.device.link import faults as named
from fwgen.device.link.answers import (
    read_bytes,
    read_count,
    read_info,
    read_loaded,
    read_model,
    read_op_counts,
    read_places,
)
from fwgen.device.link.client import LINE_BYTES
from fwgen.device.link.exchange import RETRIES
from fwgen.device.link.faults import (
    BadAnswer,
    BootTimeout,
    CounterStopped,
    DeviceError,
    Disconnected,
    FirmwareFault,
    NoAnswer,
    Restarted,
    WrongBuild,
)
from fwgen.device.link.lines import LINE_LIMIT, Lines
from fwgen.errors import DeviceFault, UsageError
from fwgen.model.sizes import ModelSizes
from tests.device.fake_device import (
    ADVERSARIES,
    Adversary,
    AtOneAnswer,
    Device,
    Flood,
    Line,
    Maker,
    Memory,
    Recorder,
    Replayer,
    crc16,
)

TIMEOUTS = Timeouts(inference_s=10.0)
NAMED = tuple(
    kind
    for kind in vars(named).values()
    if isinstance(kind, type) and issubclass(kind, DeviceFault) and kind is not DeviceFault
)


def connect(line: Line, memory: Memory | None = None, **options: object) -> Link:
    link = Link(line, clock=line.clock, token="beef", timeouts=TIMEOUTS, **options)  # type: ignore[arg-type]
    link.memory = memory
    return link


def converse(link: Link, device: Device, rng: random.Random, rounds: int = 3) -> int:
    """A session as ``run`` and ``verify`` have it. Every number that comes back must be right."""
    checked = 0
    link.wait_boot()
    info = link.info()
    assert (info.build, info.ops, info.hz) == (device.build, device.ops, device.hz)
    assert (info.input_bytes, info.output_bytes) == (device.inputs, device.outputs)
    for _ in range(rounds):
        chosen = rng.randrange(device.models)
        if device.models > 1:
            link.choose(chosen)
        data = rng.randbytes(device.inputs)
        link.load(data)
        for _ in range(rng.randrange(1, 4)):
            assert link.run() == device.ticks_of(data, chosen)
        assert link.outputs() == device.result_of(data, chosen)
        inferences = rng.randrange(1, 1000)
        told = link.window(inferences, 10.0)
        ticks = device.window_ticks_of(data, inferences, chosen)
        assert told == FirmwareWindow(inferences, ticks, ticks / device.hz)
        counts = tuple(device.op_ticks_of(data, op, chosen) for op in range(device.ops))
        assert link.op_counts() == counts
        if device.counter == "pmu":
            number = rng.choice((8, 0x24, 0x228, 3))
            events = (device.op_events_of(data, op, number, chosen) for op in range(device.ops))
            assert link.op_events(number) == tuple(events)
        assert link.op_crcs() == tuple(
            zlib.crc32(device.op_of(data, op, chosen)) for op in range(device.ops)
        )
        op = rng.randrange(device.ops)
        assert link.dump(op) == device.op_of(data, op, chosen)
        assert link.outputs() == device.result_of(data, chosen)
        assert link.stack() == (device.stack, 1000)
        assert link.npu_counts() == NpuCounts(2, 12_345, (9_000, 4, 0, 77))
        checked += 1
    link.end()
    return checked


def test_a_clean_session_returns_every_number_without_waiting() -> None:
    device = Device()
    line = Line(device)
    assert converse(connect(line, build=device.build), device, random.Random(1)) == 3
    assert device.ended
    assert line.now_s < 2.0


def test_inputs_and_outputs_go_by_memory_where_there_is_a_way() -> None:
    device = Device()
    device.places = True
    memory, recorder = Memory(device), Recorder()
    link = connect(Line(device, recorder), memory=memory)
    assert converse(link, device, random.Random(1)) == 3
    assert memory.writes == 3 and memory.reads == 12, "two outputs, twice a round"
    assert not {b"fw-load", b"fw-out"} & set(recorder.answers)


def test_firmware_that_does_not_tell_its_places_is_served_by_the_line() -> None:
    device = Device()
    memory = Memory(device)
    assert converse(connect(Line(device), memory=memory), device, random.Random(1)) == 3
    assert memory.writes == memory.reads == 0


def test_a_small_output_is_read_from_the_line() -> None:
    device = Device(outputs=LINE_BYTES)
    device.places = True
    memory = Memory(device)
    assert converse(connect(Line(device), memory=memory), device, random.Random(1)) == 3
    assert memory.writes == 3 and memory.reads == 0


@pytest.mark.parametrize("way", ["read", "write"])
def test_a_way_to_memory_that_is_never_sound_ends_in_a_sentence(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device()
    device.places = True
    memory = Memory(device)
    link = started(device, memory=memory)
    if way == "read":
        monkeypatch.setattr(memory, way, lambda address, count: bytes(count))
    else:
        monkeypatch.setattr(memory, way, lambda address, data: None)
    with pytest.raises(BadAnswer, match=r"in the device's memory is another[^$]*--link serial"):
        link.load(bytes(device.inputs))
        link.outputs()


@pytest.mark.parametrize(
    "answer", [b"places-[0=1:12]", b"places-[1=1:12:00000000]", b"places-[0=1:12:0]", b""]
)
def test_places_that_are_not_whole_are_refused(answer: bytes) -> None:
    body = b"m-fw-" + answer
    lines = [f"{body.decode()}*{crc16(body):04X}"] if answer else []
    with pytest.raises(BadAnswer):
        read_places(lines)


def test_outputs_of_another_size_are_not_fetched() -> None:
    device = Device()
    device.places = True
    memory = Memory(device)
    link = started(device, memory=memory)
    device.result_of = lambda *_: bytes(99)  # type: ignore[method-assign]
    with pytest.raises(BadAnswer, match="99 bytes of outputs instead of 40"):
        link.outputs()
    assert memory.reads == 0


@pytest.mark.parametrize(
    "seeds", [range(200), pytest.param(range(200, 1000), marks=pytest.mark.nightly)], ids=str
)
@pytest.mark.parametrize("make", ADVERSARIES, ids=lambda make: make.__name__)
def test_no_wrong_number_is_accepted_from_a_bad_line(make: Maker, seeds: range) -> None:
    whole = 0
    for seed in seeds:
        rng = random.Random(f"{make.__name__} {seed}")
        device = Device()
        device.models = 1 + seed % 2 * 2
        device.places = seed % 4 > 0
        if seed % 3 == 0:
            device.have_pmu()
        memory = Memory(device, rng) if seed % 4 > 1 else None
        line = Line(device, make(rng))
        try:
            link = connect(line, build=device.build, memory=memory)
            whole += converse(link, device, rng) == 3
        except NAMED as error:
            assert str(error).strip(), seed
        assert line.now_s < 600, f"seed {seed}: {line.now_s} s"
        assert line.reads < 200_000, f"seed {seed}"
    assert whole >= (0 if make is Flood else len(seeds) / 5), f"{whole} sessions got through"


@pytest.mark.parametrize("way", Replayer.WAYS)
def test_no_old_answer_is_taken_for_a_new_one(way: str) -> None:
    """Of this session or an earlier one with the same host, at every command of a session."""
    old, earlier = Recorder(), Device()
    earlier.have_pmu()
    converse(connect(Line(earlier, old)), earlier, random.Random("earlier"), rounds=2)
    commands = sum(map(len, old.answers.values())) // 2
    earlier = Device()
    earlier.places = True
    again = connect(Line(earlier, old), memory=Memory(earlier))
    converse(again, earlier, random.Random("again"), rounds=2)
    whole = 0
    for at in range(1, commands + 1):
        for seed in range(15):
            rng = random.Random(f"{way} {at} {seed}")
            device = Device()
            device.places = seed % 3 == 0
            if seed % 2:
                device.have_pmu()
            memory = Memory(device) if device.places else None
            line = Line(device, Replayer(rng, way, at, old))
            try:
                whole += converse(connect(line, memory=memory), device, rng, rounds=2) == 2
            except NAMED as error:
                assert str(error).strip(), (at, seed)
            assert line.now_s < 600, (at, seed)
    assert whole > 0.9 * commands * 15, f"{whole} sessions got through"


def session_length() -> int:
    device = Device()
    line = Line(device)
    converse(connect(line), device, random.Random(7), rounds=1)
    return line.received


@pytest.mark.parametrize("way", ["ends_after", "silent_after"])
def test_a_line_that_stops_at_any_byte_ends_in_a_named_error(way: str) -> None:
    for stop in range(session_length()):
        device = Device()
        line = Line(device, **{way: stop})
        try:
            converse(connect(line), device, random.Random(7), rounds=1)
        except Disconnected:
            assert way == "ends_after"
        except (BootTimeout, NoAnswer):
            assert way == "silent_after"
        else:
            assert device.ended, stop  # only the goodbye was lost
        assert line.now_s < 40, stop


class Replace(Adversary):
    """Sends something else instead of the first answer that contains ``old``, or always."""

    def __init__(self, old: bytes, new: bytes, *, times: int = 1000) -> None:
        self.old, self.new, self.times = old, new, times

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        if self.old in data and self.times:
            self.times -= 1
            data = data.replace(self.old, self.new)
        return [(0.0, data)]


def started(
    device: Device, adversary: Adversary | None = None, memory: Memory | None = None
) -> Link:
    """A link that has booted and loaded an input of the device's size."""
    line = Line(device, adversary)
    link = connect(line, memory=memory)
    link.wait_boot()
    link.load(bytes(range(device.inputs)))
    return link


FAULT = (
    b"e-[fault undefined-instruction pc=10000456 lr=10000123 cfsr=00010000 op=2]\r\n"
    b"m-fw-end\r\n\x04"
)


def test_a_fault_line_becomes_a_fault_at_once_and_names_the_place() -> None:
    device = Device()
    adversary = Replace(b"m-fw-run", FAULT)
    line = Line(device, adversary)
    link = connect(line)
    link.wait_boot()
    link.load(bytes(device.inputs))
    before_s = line.now_s
    with pytest.raises(FirmwareFault, match="in op 2: undefined-instruction") as caught:
        link.run()
    assert line.now_s - before_s < 0.1
    assert caught.value.exit_code == 7
    assert caught.value.fields["pc"] == "10000456"
    assert caught.value.fields["lr"] == "10000123"
    assert "cfsr=00010000" in caught.value.at


def test_a_fault_before_the_boot_is_over_is_told_too() -> None:
    line = Line(Device(), Replace(b"m-init-done", FAULT))
    with pytest.raises(FirmwareFault, match="op 2"):
        connect(line).wait_boot()


def test_another_build_is_refused() -> None:
    line = Line(Device())
    link = connect(line, build="f" * 16)
    link.wait_boot()
    with pytest.raises(WrongBuild, match="build 0123456789abcdef and not ffffffffffffffff"):
        link.info()


@pytest.mark.parametrize("what", ["ops", "inputs", "outputs"])
@pytest.mark.parametrize("times", [0, 2])
def test_sizes_that_are_not_those_of_the_image_are_no_answer(what: str, times: int) -> None:
    """Of the image's only model or of the one that is chosen, told by firmware with its build id,
    and consistently: no input is cut to them, and no output read by them."""
    device = Device()
    device.models = 2
    own = ModelSizes(device.ops, device.inputs, device.outputs)
    setattr(device, what, times * getattr(device, what))
    link = connect(Line(device), build=device.build)
    link.wait_boot()
    for choose in (False, True):
        link.sizes = own
        if choose:
            link.choose(1, own)
        with pytest.raises(BadAnswer, match=r"claims [^;]*; its image has 3 ops, 12 bytes of inp"):
            link.load(bytes(12))


def test_another_version_of_the_protocol_is_refused() -> None:
    body = b"m-fw-info-[schema=1,build=0123456789abcdef,board=b,ops=1,inputs=1,outputs=1,arena=1,"
    body += b"stack=1,counter=c,unit=u,hz=1]"
    line = b"%s*%04X" % (body, crc16(body))
    with pytest.raises(BadAnswer, match="version 1"):
        read_info([line.decode()])


def test_an_error_line_is_told_after_the_command_was_repeated() -> None:
    adversary = Replace(b"m-fw-run", b"e-[Out of order]\r\nm-ready\r\nx")
    link = started(Device(), adversary)
    with pytest.raises(DeviceError, match="Out of order"):
        link.run()
    assert adversary.times == 1000 - 1 - RETRIES


def test_a_command_is_repeated_after_a_bad_answer_and_then_right() -> None:
    device = Device()
    link = started(device, Replace(b"m-fw-run-[count=", b"m-fw-run-[count=1", times=RETRIES))
    assert link.run() == device.ticks_of(bytes(range(device.inputs)))


def test_a_counter_that_stands_still_is_no_measurement() -> None:
    device = Device()
    device.ticks_of = lambda data: 0  # type: ignore[method-assign]
    with pytest.raises(CounterStopped, match="did not advance"):
        started(device).run()


def test_a_target_without_counter_and_stack_says_so_with_none() -> None:
    device = Device()
    device.hz = device.stack = 0
    device.npu = ()
    link = started(device)
    assert link.npu_counts() is None
    assert link.run() is None
    assert link.op_counts() is None
    assert link.stack() is None
    assert link.outputs() == device.result_of(bytes(range(device.inputs)))


def test_an_input_of_the_wrong_size_is_not_sent() -> None:
    with pytest.raises(UsageError, match="12 bytes of input, not 13"):
        started(Device()).load(bytes(13))


def test_an_end_that_nobody_asked_for_is_told() -> None:
    with pytest.raises(Disconnected, match="unasked"):
        started(Device(), Replace(b"m-fw-run", b"m-fw-end*0000\r\n\x04")).run()


def test_a_restart_is_told_as_such() -> None:
    link = started(Device(), Replace(b"m-fw-run", Device().boot()))
    with pytest.raises(Restarted):
        link.run()


def test_a_hung_inference_ends_after_its_time_and_the_tries_to_reach_the_device() -> None:
    class Hangs(Device):
        def _do_fw_run(self) -> bytes:
            self.ended = True
            return b""

    line = Line(Hangs())
    link = connect(line)
    link.wait_boot()
    link.load(bytes(12))
    with pytest.raises(NoAnswer, match=r"not answer fw-run within 15 s[^$]*find its place"):
        link.run()
    wait_s = TIMEOUTS.inference_s + TIMEOUTS.command_s + RETRIES * TIMEOUTS.resync_s
    assert wait_s <= line.now_s < wait_s + 1


def test_a_dump_command_that_became_another_on_its_way_is_noticed() -> None:
    class Misheard(Adversary):
        def up(self, data: bytes) -> bytes:
            return data.replace(b"fw-dump 1", b"fw-dump 2")

    with pytest.raises(BadAnswer, match="other bytes than op 1 left"):
        started(Device(), Misheard()).dump(1)


class Forgets(AtOneAnswer):
    """The device restarts unseen: no banner, and no answer to the command that did it."""

    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        device.boot()
        return [(0.0, b"")]


def test_a_model_that_the_image_lacks_is_told() -> None:
    device = Device()
    device.models = 3
    link = connect(Line(device))
    link.wait_boot()
    link.choose(2)
    assert device.model == 2
    with pytest.raises(DeviceError, match="fw-model 3"):
        link.choose(3)


@pytest.mark.parametrize(
    "said", ["number=0,models=3", "number=1,models=1", "number=1", "models=3,number=1", ""]
)
def test_the_choice_of_another_model_is_not_taken_for_the_one_asked(said: str) -> None:
    body = f"m-fw-model-[{said}]".encode()
    with pytest.raises(BadAnswer):
        read_model([f"{body.decode()}*{crc16(body):04X}"], 1)


def test_the_model_is_chosen_again_when_the_device_is_in_doubt() -> None:
    device = Device()
    device.models = 2
    adversary = Forgets(random.Random(0))
    link = connect(Line(device, adversary))
    link.wait_boot()
    link.choose(1)
    link.load(bytes(12))
    adversary.strike_next()
    assert link.run() == device.ticks_of(bytes(12)) and device.model == 1


def test_a_lost_input_is_loaded_again_before_the_command_is_repeated() -> None:
    device = Device()
    adversary = Forgets(random.Random(0))
    link = started(device, adversary)
    data = bytes(range(device.inputs))
    adversary.strike_next()
    assert link.run() == device.ticks_of(data)
    adversary.strike_next()
    assert link.outputs() == device.result_of(data)
    adversary.strike_next()
    with pytest.raises(NoAnswer):
        link.command("name")
    assert link.run() == device.ticks_of(data)


def test_a_restart_between_commands_with_its_banner_spoilt_is_noticed() -> None:
    class Spoilt(AtOneAnswer):
        def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
            device.boot()
            return [(0.0, data + b"?nit-done\r\n")]

    device = Device()
    adversary = Spoilt(random.Random(0))
    link = started(device, adversary)
    adversary.strike_next()
    link.stack()
    assert link.run() == device.ticks_of(bytes(range(device.inputs)))


def test_a_late_answer_to_an_earlier_run_is_not_taken_for_that_of_the_next() -> None:
    class Twice(AtOneAnswer):
        def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
            return [(0.0, data), (0.0, data)]

    device = Device()
    adversary = Twice(random.Random(0))
    link = started(device, adversary)
    data = bytes(range(device.inputs))
    adversary.strike_next()
    first = link.run()
    second = link.run()
    assert second == device.ticks_of(data) != first


def test_the_end_of_a_lost_command_does_not_spoil_the_next() -> None:
    class Unended(Adversary):
        lose = False

        def up(self, data: bytes) -> bytes:
            lose, self.lose = self.lose, False
            return data.removesuffix(b"%") if lose else data

    device = Device()
    adversary = Unended()
    line = Line(device, adversary)
    link = connect(line)
    link.wait_boot()
    link.load(bytes(device.inputs))
    adversary.lose = True
    assert link.run() == device.ticks_of(bytes(device.inputs))
    assert line.now_s < TIMEOUTS.resync_s + 1, "the first % and mark were enough"


def test_an_answer_without_end_is_cut_off() -> None:
    text = b"m-fw-run-[count=1]*0000\r\n" * 500
    with pytest.raises(BadAnswer, match="more than 64 lines"):
        started(Device(), Replace(b"m-fw-run", text)).run()


def test_plain_commands_return_their_lines_and_are_not_repeated() -> None:
    device = Device()
    assert started(device).command("name") == ["m-name-dut-[fwgen]"]
    link = started(device, Replace(b"m-name", b"e-[No name]\r\nm-name", times=1))
    with pytest.raises(DeviceError):
        link.command("name")
    assert link.run() == device.ticks_of(bytes(range(device.inputs)))


class Endless:
    """A stream that repeats ``text`` for ever, counted, on a clock that each read moves."""

    def __init__(self, text: bytes, step_s: float = 0.1) -> None:
        self.text, self.step_s, self.now_s, self.sent = text, step_s, 0.0, 0

    def clock(self) -> float:
        return self.now_s

    def read(self, timeout_s: float) -> bytes:
        self.now_s += self.step_s
        self.sent += len(self.text)
        return self.text

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


FLOODS = (b"x", b"\0", b"\xff", b"m-fw-run-[count=1]*0000\r\n", b"\n", b"m-ready\r\n")


@pytest.mark.parametrize("text", FLOODS)
def test_a_flood_ends_in_time_with_memory_flat(text: bytes) -> None:
    stream = Endless(text * (8192 // len(text)))
    link = Link(stream, clock=stream.clock)
    tracemalloc.start()
    with pytest.raises(BootTimeout):
        link.wait_boot()
    assert tracemalloc.get_traced_memory()[1] < 64 * LINE_LIMIT
    tracemalloc.stop()
    assert stream.now_s < 6
    assert stream.sent > 50 * LINE_LIMIT


def lines_of(*pieces: bytes) -> list[str]:
    left = list(pieces)

    class Pieces(Endless):
        def read(self, timeout_s: float) -> bytes:
            self.now_s += self.step_s
            return left.pop(0) if left else b""

    stream = Pieces(b"")
    lines = Lines(stream, stream.clock)
    return list(iter(lambda: lines.next(stream.now_s + 1.0), None))


def test_lines_are_cut_at_any_place_and_decoded_whatever_they_are() -> None:
    text = b"m-ready\r\n\xff\x80\0z\r\n\r\n\nlast\n"
    expected = ["m-ready", "\xff\x80\0z", "", "", "last"]
    assert lines_of(text) == expected
    assert lines_of(*(bytes((byte,)) for byte in text)) == expected


def test_a_line_that_is_too_long_is_cut_and_the_next_is_whole() -> None:
    for size in (LINE_LIMIT - 1, LINE_LIMIT, LINE_LIMIT + 1, 3 * LINE_LIMIT):
        whole = b"x" * size + b"\nm-ready\n"
        for pieces in ((whole,), (whole[:5000], whole[5000:])):
            first, second = lines_of(*pieces)
            assert first == "x" * min(size, LINE_LIMIT)
            assert second == "m-ready"


def framed(body: str) -> str:
    return f"{body}*{crc16(body.encode()):04X}"


GOOD = [framed("m-fw-out-[0=0102]"), framed("m-fw-out-[2=03]")]
END = framed(f"m-fw-out-[bytes=3,crc={zlib.crc32(bytes((1, 2, 3))):08x}]")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [END],
        GOOD,
        [*GOOD[:1], END],
        [*reversed(GOOD), END],
        [*GOOD, *GOOD[1:], END],
        [*GOOD, END, END],
        [GOOD[0], framed("m-fw-out-[2=3]"), END],
        [GOOD[0], framed("m-fw-out-[02=03]"), END],
        [GOOD[0], framed("m-fw-dump-[2=03]"), END],
        [GOOD[0], framed("m-fw-out-[2=04]"), END],
        [*GOOD, END.replace("*", " *")],
        [*GOOD, END[:-1]],
        [*GOOD, framed(f"m-fw-out-[bytes=+3,crc={zlib.crc32(bytes((1, 2, 3))):08x}]")],
    ],
)
def test_bytes_that_are_not_whole_are_refused(lines: list[str]) -> None:
    assert read_bytes([*GOOD, END], "out", 3) == bytes((1, 2, 3))
    with pytest.raises(BadAnswer):
        read_bytes(lines, "out")


def test_an_input_that_arrived_changed_is_refused() -> None:
    lines = [framed(f"m-fw-load-[bytes=3,crc={zlib.crc32(b'abc'):08x}]")]
    read_loaded(lines, b"abc")
    for other in (b"abd", b"ab", b"abcd"):
        with pytest.raises(BadAnswer, match="did not get the bytes"):
            read_loaded(lines, other)


def test_op_counts_must_add_up_to_their_total() -> None:
    each = [framed("m-fw-op-[0=5]"), framed("m-fw-op-[1=7]")]
    assert read_op_counts([*each, framed("m-fw-ops-[ops=2,total=12]")], 2) == (5, 7)
    for wrong in ("ops=2,total=13", "ops=3,total=12", "ops=2", "total=12,ops=2"):
        with pytest.raises(BadAnswer):
            read_op_counts([*each, framed(f"m-fw-ops-[{wrong}]")], 2)


def test_a_count_below_nothing_is_refused() -> None:
    """As an unsigned number of 64 bits, and with a total modulo 2^64."""
    below = (1 << 64) - 5
    for lines, read in (
        (("op-[0=7]", f"op-[1={below}]", "ops-[ops=2,total=2]"), lambda x: read_op_counts(x, 2)),
        ((f"run-[count={below}]",), read_count),
    ):
        with pytest.raises(BadAnswer, match="has a counter that ran backwards"):
            read([framed(f"m-fw-{line}") for line in lines])


def test_bytes_of_another_size_than_expected_are_refused() -> None:
    with pytest.raises(BadAnswer):
        read_bytes([*GOOD, END], "out", 4)
