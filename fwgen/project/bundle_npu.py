"""The NPU of a bundle: the one that all models of an image use, each as if it were alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fwgen.compile.lower.program import Program
from fwgen.errors import UsageError
from fwgen.project.npu_facts import npu_names


def require_one_npu(programs: Mapping[str, Program]) -> None:
    """Raise UsageError if models, by their names, need an NPU, or its ports to memory, otherwise
    than others do: the image has one driver."""
    facts = {name: npu_names(program) for name, program in programs.items() if program.npu}
    first = next(iter(facts), None)
    for name, found in facts.items():
        assert first is not None
        expected = facts[first]
        assert found is not None and expected is not None
        if found["name"] != expected["name"]:
            raise UsageError(
                f"The model {name} is compiled for {found['name']}, and {first} for "
                f"{expected['name']}.",
                at="models",
                tries=("all models as they were before Vela, with one --npu",),
            )
        if found != expected:
            raise UsageError(
                f"The NPU would reach the arena of {name} by another of its ports than that of "
                f"{first}, and it has one setting for all models.",
                at="--npu",
                tries=("--place arena=REGION, the same for all",),
            )


def shared_npu(programs: Mapping[str, Program]) -> dict[str, Any] | None:
    """The names that templates print of the NPU of all models; None if none uses one."""
    return next((npu_names(program) for program in programs.values() if program.npu), None)
