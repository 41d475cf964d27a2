"""The keeper of a place: takes one of labgrid's places, and gives it back when its input ends.

It runs in the Python that has labgrid, which brings a pyserial of its own, and imports nothing of
fwgen's. It is told what to do by lines of JSON on standard input, and answers each by one on
standard output. Its input ends when the process that started it does, however that is.

labgrid takes a second to be imported and connected, so one keeper does all steps of a session. What
its classes do, it does as ``labgrid-client`` does it, by the same methods.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any, NoReturn

POLL_S = 0.2
"""How often a reservation is asked for. It is forgotten after 60 s without that."""

RELEASE_S = 10.0
"""For a coordinator to take a place back; one that is gone would never answer."""

_UNABLE = "no compatible resource"
"""What labgrid says of a place that has neither a driver nor a resource for what is asked."""


class Refused(Exception):
    """What is asked for cannot be. ``kind`` is a word that the reader of the answers knows:
    ``install``, ``absent`` (the coordinator), ``unknown``, ``busy``, ``unready`` (the place at
    ``at``) or ``fault``."""

    def __init__(self, kind: str, what: str, at: str = "") -> None:
        super().__init__(what)
        self.kind = kind
        self.at = at


class Requests:
    """Lines of JSON on standard input; ``ended`` says that there will be no more of them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.ended = False
        self._loop = loop
        self._kept = b""
        self._arrived = asyncio.Event()
        os.set_blocking(0, False)
        loop.add_reader(0, self._read)

    def _read(self) -> None:
        try:
            data = os.read(0, 1 << 16)
        except BlockingIOError:
            return
        self._kept += data
        if not data:
            self.ended = True
            self._loop.remove_reader(0)
        self._arrived.set()

    async def next(self) -> dict[str, Any] | None:
        """The next one, None at the end."""
        while b"\n" not in self._kept:
            if self.ended:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        line, _, self._kept = self._kept.partition(b"\n")
        request: dict[str, Any] = json.loads(line)
        return request


