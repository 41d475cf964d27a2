"""A project folder -> its facts: the board, the model, the NPU and the build data in its JSON."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fwgen.board import Board, load_board
from fwgen.build.build_id import read_build_id
from fwgen.build.cmake import current_image
from fwgen.errors import UsageError
from fwgen.host.json_form import Form, fault
from fwgen.model.graph import Graph
from fwgen.model.sizes import ModelSizes
from fwgen.npu.offload import configuration_of
from fwgen.npu.payload import Configuration
from fwgen.project.folder import describe, models_of, require_one_model
from fwgen.project.kept import MARKER
from fwgen.source import COMPILED, MODEL, read_interface

_FORM: Form = {
    "build_id": str,
    "macs": int,
    "memory": {"arena_bytes": int, "state_bytes": int},
    "ops": [
        {
            "index": int,
            "op": str,
            "shape": str,
            "kernel": str,
            "macs": int,
            "outputs": [{"tensor": (int, None), "channels": ([int], None)}],
        }
    ],
    "variables": [{"offset": int, "bytes": int, "after": {"name": str, "source": (int, None)}}],
}
"""What commands need of a project's marker."""

_NPU_FORM: Form = {
    "configuration": str,
    "ops": [{"index": int, "op": str, "npu": bool, "why": (str, None)}],
}
_ESTIMATES_FORM: Form = {
    **dict.fromkeys(
        ("npu_estimated_cycles", "total_estimated_cycles", "clock_hz"), (int, float, None)
    ),
    "source": str,
}

_ANEW = ("fwgen build, which makes the project anew",)


@dataclass(frozen=True)
class Project:
    """``result`` is what commands add to; ``graph`` the model's, of whose ops only those that the
    core does need be fwgen's. ``npu`` is what the streams in the firmware are for, if any.

    The firmware is that of the folder ``home``: ``folder`` itself, or the bundle around it, in
    which the model has a ``number``.
    """

    folder: Path
    result: dict[str, Any]
    board: Board
    graph: Graph
    npu: Configuration | None
    home: Path
    number: int | None

    @cached_property
    def elf(self) -> Path:
        """The firmware, as the project's sources are now; ``result`` has its id from then on.

        Raises what building it does.
        """
        image = current_image(self.home, self.board)
        self.result["build_id"] = read_build_id(image)
        return image

    def image_on(self, board: Board) -> Path:
        """The firmware for the board that it is to run on, the project's own or its twin; as
        ``elf``."""
        if board.name == self.board.name:
            return self.elf
        image = current_image(self.home, self.board, board)
        self.result["build_id"] = read_build_id(image)
        return image

    @property
    def model(self) -> bytes:
        """The .tflite file that was given."""
        return (self.folder / MODEL).read_bytes()

    @property
    def compiled_before(self) -> bool:
        """Whether that was compiled by Vela."""
        return self.npu is not None and not (self.folder / COMPILED).is_file()

    @property
    def sizes(self) -> ModelSizes:
        """What firmware with the model tells of it."""
        graph = self.graph
        return ModelSizes(len(self.result["ops"]), graph.input_bytes, graph.output_bytes)

    @property
    def prefix(self) -> str:
        """With which the model's C symbols begin."""
        return str(self.result["prefix"])

    @property
    def build_id(self) -> str:
        """The image's own."""
        return read_build_id(self.elf)


def open_project(folder: Path) -> Project:
    """Read a project of one model that ``fwgen build`` made, or a model of a bundle.

    Raises UsageError, also for a bundle as a whole, or ModelError.
    """
    result = describe(folder)
    require_one_model(folder, result)
    home, number = _home(folder, result)
    _check(folder, result, _FORM)
    npu = None
    if "npu" in result:
        npu = _npu(folder, result["npu"])
    graph = read_interface(folder / MODEL)
    for output in (output for op in result["ops"] for output in op["outputs"]):
        _check_tensor(folder, output, graph)
    for variable in result["variables"]:
        _check_variable(folder, variable, graph, result["memory"]["state_bytes"])
    return Project(
        folder=folder,
        result=result,
        board=load_board(str(home / "board.toml")),
        graph=graph,
        npu=npu,
        home=home,
        number=number,
    )


def open_bundle(folder: Path) -> tuple[dict[str, Any], list[Project]]:
    """What a bundle's JSON says, and its models in their order; none for another project. Raises
    as ``open_project``."""
    described = describe(folder)
    return described, [open_project(folder / name) for name in models_of(described)]


def _home(folder: Path, result: Mapping[str, Any]) -> tuple[Path, int | None]:
    """The folder that has the firmware, and the model's number in it. Raises UsageError."""
    if "bundle" not in result:
        return folder, None
    _check(folder, result["bundle"], {"number": int}, "bundle")
    number = int(result["bundle"]["number"])
    real = Path(os.path.realpath(folder))
    if models_of(describe(real.parent))[number : number + 1] != [real.name]:
        raise UsageError(
            f"The project is model {number} of a bundle, which does not have it.",
            at=str(folder),
            tries=("fwgen build with all of its models, which makes it anew",),
        )
    return real.parent, number


def _check(folder: Path, value: object, form: Form, at: str = "") -> None:
    wrong = fault(value, form, at)
    if wrong is not None:
        raise UsageError(
            f"The project's {MARKER} is damaged at {wrong or 'its top'}.",
            at=str(folder / MARKER),
            tries=_ANEW,
        )


def _check_tensor(folder: Path, output: Mapping[str, Any], graph: Graph) -> None:
    """That the tensor and the channels of an output are in the model: TFLM is asked for them."""
    index, channels = output["tensor"], output["channels"]
    if index is None:
        return
    if index < len(graph.tensors):
        shape = graph.tensors[index].shape
        if all(channel < (shape[-1] if shape else 1) for channel in channels or ()):
            return
    raise UsageError(
        f"The project's {MARKER} names tensor {index}, or channels of it, which the model lacks.",
        at=str(folder / MARKER),
        tries=_ANEW,
    )


def _check_variable(
    folder: Path, variable: Mapping[str, Any], graph: Graph, state_bytes: int
) -> None:
    """That a variable is within the state, and has the bytes of the model's tensor."""
    offset, size, index = variable["offset"], variable["bytes"], variable["after"]["source"]
    inside = offset >= 0 and 0 <= size <= state_bytes - offset
    known = index is None or (
        0 <= index < len(graph.tensors) and graph.tensors[index].bytes == size
    )
    if not (inside and known):
        raise UsageError(
            f"The project's {MARKER} has a variable of {size} bytes at {offset} that is not in the "
            "state, or not the model's.",
            at=str(folder / MARKER),
            tries=_ANEW,
        )


def _npu(folder: Path, said: Mapping[str, Any]) -> Configuration | None:
    """The NPU of the project's command streams.

    Raises an error if the project's JSON names another.
    """
    _check(folder, said, _NPU_FORM, "npu")
    if said.get("estimates") is not None:
        _check(folder, said["estimates"], _ESTIMATES_FORM, "npu.estimates")
    path = next(folder / name for name in (COMPILED, MODEL) if (folder / name).is_file())
    found = configuration_of(read_interface(path))
    name = found.name if found else "no NPU"
    if name != said["configuration"]:
        raise UsageError(
            f"The project is for {said['configuration']}, but its command streams are for {name}.",
            at=str(path),
            tries=_ANEW,
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
    return ", ".join(f"{t.dtype.word} {list(t.shape)}" for t in tensors)
