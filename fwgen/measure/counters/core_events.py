"""Events of a core that its PMU counts beside cycles: what an op spends them on."""

from __future__ import annotations

from collections.abc import Mapping

from fwgen.device.link import Info, Link

EVENTS: Mapping[str, int] = {
    "instructions_retired": 0x0008,
    "stall_backend": 0x0024,
    "mve_int_mac": 0x0228,
    "l1d_refill": 0x0003,
}
"""By name, the numbers of INST_RETIRED, STALL_BACKEND, MVE_INT_MAC_RETIRED and L1D_CACHE_REFILL in
the Armv8-M Architecture Reference Manual, as ``pmu_armv8.h`` of CMSIS has them. An event that a
core does not have stays 0."""


def core_events(link: Link, info: Info) -> dict[str, list[int]] | None:
    """How often each event happened in each op, in an inference for each event on the loaded input;
    None if the firmware counts none. Raises the faults of the link."""
    if info.counter != "pmu" or info.unit != "cycles":
        return None
    return {name: list(link.op_events(number)) for name, number in EVENTS.items()}
