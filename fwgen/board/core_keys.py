"""The keys of a board file that every board has: names, core, memory, timer, serial line."""

from __future__ import annotations

import re
from typing import Any

from fwgen.board.core_counters import TIMER
from fwgen.board.facts import (
    ARCHITECTURE,
    CORES,
    FEATURES,
    HOST,
    LIBRARY,
    LISTED_PLACES,
    PLACES,
    TESTED,
    Cpu,
    Region,
    Uart,
)
from fwgen.board.keys import (
    ADDRESS,
    ADDRESSES,
    HERTZ,
    IRQ,
    NAME,
    REGION,
    SENTENCE,
    Integer,
    Key,
    Listed,
    OneOf,
    Pin,
    Preference,
    Text,
    ValueKind,
)
from fwgen.board.platforms import parts, whole
from fwgen.board.sections import Section, owned_sections
from fwgen.host.spelling import meant

_FLAG = Text(
    r"-m[a-z][A-Za-z0-9=+._-]{1,80}", "an option of GCC's that begins with -m, such as -mthumb"
)
"""Of the core, and nothing that loads or runs a file."""

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


class _CoreName:
    """The name of a core that there is; a wrong one is told the nearest."""

    expected = f"one of {', '.join((*CORES, HOST))}"

    def read(self, value: object) -> str:
        if isinstance(value, str) and value in (*CORES, HOST):
            return value
        near = meant(value, CORES) if isinstance(value, str) else ()
        raise ValueError(f"expected {self.expected}{': ' if near else ''}{near[0] if near else ''}")


class _PlatformName:
    """The name of a platform of fwgen's, or of a folder."""

    _name = Text(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}", "")

    @property
    def expected(self) -> str:
        return (
            f"one of {', '.join(whole())} (of fwgen's), {LIBRARY} (a library, no firmware), or the "
            "path of a folder with C files beside the board file"
        )

    def read(self, value: object) -> str:
        return self._name.read(value)


TOP = (
    Key("name", NAME, "what the board is called, in results too"),
    Key("title", SENTENCE, "the board in a few words, as `fwgen boards` lists it"),
    Key("platform", _PlatformName(), "the C sources that bring it up"),
    Key("shares", Listed(OneOf(parts)), "further parts of fwgen's platforms that it needs", ()),
    Key(
        "tested",
        OneOf(lambda: TESTED),
        "how far its images have been tried: run on silicon, run on a simulator, or compiled",
        None,
    ),
    Key("notes", Listed(SENTENCE), "sentences told after each run", ()),
)
"""Outside of sections, on every board."""

CLOCK = (
    Key("clock_hz", HERTZ, "the clock of the core, in Hz"),
    Key("stack_bytes", Integer(1024, 1 << 24, 8), "the stack of the firmware, in bytes"),
)
"""Outside of sections, on boards with firmware for a Cortex-M."""

TRIGGER = Key(
    "trigger",
    Pin(),
    "a pin that is pulled low for 20 us at each timestamp and window, for a meter of energy",
    None,
)
"""Outside of sections, on boards whose platform has pins."""

LIKE = Key(
    "like",
    NAME,
    "a board of fwgen's with the same core, on which images run in place of this one",
    None,
)
"""Outside of sections, on boards of a Cortex-M."""


def _cpu(*, name: str, features: tuple[str, ...], flags: tuple[str, ...]) -> Cpu:
    for feature in features:
        if feature not in CORES.get(name, ()):
            has = ", ".join(sorted(CORES.get(name, ()))) or "none"
            raise ValueError(f"features: no {name} has {feature}, expected of {has}")
    for flag in flags:
        option, _, core = flag.partition("=")
        if option == "-mcpu" and core.partition("+")[0] != name:
            raise ValueError(f"flags: {flag} is for another core, expected -mcpu={name}")
    return Cpu(name, frozenset(features) | ARCHITECTURE.get(name, frozenset()), flags)


CPU = Section(
    "cpu",
    "The core.",
    (
        Key("name", _CoreName(), "the core, as GCC's -mcpu names it"),
        Key(
            "features",
            Listed(OneOf(lambda: sorted(FEATURES))),
            "what of the core kernels may use: dsp, fpu, mve (Helium), v8m (Armv8-M)",
            (),
        ),
        Key("flags", Listed(_FLAG), "the compiler's options for the core", ()),
    ),
    _cpu,
)


def _region(**values: object) -> Region:
    region = Region(**values)  # type: ignore[arg-type]
    if _LINKER_WORDS.fullmatch(region.name):
        raise ValueError(f"name: {region.name} is a word of linker scripts")
    if region.origin + region.bytes > ADDRESSES:
        raise ValueError("bytes: the region ends beyond 4 GiB")
    return region


REGIONS = Section(
    "region",
    "A memory of the board, one table for each.",
    (
        Key("name", REGION, "what the memory is called"),
        Key(
            "kind",
            OneOf(lambda: ("ram", "rom")),
            "whether it holds the image and is only read (rom) or not (ram)",
        ),
        Key("origin", Integer(0, ADDRESSES - 256, 256), "its address, as the firmware sees it"),
        Key("bytes", Integer(1, ADDRESSES), "its size in bytes"),
        Key("wait_states", Integer(0, 1000), "idle cycles of the core per access", 0),
        Key("access_bytes", Integer(4, 1024, 4), "bytes that such an access brings", 4),
    ),
    _region,
    several=True,
)


class _Single:
    """One region, as a list of one."""

    expected = REGION.expected

    def read(self, value: object) -> tuple[str, ...]:
        return (REGION.read(value),)


_PLACED = {
    "vectors": "the vectors of the core, at the beginning of a region",
    "code": "code",
    "weights": "the constants of the model",
    "data": "the variables of the firmware, its copy of the inputs among them",
    "arena": "activations and scratch memory",
    "stack": "the stack",
}


def _placed_in(what: str) -> ValueKind:
    return Preference(REGION) if what in LISTED_PLACES else _Single()


def _place(**places: tuple[str, ...] | None) -> dict[str, tuple[str, ...]]:
    return {what: names for what, names in places.items() if names is not None}


PLACE = Section(
    "place",
    "The regions that parts of an image are in.",
    (
        *(Key(what, _placed_in(what), f"where to put {_PLACED[what]}") for what in PLACES),
        Key(
            "boot", _Single(), "where to put a copy of the first two vectors, if it is needed", None
        ),
    ),
    _place,
)
UART = Section(
    "uart",
    "The serial line.",
    (
        Key("base", ADDRESS, "the address of its registers"),
        Key("hz", HERTZ, "the clock of its baud rate generator, in Hz"),
        Key("rx_irq", IRQ, "the interrupt of its receiver"),
        Key("tx_pin", Pin(), "the pin it sends by, on platforms that set it", None),
        Key("rx_pin", Pin(), "the pin it receives by, on the same platforms", None),
        Key(
            "pin_function",
            Integer(0, 15),
            "the alternate function that connects these pins, on chips that number them",
            None,
        ),
    ),
    Uart,
)
CORTEX_M = (CPU, REGIONS, PLACE, TIMER, UART)
"""Sections of boards of a Cortex-M, other than those that modules own."""


def all_sections() -> tuple[Section[Any], ...]:
    """Every section that a board file may have."""
    return (*CORTEX_M, *owned_sections().values())
