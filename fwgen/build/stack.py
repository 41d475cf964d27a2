"""ELF + compiler's .su files -> StackBound: more than this the firmware can never need.

The frame of a function is the compiler's (``-fstack-usage``), or the bytes that its instructions
push, whichever is more. The compiler does not count the pushes of inline assembly, and knows
nothing of libgcc. Calls are read from the machine code, tail calls included, with the bytes that
the caller has on the stack at the call. Pointers to functions are handed down as arguments or read
from constant tables, and never kept in variables. So a call through a pointer may reach each
function whose address is taken by the caller, or by a function that leads to the caller by direct
calls. An exception adds a frame, and the deepest function in the vector table; below it there may
be the only interrupt, that of SysTick. A function that sets the stack pointer never returns, the
reset apart: its stack begins empty.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Symbol, SymbolTableSection

from fwgen.board import Board
from fwgen.build.stack_offsets import PlacedInstruction, offsets
from fwgen.build.thumb import Kind, conditional_after, decode
from fwgen.errors import DeviceFault, DoesNotFit, ToolError

EXCEPTION_BYTES = 36
"""The frame of an exception, and a word to align it. ``fw_reset`` has the floating-point context
left out of it."""

_NOPS = (0xBF00, 0x46C0)  # the second, MOV r8, r8, is that of Armv6-M
_VECTORS = (".vectors", ".fw_boot")
_INTERRUPT = "fw_systick"


@dataclass(frozen=True)
class StackBound:
    """``bytes`` are never exceeded: the deepest ``chain`` of calls, and an exception at its end.

    ``chain`` has functions and the bytes of their frames, from the first one on.
    """

    bytes: int
    exception_bytes: int
    chain: tuple[tuple[str, int], ...]

    @property
    def call_bytes(self) -> int:
        """The bound without an exception."""
        return self.bytes - self.exception_bytes

    @property
    def calls(self) -> str:
        """The deepest chain of calls in words."""
        return " > ".join(f"{name} {size}" for name, size in self.chain)

    def as_dict(self) -> dict[str, object]:
        """Its keys of ``memory`` in JSON results."""
        chain = [{"function": name, "bytes": size} for name, size in self.chain]
        return {
            "stack_bound_bytes": self.bytes,
            "stack_exception_bytes": self.exception_bytes,
            "stack_deepest_calls": chain,
        }


class StackExceeded(DeviceFault):
    """The firmware used more stack than its calls can need."""


@dataclass
class _Function:
    name: str
    begin: int
    end: int
    frame: int | None
    calls: dict[int, int] = field(default_factory=dict)  # bytes on the stack by target
    indirect: int | None = None  # the same at calls through pointers
    restacks: bool = False
    numbers: set[int] = field(default_factory=set)  # that may be addresses

    def note_calls(
        self,
        code: Sequence[PlacedInstruction],
        frames: Mapping[str, int | None],
        following: int | None,
    ) -> None:
        """Find the frame, and what is on the stack at each call; control may run on ``following``.

        ``frames`` are the compiler's. What it knows of and the code does not show is there
        whenever anything is.
        """
        told = frames.get(self.name, 0)
        grown = [max(0, step.pushed) for _, step, _ in code if step.pushed is not None]
        if told is None or (self.name not in frames and len(grown) < len(code)):
            self.frame = None
            return
        found = offsets(code, max(told, sum(grown)))
        peak = max((found[at] + max(0, step.pushed or 0) for at, step, _ in code), default=0)
        self.frame = max(told, peak)
        for at, step, _ in code:
            there = found[at] + (self.frame - peak if found[at] else 0)
            if step.kind is Kind.INDIRECT:
                self.indirect = max(self.indirect or 0, there)
            loop = step.kind is Kind.BRANCH and self.begin <= step.target < self.end
            if step.kind in (Kind.CALL, Kind.BRANCH) and not loop:
                self.calls[step.target] = max(self.calls.get(step.target, 0), there)
            if following is not None and at == code[-1].address:
                self.calls[following] = max(self.calls.get(following, 0), there)


def stack_bound(elf: Path) -> StackBound:
    """The bound of an image for Cortex-M; .su files are looked for below its folder.

    Raises ToolError if the image cannot be read, DoesNotFit if there is no bound.
    """
    try:
        with elf.open("rb") as file:
            image = _Image(ELFFile(file), _frames(elf.parent))
        return _Depths(image, str(elf)).bound()
    except (OSError, ELFError, ValueError, KeyError) as error:
        raise ToolError(f"The image could not be read: {error}.", at=str(elf)) from None


def check_stack(bound: StackBound, board: Board) -> None:
    """Raise DoesNotFit if the board's stack, less its guard, is smaller than the bound."""
    guard = 16 if "v8m" in board.cpu.features else 256
    if bound.bytes + guard <= board.stack_bytes:
        return
    raise DoesNotFit(
        f"The firmware may need {bound.bytes:,} bytes of stack and {guard} as a guard, but the "
        f"board gives it {board.stack_bytes:,}. The deepest calls, with the bytes of each: "
        f"{bound.calls}; {bound.exception_bytes} for an exception.",
        at=board.name,
        tries=(f"stack_bytes = {-(-(bound.bytes + guard) // 256) * 256} in the board file",),
    )


