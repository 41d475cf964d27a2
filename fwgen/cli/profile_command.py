"""``fwgen profile``: what a project's inference, or a window of any ELF file, executes."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from fwgen.board import load_board
from fwgen.build.built_project import open_project
from fwgen.build.size import measure
from fwgen.cli.input_arrays import input_arrays
from fwgen.device.run.runner import Capability, Choice, Launch
from fwgen.device.run.venue import find_venue, note_venue
from fwgen.errors import UsageError
from fwgen.host.files import write_json
from fwgen.measure.profile.recording import RecordedWindow
from fwgen.measure.profile.shares import (
    Foreign,
    inference,
    invoke_symbol,
    profile_elf,
    profile_project,
)
from fwgen.report.npu_report import offload_report
from fwgen.report.profile_report import profile as profile_report


def run(args: argparse.Namespace) -> int:
    """Estimated cycles by symbol. A window that has no start begins with the model's inference."""
    result = _of_project(args) if args.target.is_dir() else _of_elf(args)
    write_json(args.json, result)
    print(profile_report(result, args.top))
    if "ran_on" in result:
        print(f"run on {result['ran_on']} in place of {result['board']}")
    if result.get("npu"):
        print(offload_report(result["npu"]))
    return 0


def _of_project(args: argparse.Namespace) -> dict[str, Any]:
    if _foreign(args) != Foreign():
        raise UsageError("The board of a project is known.", at="options for other ELF files")
    project = open_project(args.target)
    result, board = project.result, project.board
    if board.native:
        raise UsageError(
            f"Cycles are estimated for a Cortex-M, but the project is for {board.name}.",
            at=str(args.target),
            tries=("fwgen build with --board corstone-300",),
        )
    venue = find_venue(board, Choice(needs=frozenset({Capability.RECORD})), project.npu)
    own, board, elf = board, venue.board, project.image_on(venue.board)
    note_venue(result, venue)
    data = b"".join(v.tobytes() for v in input_arrays(args.input or [], project.graph))
    result["memory"] |= measure(elf, board, result["memory"]["arena_bytes"]).as_dict()
    whole, asked = inference(project.prefix), _window(args)
    window = dataclasses.replace(asked, start=asked.start or whole.start) if asked else whole
    build = result["build_id"]
    launch = Launch(
        board,
        elf,
        npu=project.npu,
        build=build,
        model=project.number,
        inference_s=args.timeout,
        sizes=project.sizes,
    )
    result |= profile_project(launch, result, data, window, own)
    return result | {"elf": str(elf.resolve())}


def _of_elf(args: argparse.Namespace) -> dict[str, Any]:
    if args.input:
        raise UsageError("Only a project takes inputs from files.", at="--input")
    window = _window(args) or RecordedWindow("")
    window = dataclasses.replace(window, start=window.start or invoke_symbol())
    result = profile_elf(args.target, _foreign(args), window, args.timeout)
    return result | {"elf": str(args.target.resolve())}


def _window(args: argparse.Namespace) -> RecordedWindow | None:
    """What to record, None where nothing is said of it."""
    if not any((args.start, args.stop, args.mark)):
        return None
    return RecordedWindow(args.start or "", args.stop or "ret", tuple(args.mark or ()))


def _foreign(args: argparse.Namespace) -> Foreign:
    """What an ELF file that is not a project's runs on."""
    return Foreign(
        board=load_board(args.board) if args.board else None,
        machine=args.machine,
        core=args.mcpu,
        loads=tuple(args.load or ()),
        semihosting=args.semihosting,
        send=args.send,
        ready=args.ready,
        until=args.until,
        macs=args.macs,
    )
