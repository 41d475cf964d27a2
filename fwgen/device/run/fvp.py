"""The runner of Arm's FVPs (Fixed Virtual Platforms): a serial line over the TCP port of the
FVP's terminal.

An FVP's counters are no cycles, not even relatively; Arm says so. They are called ticks here.
"""

from __future__ import annotations

import math
import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board, Counter
from fwgen.board.keys import WORD, Key, Listed, Text
from fwgen.board.sections import Section
from fwgen.device.link import Info, Timeouts
from fwgen.device.link.faults import Disconnected, OutOfTime
from fwgen.device.run.elf import check_streams
from fwgen.device.run.fvp_process import FvpProcess
from fwgen.device.run.process import Process
from fwgen.device.run.runner import Capability, Choice, Connection, Launch, Option, Runner
from fwgen.errors import DeviceUnavailable, UsageError
from fwgen.host.programs import find_program, why_missing
from fwgen.npu.board_npu import FVP_NAME, npu_of
from fwgen.npu.payload import Configuration

START_S = 30.0
"""From the start of the model to the announcement of its port."""

_PORT = re.compile(rb"telnetterminal0: Listening for serial connection on port (\d{1,5})")


EXECUTABLE = Option(
    "--fvp", "FILE", "the model's executable, in place of FWGEN_FVP_BOARD and what is on the PATH"
)


@dataclass(frozen=True)
class FvpModel:
    """Arm's Fixed Virtual Platform: its executable, the prefix of its board parameters, and
    parameters (``name=value``) that it always gets."""

    program: str
    prefix: str
    parameters: tuple[str, ...]


_PARAMETER = Text(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}=[A-Za-z0-9_.-]{1,80}",
    "NAME=VALUE of letters, digits, _, . and -",
)

SECTION = Section(
    "fvp",
    "Arm's Fixed Virtual Platform that runs the board's images.",
    (
        Key("program", FVP_NAME, "its executable"),
        Key("prefix", WORD, "what its parameters for the board begin with"),
        Key("parameters", Listed(_PARAMETER), "parameters that it always gets", ()),
    ),
    FvpModel,
    of_simulator=True,
)


def variable(board: Board) -> str:
    """The environment variable that names the FVP of a board."""
    return "FWGEN_FVP_" + re.sub(r"[^A-Z0-9]", "_", board.name.upper())


def environment(program: Path) -> dict[str, str]:
    """Environment variables for the FVP.

    If its install folder has a Python, they lead to that, because the FVP links it.
    """
    env = dict(os.environ)
    python = program.resolve().parent.parent.parent / "python"  # of INSTALL/models/HOST/FVP_...
    if (python / "lib").is_dir():
        paths = [str(python / "lib"), env.get("LD_LIBRARY_PATH", "")]
        env["LD_LIBRARY_PATH"] = os.pathsep.join(path for path in paths if path)
        env["PYTHONHOME"] = str(python)
    return env


