"""A fact sheet of one board, as ``boards/<name>.toml`` has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fwgen.board.energy import Energy

FEATURES = frozenset({"dsp", "fpu", "mve", "v8m"})
PLACES = ("vectors", "code", "weights", "data", "arena", "stack")
READ_ONLY_PLACES = frozenset({"vectors", "code", "weights", "boot"})
LISTED_PLACES = frozenset({"arena", "weights", "code", "data", "stack"})
"""What may be in one of several regions, given in order of preference; arena and weights also in
several of them at once."""


@dataclass(frozen=True)
class Region:
    """A memory region of the board: ``origin`` is its address as the firmware sees it.

    ``kind`` is "rom" for memory that holds the image and is only read, "ram" for the rest.
    ``wait_states`` are the core's idle cycles per access.
    """

    name: str
    kind: str
    origin: int
    bytes: int
    wait_states: int = 0


@dataclass(frozen=True)
class Cpu:
    """The core and what kernels may use of it: features among "dsp", "fpu", "mve", "v8m"."""

    name: str
    features: frozenset[str]
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Counter:
    """What a number counts: its source and unit."""

    source: str
    unit: str


@dataclass(frozen=True)
class Timer:
    """The free-running counter of the hardware: ``hz`` ticks per second from its registers at
    ``base``; ``control`` are further registers, 0 if there are none."""

    source: str
    hz: int
    base: int
    control: int = 0

    @property
    def unit(self) -> str:
        return "ticks"


@dataclass(frozen=True)
class Uart:
    """The serial line: registers at ``base``, clocked with ``hz``, interrupt of its receiver."""

    base: int
    hz: int
    rx_irq: int


@dataclass(frozen=True)
class QemuMachine:
    """What ``qemu-system-arm -M`` calls the board; ``cpu`` only if not the machine's own.

    ``shared_bytes`` from ``shared_base`` on are the machine's main memory, all of it, which can be
    a file that others share; 0 if there is none. ``notes`` are for those who run on it.
    """

    machine: str
    cpu: str = ""
    shared_base: int = 0
    shared_bytes: int = 0
    notes: tuple[str, ...] = ()

    @property
    def args(self) -> tuple[str, ...]:
        return ("-cpu", self.cpu) if self.cpu else ()


@dataclass(frozen=True)
class Fvp:
    """Arm's Fixed Virtual Platform: its executable, the prefix of its board parameters, and
    parameters (``name=value``) that it always gets."""

    program: str
    prefix: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Npu:
    """An Arm Ethos-U that the board can have: registers at ``base``, its interrupt.

    ``configurations`` are what Vela calls it, by its number of MAC units. It reaches the regions
    that ``arena`` (activations), ``fast`` (those of a memory mode with two arenas) and ``weights``
    (command streams, weights) name in order of preference. ``system_config`` and ``memory_mode``
    are Vela's names for the memories; ``fvp`` is the executable with this NPU, ``fvp_macs`` its
    parameter for the MAC units, both empty if there is none. ``notes`` are for those who use it.
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


@dataclass(frozen=True)
class Board:
    """One board.

    ``place`` maps each of PLACES to names of regions, more than one in order of preference for
    LISTED_PLACES only, and "boot", on boards that have it, to where a copy of the first two vectors
    goes. ``platform`` names the folder of C sources in
    ``templates/platform`` and ``shares`` those that it shares with other platforms. ``timer``,
    ``uart`` are None on the native board, ``energy`` where nothing is known of it. It has one of
    ``npus``, if any. ``source`` is the TOML itself.

    ``measured`` is no fact of the board but what linking an image for it has shown: bytes beyond
    the estimate for "code" or "data", wherever they are, or for anything else in a region by name.
    """

    name: str
    title: str
    cpu: Cpu
    platform: str
    shares: tuple[str, ...]
    regions: tuple[Region, ...]
    place: Mapping[str, tuple[str, ...]]
    stack_bytes: int
    clock_hz: int
    timer: Timer | None
    uart: Uart | None
    qemu: QemuMachine | None
    fvp: Fvp | None
    energy: Energy | None
    npus: tuple[Npu, ...]
    notes: tuple[str, ...]
    source: bytes
    measured: Mapping[str, int] = field(default_factory=dict)

    def notes_on(self, runner: str, npu: str | None) -> tuple[str, ...]:
        """What is to be told of a run: of the board, of what it runs on, and of its NPU, if any."""
        machine = self.qemu.notes if self.qemu and runner == "qemu" else ()
        used = (each.notes for each in self.npus if npu in each.configurations)
        return (*self.notes, *machine, *next(used, ()))

    @property
    def native(self) -> bool:
        """Whether the firmware is an executable of this machine."""
        return self.platform == "host"

    @property
    def platform_folders(self) -> tuple[str, ...]:
        """Folders in ``templates/platform`` whose files the firmware needs."""
        return (*self.shares, self.platform)

    def region(self, what: str) -> Region:
        """The region that ``what`` (of ``place``) is placed in, the first if there are several."""
        return self.regions_for(what)[0]

    def regions_for(self, what: str) -> tuple[Region, ...]:
        """The regions that ``what`` (of ``place``) may be placed in, in order of preference."""
        by_name = {region.name: region for region in self.regions}
        return tuple(by_name[name] for name in self.place[what])

    def key_of(self, region: Region) -> str:
        """By what ``measured`` knows a region: what is there that is estimated, or its name."""
        return next((what for what in ("code", "data") if self.region(what) == region), region.name)

    def measured_in(self, region: Region) -> int | None:
        """Bytes beyond the estimate that were found in a region, None if none was measured."""
        keys = {self.key_of(region), region.name}
        found = [more for key, more in self.measured.items() if key in keys]
        return sum(found) if found else None


def kind_of(what: str) -> str:
    """The kind of regions that ``what`` (of ``Board.place``) is placed in."""
    return "rom" if what in READ_ONLY_PLACES else "ram"
