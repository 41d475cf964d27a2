"""boards/<name>.toml -> Board: a fact sheet of one board, checked key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from fwgen.counters.energy import Energy
from fwgen.errors import UsageError
from fwgen.resources import boards_dir, templates_dir
from fwgen.toml_table import Table

FEATURES = frozenset({"dsp", "fpu", "mve", "v8m"})
PLACES = ("vectors", "code", "weights", "data", "arena", "stack")
READ_ONLY_PLACES = frozenset({"vectors", "code", "weights", "boot"})
LISTED_PLACES = frozenset({"arena", "weights"})
"""What may be in several regions, given in order of preference."""

_FILE_BYTES = 16 * 1024  # the time that TOML takes to read grows with the square
_ADDRESSES = 1 << 32
_NAME = r"[a-z][a-z0-9_-]{0,31}"
_WORD = r"[A-Za-z0-9_.-]{1,64}"
_REGION = r"[A-Z][A-Z0-9_]{0,15}"
_SENTENCE = r"[ -!#-)+-\[\]-~]{1,200}"  # ASCII without quotes, asterisks and backslashes
_FLAG = r"-[A-Za-z0-9=+.,_-]{1,80}"
_PARAMETER = r"[A-Za-z0-9_.-]{1,80}=[A-Za-z0-9_.-]{1,80}"
_PRODUCTS = frozenset({"ethos-u55", "ethos-u65", "ethos-u85"})
_MACS = r"32|64|128|256|512|1024|2048"


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
    a file that others share; 0 if there is none.
    """

    machine: str
    cpu: str = ""
    shared_base: int = 0
    shared_bytes: int = 0

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
    parameter for the MAC units, both empty if there is none.
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


