"""The pipeline of a core: what llvm-mca's model of it says of each operation, kept in a file.

In order, ``width`` instructions a cycle. An instruction is issued when

- it may share the cycle with the one before it, or in the next: some issue ``alone``;
- the execution units that it takes for some cycles, and any one of a set, are free;
- its operands are there: ``distances`` has the cycles from the issue of what writes a register to
  that of what reads it, by the forms of both and the place of the operand;
- its first result is not earlier than the last result of the instructions before it.

llvm-mca is asked for each of these by short texts (``measure``); ``cycles`` of whole listings are
compared with its own in the tests.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.measure.counters.core_models import find_core
from fwgen.measure.counters.llvm import Mca, Text, find_llvm
from schedule_kernels import operations
from schedule_kernels.operations import Access, Operation

FOLDER = Path(__file__).resolve().parent
_PREDICATED = {"vpst": "vctp.16 c", "vstrbt.16 v m": "vstrb.16 v m"}
"""What llvm-mca reads in a block alone, and what takes as many cycles."""

_IMMEDIATES = {"vshr.s32": "#8", "vsli.32": "#16", "vsri.32": "#16", "vmov.i8": "#128"}
_IMMEDIATES |= {"add": "#512", "sub": "#512"}


class NoPipelineError(Exception):
    """There is no file of a core."""


@dataclass(frozen=True)
class Timing:
    """An operation: cycles to its result, whether it issues alone, for how many cycles it takes
    each of ``units``, and ``any_cycles`` for which it takes one of ``any_of``."""

    latency: int
    alone: bool
    units: dict[str, int]
    any_of: tuple[str, ...] = ()
    any_cycles: int = 0


@dataclass(frozen=True)
class Pipeline:
    """What is in the file of a core."""

    core: str
    llvm: str
    width: int
    units: tuple[str, ...]
    """In LLVM's order: of several free ones it prefers the last."""
    timings: dict[str, Timing]
    distances: dict[str, dict[str, int]]
    """By ``form/place`` of what writes: cycles by ``form/place`` of what reads, or for "" all
    others."""

    def distance(self, writer: str, reader: str) -> int:
        found = self.distances[writer]
        return found.get(reader, found[""])

    def to_json(self) -> str:
        """The content of the file."""
        timings = {
            form: {key: value for key, value in vars(timing).items() if value or key == "alone"}
            for form, timing in sorted(self.timings.items())
        }
        lines = [
            f'"core": "{self.core}"',
            f'"llvm": "{self.llvm}"',
            f'"width": {self.width}',
            f'"units": {json.dumps(self.units)}',
            '"operations": ' + _table(timings),
            '"distances": ' + _table(dict(sorted(self.distances.items()))),
        ]
        return "{\n" + ",\n".join(lines) + "\n}\n"


def _table(rows: Mapping[str, object]) -> str:
    return (
        "{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in rows.items()) + "\n}"
    )


def load(core: str) -> Pipeline:
    """The pipeline of a core by its LLVM name. Raises NoPipelineError."""
    path = FOLDER / f"{core}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.json")))
        raise NoPipelineError(
            f"There is no pipeline of {core!r}, only of {known}; make one with "
            f"tools/schedule --measure {core}"
        )
    data = json.loads(path.read_text())
    timings = {
        form: Timing(**{"units": {}, **t, "any_of": tuple(t.get("any_of", ()))})
        for form, t in data["operations"].items()
    }
    head = (data["core"], data["llvm"], data["width"], tuple(data["units"]))
    return Pipeline(*head, timings, data["distances"])


def samples() -> dict[str, Operation]:
    """An operation of each form that the table of operations has, in registers 0, 2, 4 ..."""
    found: dict[str, Operation] = {}
    for entry in operations.TABLE.replace("\n", "|").split("|"):
        if not (words := entry.split()) or words[0] in ("le", "vpst", "vstrbt.16"):
            continue  # the end of a loop is free; for the others see _PREDICATED
        for operands in _choices(words[0], [w.lstrip("=+~") for w in words[1:]]):
            made = operations.parse(f"{words[0]} {', '.join(operands)}".strip(), {})
            found[made.form] = made
    return found


def _choices(mnemonic: str, kinds: list[str]) -> Iterable[list[str]]:
    """Operands of those kinds, in all ways."""
    if not kinds:
        yield []
        return
    index = len(kinds) - 1  # registers by place: q0 q1 ..., r0 r2 ...
    for rest in _choices(mnemonic, kinds[:-1]):
        for kind in kinds[-1] if kinds[-1] in ("vc", "ci") else [kinds[-1]]:
            for operand in _operands(mnemonic, kind, index):
                same = mnemonic in ("add", "sub", "subs") and index == 1
                yield [*rest, rest[0] if same else operand]


def _operands(mnemonic: str, kind: str, index: int) -> list[str]:
    core = f"r{2 * index}"
    match kind:
        case "v":
            return [f"q{index}"]
        case "l":
            return [f"q0[{2 - 2 * index}]"]
        case "c" | "e":
            return [core]
        case "i":
            return [_IMMEDIATES.get(mnemonic, "#1")]
        case "t":
            return ["#8"]
    if mnemonic == "vstrw.32":
        return [f"[{core}]", f"[{core}, q{index}]"]
    step = "8" if mnemonic.startswith(("vldrh", "ldrd")) else "16"
    return [f"[{core}]", f"[{core}, #{step}]!", f"[{core}], #{step}"]


