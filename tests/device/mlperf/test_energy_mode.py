"""Energy mode: behind an interface board, the window of a meter is between two edges of a pin.

QEMU's netduinoplus2 does not model pins, and logs what the firmware writes to them instead: so the
edges are those of the firmware as it is built for the chip.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.cli import main
from tests.device.energy.lpm01a_stand_in import Lpm01aStandIn
from tests.device.mlperf.host import ENERGY_BYTES, Host
from tests.device.mlperf.interface_board import InterfaceBoard, Pins
from tests.device.mlperf.meter import Meter
from tests.device.mlperf.task_models import expected, files_of, model_of
from tests.device.mlperf.through_board import ThroughBoard
from tests.device.stand_in_board import plugged_in

BOARD, PIN, WATTS = "netduinoplus2", "A1", 0.021


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Firmware for a board of which a pin is the trigger."""
    folder = tmp_path_factory.mktemp("energy")
    text = load_board(BOARD).source.decode()
    (folder / "board.toml").write_text(text.replace("\nnotes", f'\ntrigger = "P{PIN}"\nnotes', 1))
    (folder / "m.tflite").write_bytes(model_of("kws01"))
    words = ["build", str(folder / "m.tflite"), "-b", str(folder / "board.toml"), "-q"]
    words += ["--mlperf", "kws01", "--mlperf-energy", "-o", str(folder / "p")]
    assert main(words) == 0
    return folder / "p" / "build" / "firmware.elf"


@pytest.fixture
def edges() -> list[str]:
    return []


@pytest.fixture
def host(image: Path, tmp_path: Path, edges: list[str]) -> Iterator[Host]:
    pins = Pins(tmp_path / "pins", PIN)
    with plugged_in(BOARD, image, *pins.options) as port:
        Host(port, 9600).close()  # which has waited until it is up
        board = InterfaceBoard(port, 9600, pins, lambda: edges.append("fall"))
        host = ThroughBoard(board.port, piece=ENERGY_BYTES)
        yield host
        host.close()
        board.close()
    pins.close()


def test_two_edges_are_the_window(host: Host, edges: list[str]) -> None:
    assert host.identify()[2] == "kws01"
    files = files_of("kws01", 3)
    wanted = expected("kws01", model_of("kws01"), files)
    edges.clear()  # that of boot
    for number, (file, results) in enumerate(zip(files, wanted, strict=True), 1):
        host.load(file)
        assert len(edges) == 2 * (number - 1), "none but those of inferences"
        found = host.infer(5, 1)
        assert len(edges) == 2 * number
        assert found.laps == [] and np.allclose(found.results, results, atol=0.0006)
        names = [line.split("-[")[0] for line in found.lines]
        assert names == [
            *("m-warmup-start-1", "m-warmup-done", "m-infer-start-5", "m-infer-done"),
            *("m-results", "m-ready"),
        ]
    assert host.ask("timestamp") == ["m-ready"]
    host.ask("name")
    assert len(edges) == 7


def test_a_meter_gets_the_energy_of_the_window(image: Path, tmp_path: Path) -> None:
    """Of 21 mW for as long as the stand-in says that each window was; none of what is around it."""
    pins, lasted_s, edges = Pins(tmp_path / "pins", PIN), [0.4, 1.25], []
    with Lpm01aStandIn(lambda _: WATTS) as probe:

        def on_edge() -> None:
            edges.append("fall")
            opens = len(edges) % 2 == 1
            probe.pass_time(0.1 if opens else lasted_s[len(edges) // 2 - 1])
            probe.edge()
            probe.pass_time(0.0 if opens else 0.2)

        with plugged_in(BOARD, image, *pins.options) as port:
            Host(port, 9600).close()
            pins.new_falls()  # that of boot
            board = InterfaceBoard(port, 9600, pins, on_edge)
            host, meter = ThroughBoard(board.port, piece=ENERGY_BYTES), Meter(probe.port)
            host.load(files_of("kws01", 1)[0])
            for seconds in lasted_s:
                host.infer(3, 0)
                assert meter.window_joules() == pytest.approx(WATTS * seconds, rel=1e-6)
            for each in (meter, host, board):
                each.close()
    pins.close()
