"""A stand-in for a simulator: ``python -m tests.device.fake_simulator MODE [arguments]``.

Appends its process id, and its child's, to the file that FAKE_PIDS names. As an FVP it keeps the
contract that the runner relies on: it refuses a command line without what a session needs,
announces its port on standard output, speaks on that port, and ends after EOT.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from tests.device.fake_device import Device

FVP_NEEDS = (
    "mps3_board.telnetterminal0.mode=raw",
    "mps3_board.telnetterminal0.start_telnet=0",
    "mps3_board.uart0.shutdown_on_eot=1",
    "mps3_board.visualisation.disable-visualisation=1",
    "-a",
)
LOCKUP = (
    "qemu: fatal: Lockup: can't escalate 3 to HardFault (current priority -1)\n\nR00=00000000\n"
)


def note_pid(pid: int) -> None:
    with open(os.environ["FAKE_PIDS"], "a") as file:
        file.write(f"{pid}\n")


def send(data: bytes, end: int = 1) -> None:
    while data:
        data = data[os.write(end, data) :]


def serve(device: Device, source: int, answer: Callable[[bytes], None]) -> None:
    """Be ``device`` until EOT or the end of the input."""
    answer(device.boot())
    while not device.ended and (data := os.read(source, 1 << 16)):
        answer(device.feed(data, time.monotonic()))


def serve_at_most(count: int) -> None:
    """A device whose line falls silent after ``count`` bytes."""
    left = count

    def answer(data: bytes) -> None:
        nonlocal left
        send(data[:left])
        left -= len(data[:left])

    serve(Device(), 0, answer)
    time.sleep(1000)


FVP_BANNER = "Fast Models [11.27.42 (Oct  1 2024)]\nCopyright 2000-2024 Arm Limited."
NEGOTIATION = b"\xff\xfb\x03\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0\xff\xfd\x03"
TIME_IS_UP = "Info: Simulation is stopping. Reason: CPU time has been exceeded."
FAULT = b"e-[fault bus-error pc=1 lr=2 cfsr=3 hfsr=0 mmfar=0 bfar=4 psr=5 op=1]\r\n"


def listen(first_port: int = 0) -> socket.socket:
    """On the first port that is free, from that one on."""
    for port in range(first_port, first_port + 100):
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
    sys.exit("Error: no port")


def serve_fvp(how: str, argument: str) -> None:
    """An FVP that behaves, or does not, as ``how`` says."""
    missing = [need for need in FVP_NEEDS if need not in sys.argv]
    if missing:
        sys.exit(f"Error: missing {missing}")
    listener = listen(int(argument) if how == "busy" else 0)
    port = listener.getsockname()[1]
    if how == "refused":
        listener.close()
    print(FVP_BANNER, flush=True)
    for terminal, number in ((5, 1), (2, 2), (0, port), (1, 3)):
        print(
            f"telnetterminal{terminal}: Listening for serial connection on port {number}",
            flush=True,
        )
    if how == "family":
        note_pid(subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL).pid)
    if how == "refused":
        time.sleep(1000)
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    device = Device()
    left = int(argument) if how == "dies" else 1 << 30

    def answer(data: bytes) -> None:
        nonlocal left
        if device.ended and how == "mute-end":
            return
        for at, byte in enumerate(data):  # telnet's own bytes in between, in pieces
            own = NEGOTIATION if at in (5, 6, 40) else b""
            for one in (*own, byte):
                connection.sendall(bytes((one,)))
            left -= 1
            if left == 0:
                sys.exit("Internal error: assertion failed")

    if how == "late":
        answer(device.boot())
        connection.recv(1)
        print(TIME_IS_UP, flush=True)
    elif how == "fault":
        answer(device.boot() + FAULT + b"m-fw-end*0000\r\n\x04")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):  # one that ends with bytes unread takes back what it sent
            pass
    else:
        serve(device, connection.fileno(), answer)
    print("\n--- cpu0 statistics: ---\nSimulated time : 0.1s", flush=True)
    if how == "lingers":
        time.sleep(1000)
    sys.exit(int(argument) if how == "code" else 0)


def serve_gdb(words: str) -> None:
    """A debugger stub that says ``words`` whatever it is asked; what is after | once asked to go
    on; none that hangs up."""
    place = next(word for word in sys.argv if word.startswith("socket,id=gdb,fd="))
    stub = socket.socket(fileno=int(place.rpartition("=")[2]))
    first, _, later = words.partition("|")
    stub.sendall(first.encode())
    if not first:
        stub.close()
    elif later:
        while b"$c#" not in stub.recv(1 << 16):
            pass
        stub.sendall(later.encode())
    time.sleep(1000)


def serve_memory(words: str) -> None:
    """A device that tells where its inputs are. A debugger stub, if one is asked for, says
    ``words`` once the core is to stop; without words it hangs up."""
    device = Device()
    device.places = True
    for place in [word for word in sys.argv if word.startswith("socket,id=gdb,fd=")]:
        stub = socket.socket(fileno=int(place.rpartition("=")[2]))

        def speak(stub: socket.socket = stub) -> None:
            stub.recv(1)
            stub.sendall(words.encode())
            if not words:
                stub.close()

        threading.Thread(target=speak, daemon=True).start()
    serve(device, 0, send)
    time.sleep(1000)


def main(mode: str) -> None:
    note_pid(os.getpid())
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kind, _, argument = mode.partition("=")
    if kind == "session":
        serve(Device(inputs=int(argument or 12)), 0, send)
        if not argument:
            time.sleep(1000)  # as QEMU, which goes on
    elif kind == "family":
        child = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL)
        note_pid(child.pid)
        serve(Device(), 0, send)
        time.sleep(1000)
    elif kind == "silent":
        time.sleep(1000)
    elif kind == "flood":
        while True:
            send(b"m-ready\r\n" * 1000 if argument == "lines" else b"x" * 9000)
    elif kind == "stop":
        serve_at_most(int(argument))
    elif kind == "deaf":
        device = Device(inputs=200_000)
        send(device.boot())
        while b"load" not in (data := os.read(0, 100)):
            send(device.feed(data, 0.0))
        time.sleep(1000)
    elif kind == "fault":
        send(Device().boot())
        os.read(0, 1)
        send(FAULT + b"m-fw-end")
    elif kind == "lockup":
        send(Device().boot())
        sys.stderr.write(LOCKUP)
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGABRT)
    elif kind == "gdb":
        serve_gdb(argument)
    elif kind == "memory":
        serve_memory(argument)
    elif kind == "refuse":
        sys.exit("qemu-system-arm: unsupported machine type")
    elif kind == "exit":  # after the session, with a code and words on standard error
        code, _, words = argument.partition(" ")
        serve(Device(), 0, send)
        sys.stderr.write(words)
        sys.stderr.flush()
        os._exit(int(code))
    elif kind == "fvp":
        how, _, value = argument.partition(":")
        serve_fvp(how, value)
    elif kind == "fvp-broken":  # before it announces anything
        print(argument, flush=True)
        sys.exit(127)
    elif kind == "fvp-mute":
        print("Info: license checked", flush=True)
        time.sleep(1000)


if __name__ == "__main__":
    main(sys.argv[1])