class FvpRunner(Runner):
    """Boards that Arm has an FVP of; its executable is found by variable or on the PATH."""

    name = "fvp"
    rank = 2
    capabilities = frozenset({Capability.COUNTERS, Capability.NPU})
    options = (EXECUTABLE,)
    timeouts = Timeouts(boot_s=20.0)
    ends = True

    def suits(self, board: Board) -> bool:
        return board.section(SECTION) is not None

    def refusal(self, board: Board, npu: Configuration | None) -> UsageError | None:
        if _program(board, npu):
            return None
        product = npu.product if npu else "NPU"
        return UsageError(f"No FVP of {board.name} has an {product}.", at=f"--runner {self.name}")

    def missing(
        self, board: Board, npu: Configuration | None = None, choice: Choice | None = None
    ) -> DeviceUnavailable | None:
        name = _program(board, npu)
        given = (choice or Choice()).options.get(EXECUTABLE.flag)
        if find_program(given or _asked(board, name)):
            return None
        if given:
            return DeviceUnavailable(
                f"The FVP is not there: {why_missing(given)}.", at=f"{EXECUTABLE.flag} {given}"
            )
        return DeviceUnavailable(
            f"The FVP of {board.name} is not installed: {why_missing(_asked(board, name))}.",
            at=f"{variable(board)}={os.environ.get(variable(board), '')}",
            tries=(
                "accept Arm's licence and install the model: "
                "https://developer.arm.com/Tools%20and%20Software/Fixed%20Virtual%20Platforms",
                f"set {variable(board)} to the path of the executable",
                f"{EXECUTABLE.flag} {EXECUTABLE.metavar}, the same for one run",
                *(("run on QEMU: --runner qemu",) if "qemu" in board.sections else ()),
            ),
        )

    def command(self, launch: Launch) -> list[str]:
        """The command line."""
        board, npu, model = launch.board, launch.npu, _model(launch.board)
        terminals = [f"telnetterminal{number}.start_telnet=0" for number in (0, 1, 2, 5)]
        parameters = [
            "visualisation.disable-visualisation=1",
            *terminals,
            "telnetterminal0.mode=raw",
            "uart0.unbuffered_output=1",
            "uart0.shutdown_on_eot=1",
        ]
        settings = [*model.parameters, *(f"{model.prefix}.{each}" for each in parameters)]
        if npu is not None:
            macs = npu_of(board, npu.name).fvp_macs
            settings.append(f"{macs}={npu.macs}")
            if not launch.counters:  # the same results without their timing, and much sooner
                settings.append(f"{macs.rpartition('.')[0]}.extra_args=--fast")
        name = _program(board, npu)
        asked = launch.choice.options.get(EXECUTABLE.flag) or _asked(board, name)
        limited = math.isfinite(launch.limit_s)
        return [
            *(find_program(asked) or name, "-a", str(launch.image)),
            *(word for setting in settings for word in ("-C", setting)),
            "--stat",
            *(("--timelimit", str(math.ceil(launch.limit_s))) if limited else ()),
        ]

    def connect(self, launch: Launch) -> Connection:
        command = self.command(launch)
        if launch.npu is not None:
            check_streams(launch.image, launch.npu)
        process = FvpProcess(
            command,
            launch.image.with_name("fvp.log"),
            limit_s=launch.limit_s + START_S,
            env=environment(Path(command[0])),
        )
        try:
            process.speak_through(_connect(process))
        except BaseException as error:
            process.close()
            process.complete(error)
            raise
        return process

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        return Counter("fvp", "ticks") if info.hz else None


def _model(board: Board) -> FvpModel:
    """The model of a board that an FVP suits."""
    model = board.section(SECTION)
    assert model is not None, "an FVP suits the board"
    return model


def _program(board: Board, npu: Configuration | None) -> str:
    """The executable with the board's NPU, empty if there is none with it."""
    return _model(board).program if npu is None else npu_of(board, npu.name).fvp


def _asked(board: Board, name: str) -> str:
    """What the variable names, or else the executable's own name."""
    return os.environ.get(variable(board)) or name


def _connect(process: Process) -> socket.socket:
    """A connection to the terminal's port, which the model announces on its standard output."""
    try:
        port = process.wait_for(_PORT, START_S)
    except (Disconnected, OutOfTime) as end:
        raise DeviceUnavailable(f"The FVP did not start. {end.what}", tries=end.tries) from None
    if port is None:
        raise DeviceUnavailable(f"The FVP announced no serial port within {START_S:g} s.")
    try:
        return socket.create_connection(("127.0.0.1", int(port[1])), timeout=START_S)
    except (OSError, OverflowError) as error:
        raise DeviceUnavailable(
            f"The FVP's serial port could not be opened: {error}.", at=f"TCP port {int(port[1])}"
        ) from None


RUNNER = FvpRunner()