class Keeper:
    """A session with the coordinator at ``address``, and the place that it holds, if any."""

    def __init__(self, requests: Requests, loop: asyncio.AbstractEventLoop) -> None:
        self._requests = requests
        self._loop = loop
        self._session: Any = None
        self._target: Any = None
        self._name = ""
        self._ours = False
        self._tokens: list[str] = []

    def open(self, coordinator: str | None) -> dict[str, Any]:
        """Connect, as the environment variables of labgrid-client say."""
        try:
            from labgrid import Environment
            from labgrid.remote.client import Error, start_session
            from labgrid.util.proxy import proxymanager
        except ImportError as error:
            why = f"This Python has no labgrid of version 25 or later: {error}."
            raise Refused("install", why, sys.executable) from None

        if proxy := os.environ.get("LG_PROXY"):
            proxymanager.force_proxy(proxy)
        file = os.environ.get("LG_ENV")
        env = Environment(config_file=file) if file else None
        address = coordinator or os.environ.get("LG_COORDINATOR", "127.0.0.1:20408")
        if coordinator is None and env is not None:
            address = env.config.get_option("coordinator_address", address)
        try:
            self._session = start_session(address, extra={"env": env}, loop=self._loop)
        except (Error, ValueError):  # of a port that is none
            raise Refused("absent", "No coordinator of labgrid answers.", address) from None
        return {"coordinator": address}

    def take(self, wish: dict[str, Any], avoid: list[str]) -> dict[str, Any]:
        """Acquire the place of a name or a reservation (``+TOKEN``), or one that has all tags.

        Places to ``avoid`` are taken only if there are no others. A place that the user has
        acquired by hand is used, and stays acquired.
        """
        place: str | None = wish["place"]
        name = self._named(place) if place else None
        held = self._session.places[name].acquired if name else None
        own = f"{self._session.gethostname()}/{self._session.getuser()}"
        if name and place and place.startswith("+"):
            self._ours = held != own
        elif name and held == own and not self._session.places[name].reservation:
            self._ours = False
        else:
            tags = {"name": name} if name else wish["tags"]
            name = self._wait(self._reserve(tags, avoid, time.monotonic() + wish["wait_s"]))
            self._ours = True
        assert name
        self._name = name
        if self._ours:
            self._acquire(name)
        return {"place": name}

    def _named(self, asked: str) -> str:
        """The name of a place that is called by its name, an alias, or a reservation's token."""
        places = self._session.places
        if asked.startswith("+"):
            token = asked[1:] or os.environ.get("LG_TOKEN", "")
            found = [n for n, each in places.items() if token and each.reservation == token]
        else:
            found = [
                name
                for name, each in places.items()
                if asked in (name, *(alias.rpartition(":")[2] for alias in each.aliases))
            ]
        if len(found) != 1:
            self._unknown(f"{len(found) or 'No'} places are called {asked}.")
        return str(found[0])

    def _unknown(self, what: str) -> NoReturn:
        """Refuse what no place is, and list those there are."""
        listed = [
            " ".join([name, *(f"{key}={value}" for key, value in sorted(each.tags.items()))])
            for name, each in sorted(self._session.places.items())
        ]
        raise Refused("unknown", what, "; ".join(listed) or "the coordinator has no places")

    async def _reserve(self, tags: dict[str, str], avoid: list[str], until: float) -> str:
        """The name of a place that is reserved for us. Of the reservations only its own is left."""
        fitting = {name for name, each in self._session.places.items() if _has(name, each, tags)}
        if not fitting:
            self._unknown(f"No place has {_listed(tags)}.")
        while True:
            # Those of places to avoid are kept meanwhile, or they would be allocated again.
            self._tokens.append(await self._create(tags))
            while (name := await self._allocated()) is None:
                if self._requests.ended:
                    raise SystemExit
                if time.monotonic() > until:
                    self._busy(fitting)
                await asyncio.sleep(POLL_S)
            if name not in avoid or fitting <= {*avoid}:
                break
        while len(self._tokens) > 1:
            await self._cancel(self._tokens.pop(0))
        return name

    def _busy(self, fitting: set[str]) -> NoReturn:
        owners = [
            f"{name}: {self._session.places[name].acquired or 'reserved'}"
            for name in sorted(fitting & {*self._session.places})
        ]
        raise Refused("busy", "No place became free in time.", "; ".join(owners))

    async def _create(self, tags: dict[str, str]) -> str:
        from labgrid.remote.generated import labgrid_coordinator_pb2 as messages

        filters = {"main": messages.Reservation.Filter(filter=tags)}
        request = messages.CreateReservationRequest(filters=filters, prio=0.0)
        response = await self._session.stub.CreateReservation(request)
        return str(response.reservation.token)

    async def _allocated(self) -> str | None:
        """The place of the latest reservation, None while there is none; all are asked about, which
        keeps them."""
        from labgrid.remote.common import Reservation, ReservationState
        from labgrid.remote.generated import labgrid_coordinator_pb2 as messages

        for token in self._tokens:
            request = messages.PollReservationRequest(token=token)
            response = await self._session.stub.PollReservation(request)
        latest = Reservation.from_pb2(response.reservation)
        if latest.state is ReservationState.waiting:
            return None
        if latest.state is not ReservationState.allocated:
            raise Refused("busy", f"The reservation is {latest.state.name}.")
        return str(latest.allocations["main"][0])

    async def _cancel(self, token: str) -> None:
        from labgrid.remote.generated import labgrid_coordinator_pb2 as messages

        await self._session.stub.CancelReservation(messages.CancelReservationRequest(token=token))

    def _acquire(self, name: str) -> None:
        from labgrid.remote.client import Error

        self._session.args = Namespace(allow_unmatched=False)
        try:
            self._wait(self._session._acquire_place(name))
        except Error as error:
            self._ours = False
            why = " ".join(map(str, error.args))
            raise Refused("unready", f"The place could not be acquired: {why}.", name) from None

    def line(self) -> dict[str, Any]:
        """Where the serial line of the place is now."""
        from labgrid.exceptions import NoResourceFoundError
        from labgrid.util.proxy import proxymanager

        try:
            port = self._resources().get_resource("NetworkSerialPort")
        except NoResourceFoundError as error:
            many = "several serial ports" if error.found else "no serial port that works"
            raise Refused("fault", f"The place has {many}, expected one.") from None
        host, number = proxymanager.get_host_and_port(port)
        return {"host": host, "port": number, "protocol": port.protocol}

    def services(self) -> dict[str, str]:
        """The network services of the place by the names of their resources, as HOST:PORT."""
        return {
            each.name: f"{each.address}:{each.port}"
            for each in self._resources().resources
            if type(each).__name__ == "NetworkService"
        }

    def _resources(self) -> Any:
        """The place's target, which has its resources."""
        from labgrid import Target
        from labgrid.resource.remote import RemotePlace

        if self._target is None:
            self._session._prepare_manager()
            self._target = Target(self._name)
            RemotePlace(self._target, name=self._name)
        return self._target

    def cycle(self) -> dict[str, Any]:
        """Switch the place's power off and on; ``done`` says whether it has a switch."""
        return self._do(self._session.power, action="cycle", delay=None)

    def load(self, image: str) -> dict[str, Any]:
        """Have the place's bootstrap driver, if it has one, write an image."""
        return self._do(self._session.bootstrap, filename=image, wait=RELEASE_S, bootstrap_args=[])

    def _do(self, method: Any, **args: object) -> dict[str, Any]:
        """One of labgrid-client's commands, on the place."""
        from labgrid.remote.client import UserError

        common = {"place": self._name, "name": None, "state": None, "initial_state": None}
        self._session.args = Namespace(**common, **args)
        self._session.role = None
        try:
            method()
        except UserError as error:
            if _UNABLE not in str(error):
                raise
            return {"done": False}
        return {"done": True}

    def close(self) -> dict[str, Any]:
        """Give everything back."""
        if self._session is None:
            return {}
        try:
            self._wait(asyncio.wait_for(self._give_back(), RELEASE_S))
            return {"released": self._name}
        finally:
            with suppress(Exception):
                self._wait(asyncio.wait_for(self._session.stop(), RELEASE_S))
                self._wait(asyncio.wait_for(self._session.close(), RELEASE_S))

    async def _give_back(self) -> None:
        if self._ours:
            await self._session._release_place(self._name)
        for token in self._tokens:
            await self._cancel(token)

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)


