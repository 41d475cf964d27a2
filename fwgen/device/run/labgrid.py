"""A board of a farm: at a place of labgrid's, over the network, shared with others."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from fwgen.board import Board
from fwgen.device.farm.farm_board import START_S, FarmBoard
from fwgen.device.farm.held_place import HeldPlace, PlaceWish
from fwgen.device.farm.labgrid_python import find_python
from fwgen.device.flash import FLASHERS, FlashWish, flash_image
from fwgen.device.link import Link
from fwgen.device.link.faults import WrongBuild
from fwgen.device.run.runner import Choice, Connection, Launch, Option
from fwgen.device.run.serial import BAUD, Serial, baud_of
from fwgen.device.run.serial_flash import FLASHER, PROBE
from fwgen.errors import DeviceFault, DeviceUnavailable, UsageError
from fwgen.host.spelling import meant, shown

if TYPE_CHECKING:
    from fwgen.npu.payload import Configuration

PLACE = Option(
    "--place",
    "NAME",
    "labgrid's place: a name, an alias, +TOKEN of a reservation, or tags KEY=VALUE,... that it has "
    "(default: board=BOARD)",
)
COORDINATOR = Option(
    "--coordinator", "HOST[:PORT]", "labgrid's coordinator (default: as labgrid-client finds it)"
)
POWER = Option(
    "--power",
    "WHEN",
    "when the place's switch turns the board off and on: needed (if it does not answer; default), "
    "always or never",
)
PLACE_TIMEOUT = Option("--place-timeout", "S", "how long to wait for a place (default 600)")
LABGRID = Option(
    "--labgrid",
    "DIR",
    "the environment of Python that has labgrid, in place of LABGRID and what is on the PATH",
)

WAIT_S = 600.0
_MOST_WAIT_S = 366 * 86400.0
_POWER = ("needed", "always", "never")


class _Found(Enum):
    """What runs on a board."""

    IMAGE = 1
    OTHER = 2
    NOTHING = 3


class Labgrid(Serial):
    """The serial runner's boards, where labgrid has them: with a power switch, perhaps.

    All phases are in ``connect``, which holds the place from its beginning.
    """

    name = "labgrid"
    rank = 4
    options = (PLACE, COORDINATOR, POWER, PLACE_TIMEOUT, LABGRID, BAUD, FLASHER, PROBE)

    def missing(
        self, board: Board, npu: Configuration | None = None, choice: Choice | None = None
    ) -> DeviceUnavailable | None:
        choice = choice or Choice()
        _wish(board, choice)
        _power(choice)
        baud_of(board, choice)
        try:
            find_python(choice.options.get(LABGRID.flag))
        except DeviceUnavailable as error:
            return error
        return None

    def flash(self, launch: Launch) -> None:
        """Once the place is held."""

    def connect(self, launch: Launch) -> Connection:
        choice = launch.choice
        python = find_python(choice.options.get(LABGRID.flag))
        place = HeldPlace(python, choice.options.get(COORDINATOR.flag), _wish(launch.board, choice))
        board = FarmBoard(place, baud_of(launch.board, choice), launch.limit_s)
        try:
            self._bring_up(launch, board)
        except BaseException as error:
            board.complete(error)
            board.close()
            raise
        return board

    def place(self, connection: Connection) -> str:
        assert isinstance(connection, FarmBoard)
        return str(connection.place)

    def _bring_up(self, launch: Launch, board: FarmBoard) -> None:
        """Have the board run the image, as far as power and flashers go."""
        power = _power(launch.choice)
        if power == "always":
            if not board.place.cycle():
                raise DeviceUnavailable(
                    "The place has nothing that switches the power of its board.",
                    at=f"--power always: {board.place}",
                    tries=("a NetworkPowerPort or the like at the place", "--power never"),
                )
            board.open(START_S)
        found, why = self._found(launch, board)
        if found is _Found.NOTHING and power == "needed" and board.place.cycle():
            board.open(START_S)
            found, why = self._found(launch, board)
        if found is not _Found.IMAGE and launch.flash and self._written(launch, board.place):
            board.open(START_S)
        elif why is not None:
            raise why
        board.answers()

    def _found(self, launch: Launch, board: FarmBoard) -> tuple[_Found, DeviceFault | None]:
        """What runs, and the failure that says so if it is not the image."""
        try:
            if not board.is_open:
                board.open()
            limits = self.limits(launch)
            link = Link(board, build=launch.build, timeouts=limits, clock=board.clock)
            link.wait_boot()
            link.info()
        except WrongBuild as error:
            return _Found.OTHER, error
        except DeviceFault as error:
            return _Found.NOTHING, error
        return _Found.IMAGE, None

    def _written(self, launch: Launch, place: HeldPlace) -> bool:
        """Write the image if there is a way that is certain to lead to this board."""
        if (wish := _flash_wish(launch, place.services)) is not None:
            flash_image(launch.board, launch.image, wish)
            return True
        if not place.load(launch.image):
            return False
        place.cycle()
        return True


def _flash_wish(launch: Launch, services: Mapping[str, str]) -> FlashWish | None:
    """As the user says; or by the place's network service that is called like a flasher."""
    options = launch.choice.options
    if FLASHER.flag in options or PROBE.flag in options:
        return FlashWish(options.get(FLASHER.flag), options.get(PROBE.flag))
    for name, place in services.items():
        if name in FLASHERS and FLASHERS[name].suits(launch.board):
            return FlashWish(name, place)
    return None


def _wish(board: Board, choice: Choice) -> PlaceWish:
    """The place that is asked for. Raises UsageError."""
    asked, wait = choice.options.get(PLACE.flag), choice.options.get(PLACE_TIMEOUT.flag)
    wait_s = WAIT_S if wait is None else _seconds(wait)
    if asked is not None and "=" not in asked:
        return PlaceWish(asked, wait_s=wait_s)
    pairs = [pair.partition("=") for pair in (asked or f"board={board.name}").split(",")]
    if not all(key and value for key, _, value in pairs):
        raise UsageError(
            f"Expected a name, or tags KEY=VALUE,KEY=VALUE, got {shown(asked or '')}.",
            at=PLACE.flag,
        )
    return PlaceWish(tags={key: value for key, _, value in pairs}, wait_s=wait_s)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= _MOST_WAIT_S:
        raise UsageError(
            f"Expected seconds, of at most a year, got {shown(text)}.", at=PLACE_TIMEOUT.flag
        )
    return value


def _power(choice: Choice) -> str:
    asked = choice.options.get(POWER.flag, _POWER[0])
    if asked not in _POWER:
        raise UsageError(
            f"Expected {', '.join(_POWER)}, got {shown(asked)}.",
            at=POWER.flag,
            tries=meant(asked, _POWER),
        )
    return asked


RUNNER = Labgrid()
