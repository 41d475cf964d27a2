"""Layout -> a page for a browser, and a table for a terminal."""

from __future__ import annotations

from fwgen.report.layout import Layout
from fwgen.report.picture import svg, templates
from fwgen.report.text_tables import slowdown, table, waiting


def page(layout: Layout) -> str:
    """The picture and the tables as one HTML file that loads nothing."""
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            l=layout,
            picture=svg(layout),
            speed=slowdown(layout.expected_cycles, layout.fastest_cycles),
            waits=waiting(layout.wait_cycles) if layout.wait_cycles else "",
            times=[*(op.index for op in layout.ops), "end"],
            n=lambda value: f"{value:,}",
        )
    )


def arena_table(layout: Layout) -> str:
    """A row per op, then the size of the arena and what it is due to."""
    rows = [
        (
            op.index,
            op.code,
            op.kernel,
            op.expected_cycles,
            op.macs,
            op.constant_bytes,
            layout.moments[position].bytes,
            layout.scratch_bytes(position),
            "; ".join(layout.overlaps(position)),
        )
        for position, op in enumerate(layout.ops)
    ]
    header = ("#", "op", "kernel", "expected cycles", "MACs", "weight bytes", "arena bytes")
    return "\n".join(
        (
            table((*header, "scratch", "overlapping bytes"), rows),
            f"arena   {layout.arena_bytes:,} bytes ({layout.proof})",
            *(f"region  {said}" for said in layout.regions),
            *([f"waits   {waiting(layout.wait_cycles)}"] if layout.wait_cycles else ()),
            f"peak    {layout.moments[layout.peaks[0]].bytes:,} bytes in use at {layout.peak_ops}",
            f"speed   {slowdown(layout.expected_cycles, layout.fastest_cycles)}",
            "note    expected cycles: estimates of the formulas that chose the kernels",
        )
    )
