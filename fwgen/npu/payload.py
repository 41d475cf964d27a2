"""The payload of an ``ethos-u`` custom op -> configuration and command stream.

The payload is a list of driver actions, format COP1: words of 32 bits, little-endian, each action's
id in the low byte of its first word. Source: Arm's ethos-u-core-driver (Apache-2.0), which reads
the same list on the device.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.errors import ModelError

MAGIC = int.from_bytes(b"COP1", "little")
CONFIG, STREAM, NOP = 1, 2, 5
"""Driver actions: the configuration that the stream is for, the stream itself, padding."""

PRODUCTS = {0: "ethos-u55", 1: "ethos-u65", 2: "ethos-u85"}

Words = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Configuration:
    """The NPU that a stream is for: product, MAC units, shared memory, version of the commands.

    ``shram_bytes`` are of all cores together, which have the same in them.
    """

    product: str
    macs: int
    shram_bytes: int
    stream_version: int
    architecture: tuple[int, int, int]

    @property
    def cores(self) -> int:
        """Each has a part of the output channels."""
        return 2 if self.name == "ethos-u65-512" else 1

    @property
    def name(self) -> str:
        """As Vela's ``--accelerator-config`` has it."""
        return f"{self.product}-{self.macs}"


@dataclass(frozen=True, eq=False)
class Payload:
    """What the driver is given: the words of ``stream`` begin ``offset`` bytes into it."""

    configuration: Configuration
    stream: Words
    offset: int


def read_payload(data: bytes, at: str) -> Payload:
    """Read a payload; ``at`` names its place. Raises ModelError with what is wrong where."""
    if len(data) % 4 or len(data) < 4:
        raise ModelError(
            f"The NPU payload has {len(data)} bytes, expected 4 or more in words of 4.", at=at
        )
    words = np.frombuffer(data, dtype="<u4")
    if int(words[0]) != MAGIC:
        raise ModelError(
            f"The NPU payload begins with {data[:4]!r}, expected b'COP1'.",
            at=at,
            tries=("Vela's default --cop-format, COP1",),
        )
    configuration: Configuration | None = None
    position = 1
    while position < len(words):
        word, here = int(words[position]), f"{at}, byte {4 * position}"
        action = word & 0xFF
        if action == CONFIG:
            _require(words, position + 3, "the configuration", here)
            configuration = _configuration(int(words[position + 1]), int(words[position + 2]), here)
            position += 3
        elif action == NOP:
            position += 1
        elif action == STREAM:
            # (length low 16 bits in the upper half, high 8 bits in between)
            length = (word >> 8 & 0xFF) << 16 | word >> 16
            _require(words, position + 1 + length, f"a stream of {length} words", here)
            if configuration is None:
                raise ModelError("No configuration precedes the NPU's command stream.", at=here)
            start = position + 1
            return Payload(configuration, words[start : start + length], 4 * start)
        else:
            raise ModelError(
                f"The NPU payload has action {action}, expected {CONFIG}, {STREAM} or {NOP}.",
                at=here,
            )
    raise ModelError("The NPU payload has no command stream.", at=at)


def _require(words: Words, end: int, what: str, at: str) -> None:
    if end > len(words):
        raise ModelError(
            f"The NPU payload ends before {what} does: {4 * len(words)} bytes, expected {4 * end}.",
            at=at,
        )


def _configuration(config: int, version: int, at: str) -> Configuration:
    product = PRODUCTS.get(config >> 28)
    if product is None:
        raise ModelError(f"The NPU product has code {config >> 28}, expected 0 to 2.", at=at)
    return Configuration(
        product=product,
        macs=1 << (config & 0xF),
        shram_bytes=(config >> 8 & 0xFF) * 1024,
        stream_version=config >> 4 & 0xF,
        architecture=(version >> 28, version >> 20 & 0xFF, version >> 16 & 0xF),
    )
