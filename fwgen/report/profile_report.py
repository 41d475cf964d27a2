"""The report of a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fwgen.measure.counters.instructions import CLASSES
from fwgen.report.text_tables import table


def profile(result: Mapping[str, Any], top: int) -> str:
    """Tables by op or segment, symbol (the ``top`` costliest), class and memory region; then the
    totals, the energy, and how far to trust them."""
    p = result["profile"]
    shapes = {op["index"]: op for op in result.get("ops", ())}
    blocks = [
        _segments(p, shapes),
        _symbols(p, top),
        _classes(p),
        table(
            ("memory", "loaded bytes", "stored bytes"),
            [(m["region"], m["loaded_bytes"], m["stored_bytes"]) for m in p["memory"]],
        ),
        "\n".join(_totals(result)),
    ]
    return "\n\n".join(blocks)


def _segments(p: Mapping[str, Any], shapes: Mapping[int, Mapping[str, Any]]) -> str:
    """A row per op, or per segment of a foreign image."""
    rows: list[Sequence[object]] = []
    for number, segment in enumerate(p["segments"]):
        op = shapes.get(segment.get("op", -1), {})
        rows.append(
            (
                segment.get("op", number),
                segment["name"],
                op.get("shape", ""),
                op.get("kernel", ""),
                "-" if segment["macs"] is None else segment["macs"],
                segment["instructions"],
                segment["estimated_cycles"],
                _share(segment["estimated_cycles"], p["estimated_cycles"]),
                _rate(segment),
                *segment["estimates"].values(),
            )
        )
    header = ["#", "op" if shapes else "segment", "shape", "kernel", "MACs"]
    header += ["instructions", "estimated_cycles", "share", "MAC/cycle", *p["estimates"]]
    used = [i for i in range(len(header)) if any(row[i] not in ("", "-") for row in rows)]
    return table([header[i] for i in used], [[row[i] for i in used] for row in rows])


def _symbols(p: Mapping[str, Any], top: int) -> str:
    rows: list[Sequence[object]] = [
        (s["name"], s["instructions"], s["estimated_cycles"], _share(s["estimated_cycles"], total))
        for total in [p["estimated_cycles"]]
        for s in p["symbols"][:top]
    ]
    left = p["symbols"][top:]
    if left:
        sums = [sum(s[key] for s in left) for key in ("instructions", "estimated_cycles")]
        rows.append((f"{len(left)} more", *sums, _share(sums[1], p["estimated_cycles"])))
    return table(("symbol", "instructions", "estimated_cycles", "share"), rows)


def _classes(p: Mapping[str, Any]) -> str:
    rows = [
        (name, CLASSES[name], count, _share(count, p["instructions"]))
        for name, count in p["classes"].items()
    ]
    return table(("class", "what it is", "instructions", "share"), rows)


def _totals(result: Mapping[str, Any]) -> list[str]:
    p, counters = result["profile"], result["counters"]
    lines = [
        f"window  {p['start']} to {p['stop']}",
        f"count   {p['instructions']:,} instructions (source: qemu)",
        *(
            f"count   {each['total']:,} {each['unit']} (source: {each['source']})"
            for each in (counters, *result.get("estimates", ()))
        ),
    ]
    if p["macs_per_cycle"] is not None:
        share = p["macs_per_cycle"] / p["limit_macs_per_cycle"]
        limit = f"{share:.1%} of the {p['limit_macs_per_cycle']:g} that {p['core']} can do"
        lines.append(f"speed   {p['macs_per_cycle']:.3f} MAC/cycle, {limit}")
    energy = result.get("energy")
    if energy:
        kind = "calibrated" if energy["calibrated"] else "NOT calibrated"
        coefficient = f"{energy['pj_per_cycle']:g} pJ/cycle, {kind}: {energy['source']}"
        lines.append(f"energy  {energy['total']:,} {energy['unit']} ({coefficient})")
    if p["closed_by"] == "exit":
        lines.append("note    the program ended inside the window")
    if p["unmodelled"]:
        names = ", ".join(p["unmodelled"])
        lines.append(f"note    there is no model of {names}: one cycle each")
    lines.append(f"note    estimated, not measured; compared with silicon: {p['trust']}")
    return lines


def _rate(segment: Mapping[str, Any]) -> str:
    rate = segment["macs_per_cycle"]
    return "-" if rate is None else f"{rate:.2f}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
