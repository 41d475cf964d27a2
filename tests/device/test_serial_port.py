"""The serial port as a connection: whatever happens to it, right numbers or named errors."""

from __future__ import annotations

import random
import socket
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serial import SerialException, SerialTimeoutException

from fwgen.board import load_board
from fwgen.device.link import Link
from fwgen.device.link.faults import (
    BadAnswer,
    BootTimeout,
    Disconnected,
    FirmwareFault,
    NoAnswer,
    OutOfTime,
    Restarted,
    WrongBuild,
)
from fwgen.device.run import Session, open_session
from fwgen.device.run.runner import Choice, Launch
from fwgen.device.serial.port import SLICE_S, SerialPort, open_port
from fwgen.device.serial.ports import Place, find_place
from fwgen.errors import DeviceUnavailable, FwgenError, UsageError
from fwgen.model.sizes import ModelSizes
from tests.device.fake_device import ADVERSARIES, BUILD, Adversary, Device, Line
from tests.device.stand_in_board import PtyDevice, device_at_port
from tests.device.stand_ins import use
from tests.device.test_link import NAMED, TIMEOUTS, converse

BOARD = load_board("mps2-an386")
PLACE = Place("/dev/ttyACM0", "board", "usb:board")
LIMITS = {"boot_s": 1.0, "command_s": 0.5, "resync_s": 0.3}
GONE: tuple[Callable[[], Exception], ...] = (
    lambda: SerialException("device reports readiness to read but returned no data"),
    lambda: OSError(5, "Input/output error"),
    lambda: termios.error(5, "Input/output error"),
    lambda: TypeError("an integer is required"),
)
"""How pyserial tells that a port is gone, by the call in which it notices."""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


class Raw:
    """pyserial's port in front of a line on a simulated clock, which may be cut."""

    def __init__(self, line: Line, gone: Callable[[], Exception] = GONE[0]) -> None:
        self._line, self._gone, self._dead = line, gone, False
        self._inbox = b""
        self.closed = 0

    @property
    def in_waiting(self) -> int:
        self._check()
        return len(self._inbox)

    def read(self, size: int) -> bytes:
        self._check()
        if not self._inbox:
            try:
                self._inbox = self._line.read(SLICE_S)
            except Disconnected:
                self._dead = True
                self._check()
        data, self._inbox = self._inbox[:size], self._inbox[size:]
        return data

    def write(self, data: bytes) -> int:
        self._check()
        self._line.write(data)
        return len(data)

    def close(self) -> None:
        self.closed += 1
        self._check()

    def _check(self) -> None:
        if self._dead:
            raise self._gone()


def connect(line: Line, gone: Callable[[], Exception] = GONE[0]) -> Link:
    port = SerialPort(Raw(line, gone), PLACE, clock=line.clock)
    return Link(port, build=BUILD, clock=line.clock, timeouts=TIMEOUTS, token="beef")


def test_a_port_that_is_gone_at_any_byte_is_told() -> None:
    device = Device()
    line = Line(device)
    converse(connect(line), device, random.Random(7), rounds=1)
    assert line.received > 2000
    for stop in range(line.received):
        device = Device()
        cut = Line(device, ends_after=stop)
        try:
            converse(connect(cut, GONE[stop % len(GONE)]), device, random.Random(7), rounds=1)
        except Disconnected as error:
            assert error.at == PLACE.asked and "look at the plug" in error.tries[0], stop
        else:
            assert device.ended, stop  # only the goodbye was lost
        assert cut.now_s < 40, stop


class Script(Adversary):
    """Several adversaries, one behind the other."""

    def __init__(self, rng: random.Random) -> None:
        self._parts = [make(rng) for make in rng.sample(ADVERSARIES, rng.randrange(1, 4))]

    def up(self, data: bytes) -> bytes:
        for part in self._parts:
            data = part.up(data)
        return data

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        pieces = [(0.0, data)]
        for part in self._parts:
            pieces = [
                (delay_s * (not index) + more_s, changed)
                for delay_s, piece in pieces
                for index, (more_s, changed) in enumerate(part.down(piece, device) if piece else ())
            ]
        return pieces

    def unasked(self) -> bytes:
        return b"".join(part.unasked() for part in self._parts)


def scripted(seeds: range) -> int:
    """How many sessions got through, of those with noise, doubled, lost and late answers, restarts,
    floods, and lines that are cut or fall silent at any byte."""
    whole = 0
    for seed in seeds:
        rng = random.Random(f"script {seed}")
        device = Device()
        device.models = 1 + seed % 2 * 2
        if seed % 5 < 2:
            device.have_pmu()
        stops = {rng.choice(("ends_after", "silent_after")): rng.randrange(6000)}
        line = Line(device, Script(rng), **(stops if seed % 3 == 0 else {}))
        try:
            whole += converse(connect(line, rng.choice(GONE)), device, rng) == 3
        except NAMED as error:
            assert str(error).strip(), seed
        assert line.now_s < 900, f"seed {seed}: {line.now_s} s"
    return whole


