"""The energy of an inference, for people: what was measured, and what was estimated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def energy_report(energy: Mapping[str, Any]) -> str:
    """What ``describe_energy`` found, line by line."""
    lost = f"{energy['lost']:.3%} lost" if energy["lost"] else "none lost"
    volts = f", {energy['volts']:g} V" if energy["volts"] is not None else ""
    lines = [
        f"energy  {energy['total']:,} {energy['unit']} per inference (source: {energy['probe']})",
        f"        {energy['inferences']:,} inferences in {energy['seconds']:.4g} s, "
        f"{energy['samples']:,} samples at {energy['rate_hz']:,.0f} Hz, {lost}{volts}",
    ]
    estimate = energy.get("estimate")
    if estimate is not None:
        kind = "calibrated" if estimate["calibrated"] else "NOT calibrated"
        ratio = energy["total"] / estimate["total"] if estimate["total"] else 0.0
        lines += [
            f"        {estimate['total']:,} {estimate['unit']}: {ratio:.2f} times that is measured",
            f"        ({estimate['cycles']:,} cycles, {estimate['counter']}; "
            f"{estimate['pj_per_cycle']:g} pJ/cycle, {kind}: {estimate['source']})",
        ]
    else:
        lines.append("        no estimate: the board's file has no [energy]")
    if "calibration" in energy:
        lines += ["", "For the board's file:", "", calibration_section(energy["calibration"])]
    return "\n".join(lines)


def calibration_section(calibration: Mapping[str, Any]) -> str:
    """The section of a board file that holds a coefficient."""
    return "\n".join(
        (
            "[energy]",
            f"pj_per_cycle = {calibration['pj_per_cycle']}",
            f"calibrated = {str(calibration['calibrated']).lower()}",
            f'source = "{calibration["source"]}"',
        )
    )
