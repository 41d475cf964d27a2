"""Events of a core that its PMU counts beside cycles: what an op spends them on."""

from __future__ import annotations

from fwgen.device.link import Info, Link
from fwgen.device.link.faults import BadAnswer, CounterStopped
from fwgen.measure.counters.pmu_events import EVENTS, INSTRUCTIONS, MVE_MACS


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
