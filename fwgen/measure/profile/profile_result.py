"""The result of a profile: Profile -> JSON, with instructions, cycles and memory traffic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fwgen.board import Region, energy
from fwgen.measure.counters.analysis import Share, Work, together
from fwgen.measure.counters.core_models import CoreModel
from fwgen.measure.profile.recording import RecordedWindow
from fwgen.npu.offload import CODE as NPU_OP


@dataclass(frozen=True)
class Profile:
    """What a window executed. ``names`` and ``works`` are its segments.

    Of an inference with loops or branches, the works between the first and the last are those of
    ops, each of as many ``runs``. ``unmodelled`` are mnemonics that a model lacks, each costed with
    one cycle. ``sources`` say where cycles come from, those of ``core`` and then, by their names in
    ``Work.others``, those of further estimates. Estimates of different sources are not to be
    compared.
    """

    core: CoreModel
    window: RecordedWindow
    closed_by: str
    names: tuple[str, ...]
    works: tuple[Work, ...]
    unmodelled: tuple[str, ...]
    source: str
    sources: Mapping[str, str]
    runs: tuple[int, ...] | None = None


def describe(
    profile: Profile,
    regions: Sequence[Region],
    joules: energy.Energy | None,
    macs: int | None,
    ops: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The profile as JSON: ``counters`` as those of ``fwgen run``, ``profile`` with all details,
    ``estimates`` by other models than the first.

    ``macs`` are those of the window. With ``ops``, the segments are a beginning, the ops, and an
    end.
    """
    whole = together(profile.works)
    cycles = round(whole.total.cycles)
    segments = (
        []
        if ops
        else [
            _segment(name, work, profile, regions, None)
            for name, work in zip(profile.names, profile.works, strict=True)
        ]
    )
    counters: dict[str, Any] = {
        "source": profile.source,
        "unit": "estimated_cycles",
        "total": cycles,
        "ops": [],
    }
    if ops:
        runs = [{"runs": count} for count in profile.runs] if profile.runs else [{} for _ in ops]
        segments = [
            {"op": op["index"], **count, **_segment(op["op"], work, profile, regions, _macs(op))}
            for op, count, work in zip(ops, runs, profile.works[1:-1], strict=True)
        ]
        counters["ops"] = [
            {"index": segment["op"], "value": segment["estimated_cycles"]} for segment in segments
        ]
    details = {
        "core": profile.core.name,
        "trust": profile.core.trust,
        "limit_macs_per_cycle": profile.core.macs_per_cycle,
        "start": profile.window.start,
        "stop": profile.window.stop,
        "closed_by": profile.closed_by,
        **_segment("total", whole, profile, regions, macs),
        "segments": segments,
        "symbols": [{"name": name, **_share(share)} for name, share in _by_cycles(whole.symbols)],
        "unmodelled": list(profile.unmodelled),
    }
    found: dict[str, Any] = {"counters": counters, "profile": details}
    if profile.sources:
        found["estimates"] = [
            _estimate(name, source, whole, segments if ops else ())
            for name, source in profile.sources.items()
        ]
    if joules is not None:
        found["energy"] = _energy(joules, cycles)
    return found


def _energy(joules: energy.Energy, cycles: int) -> dict[str, Any]:
    return {
        "unit": "estimated_uj",
        "total": energy.estimated_uj(cycles, joules),
        "pj_per_cycle": joules.pj_per_cycle,
        "calibrated": joules.calibrated,
        "source": joules.source,
    }


def _estimate(
    name: str, source: str, whole: Work, ops: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A further estimate, as ``counters`` are, with the name that it has in segments."""
    return {
        "name": name,
        "source": source,
        "unit": "estimated_cycles",
        "total": round(whole.others[name]),
        "ops": [{"index": op["op"], "value": op["estimates"][name]} for op in ops],
    }


def _macs(op: Mapping[str, Any]) -> int | None:
    """Those that the core does."""
    return None if op["op"] == NPU_OP else int(op["macs"])


def _segment(
    name: str, work: Work, profile: Profile, regions: Sequence[Region], macs: int | None
) -> dict[str, Any]:
    cycles = work.total.cycles
    return {
        "name": name,
        **_share(work.total),
        "macs": macs,
        "macs_per_cycle": round(macs / cycles, 3) if macs and cycles else None,
        # an op of a branch that was not taken has no work at all
        "estimates": {name: round(work.others.get(name, 0.0)) for name in profile.sources},
        "classes": dict(sorted(work.classes.items(), key=lambda item: -item[1])),
        "memory": _memory(work.pages, regions),
    }


def _share(share: Share) -> dict[str, int]:
    return {"instructions": share.instructions, "estimated_cycles": round(share.cycles)}


def _by_cycles(symbols: Mapping[str, Share]) -> list[tuple[str, Share]]:
    found = [(name, share) for name, share in symbols.items() if share.instructions]
    return sorted(found, key=lambda item: (-item[1].cycles, item[0]))


def _memory(
    pages: Mapping[int, tuple[int, int]], regions: Sequence[Region]
) -> list[dict[str, object]]:
    """Bytes loaded and stored by region; what no region has goes by its 16 MiB of addresses."""
    loaded: Counter[str] = Counter()
    stored: Counter[str] = Counter()
    for page, (read, written) in sorted(pages.items()):
        names = (r.name for r in regions if r.origin <= page < r.origin + r.bytes)
        name = next(names, f"{page >> 24 << 24:#010x}")
        loaded[name] += read
        stored[name] += written
    return [
        {"region": name, "loaded_bytes": loaded[name], "stored_bytes": stored[name]}
        for name in loaded
    ]
