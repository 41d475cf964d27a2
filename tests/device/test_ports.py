"""Which port is a board's: by USB ids and serial numbers of ports that a test makes up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fwgen.board import board_names, load_board
from fwgen.device.run import find_runner
from fwgen.device.run.runner import Choice
from fwgen.device.run.venue import find_venue
from fwgen.device.serial import ports as listed
from fwgen.device.serial.ports import SECTION, ListedPort, SerialLine, find_place, find_port
from fwgen.errors import DeviceUnavailable, UsageError

ANY = load_board("mps2-an505")
NUCLEO = replace(
    ANY, sections={**ANY.sections, SECTION.name: (SerialLine(9600, 0x483, (0x374B,)),)}
)
PLAIN = ListedPort("/dev/ttyS0")
STLINK = ListedPort("/dev/ttyACM0", 0x483, 0x374B, "066B", "STM32 STLink", "1-1:1.2")
SECOND = replace(STLINK, device="/dev/ttyACM1", serial_number="077C")
JLINK = ListedPort("/dev/ttyACM2", 0x1366, 0x1015, "0001", "J-Link", "1-2:1.0")
SIBLING = replace(JLINK, device="/dev/ttyACM3", location="1-2:1.2")
DAPLINK = ListedPort("/dev/ttyACM4", 0xD28, 0x204, "9900", "BBC micro:bit CMSIS-DAP", "1-3:1.1")
PICO_PROBE = ListedPort("/dev/ttyACM5", 0x2E8A, 0xC, "E660", "Debug Probe (CMSIS-DAP)", "1-4:1.1")
CONVERTER = ListedPort("/dev/ttyUSB0", 0x403, 0x6001, "FT4X", "FT232R USB UART", "1-5:1.0")
STLINK_V3 = replace(STLINK, device="/dev/ttyACM6", pid=0x374E, serial_number="0033")
DESK = (PLAIN, STLINK, STLINK_V3, JLINK, DAPLINK, PICO_PROBE, CONVERTER)
MAKERS = {
    "ST": (STLINK, STLINK_V3),
    "Nordic": (JLINK,),
    "Renesas": (JLINK,),
    "BBC": (DAPLINK,),
    "Raspberry": (PICO_PROBE,),
}
"""By the first word of a board's title: what its serial line is plugged in with."""
PLUGGED = [name for name in board_names() if load_board(name).section(SECTION)]


def plug_in(monkeypatch: pytest.MonkeyPatch, *ports: ListedPort) -> None:
    monkeypatch.setattr(listed, "list_ports", lambda: ports)


def test_the_only_port_that_fits_is_the_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, PLAIN, STLINK, JLINK)
    assert find_port(NUCLEO).url == "/dev/ttyACM0"
    with pytest.raises(DeviceUnavailable, match="2 ports fit") as several:
        find_port(ANY)  # of which no ids are known
    assert several.value.tries == ("--port usb:066B", "--port usb:0001")
    assert "STM32 STLink" in several.value.at and "ttyS0" not in several.value.at
    assert several.value.exit_code == 6


@pytest.mark.parametrize("name", PLUGGED)
def test_a_board_is_found_among_those_of_other_makers(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a desk with one of each kind: its own probe, and none that is like it."""
    board = load_board(name)
    own = MAKERS[board.title.split()[0]]
    plug_in(monkeypatch, *DESK)
    found = find_port(board)
    assert found.url in [port.device for port in own]
    others = [port for port in DESK if port.device != found.url]
    plug_in(monkeypatch, *others)
    with pytest.raises(DeviceUnavailable, match=f"No serial port of this machine fits {name}"):
        find_port(board)


def test_boards_that_no_simulator_has_say_what_they_are_plugged_in_with() -> None:
    for name in set(board_names()) - {*PLUGGED, "host"}:
        assert {"qemu", "fvp"} & set(load_board(name).sections), name


def test_no_port_that_fits_lists_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for ports, told in (((PLAIN, JLINK), "1366:1015, J-Link, 0001"), ((), "no serial ports here")):
        plug_in(monkeypatch, *ports)
        with pytest.raises(DeviceUnavailable, match="No serial port") as none:
            find_runner(NUCLEO, Choice("serial"))
        assert told in none.value.at and any("--port URL" in each for each in none.value.tries)


def test_a_port_by_its_serial_number(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, STLINK, SECOND, JLINK, SIBLING)
    assert find_place("usb:077C").url == "/dev/ttyACM1"
    with pytest.raises(DeviceUnavailable, match="No ports have the USB serial number 9") as none:
        find_place("usb:9")
    assert "--port usb:077C" in none.value.tries
    with pytest.raises(DeviceUnavailable, match="2 ports have") as several:
        find_place("usb:0001")
    assert several.value.tries == ("--port /dev/ttyACM2", "--port /dev/ttyACM3")


def test_a_device_keeps_its_key_when_it_is_plugged_in_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, STLINK, JLINK, SIBLING)
    keys = {find_place(port.device).key for port in (STLINK, JLINK, SIBLING)}
    assert len(keys) == 3 and find_place("usb:066B").key == find_place("/dev/ttyACM0").key
    plug_in(monkeypatch, replace(STLINK, device="/dev/ttyACM7", location="1-4:1.2"))
    assert find_place("/dev/ttyACM7").key in keys


def test_a_board_is_used_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulator of it, or of a board like it, comes first."""
    plug_in(monkeypatch, STLINK)
    board = replace(
        load_board("mps2-an386"), name="mine", like="mps2-an386", sections={SECTION.name: ()}
    )
    assert find_venue(ANY, Choice()).runner.name == "qemu"
    assert find_venue(board, Choice()).board.name == "mps2-an386"
    for choice in (Choice("serial"), Choice(options={"--port": "/dev/ttyACM0"})):
        venue = find_venue(board, choice)
        assert (venue.runner.name, venue.board.name) == ("serial", "mine")
    alone = replace(board, like=None)
    assert find_venue(alone, Choice()).runner.name == "serial"
    library = replace(board, platform="none")
    assert find_venue(library, Choice()).board.name == "mps2-an386"
    with pytest.raises(UsageError, match="is a library"):
        find_venue(library, Choice("serial"))
