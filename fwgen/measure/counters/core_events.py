"""Events of a core that its PMU counts beside cycles: what an op spends them on."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.device.link import Info, Link
from fwgen.device.link.faults import BadAnswer, CounterStopped


@dataclass(frozen=True)
class CoreEvent:
    """An event by its ``number`` in the Armv8-M Architecture Reference Manual: its ``name`` in
    results, and its ``column`` in tables for people."""

    name: str
    number: int
    column: str


INSTRUCTIONS = CoreEvent("instructions_retired", 0x0008, "instructions")
MVE_MACS = CoreEvent("mve_int_mac", 0x0228, "MVE MACs")

EVENTS = (
    INSTRUCTIONS,
    CoreEvent("stall_backend", 0x0024, "stalls"),
    MVE_MACS,
    CoreEvent("l1d_refill", 0x0003, "refills"),
)
"""INST_RETIRED, STALL_BACKEND, MVE_INT_MAC_RETIRED and L1D_CACHE_REFILL of that manual, as
``pmu_armv8.h`` of CMSIS has them. An event that a core does not have stays 0."""


def core_events(link: Link, info: Info) -> dict[str, list[int]] | None:
    """How often each event happened in each op, in an inference for each event on the loaded input;
    None if the firmware counts none.

    Raises the faults of the link; CounterStopped if no instruction was counted, and BadAnswer if
    fewer than MACs, of which each is one.
    """
    if info.counter != "pmu" or info.unit != "cycles":
        return None
    found = {event.name: list(link.op_events(event.number)) for event in EVENTS}
    instructions, macs = sum(found[INSTRUCTIONS.name]), sum(found[MVE_MACS.name])
    if not instructions:
        raise CounterStopped("The device's PMU counted no instruction during an inference.")
    if macs > instructions:
        raise BadAnswer(
            f"The device's PMU counted {macs:,} MVE integer MAC instructions among "
            f"{instructions:,} instructions of an inference."
        )
    return found
