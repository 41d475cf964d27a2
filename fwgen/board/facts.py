"""A fact sheet of one board, as ``boards/<name>.toml`` has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class SectionOwner(Protocol[T_co]):
    """What reads a section of a board file, by its ``name``: see ``board/sections.py``."""

    @property
    def name(self) -> str:
        """The section's."""

    @property
    def make(self) -> Callable[..., T_co]:
        """What makes the facts that the section holds."""


FEATURES = frozenset({"dsp", "fpu", "mve", "v8m"})
CORES: Mapping[str, frozenset[str]] = {
    "cortex-m0": frozenset(),
    "cortex-m0plus": frozenset(),
    "cortex-m3": frozenset(),
    "cortex-m4": frozenset({"dsp", "fpu"}),
    "cortex-m7": frozenset({"dsp", "fpu"}),
    "cortex-m33": frozenset({"dsp", "fpu", "v8m"}),
    "cortex-m35p": frozenset({"dsp", "fpu", "v8m"}),
    "cortex-m52": FEATURES,
    "cortex-m55": FEATURES,
    "cortex-m85": FEATURES,
}
"""The cores that images can be made for, with the features that each may have."""

_V6M = frozenset({"v6m"})
_V7M = _V6M | {"v7m"}
ARCHITECTURE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(CORES, _V7M),
    "cortex-m0": _V6M,
    "cortex-m0plus": _V6M,
    "cortex-m7": _V7M | {"dual_issue"},
}
"""What every core of a name has, beside the features that a board file states. These are the
instructions of Armv6-M, those of Armv7-M, and two of them issued at a time."""

TESTED = ("silicon", "simulated", "compiled")
"""How far images of a board have been tried: run on it, run on a model of it or of its core, or
only compiled and linked."""

HOST, LIBRARY = "host", "none"
"""Platforms without a folder: an executable of this machine, and no firmware but a library."""

PLACES = ("vectors", "code", "weights", "data", "arena", "stack")
READ_ONLY_PLACES = frozenset({"vectors", "code", "weights", "boot"})
LISTED_PLACES = frozenset({"arena", "weights", "code", "data", "stack"})
"""What may be in one of several regions, given in order of preference; arena and weights also in
several of them at once."""


@dataclass(frozen=True)
class Region:
    """A memory region of the board: ``origin`` is its address as the firmware sees it.

    ``kind`` is "rom" for memory that holds the image and is only read, "ram" for the rest.
    ``wait_states`` are the core's idle cycles per access, which brings ``access_bytes``.
    """

    name: str
    kind: str
    origin: int
    bytes: int
    wait_states: int = 0
    access_bytes: int = 4

    @property
    def word_waits(self) -> float:
        """Idle cycles for each of many words in a row."""
        return self.wait_states * 4 / self.access_bytes


@dataclass(frozen=True)
class Cpu:
    """The core and what kernels may use of it: FEATURES of the board file, and what ARCHITECTURE
    says of all cores of that name."""

    name: str
    features: frozenset[str]
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Counter:
    """What a number counts: its source and unit."""

    source: str
    unit: str


CYCLE_COUNTERS = frozenset({"dwt", "pmu"})
"""Counters of the core's own cycles, which are there only on silicon."""

CORE_COUNTERS = CYCLE_COUNTERS | {"systick"}
"""Counters that are part of the core: each has one address on all chips."""


@dataclass(frozen=True)
class Timer:
    """The free-running counter of the hardware: ``hz`` ticks per second from its registers at
    ``base``; ``control`` are further registers, 0 if there are none. Those of a counter of the core
    are known, and ``base`` is 0. ``simulated`` is the one that takes its place on a simulator."""

    source: str
    hz: int
    base: int
    control: int = 0
    simulated: str | None = None

    @property
    def in_core(self) -> bool:
        """Whether it is a counter of the core, which ``cortex_m_counter`` reads."""
        return self.source in CORE_COUNTERS

    @property
    def counts_events(self) -> bool:
        """Whether events of the core can be counted beside its cycles."""
        return self.source == "pmu"

    @property
    def unit(self) -> str:
        return "cycles" if self.source in CYCLE_COUNTERS else "ticks"


