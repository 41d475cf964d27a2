"""Tables and bars for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fwgen.board import Board
from fwgen.errors import printable
from fwgen.measure.counters.pmu_events import EVENTS

_BAR = 24
_NUMBER = re.compile(r"-?[\d,.]*%?")
_VALUES = 12
_OP = 22  # characters of an op's name beside four counts of nine digits, in 80 columns


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as needed; columns of numbers to the right, with thousands separators."""
    texts = [[f"{v:,}" if isinstance(v, int) else printable(str(v)) for v in row] for row in rows]
    widths = [max(len(r[i]) for r in [list(header), *texts]) for i in range(len(header))]
    numeric = [
        bool(rows) and all(_NUMBER.fullmatch(r[i]) for r in texts) for i in range(len(header))
    ]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(header), *map(line, texts)])


def bar(label: str, used: int, available: int) -> str:
    """``flash [====      ]  38.2 % (200,132 of 524,288 bytes)``."""
    share = used / available if available else 0.0
    filled = min(_BAR, round(share * _BAR))
    return (
        f"{label:<6}[{'=' * filled}{' ' * (_BAR - filled)}] {share:6.1%} "
        f"({used:,} of {available:,} bytes)"
    )


def memory(result: Mapping[str, Any], board: Board) -> str:
    """The memory report of a build."""
    m = result["memory"]
    rest = m["ram_bytes"] - m["arena_bytes"] - m["state_bytes"] - m["stack_bytes"]
    lines = [
        *_bars("flash", m["flash_bytes"], "rom", m, board),
        table(("flash", "bytes"), [*_weights(m), ("  code", m["code_bytes"])]),
        *_bars("RAM", m["ram_bytes"], "ram", m, board),
        table(
            ("RAM", "bytes"),
            [
                *_arenas(m),
                ("  of it scratch", m["scratch_bytes"]),
                *([("  state", m["state_bytes"])] if m["state_bytes"] else []),
                *([] if board.library_only else [("  stack reserve", m["stack_bytes"])]),
                *(
                    [("  of it needed at most", m["stack_bound_bytes"])]
                    if "stack_bound_bytes" in m
                    else []
                ),
                (f"  rest{'' if board.library_only else ' (runtime, input buffer)'}", rest),
            ],
        ),
    ]
    lines += [
        f"place {move['what']} in {move['to']}, as {move['from']} has no room for it: "
        f"{move['wait_states']} wait states for each {move['access_bytes']} bytes, not counted "
        "above"
        for move in m["moved"]
    ]
    return "\n".join(lines)


def _bars(what: str, used: int, kind: str, m: Mapping[str, Any], board: Board) -> list[str]:
    """How full a memory is, region by region if several are used."""
    found = [r for r in board.regions if r.kind == kind and r.name in m["by_region"]]
    if len(found) == 1:
        return [bar(what, used, found[0].bytes)]
    return [bar(f"{r.name} ", m["by_region"][r.name], r.bytes) for r in found]


def _weights(m: Mapping[str, Any]) -> list[tuple[str, int]]:
    if len(m["weights"]) < 2:
        return [("  weights", m["weights_bytes"])]
    return [(f"  weights in {w['region']}", w["bytes"]) for w in m["weights"]]


def _arenas(m: Mapping[str, Any]) -> list[tuple[str, int]]:
    several = len(m["arenas"]) > 1
    return [
        (
            f"  arena{' in ' + a['region'] if several else ''} "
            f"({proof(a['bytes'], a['lower_bound_bytes'])})",
            a["bytes"],
        )
        for a in m["arenas"]
    ]


def proof(arena_bytes: int, lower_bound_bytes: int) -> str:
    """What is known of an arena's size."""
    if arena_bytes == lower_bound_bytes:
        return "proven optimal"
    return f"no plan needs less than {lower_bound_bytes:,} bytes"


def waiting(cycles: int) -> str:
    """What slow regions cost."""
    return f"about {cycles:,} cycles more for the wait states of regions, by estimate"


def slowdown(expected: int, fastest: int) -> str:
    """What a choice of kernels costs, against the fastest ones."""
    if fastest == 0:
        return "the core computes nothing"
    times = expected / fastest
    against = f"{times - 1:.1%} more than" if times < 2 else f"{times:.1f} times what"
    return f"{expected:,} expected cycles, {against} the fastest kernels would take"


def ops(result: Mapping[str, Any]) -> str:
    """A table per op; with the counter's value where the result has one."""
    counters = result.get("counters")
    values = {o["index"]: o["value"] for o in counters["ops"]} if counters else {}
    header = ["#", "op", "shape", "kernel", "MACs"]
    if counters:
        header += [counters["unit"], "share", "per MAC"]
    rows = []
    for op in result["ops"]:
        row: list[object] = [op["index"], op["op"], op["shape"], op["kernel"], op["macs"]]
        if counters:
            value = values[op["index"]]
            row += [
                value,
                f"{value / counters['total']:.1%}" if counters["total"] else "-",
                f"{value / op['macs']:.2f}" if op["macs"] else "-",
            ]
        rows.append(row)
    return table(header, rows)


def ran(result: Mapping[str, Any], notes: Sequence[str]) -> str:
    """The report of a run: a table per op, the counter, outputs, accuracy, stack, notes."""
    memory = result["memory"]
    lines = [ops(result), *events(result), counters(result), outputs(result)]
    if "samples" in result:
        lines.append(accuracy(result))
    lines += _stack(memory)
    return "\n".join([*lines, *(f"note    {note}" for note in notes)])