def _has(name: str, place: Any, tags: Mapping[str, str]) -> bool:
    return {**place.tags, "name": name}.items() >= tags.items()


def _listed(tags: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in tags.items())


def answer(work: Any, *args: Any, **named: Any) -> dict[str, Any]:
    """What a step returns, or what is wrong."""
    try:
        return {"ok": work(*args, **named)}
    except Refused as error:
        return {"kind": error.kind, "error": str(error), "at": error.at}
    except Exception as error:  # labgrid's drivers raise whatever their tools do
        details = getattr(error, "details", None)
        what = details() if callable(details) else f"{type(error).__name__}: {error}"
        return {"kind": "fault", "error": f"labgrid failed: {what}", "at": ""}


def main() -> None:
    """Serve requests until they end."""
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what labgrid and its tools print is no answer
    sys.stdin = open(os.devnull)  # noqa: SIM115, a driver that asks a person finds nobody
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's is for who started this
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    requests = Requests(loop)
    keeper = Keeper(requests, loop)
    try:
        while (request := loop.run_until_complete(requests.next())) is not None:
            step = getattr(keeper, request.pop("do"))
            print(json.dumps(answer(step, **request)), file=said)
    finally:
        last = answer(keeper.close)
        with suppress(OSError):
            print(json.dumps(last), file=said, flush=True)
        os._exit(0)  # gRPC's threads are not waited for


if __name__ == "__main__":
    main()