def _shifted(sample: Operation, wanted: dict[str, str] | None = None) -> str:
    """The sample with other registers than samples have, but for those that are wanted."""
    names = {f"q{i}": f"q{i + 4}" for i in range(4)}
    names |= {f"r{2 * i}": f"r{2 * i + 1}" for i in range(4)} | (wanted or {})
    if any(a.kind == "e" and a.name not in (wanted or {}) for a in sample.accesses):
        names |= {"r0": (wanted or {}).get("r0", "r10")}
    return sample.renamed(names)


def measure(name: str) -> Pipeline:
    """Asks llvm-mca. Raises ToolError, UsageError."""
    mca = Mca(find_llvm(), find_core(name))
    forms = samples()
    units, uses = _uses(mca, [sample.text for sample in forms.values()])
    pairs = {
        (p, c): (sample.text, _shifted(forms[c])) for p, sample in forms.items() for c in forms
    }
    waits = _waits(forms)
    texts: list[Text] = [(text,) for s in forms.values() for text in (s.text, _shifted(s))]
    costs = mca.costs([*texts, *pairs.values(), *waits.values()])
    cycles = {text: cost.cycles for text, cost in costs.items()}
    last = {form: cycles[(sample.text,)] for form, sample in forms.items()}
    after = {pair: cycles[text] - last[pair[1]] for pair, text in pairs.items()}
    shares = {form for pair, distance in after.items() if distance == 0 for form in pair}
    timings = {
        form: Timing(last[form] - 1, form not in shares, *use)
        for form, use in zip(forms, uses, strict=True)
    }
    distances: dict[str, dict[str, int]] = {}
    for (writer, reader), text in waits.items():
        form = reader.partition("/")[0]
        distances.setdefault(writer, {})[reader] = cycles[text] - last[form]
    timings |= {form: timings[like] for form, like in _PREDICATED.items()}
    packed = {}
    for writer, by_reader in distances.items():
        for form, like in _PREDICATED.items():
            alike = [r for r in by_reader if r.partition("/")[0] == like]
            by_reader |= {f"{form}/{r.partition('/')[2]}": by_reader[r] for r in alike}
        usual = Counter(by_reader.values()).most_common(1)[0][0]
        packed[writer] = {"": usual} | {r: d for r, d in by_reader.items() if d != usual}
    return Pipeline(name, mca.llvm.version, 2 if shares else 1, units, timings, packed)


def _waits(forms: dict[str, Operation]) -> dict[tuple[str, str], Text]:
    """Texts of two operations of which the second reads what the first writes."""
    found: dict[tuple[str, str], Text] = {}
    for p, writer in forms.items():
        for i, written in enumerate(writer.accesses):
            for c, reader in forms.items():
                for j, read in enumerate(reader.accesses):
                    if _may_await(written, read):
                        wanted = {} if read.kind == "f" else {read.name: written.name}
                        found[f"{p}/{i}", f"{c}/{j}"] = (writer.text, _shifted(reader, wanted))
    return found


def _may_await(written: Access, read: Access) -> bool:
    """Whether the second can be of the register that the first is of."""
    if not written.mask or not read.reads:
        return False
    if "f" in (written.kind, read.kind):
        return written.name == read.name
    return (written.kind == "v") == (read.kind == "v")


def _uses(
    mca: Mca, texts: list[str]
) -> tuple[tuple[str, ...], list[tuple[dict[str, int], tuple[str, ...], int]]]:
    """The names of execution units, and for each instruction those that it takes for some cycles,
    those of which it takes any one, and for how many cycles.

    In its tables llvm-mca shares the cycles among those of a set; as executed, one has them all.
    """
    names, taken = _usage(mca, texts)
    _, shared = _usage(mca, texts, "-instruction-tables")
    found = []
    for as_executed, as_tabled in zip(taken, shared, strict=True):
        units = {u: round(c) for u, c in as_executed.items() if as_tabled.get(u) == c}
        any_of = tuple(u for u in names if u in as_tabled and u not in units)
        found.append((units, any_of, round(sum(as_executed.values())) - sum(units.values())))
    used = {u for units, any_of, _ in found for u in (*units, *any_of)}
    return tuple(u for u in names if u in used), found


def _usage(mca: Mca, texts: list[str], *options: str) -> tuple[list[str], list[dict[str, float]]]:
    """Names of execution units, and the cycles of each that an instruction takes."""
    output = mca.llvm.run(
        mca.llvm.mca,
        "-mtriple=thumbv8.1m.main-none-eabi",
        *(f"-mcpu={mca.core.name}", f"-mattr={mca.core.attributes}", "-iterations=1"),
        *("-all-views=false", "-resource-pressure", "-json", *options),
        text="\n".join(texts) + "\n",
    )
    data: dict[str, Any] = json.loads(output)
    (region,) = data["CodeRegions"]
    names = [
        re.sub(r"^M\d+Unit", "", r).replace(".\0", "0").replace(".\1", "1")
        for r in data["TargetInfo"]["Resources"]
    ]
    found: list[dict[str, float]] = [{} for _ in texts]
    for entry in region["ResourcePressureView"]["ResourcePressureInfo"]:
        if entry["InstructionIndex"] < len(texts):
            unit = names[entry["ResourceIndex"]]
            found[entry["InstructionIndex"]][unit] = entry["ResourceUsage"]
    return names, found
