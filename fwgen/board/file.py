"""boards/<name>.toml -> Board, checked key by key."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from fwgen.board.energy import Energy
from fwgen.board.facts import (
    FEATURES,
    LISTED_PLACES,
    PLACES,
    Board,
    Cpu,
    Fvp,
    Npu,
    QemuMachine,
    Region,
    Timer,
    Uart,
    kind_of,
)
from fwgen.errors import UsageError
from fwgen.host.files import read_input
from fwgen.host.resources import boards_dir, templates_dir
from fwgen.host.spelling import meant, shown
from fwgen.host.toml_table import MOST_BYTES, TomlTable, parse_toml

_ADDRESSES = 1 << 32
_NAME = r"[a-z][a-z0-9_-]{0,31}"
_WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"  # no option of the program that it is given to
_REGION = r"[A-Z][A-Z0-9_]{0,15}"
_SENTENCE = r"[ -!#-)+-\[\]-~]{1,200}"  # ASCII without quotes, asterisks and backslashes
_FLAG = r"-m[a-z][A-Za-z0-9=+._-]{1,80}"  # of the core, and nothing that loads or runs a file
_FVP = r"(FVP|VHT)_[A-Za-z0-9_.-]{1,60}"  # a model of Arm's, and no other program
_PARAMETER = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}=[A-Za-z0-9_.-]{1,80}"
_PRODUCTS = frozenset({"ethos-u55", "ethos-u65", "ethos-u85"})
_MACS = r"32|64|128|256|512|1024|2048"
_LINKER_WORDS = re.compile(
    r"""
    ABSOLUTE|ADDR|ALIGN|ALIGNOF|ALIGN_WITH_INPUT|ASSERT|AT|BIND|BLOCK|CONSTANT|
    DATA_SEGMENT_ALIGN|DATA_SEGMENT_END|DATA_SEGMENT_RELRO_END|DEFINED|ENTRY|EXTERN|FLOAT|
    FORCE_COMMON_ALLOCATION|FORCE_GROUP_ALLOCATION|GROUP|HIDDEN|HLL|INCLUDE|
    INHIBIT_COMMON_ALLOCATION|INPUT|INSERT|LD_FEATURE|LENGTH|LOADADDR|LOG2CEIL|MAP|MAX|MEMORY|
    MIN|NEXT|NOCROSSREFS|NOCROSSREFS_TO|NOFLOAT|ONLY_IF_RO|ONLY_IF_RW|ORIGIN|OUTPUT|
    OUTPUT_ARCH|OUTPUT_FORMAT|OVERLAY|PHDRS|PROVIDE|PROVIDE_HIDDEN|REGION_ALIAS|SEARCH_DIR|
    SECTIONS|SEGMENT_START|SIZEOF|SIZEOF_HEADERS|SPECIAL|STARTUP|SUBALIGN|SYSLIB|TARGET|
    VERSION
    """,
    re.VERBOSE,
)
"""What GNU ld takes for something else where the name of a region is expected."""


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
            f"There is no board {shown(name)}.",
            at="--board",
            tries=(
                *meant(name, known),
                f"one of {', '.join(known)}",
                "a board file of your own: --board my.toml",
            ),
        )
    path = boards_dir() / f"{name}.toml"
    return parse_board(_read(path), path.name)


def _read(path: Path) -> bytes:
    return read_input(path, MOST_BYTES, "The board file")


def parse_board(source: bytes, file: str) -> Board:
    """Board file -> Board. ``file`` names it in errors. Raises UsageError."""
    try:
        content = parse_toml(source)
    except ValueError as error:
        raise UsageError(f"The board file is not TOML: {error}.", at=file) from None
    top = TomlTable(content, file, "")
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


def _cpu(table: TomlTable) -> Cpu:
    cpu = Cpu(
        name=table.text("name", _WORD),
        features=frozenset(table.texts("features", _NAME, FEATURES)),
        flags=table.texts("flags", _FLAG),
    )
    table.done()
    return cpu


def _region(table: TomlTable) -> Region:
    region = Region(
        name=table.text("name", _REGION),
        kind=table.text("kind", _NAME, {"rom", "ram"}),
        origin=table.integer("origin", 0, _ADDRESSES - 1),
        bytes=table.integer("bytes", 1, _ADDRESSES),
        wait_states=table.integer("wait_states", 0, 1000, default=0),
    )
    if _LINKER_WORDS.fullmatch(region.name):
        table.refuse("name", f"{region.name} is a word of linker scripts")
    if region.origin + region.bytes > _ADDRESSES:
        table.refuse("bytes", "the region ends beyond 4 GiB")
    if region.origin % 256:
        table.refuse("origin", "expected a multiple of 256")
    table.done()
    return region


def _place(table: TomlTable) -> dict[str, tuple[str, ...]]:
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


def _timer(table: TomlTable) -> Timer:
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


def _uart(table: TomlTable) -> Uart:
    uart = Uart(
        base=table.integer("base", 0, _ADDRESSES - 1),
        hz=table.integer("hz", 1_000_000, 4_000_000_000),
        rx_irq=table.integer("rx_irq", 0, 479),
    )
    table.done()
    return uart


def _qemu(table: TomlTable) -> QemuMachine:
    qemu = QemuMachine(
        machine=table.text("machine", _WORD),
        cpu=table.text("cpu", _WORD, default=""),
        shared_base=table.integer("shared_base", 0, _ADDRESSES - 1, default=0),
        shared_bytes=table.integer("shared_bytes", 0, _ADDRESSES, default=0),
        notes=table.texts("notes", _SENTENCE),
    )
    if qemu.shared_base + qemu.shared_bytes > _ADDRESSES:
        table.refuse("shared_bytes", "the memory ends beyond 4 GiB")
    table.done()
    return qemu


def _fvp(table: TomlTable) -> Fvp:
    fvp = Fvp(
        program=table.text("program", _FVP),
        prefix=table.text("prefix", _WORD),
        parameters=table.texts("parameters", _PARAMETER),
    )
    table.done()
    return fvp


def _energy(table: TomlTable) -> Energy:
    energy = Energy(
        pj_per_cycle=table.number("pj_per_cycle", 0.01, 1e6),
        calibrated=table.truth("calibrated"),
        source=table.text("source", _SENTENCE),
    )
    table.done()
    return energy


def _npu(table: TomlTable) -> Npu:
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
        fvp=table.text("fvp", _FVP, default=""),
        fvp_macs=table.text("fvp_macs", _WORD, default=""),
        notes=table.texts("notes", _SENTENCE),
    )
    table.done()
    return npu


def _check_npus(board: Board, top: TomlTable) -> None:
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


def _check_memory(board: Board, top: TomlTable) -> None:
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
    if board.place:
        largest = max(board.regions_for("stack"), key=lambda region: region.bytes)
        if board.stack_bytes > largest.bytes:
            top.refuse("stack_bytes", f"more than {largest.name} has")
    if board.stack_bytes % 8:
        top.refuse("stack_bytes", "expected a multiple of 8")
