#!/usr/bin/env python3
"""Write the tables of operators from the registry: README.md's by element type, docs/operators.md.

tools/operator_table.py
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from fwgen.contract.operator import Operator
from fwgen.model.element import Element, Types
from fwgen.ops import operators
from fwgen.ops.parts.tflm_operators import READ, REASONS, REGISTERED

ROOT = Path(__file__).parents[1]
README, PAGE = ROOT / "README.md", ROOT / "docs" / "operators.md"
HEADER = "| first input | operators |\n|---|---|\n"
PAGE_HEADER = """# Operators

All that TFLM registers, and what fwgen makes of each: the element types of the first input, and
of the output where that is another. Written from the registry by `tools/operator_table.py`.

| operator | element types, or why not |
|---|---|
"""


def rows() -> dict[str, str]:
    """The element types of the first input, and the operators that take it; most common first."""
    found: dict[str, list[str]] = {}
    for element in Element:
        names = ", ".join(
            operator.name
            for operator in operators().values()
            if operator.of_files and any(types[0] is element for types in operator.types)
        )
        found.setdefault(names, []).append(element.word)
    lists = sorted(found, key=lambda names: -len(names))
    return {", ".join(sorted(found[names])): names for names in lists if names}


def types_in_words(types: tuple[Types, ...]) -> str:
    """First inputs, each with the outputs that are not of its type."""
    outputs: dict[str, list[str]] = {}
    for one in types:
        first, last = ("any" if each is None else each.word for each in (one[0], one[-1]))
        listed = outputs.setdefault(first, [])
        if last not in listed:
            listed.append(last)
    return "; ".join(
        first if made == [first] else f"{first} to {', '.join(made)}"
        for first, made in outputs.items()
    )


TABLES_HEADER = """
Of int8, TFLM lacks these, which TFLite has: a table by TFLite's formula computes them, and
`fwgen verify` gives TFLM look-ups in the same table in their place. What an NPU does of them is not
compared. TFLM has some of them for float32.

"""
MISREAD_HEADER = """
## What TFLM takes and fwgen refuses

Element types of inputs and output of which TFLM computes something else than the operator says.
The types of a row are those of the operands, each once where several in a row have it.

| operator | element types | why |
|---|---|---|
"""


NOTES = """
## Where numbers are not TFLM's

- int16 with a zero point other than 0, which TFLite's specification excludes: TFLM refuses it in
  most operators and ignores it in convolutions. ADD, SUB, PRELU, LEAKY_RELU, RELU6, QUANTIZE,
  DEQUANTIZE and what moves, compares or sums numbers take it; others refuse it.
- A constant bias of int32 of an int16 DEPTHWISE_CONV_2D or TRANSPOSE_CONV is built as int64 of the
  same values, and `fwgen verify` gives TFLM that one: it would read beyond the end of the other.
- The border of SPACE_TO_BATCH_ND is of zero points, as TFLite's: TFLM does not write it.
- Indices out of range, with which TFLM ends with an error or reads beyond a tensor, count as the
  nearest ones. A SLICE of computed sizes is refused: TFLM writes beyond its output.
- DIV and HARD_SWISH of int8 refuse scales at which TFLM shifts by more bits than a number has.
"""


def in_words(types: Types) -> str:
    """Types of all operands, those that follow each other once."""
    *inputs, output = types
    given = ", ".join(word for word, _ in groupby(each.word for each in inputs if each is not None))
    return given if output is None else f"{given} to {output.word}"


def misread() -> str:
    """The rows of what TFLM misreads, one for each reason."""
    lines = []
    for operator in operators().values():
        reasons: dict[str, list[str]] = {}
        for types, why in operator.misread.items():
            reasons.setdefault(why, []).append(in_words(types))
        lines += [f"| {operator.name} | {'; '.join(of)} | {why} |" for why, of in reasons.items()]
    return "".join(f"{line}\n" for line in lines)


def page() -> str:
    """``docs/operators.md``."""
    known = operators()
    lines = []
    for name in REGISTERED:
        if name in READ:
            said = READ[name]
        elif name in known:
            said = types_in_words(known[name].types)
        else:
            said = f"no: {REASONS.get(name, 'not yet')}"
        lines.append(f"| {name.removeprefix('CUSTOM ')} | {said} |\n")
    lacking = TABLES_HEADER + tables()
    return PAGE_HEADER + "".join(lines) + lacking + MISREAD_HEADER + misread() + NOTES


def tables() -> str:
    """The operators of which TFLM lacks int8."""
    names = [o.name for o in operators().values() if o.stand_in is not Operator.stand_in]
    return f"{', '.join(names)}.\n"


def main() -> None:
    text = README.read_text(encoding="utf-8")
    before, header, rest = text.partition(HEADER)
    if not header:
        raise SystemExit(f"{README} has no table that begins with {HEADER!r}.")
    _, end, after = rest.partition("\n\n")
    table = "\n".join(f"| {types} | {names} |" for types, names in rows().items())
    README.write_text(before + header + table + end + after, encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
