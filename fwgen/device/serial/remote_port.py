"""A port at a server of RFC 2217, such as ser2net, by pyserial's client."""

from __future__ import annotations

from serial.rfc2217 import Serial


class RemotePort(Serial):  # type: ignore[misc]
    """pyserial's, whose reader ends with a traceback on stderr if the server hangs up amid the
    negotiation."""

    def _telnet_read_loop(self) -> None:
        try:
            super()._telnet_read_loop()
        except OSError:
            self._read_buffer.put(None)  # as it does itself where it notices
