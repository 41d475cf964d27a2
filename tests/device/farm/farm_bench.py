"""A farm on this machine: labgrid's own coordinator and exporter, ser2net, and a power switch that
labgrid's own driver (``simplerest``) turns, before boards that QEMU models."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from tests.conftest import ROOT
from tests.device.farm.bench_board import BenchBoard, FlashedBoard

LABGRID = ROOT / ".venv" / "labgrid"
"""The environment that tools/setup makes."""

PYTHON = LABGRID / "bin" / "python3"

START_S = 60.0
EXPORTER = "desk"


class FarmBench:
    """Places of ``boards``, called by their names, with an alias NAME-alias. Those whose boards are
    flashed have the tag ``board``.

    ``coordinator`` is its address. ``url`` is the power switch: ``url/NAME/unplug`` does that.
    """

    def __init__(self, folder: Path, boards: Mapping[str, BenchBoard]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.boards, self._folder = dict(boards), folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._switch = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._switch.server_port}"
        threading.Thread(target=self._switch.serve_forever, daemon=True).start()
        self._write_places()
        self._write_resources()
        try:
            self.coordinator = self._start(
                "coordinator", ["-l", "127.0.0.1:0"], r"listening on (\S+)"
            )[1]
            words = ["-c", self.coordinator, "-n", EXPORTER, "--hostname", "127.0.0.1"]
            self._start("exporter", [*words, str(folder / "exporter.yaml")], "Exporter (ready)")
        except BaseException:
            self.close()
            raise

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bench = self

        class Switch(BaseHTTPRequestHandler):
            """GET /NAME/1, /NAME/0 and /NAME/unplug; an index of labgrid's may stand between."""

            def do_GET(self) -> None:
                name, *_, what = self.path.strip("/").split("/")
                board = bench.boards[name]
                {"1": board.on, "0": board.off, "unplug": board.unplug}[what]()
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        return Switch

    def _write_places(self) -> None:
        now = time.time()
        places = {
            name: {
                "aliases": [f"{name}-alias"],
                "comment": "",
                "tags": {"board": board.name} if isinstance(board, FlashedBoard) else {},
                "matches": [{"exporter": EXPORTER, "group": name, "cls": "*"}],
                "created": now,
                "changed": now,
            }
            for name, board in self.boards.items()
        }
        (self._folder / "places.yaml").write_text(json.dumps(places))  # which is YAML, too

    def _write_resources(self) -> None:
        resources = {
            name: board.resources(f"{self.url}/{name}/{{value}}")
            for name, board in self.boards.items()
        }
        (self._folder / "exporter.yaml").write_text(json.dumps(resources))

    def _start(self, program: str, words: list[str], ready: str) -> re.Match[str]:
        """Start one of labgrid's, and wait until it says that it is ready."""
        log = self._folder / f"{program}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [PYTHON, LABGRID / "bin" / f"labgrid-{program}", *words],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ
                | {"PATH": f"{os.environ['PATH']}:/usr/sbin", "PYTHONUNBUFFERED": "1"},
            )
        self._processes.append(process)
        until = time.monotonic() + START_S
        while (found := re.search(ready, log.read_text())) is None:
            assert process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        return found

    def told(self) -> str:
        """What the coordinator has said."""
        return (self._folder / "coordinator.log").read_text()

    def client(self, *words: str) -> str:
        """What labgrid-client says."""
        done = subprocess.run(
            [PYTHON, LABGRID / "bin" / "labgrid-client", "-x", self.coordinator, *words],
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        return done.stdout + done.stderr

    def stop_exporter(self) -> None:
        """The machine with the boards is gone."""
        self._processes[-1].kill()
        self._processes[-1].wait()

    def __enter__(self) -> FarmBench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is left of it."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._switch.shutdown()
        self._switch.server_close()
        for board in self.boards.values():
            board.unplug()