def watermark(elf: Path, measured: tuple[int, int] | None) -> dict[str, int]:
    """What a session says of its stack, (size, used), beside the bound, as in JSON results.

    Raises StackExceeded if more was used than the bound says that calls can use.
    """
    if measured is None:
        return {}
    bound, used = stack_bound(elf), measured[1]
    if used > bound.call_bytes:
        raise StackExceeded(
            f"The firmware used {used:,} bytes of stack, but its calls can need no more than "
            f"{bound.call_bytes:,}: something wrote into the stack, or the bound is wrong.",
            at=str(elf),
        )
    return {"stack_used_bytes": used, "stack_bound_bytes": bound.bytes}


def _frames(usage: Path) -> dict[str, int | None]:
    """Frame by function, the largest where several have a name; None where it has no limit."""
    frames: dict[str, int | None] = {}
    for path in sorted(usage.rglob("*.su")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            place, size, kind = line.split("\t")
            name = place.rpartition(":")[2]
            known = frames.get(name, 0)
            bounded = known is not None and kind != "dynamic"
            frames[name] = max(known or 0, int(size)) if bounded else None
    return frames


class _Image:
    """The functions of an ELF file, and what refers to what."""

    def __init__(self, elf: ELFFile, frames: dict[str, int | None]) -> None:
        self.entry = elf["e_entry"] & ~1
        self._sections = [
            (s.name, s["sh_addr"], s.data())
            for s in elf.iter_sections()
            if s["sh_flags"] & 2 and s["sh_type"] == "SHT_PROGBITS" and s["sh_size"]
        ]
        starts: dict[int, tuple[str, int]] = {}
        marks: list[tuple[int, bool]] = []
        tables: set[tuple[int, int]] = set()
        for symbol in _symbols(elf):
            address, size = symbol["st_value"], symbol["st_size"]
            kind = symbol["st_info"]["type"]
            if symbol.name.split(".")[0] in ("$t", "$d"):
                marks.append((address, symbol.name.startswith("$t")))
            elif kind == "STT_FUNC":
                starts[address & ~1] = (symbol.name, size)
            elif kind == "STT_OBJECT" and size and self._holds(address):
                tables.add((address, address + size))
        self._tables = sorted(tables)
        marks.sort()
        self._marks = [address for address, _ in marks]
        self._is_code = [code for _, code in marks]
        self.functions: dict[int, _Function] = {}
        self._starts = ordered = sorted(starts)
        for begin, limit in zip(ordered, [*ordered[1:], 1 << 32], strict=True):
            name, size = starts[begin]
            _, start, data = self._section(begin)
            end = min(limit, begin + size if size else start + len(data))
            self.functions[begin] = self._read(_Function(name, begin, end, 0), frames, limit)

    def vectors(self) -> set[int]:
        """The functions to which exceptions go."""
        words = (
            word
            for name, start, data in self._sections
            if name in _VECTORS
            for word in self._words(start, start + len(data))
        )
        return {word & ~1 for word in words if word & 1} & self.functions.keys() - {self.entry}

    def taken(self, numbers: set[int]) -> set[int]:
        """The functions to which numbers in code point, by themselves or by way of constants."""
        found, seen = set[int](), set[tuple[int, int]]()
        waiting = set(numbers) | self._unclaimed
        while waiting:
            number = waiting.pop()
            if number & 1 and number & ~1 in self.functions:
                found.add(number & ~1)
            table = self._table_at(number)
            if table is not None and table not in seen:
                seen.add(table)
                waiting.update(self._words(*table))
        return found

    @cached_property
    def _unclaimed(self) -> set[int]:
        """What is in constants to which no number points, as a loop may begin beside a table."""
        numbers = {n for function in self.functions.values() for n in function.numbers}
        numbers |= {word for table in self._tables for word in self._words(*table)}
        claimed = {self._table_at(number) for number in numbers}
        return {word for t in self._tables if t not in claimed for word in self._words(*t)}

    def _table_at(self, address: int) -> tuple[int, int] | None:
        """Begin and end of the constant that an address is in."""
        place = bisect.bisect_right(self._tables, (address, 1 << 32)) - 1
        if place < 0 or address >= self._tables[place][1]:
            return None
        return self._tables[place]

    def containing(self, address: int) -> int | None:
        """The function that an address is in."""
        place = bisect.bisect_right(self._starts, address) - 1
        if place < 0 or address >= self.functions[self._starts[place]].end:
            return None
        return self._starts[place]

    def _read(
        self, function: _Function, frames: dict[str, int | None], following: int
    ) -> _Function:
        """Fill in what a function's code says."""
        code: list[PlacedInstruction] = []
        lows, highs = set(), set()
        falls, address, conditional = True, function.begin, 0
        while address < function.end:
            if not self._code_at(address):
                function.numbers.update(self._words(address & ~3, (address & ~3) + 4))
                short = address & 2 or self._code_at(address + 2)  # after a table of branches
                address += 2 if short else 4
                falls = False
                continue
            step = decode(self._half, address)
            if self._half(address) not in _NOPS:
                falls = not step.ends and step.kind is not Kind.CALL
            code.append(PlacedInstruction(address, step, conditional > 0))
            conditional = conditional_after(self._half(address)) or max(0, conditional - 1)
            address += step.bytes
            lows.add(step.low)
            highs.add(step.high)
            function.restacks |= step.restacks
        halves = ((low, high) for low in lows for high in highs)
        function.numbers |= {h << 16 | n for n, h in halves if n is not None and h is not None}
        function.note_calls(
            code, frames, following if falls and following == function.end else None
        )
        return function

    def _code_at(self, address: int) -> bool:
        place = bisect.bisect_right(self._marks, address) - 1
        return place < 0 or self._is_code[place]

    def _section(self, address: int) -> tuple[str, int, bytes]:
        for name, start, data in self._sections:
            if start <= address < start + len(data):
                return name, start, data
        raise ValueError(f"there is nothing at {address:#x}")

    def _holds(self, address: int) -> bool:
        """Whether a constant may hold pointers to functions that code calls."""
        return any(
            start <= address < start + len(data)
            and name not in _VECTORS
            and not name.startswith(".fw_weights")
            for name, start, data in self._sections
        )

    def _half(self, address: int) -> int:
        _, start, data = self._section(address)
        return int.from_bytes(data[address - start : address - start + 2], "little")

    def _words(self, begin: int, end: int) -> Iterator[int]:
        _, start, data = self._section(begin)
        for at in range((begin + 3 & ~3) - start, min(end - start, len(data)) - 3, 4):
            yield int.from_bytes(data[at : at + 4], "little")


def _symbols(elf: ELFFile) -> Iterator[Symbol]:
    for section in elf.iter_sections():
        if isinstance(section, SymbolTableSection):
            yield from section.iter_symbols()


class _Depths:
    """The deepest chain of calls below each function."""

    def __init__(self, image: _Image, at: str) -> None:
        self.image, self.at = image, at
        functions = image.functions
        self.callers: dict[int, set[int]] = {address: set() for address in functions}
        self.called: dict[int, dict[int, int]] = {address: {} for address in functions}
        self.parts: dict[int, int] = {}
        for address, function in functions.items():
            called = self.called[address]
            for place, offset in function.calls.items():
                target = image.containing(place)
                if target == address != place:  # a part that returns, as in __aeabi_dmul
                    self.parts[address] = max(self.parts.get(address, 0), offset)
                elif target is not None:
                    called[target] = max(called.get(target, 0), offset)
                    self.callers[target].add(address)
        self.known: dict[int, tuple[int, int | None]] = {}

    def bound(self) -> StackBound:
        """From the reset on, with the interrupt and the deepest exception on top."""
        first = {t for a, f in self.image.functions.items() if f.restacks for t in self.called[a]}
        deepest = max([self.image.entry, *sorted(first)], key=lambda f: self._depth(f, ()))
        vectors = {f: self._depth(f, ()) for f in sorted(self.image.vectors())}
        chain: list[tuple[str, int]] = []
        at: int | None = deepest
        while at is not None:
            depth, following = self.known[at]
            below = 0 if following is None else self.known[following][0]
            chain, at = [*chain, (self.image.functions[at].name, depth - below)], following
        interrupts = [f for f in vectors if self.image.functions[f].name == _INTERRUPT]
        chain += [(_INTERRUPT, EXCEPTION_BYTES + vectors[f]) for f in interrupts]
        on_top = EXCEPTION_BYTES + max(vectors.values(), default=0)
        return StackBound(sum(size for _, size in chain) + on_top, on_top, tuple(chain))

    def _depth(self, address: int, path: tuple[int, ...]) -> int:
        """Bytes of the deepest chain from a function on, which ``path`` leads to."""
        if address in self.known:
            return self.known[address][0]
        if address not in self.image.functions:
            raise self._unbounded(f"something calls {address:#x}, where there is no function")
        function = self.image.functions[address]
        if address in path:
            names = (self.image.functions[a].name for a in (*path[path.index(address) :], address))
            raise self._unbounded(f"recursion in {' > '.join(names)}")
        if function.frame is None:
            raise self._unbounded(f"{function.name} takes a variable amount")
        deepest, following = function.frame, None
        for target, offset in sorted(self._targets(address).items()):
            depth = offset + self._depth(target, (*path, address))
            if depth > deepest or (following is None and depth == deepest):
                deepest, following = depth, target
        deepest += self.parts.get(address, 0)  # as if the part were the whole once more
        self.known[address] = deepest, following
        return deepest

    def _targets(self, address: int) -> Mapping[int, int]:
        """The functions that may be called, with the bytes on the stack at the call."""
        function = self.image.functions[address]
        if function.restacks and address != self.image.entry:
            return {}
        if function.indirect is None:
            return self.called[address]
        numbers, seen, waiting = set[int](), {address}, [address]
        while waiting:
            caller = waiting.pop()
            numbers |= self.image.functions[caller].numbers
            waiting += self.callers[caller] - seen
            seen |= self.callers[caller]
        taken = self.image.taken(numbers)
        if not taken:
            raise self._unbounded(f"{function.name} calls through a pointer that nothing sets")
        called, at = self.called[address], function.indirect
        return called | {target: max(at, called.get(target, 0)) for target in taken}

    def _unbounded(self, why: str) -> DoesNotFit:
        return DoesNotFit(
            f"The stack that the firmware needs has no bound: {why}.",
            at=self.at,
            tries=("calls that do not go round in circles", "arrays of constant size"),
        )
