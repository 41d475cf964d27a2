"""A host whose device is behind an interface board."""

from __future__ import annotations

from tests.device.mlperf.host import Host


class ThroughBoard(Host):
    """Commands go to the device, those of ``ask_board`` to the board itself."""

    def ask(self, command: str, limit_s: float = 30.0) -> list[str]:
        self._send(command)
        assert [self._read_line(limit_s) for _ in range(2)] == ["m-[dut]", "m-ready"]
        lines = [self._read_line(limit_s)]
        while lines[-1] != "[dut]: m-ready":
            lines.append(self._read_line(limit_s))
        return [line.removeprefix("[dut]: ") for line in lines]

    def ask_board(self, command: str, limit_s: float = 60.0) -> list[str]:
        super()._send(command)
        lines = [self._read_line(limit_s)]
        while lines[-1] != "m-ready":
            lines.append(self._read_line(limit_s))
        return lines[:-1]

    def _send(self, command: str) -> None:
        super()._send(f"dut {command}")
