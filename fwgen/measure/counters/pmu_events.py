"""The PMU events that are counted beside cycles: what they are called, and their numbers."""

from __future__ import annotations

from dataclasses import dataclass


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