@dataclass(frozen=True)
class Board:
    """One board.

    ``place`` maps each of PLACES to names of regions, more than one in order of preference for
    LISTED_PLACES only, and "boot", on boards that have it, to where a copy of the first two vectors
    goes. ``platform`` names the folder of C sources in
    ``templates/platform`` and ``shares`` those that it shares with other platforms. ``timer``,
    ``uart`` are None on the native board, ``energy`` where nothing is known of it. It has one of
    ``npus``, if any. ``source`` is the TOML itself.
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


def kind_of(what: str) -> str:
    """The kind of regions that ``what`` (of ``Board.place``) is placed in."""
    return "rom" if what in READ_ONLY_PLACES else "ram"


def board_names() -> list[str]:
    """Names of the boards that fwgen ships, sorted."""
    return sorted(path.stem for path in boards_dir().glob("*.toml"))


def load_board(name: str) -> Board:
    """The board of that name, or the one described in a .toml file.

    Raises UsageError with the file and the key for whatever is wrong.
    """
    if name.endswith(".toml"):
        return parse_board(_read(Path(name)), name)
    known = board_names()
    if name not in known:
        raise UsageError(
            f"There is no board {name[:40]!r}.",
            at="--board",
            tries=(f"one of {', '.join(known)}", "a board file of your own: --board my.toml"),
        )
    path = boards_dir() / f"{name}.toml"
    return parse_board(_read(path), path.name)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            source = file.read(_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"The board file could not be read: {why}.", at=str(path)) from None
    if len(source) > _FILE_BYTES:
        raise UsageError(f"A board file has at most {_FILE_BYTES:,} bytes.", at=str(path))
    return source


def parse_board(source: bytes, file: str) -> Board:
    """Board file -> Board. ``file`` names it in errors. Raises UsageError."""
    try:
        content = tomllib.loads(source.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"The board file is not TOML: {error}.", at=file) from None
    except (RecursionError, ValueError) as error:
        raise UsageError(f"The board file is not usable TOML: {error}.", at=file) from None
    top = Table(content, file, "")
    platforms = {folder.name for folder in (templates_dir() / "platform").iterdir()}
    platform = top.text("platform", _NAME, platforms)
    native = platform == "host"
    board = Board(
        name=top.text("name", _NAME),
        title=top.text("title", _SENTENCE),
        cpu=_cpu(top.table("cpu")),
        platform=platform,
        shares=top.texts("shares", _NAME, platforms),
        regions=() if native else tuple(_region(t) for t in top.tables("region")),
        place={} if native else _place(top.table("place")),
        stack_bytes=0 if native else top.integer("stack_bytes", 1024, 1 << 24),
        clock_hz=0 if native else top.integer("clock_hz", 1_000_000, 4_000_000_000),
        timer=None if native else _timer(top.table("timer")),
        uart=None if native else _uart(top.table("uart")),
        qemu=_qemu(top.table("qemu")) if "qemu" in content else None,
        fvp=_fvp(top.table("fvp")) if "fvp" in content else None,
        energy=_energy(top.table("energy")) if "energy" in content else None,
        npus=tuple(_npu(t) for t in top.tables("npu")) if "npu" in content else (),
        notes=top.texts("notes", _SENTENCE),
        source=source,
    )
    top.done()
    _check_memory(board, top)
    _check_npus(board, top)
    return board


def _cpu(table: Table) -> Cpu:
    cpu = Cpu(
        name=table.text("name", _WORD),
        features=frozenset(table.texts("features", _NAME, FEATURES)),
        flags=table.texts("flags", _FLAG),
    )
    table.done()
    return cpu


def _region(table: Table) -> Region:
    region = Region(
        name=table.text("name", _REGION),
        kind=table.text("kind", _NAME, {"rom", "ram"}),
        origin=table.integer("origin", 0, _ADDRESSES - 1),
        bytes=table.integer("bytes", 1, _ADDRESSES),
        wait_states=table.integer("wait_states", 0, 1000, default=0),
    )
    if region.origin + region.bytes > _ADDRESSES:
        table.refuse("bytes", "the region ends beyond 4 GiB")
    if region.origin % 256:
        table.refuse("origin", "expected a multiple of 256")
    table.done()
    return region


def _place(table: Table) -> dict[str, tuple[str, ...]]:
    place = {
        what: table.choices(what, _REGION)
        if what in LISTED_PLACES
        else (table.text(what, _REGION),)
        for what in PLACES
    }
    if "boot" in table.content:
        place["boot"] = (table.text("boot", _REGION),)
    table.done()
    return place


def _timer(table: Table) -> Timer:
    timer = Timer(
        source=table.text("source", _WORD),
        hz=table.integer("hz", 1_000_000, 4_000_000_000),
        base=table.integer("base", 0, _ADDRESSES - 1),
        control=table.integer("control", 0, _ADDRESSES - 1, default=0),
    )
    if timer.hz % 1_000_000:
        table.refuse("hz", "expected a multiple of 1000000")
    table.done()
    return timer


def _uart(table: Table) -> Uart:
    uart = Uart(
        base=table.integer("base", 0, _ADDRESSES - 1),
        hz=table.integer("hz", 1_000_000, 4_000_000_000),
        rx_irq=table.integer("rx_irq", 0, 479),
    )
    table.done()
    return uart


def _qemu(table: Table) -> QemuMachine:
    qemu = QemuMachine(
        machine=table.text("machine", _WORD),
        cpu=table.text("cpu", _WORD, default=""),
        shared_base=table.integer("shared_base", 0, _ADDRESSES - 1, default=0),
        shared_bytes=table.integer("shared_bytes", 0, _ADDRESSES, default=0),
    )
    table.done()
    return qemu


def _fvp(table: Table) -> Fvp:
    fvp = Fvp(
        program=table.text("program", _WORD),
        prefix=table.text("prefix", _WORD),
        parameters=table.texts("parameters", _PARAMETER),
    )
    table.done()
    return fvp


def _energy(table: Table) -> Energy:
    energy = Energy(
        pj_per_cycle=table.number("pj_per_cycle", 0.01, 1e6),
        calibrated=table.truth("calibrated"),
        source=table.text("source", _SENTENCE),
    )
    table.done()
    return energy


def _npu(table: Table) -> Npu:
    product = table.text("product", _NAME, _PRODUCTS)
    macs = table.texts("macs", _MACS)
    if not macs:
        table.refuse("macs", "expected one number of MAC units or more")
    npu = Npu(
        product=product,
        configurations=tuple(f"{product}-{n}" for n in macs),
        base=table.integer("base", 0, _ADDRESSES - 1),
        irq=table.integer("irq", 0, 479),
        arena=table.choices("arena", _REGION),
        fast=table.choices("fast", _REGION),
        weights=table.choices("weights", _REGION),
        system_config=table.text("system_config", _WORD),
        memory_mode=table.text("memory_mode", _WORD),
        fvp=table.text("fvp", _WORD, default=""),
        fvp_macs=table.text("fvp_macs", _WORD, default=""),
    )
    table.done()
    return npu


def _check_npus(board: Board, top: Table) -> None:
    """Each product once, in regions of the board of a fitting kind."""
    products = [npu.product for npu in board.npus]
    if len(set(products)) < len(products):
        top.refuse("npu", "two have the same product")
    kinds = {region.name: region.kind for region in board.regions}
    for npu in board.npus:
        for what, kind, names in (
            ("arena", "ram", npu.arena),
            ("fast", "ram", npu.fast),
            ("weights", "rom", npu.weights),
        ):
            for name in names:
                if kinds.get(name) != kind:
                    top.refuse(f"npu.{what}", f"{name} is no region of kind {kind}")


def _check_memory(board: Board, top: Table) -> None:
    """Regions have one name each and do not overlap; what is placed is placed in a fitting one."""
    by_address = sorted(board.regions, key=lambda r: r.origin)
    for low, high in pairwise(by_address):
        if low.origin + low.bytes > high.origin:
            top.refuse("region", f"{low.name} and {high.name} overlap")
    kinds = {region.name: region.kind for region in board.regions}
    if len(kinds) < len(board.regions):
        top.refuse("region", "two regions have the same name")
    for what, names in board.place.items():
        for name in names:
            if kinds.get(name) != kind_of(what):
                top.refuse(f"place.{what}", f"{name} is no region of kind {kind_of(what)}")
    if board.place and board.stack_bytes > board.region("stack").bytes:
        top.refuse("stack_bytes", f"more than {board.region('stack').name} has")
    if board.stack_bytes % 8:
        top.refuse("stack_bytes", "expected a multiple of 8")
