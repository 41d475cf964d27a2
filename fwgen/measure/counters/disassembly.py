"""The disassembly of an image: ELF -> Image with its symbols, and its instructions as text."""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Symbol, SymbolTableSection

from fwgen.errors import UsageError
from fwgen.measure.counters.instructions import Code, Instruction
from fwgen.measure.counters.llvm import Llvm
from fwgen.measure.counters.predication import predicates, whole
from fwgen.measure.counters.record import Block

_EXECUTABLE = 4  # SHF_EXECINSTR
_LONGEST = 4  # instructions in an IT or VPT block
_LINE = re.compile(
    r"\s*(?P<address>[0-9a-f]+):\s(?P<code>[0-9a-f]{4}(?: [0-9a-f]{4})?)\s+"
    r"(?P<mnemonic>[a-z][\w.]*)\s*(?P<operands>[^@<\n]*)"
)


class Disassembly:
    """The program of an ELF file.

    Raises UsageError if it is no ELF file for Arm, ToolError if it cannot be disassembled.
    """

    def __init__(self, path: Path, llvm: Llvm, cpu: str) -> None:
        self.path = path
        self._addresses: dict[str, set[int]] = {}
        self._matching: dict[re.Pattern[str], dict[str, frozenset[int]]] = {}
        functions: list[tuple[int, bool, str]] = []
        for symbol, executable in _symbols(path):
            address = symbol["st_value"]
            kind = symbol["st_info"]["type"]
            if executable and kind != "STT_OBJECT":
                address &= ~1
                functions.append((address, kind == "STT_FUNC", symbol.name))
            self._addresses.setdefault(symbol.name, set()).add(address)
        functions.sort()  # a function after a mere label of the same address
        self._starts = [address for address, _, _ in functions]
        self._names = llvm.demangle([name for _, _, name in functions])
        self._code = _disassemble(path, llvm, cpu)
        self._order = sorted(self._code)

    def resolve(self, place: str, option: str) -> int:
        """The address of a symbol, or the number that ``place`` is. Raises UsageError."""
        found = self._addresses.get(place, set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            where = ", ".join(f"{address:#x}" for address in sorted(found))
            raise UsageError(f"There are {len(found)} symbols {place}: {where}.", at=option)
        try:
            return int(place, 0) & ~1
        except ValueError:
            near = difflib.get_close_matches(place, self._addresses, 3)
            raise UsageError(
                f"The image has no symbol {place[:80]!r}.",
                at=f"{option}: {self.path}",
                tries=(f"did you mean {' or '.join(near)}?",) if near else (),
            ) from None

    def addresses(self, pattern: re.Pattern[str]) -> dict[str, frozenset[int]]:
        """The addresses of all symbols whose whole name matches."""
        if pattern not in self._matching:
            self._matching[pattern] = {
                name: frozenset(places)
                for name, places in self._addresses.items()
                if pattern.fullmatch(name)
            }
        return self._matching[pattern]

    def is_data(self, address: int) -> bool:
        """Whether there is no instruction at ``address``."""
        return address not in self._code

    def function_at(self, address: int) -> str:
        """Name of the function, or label, that ``address`` is in."""
        index = bisect.bisect_right(self._starts, address) - 1
        return self._names[index] if index >= 0 else f"{address:#x}"

    def instructions(self, block: Block) -> tuple[Code, int]:
        """The instructions of a block, and the address after them."""
        found: list[Instruction | None] = []
        address = block.address
        while len(found) < block.instructions and address in self._code:
            size, instruction = self._code[address]
            found.append(instruction)
            address += size
        unknown = block.instructions - len(found)
        return whole((*found, *[None] * unknown), self._inherited(block.address)), address

    def _inherited(self, address: int) -> tuple[str, ...]:
        """The predicates that code before ``address`` gives to what is there."""
        index = bisect.bisect_left(self._order, address)
        for distance in range(1, min(_LONGEST, index) + 1):
            _, instruction = self._code[self._order[index - distance]]
            found = predicates(instruction)
            if found:
                return found[distance - 1 :]
        return ()


def _symbols(path: Path) -> Iterator[tuple[Symbol, bool]]:
    """Symbols of sections, and whether theirs holds code."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            if elf["e_machine"] != "EM_ARM":
                raise UsageError("The image is not for Arm.", at=str(path))
            executable = [bool(s["sh_flags"] & _EXECUTABLE) for s in elf.iter_sections()]
            for table in elf.iter_sections():
                if not isinstance(table, SymbolTableSection):
                    continue
                for symbol in table.iter_symbols():
                    section = symbol["st_shndx"]
                    named = symbol.name and not symbol.name.startswith("$")
                    if named and isinstance(section, int) and section < len(executable):
                        yield symbol, executable[section]
    except (OSError, ELFError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"This is no readable ELF file: {why}.", at=str(path)) from None


def _disassemble(path: Path, llvm: Llvm, cpu: str) -> dict[int, tuple[int, Instruction]]:
    """Address -> (bytes, instruction)."""
    output = llvm.run(llvm.objdump, "-d", f"--mcpu={cpu}", str(path))
    return {
        int(line["address"], 16): (
            len(line["code"].split()) * 2,
            Instruction(line["mnemonic"], line["operands"].strip()),
        )
        for line in map(_LINE.match, output.splitlines())
        if line
    }
