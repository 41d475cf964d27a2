"""Flashers: an image and a board -> the image in the board's flash, read back and compared.

Every module here that holds a ``FLASHER`` is one. No exit code of a tool is believed: pyOCD and gdb
report success for flash that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board
from fwgen.board.sections import modules_holding
from fwgen.build.image_formats.load_segments import LoadSegment, load_segments
from fwgen.device.flash.chip import check_chip
from fwgen.device.flash.flash_faults import FlashDiffers, NoProbe
from fwgen.device.flash.flasher import Flasher, FlashProbe, Target
from fwgen.device.serial.port_lock import PortLock, Waiting
from fwgen.errors import UsageError
from fwgen.host.spelling import meant, shown

Tell = Callable[[str, str], None]
"""What is told of progress: a stage in a word, and what it did."""

WAIT_S = 60.0
"""Longest wait for a probe that another process uses: a large image takes about that long."""

_SHOWN_BYTES = 4


def _find_flashers() -> dict[str, Flasher]:
    modules = modules_holding("FLASHER", Path(__file__).resolve().parent)
    found: list[Flasher] = [module.FLASHER for module in modules]
    return {flasher.name: flasher for flasher in sorted(found, key=lambda flasher: flasher.rank)}


FLASHERS = _find_flashers()
"""By name, the one to prefer first."""


@dataclass(frozen=True)
class FlashWish:
    """The user's wishes: the names of a flasher and of a probe, None for what suits, and how long
    to wait for a probe that another process uses."""

    flasher: str | None = None
    probe: str | None = None
    wait_s: float = WAIT_S


@dataclass(frozen=True)
class Flashed:
    """What was written, and with what. ``compared`` says that all of it was read back, and is
    equal; ``chip`` is the name of the chip if the board's file tells how to know it. ``note`` is
    what else a user should know, as the end of a sentence."""

    flasher: str
    probe: str
    segments: tuple[LoadSegment, ...]
    compared: bool
    chip: str | None
    note: str = ""

    @property
    def bytes(self) -> int:
        """Bytes of all segments."""
        return sum(len(segment.data) for segment in self.segments)


def find_flasher(board: Board, name: str | None = None, probe: str | None = None) -> Flasher:
    """The flasher of a name, or the preferred one for the board that this machine has: of those
    whose probes are called like ``probe``, if any.

    Raises UsageError for a name that is unknown or does not suit the board, DeviceUnavailable if
    what it needs is not here.
    """
    suiting = [flasher for flasher in FLASHERS.values() if flasher.suits(board)]
    known = ", ".join(flasher.name for flasher in suiting) or "none"
    if name is not None and name not in FLASHERS:
        raise UsageError(
            f"There is no flasher {shown(name)}; {board.name} is written with {known}.",
            at="--flasher",
            tries=meant(name, FLASHERS),
        )
    named = [flasher for flasher in suiting if name in (None, flasher.name)]
    if not named:
        asked = f"Flasher {name} does" if name else "No flasher does"
        raise UsageError(
            f"{asked} not suit {board.name}; its flashers: {known}.",
            at="--flasher",
            tries=tuple(f"--flasher {flasher.name}" for flasher in suiting)
            or ("a section such as [pyocd], [openocd] or [uf2] in the board file",),
        )
    if name is None and probe is not None:
        named = [flasher for flasher in named if flasher.takes(probe)] or named
    missing = [flasher.missing(board) for flasher in named]
    for flasher, problem in zip(named, missing, strict=True):
        if problem is None:
            return flasher
    assert missing[0] is not None
    raise missing[0]


def flash_image(
    board: Board, image: Path, wish: FlashWish | None = None, tell: Tell | None = None
) -> Flashed:
    """Write an ELF file to the board, read it back, compare, and start it.

    Raises what ``find_flasher`` and ``load_segments`` do, the failures of ``flash_faults`` and
    DeviceFault. The firmware's own build id is not asked for: that is the link's.
    """
    wish, tell = wish or FlashWish(), tell or (lambda stage, what: None)
    segments = load_segments(image)
    _check_fit(board, segments, image)
    flasher = find_flasher(board, wish.flasher, wish.probe)
    probe = _find_probe(flasher, board, wish)
    with _owned(flasher, probe, wish.wait_s, tell):
        target = flasher.open(board, probe)
        try:
            chip = check_chip(board, target)
            tell("probe", f"{flasher.name}, {probe}{f', {chip}' if chip else ''}")
            target.write(segments)
            tell("write", ", ".join(map(str, segments)))
            compared = compare(target, segments)
            tell("compare", "equal" if compared else "cannot be read back")
            target.reset()
        finally:
            target.close()
    return Flashed(flasher.name, probe.name, segments, compared, chip, target.note)


def _find_probe(flasher: Flasher, board: Board, wish: FlashWish) -> FlashProbe:
    """The probe that the user names, or the only one. Where the flasher was not named either, and
    better ones are not installed, the error says so."""
    if wish.probe is not None:
        return flasher.named_probe(wish.probe, board)
    try:
        return flasher.only_probe(board)
    except NoProbe as error:
        if wish.flasher is None:
            absent, others = _other_ways(board, flasher)
            if absent:
                error.what += f" Not installed: {', '.join(absent)}."
            error.tries = (*absent.values(), *error.tries, *others)
        raise


def _other_ways(board: Board, than: Flasher) -> tuple[dict[str, str], list[str]]:
    """The other flashers of a board: how to get those that are missing, how to name the rest."""
    absent, others = {}, []
    for flasher in FLASHERS.values():
        if flasher is not than and flasher.suits(board):
            if problem := flasher.missing(board):
                absent[flasher.name] = f"--flasher {flasher.name}, after: {problem.tries[0]}"
            else:
                others.append(f"--flasher {flasher.name}, with its --probe")
    return absent, others


@contextmanager
def _owned(flasher: Flasher, probe: FlashProbe, wait_s: float, tell: Tell) -> Iterator[None]:
    """The probe, which no other process of fwgen's uses meanwhile, by whatever flasher.

    Two tools at one probe cut into each other's transfers. Raises DeviceUnavailable, which names
    the owner, after ``wait_s`` seconds.
    """
    waiting = Waiting("probe", wait_s, lambda text: tell("wait", text))
    lock = PortLock(flasher.lock_key(probe), f"--probe {probe}", waiting)
    try:
        yield
    finally:
        lock.release()


def compare(target: Target, segments: Sequence[LoadSegment]) -> bool:
    """Read back what was written; False if that is not possible. Raises FlashDiffers."""
    found = target.read([(segment.address, len(segment.data)) for segment in segments])
    if found is None:
        return False
    for segment, data in zip(segments, found, strict=True):
        if data != segment.data:
            raise _differs(segment, data)
    return True


def _differs(segment: LoadSegment, data: bytes) -> FlashDiffers:
    if len(data) != len(segment.data):
        return FlashDiffers(
            f"Of {segment}, {len(data):,} bytes could be read back.", address=segment.address
        )
    wrong = [n for n, pair in enumerate(zip(segment.data, data, strict=True)) if len({*pair}) > 1]
    first = wrong[0]
    part = slice(first, first + _SHOWN_BYTES)
    return FlashDiffers(
        f"The flash is not what was written: {len(wrong):,} of {len(data):,} bytes differ, the "
        f"first are {data[part].hex(' ')}, expected {segment.data[part].hex(' ')}.",
        at=f"address {segment.address + first:#010x}",
        tries=(
            "fwgen flash again",
            "a shorter cable, or a slower wire to the chip",
            "another board: flash that wears out does this, too",
        ),
        address=segment.address + first,
    )


def _check_fit(board: Board, segments: Sequence[LoadSegment], image: Path) -> None:
    """Raise UsageError for what is outside of the board's memory: another board's image."""
    for segment in segments:
        at = segment.address
        for region in sorted(board.regions, key=lambda region: region.origin):
            if region.origin <= at < region.origin + region.bytes:
                at = region.origin + region.bytes  # the next may go on there
        if at < segment.end:
            raise UsageError(
                f"The image has {segment}, where {board.name} has no memory.",
                at=str(image),
                tries=("fwgen build for this board",),
            )


__all__ = [
    *("FLASHERS", "WAIT_S", "FlashWish", "Flashed", "Flasher", "Target", "Tell"),
    *("compare", "find_flasher", "flash_image"),
]