def test_no_wrong_number_is_accepted_from_a_scripted_session() -> None:
    assert scripted(range(300)) > 30


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_no_wrong_number_is_accepted_from_20_000_scripted_sessions() -> None:
    assert scripted(range(20_000)) > 2000


# Real ports


@contextmanager
def session(port: str, **limits: float) -> Iterator[Session]:
    session_s = limits.pop("session_s", 60.0)
    choice = Choice("serial", {"--port": port}, limits=LIMITS | limits, session_s=session_s)
    with open_session(Launch(BOARD, Path("image.elf"), choice, build=BUILD)) as opened:
        yield opened


def refused(port: str, kind: type[FwgenError], text: str) -> FwgenError:
    """The error that a whole session at a port ends in."""
    with pytest.raises(kind, match=text) as caught, session(port) as opened:
        use(opened)
    return caught.value


def test_old_bytes_do_not_disturb_a_session() -> None:
    """Whole answers of an earlier session, its end, and half of a line."""
    earlier = Device()
    old = earlier.boot() + b"".join(
        earlier.feed(each, 0.0) for each in (b"fw-info%", b"fw-run%", b"fw-out%", b"fw-end%")
    )
    fault = b"e-[fault bus-error pc=00000004 op=1]\r\nm-fw-end\r\n\x04m-fw-run-[cou"
    for first in (old, fault):
        with device_at_port(Device(), first) as port, session(port) as opened:
            use(opened)


def test_the_firmware_can_be_asked_again_after_a_session() -> None:
    with device_at_port(device := Device()) as port:
        for _ in range(2):
            device.runs = 0
            with session(port) as opened:
                use(opened)
        assert not device.ended


def test_a_port_in_use_is_told_by_whatever_name(tmp_path: Path) -> None:
    link = tmp_path / "board"
    with device_at_port(Device()) as port, session(port):
        link.symlink_to(port)
        assert find_place(str(link)).key == find_place(port).key
        error = refused(str(link), DeviceUnavailable, "The port is used by pid")
        assert error.exit_code == 6 and error.at == str(link)


