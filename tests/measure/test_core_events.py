"""Events of a core: what a device counted, told per op; and devices that cannot have counted it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from fwgen.device.link import Link
from fwgen.device.link.faults import BadAnswer, CounterStopped, DeviceError
from fwgen.errors import DeviceFault
from fwgen.measure.counters.core_events import EVENTS, core_events
from fwgen.report.text_tables import events
from tests.device.fake_device import Device, Line
from tests.device.test_link import TIMEOUTS

DATA = bytes(range(12))
NUMBERS = {event.name: event.number for event in EVENTS}


def counting() -> Device:
    device = Device()
    device.have_pmu()
    return device


def loaded(device: Device) -> Link:
    line = Line(device)
    link = Link(line, clock=line.clock, timeouts=TIMEOUTS)
    link.wait_boot()
    link.load(DATA)
    return link


def counted(device: Device) -> dict[str, list[int]] | None:
    link = loaded(device)
    return core_events(link, link.info())


def right(device: Device) -> dict[str, list[int]]:
    """What it computes, asked of it directly."""
    return {
        name: [device.op_events_of(DATA, op, number) for op in range(device.ops)]
        for name, number in NUMBERS.items()
    }


def test_each_event_is_told_by_op() -> None:
    device = counting()
    assert counted(device) == right(device)


@pytest.mark.parametrize(("counter", "unit"), [("dwt", "cycles"), ("pmu", "ticks")])
def test_none_are_asked_for_where_none_are_counted(counter: str, unit: str) -> None:
    device = Device()
    device.counter, device.unit = counter, unit
    assert counted(device) is None
    if counter == "dwt":
        with pytest.raises(DeviceError, match=r"refused fw-ops 8: .*counts no events"):
            loaded(device).op_events(8)


Lie = Callable[[list[int], str], tuple[list[int], str]]


def lying(lie: Lie) -> Device:
    """Firmware that sends other counts than it has, with right checksums and marks."""
    device = counting()
    honest = device._counts
    device._counts = lambda counts, tail="": honest(*lie(counts, tail))  # type: ignore[method-assign]
    return device


LIES: dict[str, tuple[Lie, str]] = {
    "too few lines": (lambda c, t: (c[:-1], t), "told of 2 ops instead of 3"),
    "too many lines": (lambda c, t: ([*c, 1], t), "told of 4 ops instead of 3"),
    "no lines": (lambda c, t: ([], t), "told of 0 ops instead of 3"),
    "another event": (lambda c, t: (c, ",event=17"), "counted another event than 8"),
    "two events": (lambda c, t: (c, t + t), "did not give ops, total, event"),
    "ticks": (lambda c, t: (c, ""), "did not give ops, total, event"),
    "below nothing": (
        lambda c, t: ([(1 << 64) - 3, *c[1:]], t),
        "has a counter that ran backwards",
    ),
    "no number": (lambda c, t: (c, ",event=x"), "gave no number"),
    "less than nothing": (lambda c, t: ([-1, *c[1:]], t), "gave no number"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_device_that_lies_of_its_events_is_told(lie: str) -> None:
    change, why = LIES[lie]
    with pytest.raises(BadAnswer, match=why):
        loaded(lying(change)).op_events(8)


def test_one_lie_is_asked_again() -> None:
    lies = iter([LIES["too few lines"][0]])
    device = lying(lambda c, t: next(lies, lambda *own: own)(c, t))
    assert counted(device) == right(device)


@pytest.mark.parametrize(
    ("number", "count", "error", "why"),
    [
        (0x08, 0, CounterStopped, "counted no instruction"),
        (0x228, 10**9, BadAnswer, r"3,000,000,000 MVE integer MAC instructions among [\d,]+ instr"),
    ],
)
def test_events_that_cannot_be_are_no_result(
    number: int, count: int, error: type[DeviceFault], why: str
) -> None:
    device = counting()
    honest = device.op_events_of
    device.op_events_of = (  # type: ignore[method-assign]
        lambda data, op, event, model=None: count if event == number else honest(data, op, event)
    )
    with pytest.raises(error, match=why):
        counted(device)


def table_of(names: list[str], found: dict[str, list[int]]) -> list[str]:
    ops = [{"index": index, "op": name} for index, name in enumerate(names)]
    counters = {"source": "pmu", "unit": "cycles", "events": found}
    return "\n".join(events({"ops": ops, "counters": counters})).splitlines()


def test_events_are_shown_by_op_with_their_sums() -> None:
    device = counting()
    found = right(device)
    header, *rows, note = table_of(["CONV_2D", "ADD", "SOFTMAX"], found)
    assert header.split() == ["#", "op", "instructions", "stalls", "MVE", "MACs", "refills"]
    shown = [row.replace(",", "").split() for row in rows]
    for op, row in enumerate(shown[:-1]):
        assert row[0] == str(op) and row[2:] == [str(each[op]) for each in found.values()]
    assert shown[-1] == ["all", *(str(sum(each)) for each in found.values())]
    assert "source: pmu" in note and "per inference" in note


def test_the_table_fits_a_terminal() -> None:
    """Of the longest name of an op, and counts of an inference that takes seconds."""
    rng = random.Random(3)
    names = ["UNIDIRECTIONAL_SEQUENCE_LSTM"] * 120
    found = {name: [rng.randrange(8_000_000) for _ in names] for name in NUMBERS}
    assert max(map(len, table_of(names, found))) <= 80


def test_no_table_without_events() -> None:
    for counters in ({}, {"counters": {"source": "dwt", "unit": "cycles"}}):
        assert events({"ops": [], **counters}) == []
