"""A project folder -> what it says of itself, its board, its model and its NPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.board import Board, load_board
from fwgen.build import firmware
from fwgen.errors import UsageError
from fwgen.model.graph import Graph
from fwgen.npu.offload import configuration_of
from fwgen.npu.payload import Configuration
from fwgen.render import MARKER
from fwgen.render.folder import describe
from fwgen.source import COMPILED, MODEL, read_interface


@dataclass(frozen=True)
class Project:
    """``result`` is what commands add to; ``graph`` the model's, of whose ops only those that the
    core does need be fwgen's. ``npu`` is what the streams in the firmware are for, if any."""

    folder: Path
    result: dict[str, Any]
    board: Board
    graph: Graph
    npu: Configuration | None

    @property
    def elf(self) -> Path:
        """The firmware. Raises UsageError if it has not been built."""
        return firmware(self.folder)

    @property
    def model(self) -> bytes:
        """The .tflite file that was given."""
        return (self.folder / MODEL).read_bytes()

    @property
    def compiled_before(self) -> bool:
        """Whether that was compiled by Vela."""
        return self.npu is not None and not (self.folder / COMPILED).is_file()

    @property
    def prefix(self) -> str:
        """With which the model's C symbols begin."""
        return str(self.result["prefix"])

    @property
    def build_id(self) -> str:
        """The image's."""
        return str(self.result["build_id"])


def open_project(folder: Path) -> Project:
    """Read a project that ``fwgen build`` made. Raises UsageError or ModelError."""
    result = describe(folder)
    npu = None
    if "npu" in result:
        npu = _npu(folder, result["npu"])
    return Project(
        folder=folder,
        result=result,
        board=load_board(str(folder / "board.toml")),
        graph=read_interface(folder / MODEL),
        npu=npu,
    )


def _npu(folder: Path, said: Mapping[str, Any]) -> Configuration | None:
    """What the project's streams are for, which must be what it says."""
    if not isinstance(said, dict) or not {"configuration", "ops"} <= said.keys():
        raise UsageError(
            "The project does not say what its NPU does.",
            at=f"{folder / MARKER}: npu",
            tries=("fwgen build, which makes the project anew",),
        )
    path = next(folder / name for name in (COMPILED, MODEL) if (folder / name).is_file())
    found = configuration_of(read_interface(path))
    name = found.name if found else "no NPU"
    if name != said["configuration"]:
        raise UsageError(
            f"The project is for {said['configuration']}, but its command streams are for {name}.",
            at=str(path),
            tries=("fwgen build, which makes the project anew",),
        )
    return found


def reference_model(project: Project, given: Path | None) -> bytes:
    """The model that TFLM runs to compare with: the project's own, or else the one ``given``.

    Raises UsageError if there is none, or if it has other inputs and outputs; ModelError.
    """
    if given is None:
        if project.compiled_before:
            raise UsageError(
                "The project was made of a model that Vela had compiled, which TFLM cannot run.",
                at=str(project.folder / MODEL),
                tries=("--reference ORIGINAL.tflite, the model that was given to Vela",),
            )
        return project.model
    other = read_interface(given)
    if _interface(other) != _interface(project.graph):
        raise UsageError(
            f"The reference has inputs and outputs {_interface(other)}, expected "
            f"{_interface(project.graph)}.",
            at=f"--reference {given}",
        )
    return given.read_bytes()


def _interface(graph: Graph) -> str:
    tensors = (graph.tensors[t] for t in (*graph.inputs, *graph.outputs))
    return ", ".join(f"{t.dtype.name.lower()} {list(t.shape)}" for t in tensors)
