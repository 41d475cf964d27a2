"""The parser of the firmware under random input, on this machine."""

from __future__ import annotations

import random
import re
import subprocess
import zlib

import pytest

from tests.device.firmware.attacks import ATTACKS
from tests.device.firmware.build import SANITIZERS, build
from tests.device.firmware.device import checked
from tests.device.firmware.tiny_model import expected_results, model_input


def fuzz_stream(chooser: random.Random, length: int) -> bytes:
    """Random bytes, and commands whole, mutated and spliced."""
    raw = model_input(data=bytes(chooser.randrange(256) for _ in range(8)))
    good = [command.encode("latin-1") + b"%" for command, _ in ATTACKS if len(command) < 100]
    good += [
        b"infer 2 1%",
        b"fw-run%",
        b"fw-crc%",
        b"fw-out%",
        b"fw-dump 1%",
        b"fw-info%",
        b"help%",
    ]
    good += [b"fw-load 12%" + raw + zlib.crc32(raw).to_bytes(4, "little")]
    stream = bytearray()
    while len(stream) < length:
        piece = bytearray(chooser.choice(good))
        match chooser.randrange(5):
            case 0:
                piece = bytearray(chooser.randbytes(chooser.randrange(1, 200)))
            case 1:
                piece[chooser.randrange(len(piece))] = chooser.randrange(256)
            case 2:
                del piece[chooser.randrange(len(piece)) :]
            case 3:
                at = chooser.randrange(len(piece) + 1)
                piece[at:at] = chooser.choice([b"%", b" ", b"0", b"\0", b"9" * 30, b"db "])
        stream += piece
    # one digit more makes an inference count that is right but takes for ever
    return re.sub(rb"infer +\d{4,}", b"infer 9", bytes(stream)).replace(b"fw-end", b"fw-eml")


@pytest.mark.parametrize("seed", range(4))
def test_parser_survives_anything(seed: int) -> None:
    """More than a million bytes over all seeds, under ASan and UBSan, and then it still answers."""
    stream = fuzz_stream(random.Random(seed), 300_000)
    ending = b"%" * 40 + b"db load 12%db " + b"00" * 12 + b"%infer 1 0%name%"
    done = subprocess.run(
        [str(build("host", *SANITIZERS))],
        input=stream + ending,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    zeros = expected_results(bytes(8)).encode()
    assert done.stdout.endswith(
        b"m-infer-done\r\n" + zeros + b"\r\nm-ready\r\nm-name-dut-[fwgen]\r\nm-ready\r\n"
    )
    for line in done.stdout.decode("ascii").split("\r\n"):  # never a byte that is not ASCII
        checked(line)


def test_same_stream_in_other_pieces_gives_the_same_answers() -> None:
    """How the bytes are cut up on their way does not matter."""
    stream = fuzz_stream(random.Random(11), 3000) + b"%" * 40 + b"name%"
    answers = []
    for size in (len(stream), 1):
        process = subprocess.Popen(
            [str(build("host"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        assert process.stdin is not None and process.stdout is not None
        for at in range(0, len(stream), size):
            process.stdin.write(stream[at : at + size])
        process.stdin.close()
        answers.append(re.sub(rb"m-lap-us-\d+", b"", process.stdout.read()))
        process.wait()
    assert answers[0] == answers[1]
