"""The speed of a build's kernels by estimate, and the reasons why they are not faster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fwgen.report.text_tables import slowdown, waiting

MOST_LINES = 5
"""Ops in plain C that are named in text; JSON has all."""

CURES = {
    "cmsis-nn": "CMSIS-NN, which is not at hand (CMSIS_NN_ROOT; fwgen doctor says how to get it)",
    "fwgen": "--kernels auto",
}
"""By provider of kernels that would be faster, what brings them."""


def speed(result: Mapping[str, Any]) -> str:
    """Expected cycles against the fastest known kernels, and the ops that plain C computes."""
    expected, library = result["expected_cycles"], result["library_not_at_hand"]
    known = result["fastest_known_cycles"] if library else result["fastest_cycles"]
    lines = [f"speed {slowdown(expected, known)}"]
    if paid := result["paid_for_speed"]:
        lines.append(
            f"paid  {paid['flash_bytes']:,} more bytes of flash for larger weights of "
            f"{paid['ops']} ops, which take {paid['cycles']:,} cycles less"
        )
    if result["expected_wait_cycles"]:
        lines.append(f"waits {waiting(result['expected_wait_cycles'])}")
    if "counter_window_s" in result:
        longest = f"{result['counter_window_s']:.1f} s"
        lines.append(
            f"count the counter of the core wraps after {longest}: no inference may be longer"
        )
    if library:
        times, cure = result["fastest_cycles"] / max(known, 1), CURES.get(library, library)
        lines.append(f"slow  {times:.1f} times as fast, by the same formulas, with {cure}")
    return "\n".join([*lines, *_plain_c(result["slow_ops"])])


def _plain_c(slow: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line per op, or one for all that have the same reason."""
    share = sum(op["share"] for op in slow)
    if len(slow) > 1 and len({op["why"] for op in slow}) == 1:
        yield f"slow  {len(slow)} ops in plain C, {share:.0%} of the time; {slow[0]['why']}"
        return
    for op in slow[:MOST_LINES]:
        yield (
            f"slow  op {op['index']} {op['op']}: plain C ({op['kernel']}), "
            f"{op['share']:.0%} of the time; {op['why']}"
        )
    if len(slow) > MOST_LINES:
        rest = share - sum(op["share"] for op in slow[:MOST_LINES])
        yield f"slow  {len(slow) - MOST_LINES} more ops in plain C, {rest:.0%} of the time"
