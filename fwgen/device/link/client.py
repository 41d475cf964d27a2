"""The client of docs/protocol.md: the host's end, over any byte stream.

No number is accepted that may be wrong. Before each command the host sends a word never used
before; the device echoes it as an unknown command, and whatever came earlier is no answer to what
follows. The command itself has a mark: a number never used before. Each line of the answer repeats
this mark under its checksum, and also the mark of the command that the device obeyed before. So an
answer to another command is never taken, nor one of a device that lost its state in between. An
answer that is late, damaged, doubled, foreign or missing puts the device's state in doubt. Then the
host resynchronizes with ``%``, loads the input anew and repeats the command, a bounded number of
times. A restart or a fault ends the session at once.

Where the host reaches the device's memory, inputs and outputs go that way, and all the rest by the
line. The device tells the CRC-32 of what it has in memory, so that no number depends on that way.

Where the model keeps a state, inferences are a sequence: each begins with the state that the one
before has left. A command is then repeated from that state, which the inputs since the last reset
bring back.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from fwgen.device.link import answers
from fwgen.device.link.answers import FirmwareWindow, Info, NpuCounts
from fwgen.device.link.exchange import LINES, Exchange, Timeouts
from fwgen.device.link.faults import (
    BadAnswer,
    CounterStopped,
    DeviceError,
    Disconnected,
    NoAnswer,
    WrongBuild,
)
from fwgen.device.link.lines import Clock, Stream
from fwgen.device.link.memory import DeviceMemory
from fwgen.errors import UsageError
from fwgen.model.sizes import ModelSizes

T = TypeVar("T")


LINE_BYTES = 32
"""Outputs of no more are in one line, which is sooner there than the core has been stopped."""


class Link(Exchange):
    """A session with the firmware at the other end of ``stream``.

    ``build`` is the build id that the firmware must have, None for any. ``room_bytes`` is the RAM
    that it has, which no size that it tells exceeds, None for any. All methods raise the
    DeviceFaults of ``fwgen.device.link.faults`` and what the stream raises, in bounded time.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        build: str | None = None,
        room_bytes: int | None = None,
        timeouts: Timeouts | None = None,
        clock: Clock = time.monotonic,
        token: str | None = None,
    ) -> None:
        super().__init__(stream, timeouts=timeouts, clock=clock, token=token)
        self._build = build
        self._room_bytes = room_bytes
        self.memory: DeviceMemory | None = None
        """The way of inputs and outputs, if there is one and the firmware tells where they are."""
        self.sizes: ModelSizes | None = None
        """What the firmware must tell of its model, None for anything."""
        self._input_at: int | None = None  # address of the inputs in that memory
        self._info: Info | None = None
        self._model: int | None = None
        self._input: bytes | None = None
        self._ran = False
        self._past: list[bytes] | None = None  # of a sequence: the inputs before this one
        self._pasts: dict[int, list[bytes] | None] = {}  # of the models that are not chosen
        self._stepped = False  # whether the state is the one after this input

    def command(self, text: str) -> list[str]:
        """The lines that answer any command, without ``m-ready``.

        They may carry no checksum, so no number is to be taken from them; and the command is not
        repeated, as it may not bear it.
        """
        return self._retry(
            lambda: self._exchange(text, most_lines=64 * LINES, marked=False), retries=0
        )

    def info(self) -> Info:
        """What the firmware says about itself; WrongBuild when it is not the image expected, and
        BadAnswer when it is and its model has not the sizes of that image's."""
        try:
            info = self._ask("fw-info", lambda lines: answers.read_info(lines, self._room_bytes))
        except DeviceError as refused:
            raise DeviceError(
                refused.what, tries=("fwgen build, if another version of it made the firmware",)
            ) from None
        if self._build is not None and info.build != self._build:
            raise WrongBuild(
                f"The device runs build {info.build} and not {self._build}.",
                tries=("start or flash the image of this project again",),
            )
        if self.sizes not in (None, info.sizes):
            raise BadAnswer(
                f"The device claims {info.sizes}; its image has {self.sizes}.",
                tries=("start or flash the image of this project again",),
            )
        self._info = info
        return info

    def choose(self, model: int, sizes: ModelSizes | None = None) -> None:
        """Make all that follows be about a model of several in the image, by its number; ``sizes``
        are those that the firmware must tell of it.

        Its input is to be loaded after that. Its sequence goes on where it was left.
        """
        self._close_step()
        if self._model is not None:
            self._pasts[self._model] = self._past
        self._model, self._info, self.sizes = model, None, sizes
        self._input, self._past = None, self._pasts.get(model)
        self._retry(self._choose)

    def reset(self) -> None:
        """Begin a sequence: set the state to what it is before the first inference.

        ``load`` does it where none has begun. A model without state needs none.
        """
        self._input, self._past, self._ran, self._stepped = None, None, False, False
        if self._known().state_bytes:
            self._retry(self._reset)
            self._past = []

    def load(self, data: bytes) -> None:
        """Give the firmware its input: the bytes of all model inputs in order."""
        expected = self._known().input_bytes
        if len(data) != expected:
            raise UsageError(f"The model takes {expected} bytes of input, not {len(data)}.")
        if self._past is None:
            self.reset()
        self._close_step()
        self._input = None
        self._find_input()
        self._retry(lambda: self._load(data))
        self._input = data

    def run(self) -> int | None:
        """One inference on the loaded input: the counter's ticks, None without a counter."""
        assert self._input is not None, "an input is loaded before it is run"
        self._close_step()
        ticks = self._retry(self._run)
        if ticks == 0:
            raise CounterStopped("The device's counter did not advance during an inference.")
        self._ran, self._stepped = True, self._past is not None
        return ticks

    def window(self, inferences: int, limit_s: float) -> FirmwareWindow:
        """So many inferences on the loaded input, between two edges of the trigger pin; only where
        the firmware has a counter and such a pin. They may take ``limit_s`` together.

        If the answer gets lost there are more edges: the latest two are those that are told of.
        """
        hz = self._known().hz

        def read(lines: list[str]) -> FirmwareWindow:
            return answers.read_window(lines, inferences, hz)

        stepped = self._stepped
        told = self._ask(f"fw-window {inferences}", read, wait_s=limit_s)
        if told.ticks == 0:
            raise CounterStopped("The device's counter did not advance during a window.")
        self._ran = False
        if self._past is not None:  # the sequence goes on where it was before
            self._ran = self._stepped = stepped
            self._retry(self.restore)
        return told

    def outputs(self) -> bytes:
        """The bytes of all model outputs in order, of an inference on the loaded input."""
        size = self._known().output_bytes
        if not self._ran:
            self.run()

        if self.memory is not None and size > LINE_BYTES:
            return self._ask("fw-places", lambda lines: self._fetch(lines, size))

        def read(lines: list[str]) -> bytes:
            return answers.read_bytes(lines, "out", size)

        return self._ask("fw-out", read, data_bytes=size)

    def state(self) -> bytes:
        """The bytes of the state after the latest inference of the sequence."""
        size = self._known().state_bytes

        def read(lines: list[str]) -> bytes:
            return answers.read_bytes(lines, "state", size)

        return self._ask("fw-state dump", read, data_bytes=size)

    def state_crc(self) -> int:
        """The CRC-32 of these bytes."""
        size = self._known().state_bytes
        return self._ask("fw-state", lambda lines: answers.read_state_crc(lines, size))

    def op_counts(self) -> tuple[int, ...] | None:
        """The counter's ticks of each op, in one inference; None without a counter.

        They are those of all its runs: 0 of an op that does not run.
        """
        ops = self._known().ops
        if self._known().hz == 0:
            return None
        return self._trace("fw-ops", lambda lines: answers.read_op_counts(lines, ops))

    def op_events(self, event: int) -> tuple[int, ...]:
        """How often an event of the core happened in each op, in one inference: by its number in
        the architecture manual. Only where the counter is a PMU."""
        ops = self._known().ops
        return self._trace(
            f"fw-ops {event}", lambda lines: answers.read_op_counts(lines, ops, event)
        )

    def op_crcs(self) -> tuple[int | None, ...]:
        """The CRC-32 of each op's output right after the op, in one inference.

        After the first time of an op that runs several times, and when all is over where loops and
        branches end; None of an op that does not run.
        """
        ops = self._known().ops
        return self._trace("fw-crc", lambda lines: answers.read_op_crcs(lines, ops))

    def dump(self, op: int) -> bytes:
        """The bytes of an op's output right after the op; none of an op that does not run.

        The answer does not name the op, so it must agree with ``op_crcs``: a command damaged on
        its way would else bring another op's bytes.
        """
        crc = self.op_crcs()[op]
        if crc is None:
            return b""

        def read(lines: list[str]) -> bytes:
            data = answers.read_bytes(lines, "dump")
            if zlib.crc32(data) != crc:
                raise BadAnswer(f"The device dumped other bytes than op {op} left.")
            return data

        size = max(self._known().arena_bytes, self._known().state_bytes)
        return self._trace(f"fw-dump {op}", read, data_bytes=size, whole=False)

    def stack(self) -> tuple[int, int] | None:
        """(size, used) of the stack in bytes since boot, None where it is not measured."""
        if self._known().stack_bytes == 0:
            return None
        return self._ask("fw-stack", answers.read_stack)

    def npu_counts(self) -> NpuCounts | None:
        """What the NPU counted in the latest inference; None if it did not count."""
        return self._ask("fw-npu", answers.read_npu)

    def rom_crc(self, size: int) -> int:
        """The CRC-32 of the image's first bytes. Raises DeviceError if the firmware tells none."""
        wait_s = size / self._timeouts.bytes_per_s
        return self._ask(f"fw-rom {size}", lambda r: answers.read_rom(r, size), wait_s=wait_s)

    def end(self) -> None:
        """Tell the firmware to stop. What it still says does not matter, unless it is a fault."""
        self._in_session = False
        with suppress(Disconnected, NoAnswer):
            self._send("fw-end")
            self._line(self._clock() + self._timeouts.resync_s)

    def _known(self) -> Info:
        return self._info or self.info()

    def _trace(
        self, text: str, read: Callable[[list[str]], T], *, data_bytes: int = 0, whole: bool = True
    ) -> T:
        """A command that runs the model on the loaded input, from the state before it.

        Of a model with state its outputs may be read, if it runs the ``whole`` model.
        """
        assert self._input is not None, "an input is loaded before it is run"
        self._ran = False
        if self._stepped:
            self._stepped = False
            self._retry(self._rewind)
        answer = self._ask(
            text,
            read,
            wait_s=self._timeouts.inference_s,
            most_lines=LINES + self._known().ops,
            data_bytes=data_bytes,
        )
        if self._past is not None and whole:
            self._ran = self._stepped = True
        elif self._past is not None:
            self._retry(self._rewind)
        return answer

    def _close_step(self) -> None:
        """Make the input that was run the past of the next inference."""
        if self._stepped and self._past is not None and self._input is not None:
            self._past.append(self._input)
        self._ran = self._stepped = False

    def _rewind(self) -> None:
        """Bring back the input, and the state before the inference on it."""
        if self._past is not None:
            self._reset()
            for data in self._past:
                self._load(data)
                self._run()
        if self._input is not None:
            self._load(self._input)

    def _reset(self) -> None:
        answers.read_reset(self._exchange("fw-reset"))

    def _ask(
        self,
        text: str,
        read: Callable[[list[str]], T],
        *,
        wait_s: float = 0.0,
        most_lines: int = LINES,
        data_bytes: int = 0,
    ) -> T:
        """The answer to a command that may be repeated, with ``data_bytes`` of data at most."""
        wait_s += 3 * data_bytes / self._timeouts.bytes_per_s
        most_lines += data_bytes // 32
        return self._retry(lambda: read(self._exchange(text, wait_s=wait_s, most_lines=most_lines)))

    def restore(self) -> None:
        """Bring the device to the state it is to have: it may have lost it unnoticed."""
        if self._model is not None:
            self._choose()
        self._rewind()
        if self._ran or self._stepped:
            self._run()

    def _choose(self) -> None:
        assert self._model is not None
        answers.read_model(self._exchange(f"fw-model {self._model}"), self._model)

    def _find_input(self) -> None:
        """Ask where the inputs are; firmware that does not tell gets them by the line."""
        if self.memory is None or self._input_at is not None:
            return
        try:
            self._input_at = self._ask("fw-places", answers.read_places)[0].address
        except DeviceError:
            self.memory = None

    def _fetch(self, lines: list[str], size: int) -> bytes:
        """The outputs, from where the device says that they are; ``size`` bytes together."""
        _, *places = answers.read_places(lines)
        told = sum(place.bytes for place in places)
        if told != size:
            raise BadAnswer(f"The device has {told:,} bytes of outputs instead of {size:,}.")
        assert self.memory is not None
        data = b""
        for place in places:
            piece = self.memory.read(place.address, place.bytes)
            if zlib.crc32(piece) != place.crc:
                raise _changed("output", place.address)
            data += piece
        return data

    def _load(self, data: bytes) -> None:
        if self.memory is not None and self._input_at is not None:
            self.memory.write(self._input_at, data)
            place = answers.read_places(self._exchange("fw-places"))[0]
            if place != answers.TensorPlace(self._input_at, len(data), zlib.crc32(data)):
                raise _changed("input", self._input_at)
            return
        payload = data + zlib.crc32(data).to_bytes(4, "little")
        wait_s = len(data) / self._timeouts.bytes_per_s
        lines = self._exchange(f"fw-load {len(data)}", payload, wait_s=wait_s)
        answers.read_loaded(lines, data)

    def _run(self) -> int | None:
        return answers.read_count(self._exchange("fw-run", wait_s=self._timeouts.inference_s))


def _changed(what: str, address: int) -> BadAnswer:
    return BadAnswer(
        f"The {what} in the device's memory is another than the host's.",
        at=f"address {address:#010x}",
        tries=("--link serial",),
    )