@dataclass(frozen=True)
class Uart:
    """The serial line: registers at ``base``, clocked with ``hz``, interrupt of its receiver.

    ``tx_pin`` and ``rx_pin`` are its pins as the chip numbers them, all ports in a row.
    ``pin_function`` is the alternate function that connects them. All are None where there is
    nothing to set.
    """

    base: int
    hz: int
    rx_irq: int
    tx_pin: int | None = None
    rx_pin: int | None = None
    pin_function: int | None = None


@dataclass(frozen=True)
class Board:
    """One board.

    ``place`` maps each of PLACES to names of regions. Only LISTED_PLACES have more than one, in
    order of preference. "boot" is the region that gets a copy of the first two vectors, on boards
    that have one. ``tested`` is one of TESTED, None if the file does not say. ``trigger`` is the
    pin whose falling edges mark a measurement of energy, numbered as in Uart. ``folders`` have the
    C sources of the platform: first what it ``shares`` with others, last its own, by their names in
    a project. ``timer``, ``uart`` are None where the firmware has none. ``sections`` are what the
    modules that own them have read, by name. ``like`` is the board that images run on in place of
    this one, None if there is none. ``source`` is the TOML itself.

    ``measured`` is no fact of the board: linking an image has shown it. Its values are bytes beyond
    the estimate, for "code" and "data" wherever they are, and for the rest of a region by the
    region's name.
    """

    name: str
    title: str
    tested: str | None
    cpu: Cpu
    platform: str
    folders: Mapping[str, Path]
    regions: tuple[Region, ...]
    place: Mapping[str, tuple[str, ...]]
    stack_bytes: int
    clock_hz: int
    timer: Timer | None
    uart: Uart | None
    trigger: int | None
    like: str | None
    sections: Mapping[str, tuple[Any, ...]]
    notes: tuple[str, ...]
    source: bytes
    measured: Mapping[str, int] = field(default_factory=dict)

    def section(self, owner: SectionOwner[T_co]) -> T_co | None:
        """What the board has in a section that there is once, None if it has not got it."""
        found: tuple[T_co, ...] = self.sections.get(owner.name, ())
        return found[0] if found else None

    def every(self, owner: SectionOwner[T_co]) -> tuple[T_co, ...]:
        """What the board has in a section that there may be several times."""
        return self.sections.get(owner.name, ())

    @property
    def native(self) -> bool:
        """Whether the firmware is an executable of this machine."""
        return self.platform == HOST

    @property
    def library_only(self) -> bool:
        """Whether there is no firmware for it, but only the model's library."""
        return self.platform == LIBRARY

    @property
    def platform_folders(self) -> tuple[str, ...]:
        """Names of the folders in a project's ``platform`` that the firmware needs."""
        return tuple(self.folders)

    def region(self, what: str) -> Region:
        """The region that ``what`` (of ``place``) is placed in, the first if there are several."""
        return self.regions_for(what)[0]

    def regions_for(self, what: str) -> tuple[Region, ...]:
        """The regions that ``what`` (of ``place``) may be placed in, in order of preference."""
        by_name = {region.name: region for region in self.regions}
        return tuple(by_name[name] for name in self.place[what])

    def key_of(self, region: Region) -> str:
        """The key of a region in ``measured``: "code" or "data" if the region holds it, else the
        region's name."""
        return next((what for what in ("code", "data") if self.region(what) == region), region.name)

    def measured_in(self, region: Region) -> int | None:
        """Bytes beyond the estimate that were found in a region, None if none was measured."""
        keys = {self.key_of(region), region.name}
        found = [more for key, more in self.measured.items() if key in keys]
        return sum(found) if found else None


def kind_of(what: str) -> str:
    """The kind of regions that ``what`` (of ``Board.place``) is placed in."""
    return "rom" if what in READ_ONLY_PLACES else "ram"
