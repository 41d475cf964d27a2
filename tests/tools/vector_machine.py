"""A machine that executes what listings hold: the oracle of the schedules, apart from their table.

Registers and names are the same to it. Memory that is loaded from never changes, but for the stack;
what is stored elsewhere is kept in ``stored``. What rounds or saturates gives a mix of all bits of
its operands instead, so that no difference between two runs is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

Vector = np.ndarray
_SIZE = 1 << 16
_ODD = 0x9E3779B97F4A7C15


def _signed(value: int, bits: int = 32) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> bits - 1 else value


def _mixed(*operands: Vector | int) -> Vector:
    """Numbers of 31 bits, of which each depends on all bits of the operands of its lane."""
    mixed = np.uint64(1)
    for operand in operands:
        mixed = (mixed ^ np.asarray(operand, np.int64).astype(np.uint64)) * np.uint64(_ODD)
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(33)).astype(np.int64)


def plain(line: str) -> str:
    """The line with names in place of operands of inline assembly."""
    return re.sub(r"%c?\[(\w+)\]", r"\1", line).replace("*STEP", "*4").replace("*by", "*4")


class Machine:
    """Registers of random content, and memory. ``pointers`` count from where an epoch began."""

    def __init__(self, rng: np.random.Generator, pointers: Sequence[str] = ()) -> None:
        self.memory = rng.integers(0, 256, _SIZE, dtype=np.uint8)
        self.stored: dict[int, int] = {}
        self.core: dict[str, int] = {}
        self.vectors: dict[str, Vector] = {}
        self.pointers = dict.fromkeys(pointers, 0)
        self.zero, self.lanes = False, 16
        self._rng = rng

    def begin(self) -> None:
        """An epoch of the pointers."""
        for name in self.pointers:
            self.pointers[name] = self.core[name]

    def run(self, lines: Sequence[str]) -> None:
        """All lines; branches to labels that are not among them are not taken."""
        at = steps = 0
        while at < len(lines):
            steps += 1
            assert steps < 10_000, "a loop does not end"
            word, _, rest = plain(lines[at]).partition(" ")
            at += 1
            if word in ("beq", "le"):
                label = rest[:-1] + ":"
                if label in lines and (word == "le" or self.zero):
                    at = lines.index(label)
            elif not word.endswith(":"):
                self._execute(word, [o.strip() for o in re.split(r",(?![^\[]*\])", rest)])

    def _q(self, name: str) -> Vector:
        if name not in self.vectors:
            self.vectors[name] = self._rng.integers(0, 256, 16, dtype=np.uint8)
        return self.vectors[name]

    def _r(self, operand: str) -> int:
        if operand.startswith("#"):
            return int(operand[1:], 0)
        return self.core.setdefault(operand, int(self._rng.integers(0, 1 << 12)) * 4)

    def _other(self, operand: str, kind: type) -> Vector | int:
        """The lanes of a vector, or what a core register holds for all."""
        known = operand in self.vectors or re.fullmatch(r"q\d", operand)
        if known:
            return self._q(operand).view(kind).astype(np.int64)
        return _signed(self._r(operand), np.dtype(kind).itemsize * 8)

    def _address(self, operands: list[str]) -> int:
        """Where the last operands point to; moves the base."""
        found = re.fullmatch(r"\[([^,\]]+)(?:, ?([^\]]+))?\](!?)", operands[0])
        assert found is not None, operands
        base = self._r(found[1])
        times, _, each = (found[2] or "#0")[1:].partition("*")
        offset = int(times) * int(each or 1)
        if len(operands) > 1:
            self.core[found[1]] = base + self._r(operands[1])
            return base
        if found[3]:
            self.core[found[1]] = base + offset
            return base + offset
        return self.pointers.get(found[1], base) + offset

    def _load(self, address: int, count: int) -> Vector:
        return self.memory[[(address + i) % _SIZE for i in range(count)]]

    def _store(self, operands: list[str], data: Vector) -> None:
        address = self._address(operands)
        for i, byte in enumerate(data.tolist()):
            if operands[0].startswith("[sp"):
                self.memory[(address + i) % _SIZE] = byte
            else:
                self.stored[address + i] = byte

    def _execute(self, name: str, ops: list[str]) -> None:
        word, _, kind = name.partition(".")
        if word.startswith("vldr"):
            self._load_vector(name, ops)
        elif word.startswith("vst"):
            self._store_vector(name, ops)
        elif word.startswith("vmladav"):
            lanes = np.int8 if kind == "s8" else np.int16
            x, y = (self._q(o).view(lanes).astype(np.int64) for o in ops[1:])
            start = self._r(ops[0]) if word == "vmladava" else 0
            self.core[ops[0]] = _signed(start + int((x * y).sum()))
        elif name == "vmov" and "[" in ops[0]:
            for lane, value in zip(ops[:2], ops[2:], strict=True):
                register, index = lane[:-1].split("[")
                self._q(register).view(np.int32)[int(index)] = _signed(self._r(value))
        elif word.startswith("vmull"):
            x, y = (self._q(o).view(np.int16).astype(np.int32) for o in ops[1:])
            self.vectors[ops[0]] = (x * y)[word.endswith("t") :: 2].copy().view(np.uint8)
        elif word.startswith("vqmov"):
            self._narrow(word, kind, ops)
        elif word.startswith("v"):
            self._vector(word, kind, ops)
        else:
            self._scalar(name, ops)

    def _load_vector(self, name: str, ops: list[str]) -> None:
        if name == "vldrb.s16":
            narrow = self._load(self._address(ops[1:]), 8).view(np.int8)
            self.vectors[ops[0]] = narrow.astype(np.int16).view(np.uint8)
        elif name == "vldrh.u32":
            data = self._load(self._address(ops[1:]), 8).view(np.uint16).astype(np.uint32)
            self.vectors[ops[0]] = data.view(np.uint8)
        else:
            self.vectors[ops[0]] = self._load(self._address(ops[1:]), 16)

    def _store_vector(self, name: str, ops: list[str]) -> None:
        data = self._q(ops[0])
        scatter = re.fullmatch(r"\[(\w+), ?((?!#)\w+)\]", ops[1])
        if name in ("vstrb.16", "vstrbt.16"):
            lanes = self.lanes if name == "vstrbt.16" else 8
            self._store(ops[1:], data[::2][:lanes])
        elif name == "vstrh.32":
            self._store(ops[1:], data.reshape(4, 4)[:, :2].reshape(-1))
        elif scatter:
            base = self._r(scatter[1])
            for lane, offset in enumerate(self._q(scatter[2]).view(np.uint32).tolist()):
                for i in range(4):
                    self.stored[base + offset + i] = int(data[4 * lane + i])
        else:
            self._store(ops[1:], data)

    def _narrow(self, word: str, kind: str, ops: list[str]) -> None:
        wide = self._q(ops[1]).view(np.int32 if kind == "s32" else np.int16)
        to = self._q(ops[0]).view(np.uint16 if kind == "s32" else np.uint8)
        values = _mixed(wide, int(word.startswith("vqmovun")))
        to[word.endswith("t") :: 2] = values.astype(to.dtype)

    def _vector(self, word: str, kind: str, ops: list[str]) -> None:
        if word == "vpst":
            return
        if word == "vctp":
            self.lanes = max(0, self._r(ops[0]))
            return
        lanes: type = {"8": np.int8, "16": np.int16}.get(kind.lstrip("iu s"), np.int32)
        old = self._q(ops[0]).view(lanes).astype(np.int64) if ops[0] in self.vectors else None
        if word == "vdup" or (word == "vmov" and ops[1].startswith("#")):
            result = np.full(16 // np.dtype(lanes).itemsize, self._r(ops[1]), np.int64)
        elif word == "vmov":
            result = self._q(ops[1]).view(lanes).astype(np.int64)
        elif word == "vrshl" and len(ops) == 2:
            result = _mixed(self._q(ops[0]).view(np.int32), self._other(ops[1], np.int8))
        else:
            x = self._q(ops[1]).view(lanes).astype(np.int64)
            result = self._arithmetic(word, old, x, ops[2], lanes)
        mask = (1 << np.dtype(lanes).itemsize * 8) - 1
        unsigned = {1: np.uint8, 2: np.uint16, 4: np.uint32}[np.dtype(lanes).itemsize]
        self.vectors[ops[0]] = (result & mask).astype(unsigned).view(np.uint8)

    def _arithmetic(
        self, word: str, old: Vector | None, x: Vector, third: str, lanes: type
    ) -> Vector:
        if word in ("vshr", "vsli", "vsri"):
            bits, full = self._r(third), 32
            if word == "vshr":
                return _mixed(x, bits)
            assert old is not None
            keep = (1 << bits) - 1 if word == "vsli" else ~((1 << full - bits) - 1)
            moved = x << bits if word == "vsli" else (x & 0xFFFFFFFF) >> bits
            return (old & keep) | moved
        if word == "vrshl":
            return _mixed(x, self._q(third).view(np.int8)[::4])
        y = self._other(third, lanes)
        match word:
            case "vadd":
                return x + y
            case "veor":
                return x ^ y
            case "vmin":
                return np.minimum(x & 0xFF, np.asarray(y) & 0xFF)
            case "vqadd" | "vqrdmulh":
                return _mixed(x, y, len(word))
            case "vqrdmlah" | "vqdmlah":
                assert old is not None
                return _mixed(old, x, y, len(word))
        raise AssertionError(f"{word} is not known to the machine")

    def _scalar(self, name: str, ops: list[str]) -> None:
        match name:
            case "ldr" | "ldrd":
                address = self._address(ops[len(ops) - 1 :] if name == "ldr" else ops[2:])
                for i, register in enumerate(ops[: 2 if name == "ldrd" else 1]):
                    self.core[register] = int(self._load(address + 4 * i, 4).view(np.int32)[0])
            case "ldrsb":
                self.core[ops[0]] = _signed(int(self._load(self._address(ops[1:]), 1)[0]), 8)
            case "ldrsh":
                self.core[ops[0]] = int(self._load(self._address(ops[1:]), 2).view(np.int16)[0])
            case "str":
                data = np.array([_signed(self._r(ops[0]))], np.int32).view(np.uint8)
                self._store(ops[1:], data)
            case "mov":
                self.core[ops[0]] = self._r(ops[1])
            case "cmp":
                self.zero = _signed(self._r(ops[0]) - self._r(ops[1])) == 0
            case "add" | "sub" | "subs":
                sign = 1 if name == "add" else -1
                self.core[ops[0]] = _signed(self._r(ops[1]) + sign * self._r(ops[2]))
                if name == "subs":
                    self.zero = self.core[ops[0]] == 0
            case _:
                raise AssertionError(f"{name} is not known to the machine")
