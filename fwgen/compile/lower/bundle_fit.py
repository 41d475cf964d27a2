"""The fit of several programs in one image: Programs -> what each memory of the board lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fwgen.board import Board, Region
from fwgen.board.placement import code_by_region
from fwgen.compile.lower.constant_regions import estimated_code
from fwgen.compile.lower.fit import demand
from fwgen.compile.lower.program import Program
from fwgen.errors import DoesNotFit

_OF_EACH = ("weights", "state")
"""What every model has of its own; they share what else there is."""

_SHARED = ("arena", "stack", "inputs")


def require_bundle_fit(board: Board, programs: Mapping[str, Program]) -> None:
    """Raise DoesNotFit if a region is too small for all programs, by the names of their models.

    Code and the runtime's data are known after linking only, when the linker counts them.
    """
    lacking = [each for region in board.regions for each in [_shortage(region, programs)] if each]
    if not lacking:
        return
    tries = [f"fewer models in one image; {_biggest(region, programs)}" for region, _ in lacking]
    raise DoesNotFit(
        f"{'; '.join(what for _, what in lacking)}.",
        at=f"board {board.name}",
        tries=(
            *dict.fromkeys(tries),
            "--optimize size or --optimize ram",
            f"a board with more memory than {board.name} (fwgen boards)",
        ),
    )


def after(board: Board, programs: Sequence[Program]) -> Board:
    """The board as it is for one more model: what programs have of their own takes room of it.

    Constants that may be in several regions go where the others leave room.
    """
    if board.native or len(board.regions_for("weights")) < 2:
        return board
    taken = dict(board.measured)
    for region in board.regions:
        own = sum(demand(program, region).get(what, 0) for program in programs for what in _OF_EACH)
        if own:
            key = board.key_of(region)
            taken[key] = taken.get(key, 0) + own
    return replace(board, measured=taken)


def missing(board: Board, programs: Mapping[str, Program]) -> dict[str, int]:
    """Bytes that regions lack for all programs, by the regions' names, before linking: none where
    all that is known without code fits. Where it does not, code is what is estimated of it."""
    found = {}
    for region in board.regions:
        if sum(needed(region, programs).values()) > region.bytes:
            found[region.name] = sum(needed(region, programs, code=True).values()) - region.bytes
    return found


def needed(
    region: Region, programs: Mapping[str, Program], *, code: bool = False
) -> dict[str, int]:
    """Bytes of a region by what is in it; what models have of their own by model. With ``code``,
    also what is estimated of it, shared kernels once."""
    found: dict[str, int] = {}
    for name, program in programs.items():
        needs = demand(program, region)
        found |= {f"{what} of {name}": needs[what] for what in _OF_EACH if what in needs}
        for what in _SHARED:
            if what in needs:
                found[what] = max(found.get(what, 0), needs[what])
    if code and programs:
        board = next(iter(programs.values())).board
        found["code"] = code_by_region(board, estimated_code(*programs.values()))[region.name]
    return found


def _shortage(region: Region, programs: Mapping[str, Program]) -> tuple[Region, str] | None:
    """What a region lacks, in words."""
    needs = needed(region, programs)
    total = sum(needs.values())
    if total <= region.bytes:
        return None
    listed = ", ".join(f"{what} {used:,}" for what, used in needs.items())
    return region, (
        f"The models need {total:,} bytes of {region.name} without code, which has "
        f"{region.bytes:,}: {listed}"
    )


def _biggest(region: Region, programs: Mapping[str, Program]) -> str:
    """Which model needs most of a region."""
    needs = {
        name: sum(needed(region, {name: program}).values()) for name, program in programs.items()
    }
    name = max(needs, key=lambda name: needs[name])
    return f"{name} alone needs {needs[name]:,} bytes of {region.name}"