def test_a_port_that_another_program_locks_is_told() -> None:
    import fcntl

    with device_at_port(Device()) as port, open(port, "rb+", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        refused(port, DeviceUnavailable, "used by another program")


def test_a_reset_in_a_session_is_told() -> None:
    device = Device()

    def talk(data: bytes) -> bytes:
        return device.boot() if b"fw-run" in data else device.feed(data, 0.0)

    board = PtyDevice(talk)
    refused(board.port, Restarted, "started anew")
    board.close()


@pytest.mark.parametrize(
    ("answer", "text", "tries"),
    [
        (lambda data: random.Random(data).randbytes(len(data)), "does not answer", "--baud N"),
        (lambda data: data + b"\r\nuart:~$ ", "does not answer", "fwgen flash"),
        (lambda data: b"", "nothing", "reset the board"),
        (lambda data: b"x" * 3_000_000, "does not answer", "fwgen flash"),
        (lambda data: b"m-ready\r\n" * 300_000, "does not answer", "fwgen flash"),
    ],
    ids=["wrong-speed", "shell", "silent", "flood", "flood-of-lines"],
)
def test_what_is_no_firmware_of_ours_is_told(
    answer: Callable[[bytes], bytes], text: str, tries: str
) -> None:
    board = PtyDevice(answer)
    error = refused(board.port, BootTimeout, text)
    board.close()
    assert error.exit_code == 7 and board.port in error.at
    assert any(tries in each for each in error.tries)


def test_a_fault_in_a_session_is_told() -> None:
    device = Device()
    fault = b"e-[fault bus-error pc=00000004 op=1]\r\nm-fw-end\r\n\x04"
    board = PtyDevice(lambda data: fault if b"fw-run" in data else device.feed(data, 0.0))
    refused(board.port, FirmwareFault, "in op 1: bus-error")
    board.close()


@pytest.mark.parametrize("what", ["inputs", "outputs", "ops", "stack"])
def test_sizes_that_no_board_can_have_are_no_answer(what: str) -> None:
    device = Device()
    info = device._do_fw_info

    def lie() -> bytes:
        real = getattr(device, what)
        setattr(device, what, 10**15)
        line = info()
        setattr(device, what, real)
        return line

    device._do_fw_info = lie  # type: ignore[method-assign]
    with device_at_port(device) as port:
        refused(port, BadAnswer, rf"claims {what} of 1,000,000,000,000,000")


def test_sizes_of_another_model_are_no_answer() -> None:
    """They are smaller than the board, and as the image's build id says, its own."""
    device = Device(outputs=20)
    with device_at_port(device) as port, pytest.raises(BadAnswer, match="20 of outputs; its image"):
        launch = Launch(
            *(BOARD, Path("image.elf"), Choice("serial", {"--port": port}, limits=LIMITS)),
            build=BUILD,
            sizes=ModelSizes(3, 12, 40),
        )
        with open_session(launch):
            pass


def test_another_image_is_to_be_flashed() -> None:
    device = Device()
    device.build = "f" * 16
    with device_at_port(device) as port:
        assert "fwgen flash" in refused(port, WrongBuild, "runs build ffff").tries[0]


def test_an_unplugged_board_is_told() -> None:
    device = Device()
    board = PtyDevice(lambda data: None if b"fw-run" in data else device.feed(data, 0.0))
    error = refused(board.port, Disconnected, "The serial port is gone")
    assert error.exit_code == 7 and "look at the plug" in error.tries[0]
    board.close()


def test_a_board_that_takes_no_bytes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fwgen.device.serial.port.STALL_S", 0.3)
    device = Device(inputs=200_000)
    stuck = threading.Event()

    def talk(data: bytes) -> bytes:
        if b"fw-load" in data:
            stuck.wait(60)
        return device.feed(data, 0.0)

    board = PtyDevice(talk)
    refused(board.port, NoAnswer, "takes no bytes")
    stuck.set()
    board.close()


def test_a_session_has_a_limit_of_all() -> None:
    with (
        device_at_port(Device()) as port,
        pytest.raises(OutOfTime, match=r"longer than 0\.2 s"),
        session(port, session_s=0.2) as opened,
    ):
        while True:
            opened.link.stack()


def test_a_write_that_fails_is_told_by_reading() -> None:
    class Broken(Raw):
        def write(self, data: bytes) -> int:
            raise OSError(5, "Input/output error")

    class Full(Raw):
        def write(self, data: bytes) -> int:
            raise SerialTimeoutException("Write timeout")

    line = Line(Device())
    port = SerialPort(Broken(line), PLACE, clock=line.clock)
    port.write(b"x")
    port.write(b"x")
    with pytest.raises(Disconnected, match="Input/output error"):
        port.read(1.0)
    with pytest.raises(NoAnswer, match="takes no bytes"):
        SerialPort(Full(line), PLACE, clock=line.clock).write(b"x")


# Ports at servers


class Server(threading.Thread):
    """A device at a TCP port, as a terminal server gives it."""

    def __init__(self, device: Device) -> None:
        super().__init__(daemon=True)
        self._device = device
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def run(self) -> None:
        line, _ = self._listener.accept()
        with line:
            while data := line.recv(4096):
                if b"hang up" in data:
                    return
                line.sendall(self._device.feed(data, 0.0))

    def close(self) -> None:
        self._listener.close()
        self.join(5)


def test_a_server_gives_the_line_of_a_board() -> None:
    server = Server(Device())
    server.start()
    with session(server.url) as opened:
        use(opened)
    server.close()


def test_a_server_that_hangs_up_is_told() -> None:
    server = Server(Device())
    server.start()
    with (
        pytest.raises(Disconnected, match="The serial port is gone"),
        session(server.url) as opened,
    ):
        opened.link.command("hang up")
    server.close()


def test_ports_at_servers_that_are_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    for scheme in ("socket", "rfc2217"):
        with pytest.raises(DeviceUnavailable, match="could not be opened") as error:
            open_port(find_place(f"{scheme}://127.0.0.1:{free}"), 115200)
        assert "see that its server runs" in error.value.tries
    for url in ("nonsense://x", "socket://x", "socket://127.0.0.1:x"):
        with pytest.raises((UsageError, DeviceUnavailable)) as unknown:
            open_port(find_place(url), 115200)
        assert url in unknown.value.at


def test_modem_signals_of_servers_are_not_waited_for() -> None:
    for asked, url in (
        ("rfc2217://h:1", "rfc2217://h:1?ign_set_control"),
        ("rfc2217://h:1?timeout=2", "rfc2217://h:1?timeout=2&ign_set_control"),
        ("rfc2217://h:1?ign_set_control", "rfc2217://h:1?ign_set_control"),
    ):
        assert (find_place(asked).url, find_place(asked).key) == (url, "rfc2217://h:1")