def events(result: Mapping[str, Any]) -> list[str]:
    """A table of the events of the core in each op and in all; nothing where none were counted."""
    found = result.get("counters") or {}
    if not found.get("events"):
        return []
    columns = [found["events"][event.name] for event in EVENTS]
    rows: list[Sequence[object]] = [
        (op["index"], op["op"][:_OP], *counts)
        for op, *counts in zip(result["ops"], *columns, strict=True)
    ]
    rows.append(("", "all", *map(sum, columns)))
    header = ("#", "op", *(event.column for event in EVENTS))
    source = f"events  per inference (source: {found['source']})"
    return [table(header, rows), f"{source}; stalls in cycles, MVE MACs in instructions"]


def _stack(memory: Mapping[str, Any]) -> list[str]:
    """What was used of the stack, where a session said it."""
    if "stack_used_bytes" not in memory:
        return []
    used, bound, size = (memory[f"stack_{what}bytes"] for what in ("used_", "bound_", ""))
    return [f"stack   {used:,} of {size:,} bytes used, {bound:,} needed at most"]


def counters(result: Mapping[str, Any]) -> str:
    """The total with its source and unit, or why there is none."""
    found = result.get("counters")
    if found is None:
        return "count   none: this target has no counter"
    return f"count   {found['total']:,} {found['unit']} per inference (source: {found['source']})"


def outputs(result: Mapping[str, Any]) -> str:
    """Each output's values, the first of many."""
    sequence = result.get("sequence", ())
    lines = [f"state   the last of {len(sequence):,} inferences in a row"] * (len(sequence) > 1)
    for number, output in enumerate(result["outputs"]):
        shown = " ".join(f"{v:.4g}" for v in output["real"][:_VALUES])
        more = len(output["real"]) - _VALUES
        name = f" {output['name']!r}" if output.get("name") else ""
        lines.append(f"output {number}{name} {shown}" + (f" ... {more:,} more" if more > 0 else ""))
    return "\n".join(lines)


def accuracy(result: Mapping[str, Any]) -> str:
    """How many labelled samples the device got right."""
    samples = result["samples"]
    share = samples["correct"] / samples["total"]
    return f"correct {samples['correct']:,} of {samples['total']:,} samples ({share:.2%})"


def _where(result: Mapping[str, Any]) -> str:
    """The runner, and the place of a board that is attached."""
    return ", ".join(printable(result[key]) for key in ("runner", "place") if key in result)


def verdict(result: Mapping[str, Any]) -> str:
    """One sentence on a verification; where the first difference is, if there is one."""
    summary = (
        f"{result['mismatches']:,} of {result['bytes']:,} output bytes differ from TFLM over "
        f"{result['inputs']:,} inputs (seed {result['seed']}, {_where(result)})"
    )
    first, rounded = result["first_mismatch"], result["rounded"]
    if rounded:
        most = max(abs(_signed(r["tflm"]) - _signed(r["got"])) for r in rounded)
        summary = summary.replace("differ from TFLM", "differ") + (
            f"\n{len(rounded):,} more are not TFLM's but exactly what Vela's multipliers of "
            f"FULLY_CONNECTED give; they are {most} from TFLM's at most:"
        )
        listed = [
            (r["input"], r["output_byte"], _signed(r["tflm"]), _signed(r["got"])) for r in rounded
        ]
        summary += "\n" + table(("input", "output byte", "TFLM", "got"), listed)
    summary = "\n".join(
        [
            summary,
            *_op_outputs(result),
            *_state(result),
            *_constant(result),
            *_stack(result["memory"]),
        ]
    )
    if first is None:
        return summary
    where = (
        f"op {first['op']} {first['code']} is the first whose output differs "
        f"(tensor {first['tensor']}, element {first['element']})"
        if first["op"] is not None
        else "no single op differs by itself: the outputs differ only in a whole run"
    )
    variable = first["variable"]
    if variable is not None:
        where += (
            f"\nthe variable {variable['name']!r} differs from its byte {variable['byte']} on: "
            f"expected {variable['expected']:#04x}, got {variable['got']:#04x}"
        )
    if first["output_byte"] is None:
        return f"{summary}\nfirst at input {first['input']}, inside the model:\n{where}"
    return (
        f"{summary}\nfirst at input {first['input']}, output byte {first['output_byte']}: "
        f"expected {first['expected']:#04x}, got {first['got']:#04x}\n{where}"
    )


def _op_outputs(result: Mapping[str, Any]) -> list[str]:
    """How many ops inside the model were compared."""
    found = result["op_outputs"]
    times = found["compared"] * found["inputs"]
    return [
        f"{found['mismatches']:,} of {times:,} outputs of ops inside the model differ: "
        f"{found['compared']} of {found['ops']} ops compared, over {found['inputs']:,} inputs"
    ]


def _state(result: Mapping[str, Any]) -> list[str]:
    """How much of what the model keeps from one input to the next was compared."""
    found = result["state"]
    if found is None:
        return []
    times = found["bytes"] * result["inputs"]
    return [
        f"{found['mismatches']:,} of {times:,} bytes of state differ: {found['bytes']:,} bytes "
        f"compared after each of {result['inputs']:,} inferences in a row, of which "
        f"{found['changed']:,} changed"
    ]


def _constant(result: Mapping[str, Any]) -> list[str]:
    found = result["state"]
    kept = (
        "" if found is None or not found["changed"] else " of it, but the state that changed does"
    )
    return [
        f"warning: output {index} is the same for all {result['inputs']:,} inputs: "
        f"that it agrees proves nothing{kept}"
        for index in result["constant_outputs"]
    ]


def _signed(byte: int) -> int:
    return byte - (byte >> 7 << 8)
