"""The bench: a project that is built, and the devices that can run it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fwgen.board import Board, load_board
from fwgen.build.built_project import Project, open_project
from fwgen.cli.arguments import chosen_runner
from fwgen.cli.energy_options import chosen_energy
from fwgen.cli.parser import parser
from fwgen.device.link.transcript import Transcript
from fwgen.device.run.runner import Launch
from fwgen.device.run.venue import find_venue
from fwgen.errors import UsageError
from fwgen.host.lock import exclusive
from fwgen.measure.counters.inference_energy import EnergyWish, check_wish
from fwgen.project.naming import folder_name, short_hash
from fwgen.pytest_plugin.bench_file import Attached
from fwgen.pytest_plugin.claim import claimed
from fwgen.pytest_plugin.wishes import Wishes


@dataclass(frozen=True)
class Bench:
    """``project`` is what is under test; ``devices`` can run it, one test at a time each."""

    project: Project
    devices: tuple[Attached, ...]
    wishes: Wishes

    @property
    def board(self) -> Board:
        """The board that the project is for."""
        return self.project.board

    @property
    def build_id(self) -> str:
        """Of the firmware, as the device must tell it."""
        return self.project.build_id

    @cached_property
    def input_shapes(self) -> list[tuple[int, ...]]:
        """Of the arrays that an inference takes, in their order."""
        graph = self.project.graph
        return [graph.tensors[index].shape for index in graph.inputs]

    @contextmanager
    def launched(self, transcript: Transcript) -> Iterator[tuple[Launch, EnergyWish | None]]:
        """How to start the firmware on a device that is ours until the end, and how its energy is
        measured, if it is.

        Raises DeviceUnavailable if all devices stay busy; UsageError for a runner that does not
        suit; what building the image for the board that stands in raises.
        """
        project = self.project
        with claimed(self.devices, self.wishes.wait_s) as device:
            args = parser().parse_args(["run", str(project.folder), *device.words])
            runner = chosen_runner(args)
            venue = find_venue(project.board, runner, project.npu)
            image = project.image_on(venue.board)
            energy = chosen_energy(args)
            if energy is not None:
                check_wish(energy, venue.board, venue.runner)
            launch = Launch(
                *(venue.board, image, runner, project.npu, project.result["build_id"]),
                model=project.number,
                inference_s=args.timeout,
                sizes=project.sizes,
                flash=self.wishes.flash,
                transcript=transcript,
            )
            yield launch, energy


def prepare(wishes: Wishes, board: str | None, devices: tuple[Attached, ...], run: Path) -> Bench:
    """Build what is asked for, unless another process of the run has, and find where it can run.

    ``board`` is a name or a file, None for the project's own. The folder ``run`` is that of all
    processes of the run together. Raises what ``fwgen build`` does, and UsageError for a project
    that is for another board.
    """
    folder = wishes.project
    if wishes.model is not None and board is not None:
        folder = folder or wishes.root / "build" / _name(wishes, wishes.model, load_board(board))
        _build_once(wishes, board, folder, run)
    assert folder is not None, "wishes without a model or a project are refused before"
    project = open_project(folder)
    if board is not None and load_board(board).source != project.board.source:
        raise UsageError(
            f"The project is for {project.board.name}, and the tests for {board}.",
            at=str(folder),
            tries=("--fwgen-model FILE, to build it", f"--fwgen-board {project.board.name}"),
        )
    return Bench(project, devices, wishes)


def _name(wishes: Wishes, model: Path, board: Board) -> str:
    """As ``fwgen build`` calls the folder, with a hash of further options."""
    words = (short_hash("\0".join(wishes.build)),) if wishes.build else ()
    return folder_name(model.stem, board.name, words)


def _build_once(wishes: Wishes, board: str, folder: Path, run: Path) -> None:
    """Have the command build the project. Its report is not told, only its errors."""
    done = run / f"fwgen-built-{short_hash(str(folder))}"
    with exclusive(done):
        if done.exists():
            return
        words = ["build", str(wishes.model), "--board", board, "-o", str(folder), "-q"]
        args = parser().parse_args([*words, *wishes.build])
        with contextlib.redirect_stdout(io.StringIO()):
            args.command(args)
        done.touch()
