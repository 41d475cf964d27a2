"""The pytest plugin ``pytest-fwgen``: tests with a model that runs on a board or its simulator.

pytest loads this module in every environment that has fwgen, so it imports the rest of fwgen only
for tests that use it. All names of its options, settings and markers begin with ``fwgen``.
docs/pytest.md says what they do.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from fwgen.errors import DeviceUnavailable, FwgenError
from fwgen.pytest_plugin.wishes import Wishes, declare, read_wishes

if TYPE_CHECKING:
    from fwgen.board import Board
    from fwgen.pytest_plugin.bench import Bench
    from fwgen.pytest_plugin.desk import Desk
    from fwgen.pytest_plugin.dut import Dut

_DESK: pytest.StashKey[Desk] = pytest.StashKey()

MARKERS = (
    "fwgen_board(NAME, ...): the test is for these boards only; it is skipped on others",
    "fwgen_needs(WHAT, ...): what the device must have: counters, cycles, instructions, npu, "
    "energy; the test is skipped where it has not got it",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, and a setting of the same name for each."""
    declare(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; in projects that say what to run, also the short names of fixtures."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if read_wishes(config).short_names:
        from fwgen.pytest_plugin import short_names

        config.pluginmanager.register(short_names, "fwgen-short-names")


def desk_of(config: pytest.Config) -> Desk:
    """The session's only desk."""
    if _DESK not in config.stash:
        from fwgen.pytest_plugin.desk import Desk

        config.stash[_DESK] = Desk(read_wishes(config))
    return config.stash[_DESK]


def dut_scope(fixture_name: str, config: pytest.Config) -> Any:
    """How long a device serves before it is started anew: a scope of pytest's."""
    return read_wishes(config).scope


def _give_up(error: FwgenError, wishes: Wishes) -> NoReturn:
    """Skip for want of a device, unless one is required; fail for all else."""
    if isinstance(error, DeviceUnavailable) and not wishes.require:
        pytest.skip(" ".join((error.what, *(f"Try: {each}." for each in error.tries))))
    pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def fwgen_board(pytestconfig: pytest.Config) -> Board:
    """The board that is asked for; its tests are skipped where none is."""
    desk = desk_of(pytestconfig)
    try:
        return desk.board
    except FwgenError as error:
        _give_up(error, desk.wishes)


@pytest.fixture(scope="session")
def fwgen_bench(
    fwgen_board: Board, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Bench:
    """The project, built once for all processes of the run, and where it can run."""
    desk = desk_of(pytestconfig)
    try:
        own = tmp_path_factory.getbasetemp()
        return desk.prepare(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)
    except FwgenError as error:
        _give_up(error, desk.wishes)


@pytest.fixture(scope=dut_scope)
def fwgen_dut(fwgen_bench: Bench, pytestconfig: pytest.Config) -> Iterator[Dut]:
    """The device under test, which has just started; nothing of it runs on after its scope."""
    from contextlib import ExitStack

    desk = desk_of(pytestconfig)
    with ExitStack() as opened:
        try:
            dut = opened.enter_context(desk.device(fwgen_bench))
        except FwgenError as error:
            _give_up(error, desk.wishes)
        yield dut


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Skip a test for another board, or for a device that has what this one lacks."""
    desk = _concerned(item)
    if desk is None:
        return (yield)
    try:
        _require_board(desk, [str(name) for name in _marked(item, "fwgen_board")])
        desk.begin(item)
        done = yield
        desk.require_needs([str(need) for need in _marked(item, "fwgen_needs")])
        return done
    except FwgenError as error:
        _give_up(error, desk.wishes)


def _marked(item: pytest.Item, marker: str) -> list[object]:
    return [each for mark in item.iter_markers(marker) for each in mark.args]


def _require_board(desk: Desk, names: list[str]) -> None:
    """Skip a test for some boards on another one; that is no lack, whatever is required."""
    if names and desk.board.name not in names:
        pytest.skip(f"The test is for {' and '.join(names)}; this is {desk.board.name}.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Leave in the report what was counted, whether the test passes or fails."""
    try:
        return (yield)
    finally:
        desk = _concerned(item)
        if desk is not None:
            item.user_properties += desk.properties()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say in the text of a failure where the log of the device is, and how it ends."""
    report = yield
    desk = _concerned(item)
    told = desk.failure_text() if desk is not None and report.failed else ""
    if told:
        add = getattr(report.longrepr, "addsection", None)
        if add is not None:
            add("fwgen", told)
        else:
            report.longrepr = f"{report.longrepr}\n{told}"
    return report


def _concerned(item: pytest.Item) -> Desk | None:
    """The session's desk, for a test that has to do with fwgen; None for others."""
    marked = any(item.get_closest_marker(name) for name in ("fwgen_board", "fwgen_needs"))
    used = {"fwgen_board", "fwgen_bench", "fwgen_dut"} & {*getattr(item, "fixturenames", ())}
    return desk_of(item.config) if marked or used else None
