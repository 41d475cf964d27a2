"""The NPUs that a board can have: section ``[[npu]]`` of its file."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.board import Board
from fwgen.board.keys import (
    ADDRESS,
    IRQ,
    REGION,
    SENTENCE,
    WORD,
    Key,
    Listed,
    OneOf,
    Preference,
    Text,
)
from fwgen.board.sections import Section
from fwgen.errors import UsageError
from fwgen.host.spelling import meant

FVP_NAME = Text(
    r"(FVP|VHT)_[A-Za-z0-9_.-]{1,60}", "the name of a model of Arm's, FVP_... or VHT_..."
)
"""No other program."""

_PRODUCTS = ("ethos-u55", "ethos-u65", "ethos-u85")
_MACS = ("32", "64", "128", "256", "512", "1024", "2048")


@dataclass(frozen=True)
class Npu:
    """An Arm Ethos-U that the board can have: registers at ``base``, its interrupt.

    ``configurations`` are what Vela calls it, by its number of MAC units. ``arena`` (activations),
    ``fast`` (activations of a memory mode with two arenas) and ``weights`` (command streams,
    weights) name the regions that the NPU reaches, in order of preference. ``system_config`` and
    ``memory_mode`` are Vela's names for the memories; ``fvp`` is the executable with this NPU,
    ``fvp_macs`` its parameter for the MAC units, both empty if there is none. ``notes`` are printed
    for users of the NPU.
    """

    product: str
    configurations: tuple[str, ...]
    base: int
    irq: int
    arena: tuple[str, ...]
    fast: tuple[str, ...]
    weights: tuple[str, ...]
    system_config: str
    memory_mode: str
    fvp: str
    fvp_macs: str
    notes: tuple[str, ...] = ()


def _make(*, product: str, macs: tuple[str, ...], **others: object) -> Npu:
    return Npu(product, tuple(f"{product}-{n}" for n in macs), **others)  # type: ignore[arg-type]


def _check(board: Board, npus: tuple[Npu, ...]) -> None:
    """Each product once, in regions of the board of a fitting kind, beside a core whose clock is
    known. Raises ValueError."""
    if not board.clock_hz:
        raise ValueError("clock_hz: the key is missing, and the driver of an NPU waits by it")
    if len({npu.product for npu in npus}) < len(npus):
        raise ValueError("npu: two have the same product")
    kinds = {region.name: region.kind for region in board.regions}
    for npu in npus:
        for what, kind, names in (
            ("arena", "ram", npu.arena),
            ("fast", "ram", npu.fast),
            ("weights", "rom", npu.weights),
        ):
            for name in names:
                if kinds.get(name) != kind:
                    raise ValueError(f"npu.{what}: {name} is no region of kind {kind}")


SECTION = Section(
    "npu",
    "An Arm Ethos-U that the board can have, one table for each product.",
    (
        Key("product", OneOf(lambda: _PRODUCTS), "Arm's name of it"),
        Key("macs", Listed(OneOf(lambda: _MACS), least=1), "the numbers of MAC units it can have"),
        Key("base", ADDRESS, "the address of its registers"),
        Key("irq", IRQ, "its interrupt"),
        Key("arena", Preference(REGION), "where it reaches activations"),
        Key("fast", Preference(REGION), "where it reaches the fast arena of memory modes with two"),
        Key("weights", Preference(REGION), "where it reaches command streams and weights"),
        Key("system_config", WORD, "Vela's name for the speeds of its memories"),
        Key("memory_mode", WORD, "Vela's name for what is in which memory"),
        Key("fvp", FVP_NAME, "the model of Arm's with this NPU", ""),
        Key("fvp_macs", WORD, "that model's parameter for the number of MAC units", ""),
        Key("notes", Listed(SENTENCE), "sentences told after each run with it", ()),
    ),
    _make,
    several=True,
    check=_check,
)


def npus_of(board: Board) -> tuple[Npu, ...]:
    """The NPUs that a board can have."""
    return board.every(SECTION)


def npu_of(board: Board, name: str) -> Npu:
    """The board's NPU of a configuration such as ``ethos-u55-128``. Raises UsageError."""
    npus = npus_of(board)
    for npu in npus:
        if name in npu.configurations:
            return npu
    known = [name for npu in npus for name in npu.configurations]
    raise UsageError(
        f"{board.name} has no NPU {name[:40]!r}; expected "
        f"{'one of ' + ', '.join(known) if known else 'no --npu, as the board has none'}.",
        at=f"board {board.name}: npu",
        tries=(*meant(name, known), "--board corstone-300 --npu ethos-u55-128"),
    )
