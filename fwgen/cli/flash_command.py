"""``fwgen flash``: a project's image in the flash of its board, or in a file for a programmer."""

from __future__ import annotations

import argparse
from pathlib import Path

from fwgen import SCHEMA
from fwgen.build.built_project import Project, open_bundle, open_project
from fwgen.build.image_formats.load_segments import load_segments
from fwgen.cli.progress import Progress, tell
from fwgen.device.flash import FLASHERS, WAIT_S, Flashed, FlashWish, Tell, find_flasher, flash_image
from fwgen.device.flash.rom_check import check_rom
from fwgen.device.run import open_session
from fwgen.device.run.runner import Choice, Launch
from fwgen.device.run.serial import PORT
from fwgen.errors import FwgenError, UsageError
from fwgen.host.files import require_writable, write_file, write_json
from fwgen.report.text_tables import table


def run(args: argparse.Namespace) -> int:
    """Write an image to a board or into a file, or list the probes."""
    if args.probes:
        return _list_probes(args)
    if args.project is None:
        raise UsageError(
            "Nothing says which project to write.",
            at="fwgen flash",
            tries=("fwgen flash PROJECT, a folder that fwgen build made", "fwgen flash --probes"),
        )
    project = _opened(args.project)
    if project.board.native or project.board.library_only:
        raise UsageError(
            f"What is built for {project.board.name} is not for the flash of a board.",
            at=str(args.project),
            tries=("fwgen run, which starts it", "fwgen build for a board"),
        )
    return _save(args, project) if args.save else _flash(args, project)


def _opened(folder: Path) -> Project:
    """The project in a folder; of a bundle any of its models, for they share the image."""
    _, models = open_bundle(folder)
    return models[0] if models else open_project(folder)


def _flash(args: argparse.Namespace, project: Project) -> int:
    elf = project.elf
    wait_s = WAIT_S if args.wait is None else args.wait
    wish = FlashWish(args.flasher, args.probe, wait_s)
    done = flash_image(project.board, elf, wish, _told(args))
    checked = _ask(args, project, elf, done) if args.port else 0
    write_json(
        args.json,
        {
            "schema": SCHEMA,
            "board": project.board.name,
            "build_id": project.build_id,
            "asked": bool(args.port),
            "elf": str(elf.resolve()),
            "flasher": done.flasher,
            "probe": done.probe,
            "chip": done.chip,
            "compared": done.compared,
            "checked_bytes": checked,
            "note": done.note,
            "segments": [{"address": s.address, "bytes": len(s.data)} for s in done.segments],
        },
    )
    print(
        f"{done.bytes:,} bytes on {project.board.name}, by {done.flasher} at {done.probe} "
        f"({_checked(args, done, checked)}), build {project.build_id}"
    )
    return 0


def _checked(args: argparse.Namespace, done: Flashed, checked: int) -> str:
    """What is known of the bytes that were written."""
    read = "read back, equal" if done.compared else "not read back: the flasher cannot"
    note = f"; {done.note}" if done.note else ""
    if not args.port:
        asks = "" if done.compared else "; --port URL has the firmware check it"
        return f"{read}{note}{asks}"
    if done.compared:
        return f"{read}{note}, and the firmware says so"
    return f"{read}{note}; {checked:,} bytes are right, by the firmware's own CRC-32"


def _told(args: argparse.Namespace) -> Tell:
    """Progress of the stages; that a probe is waited for is none of them."""
    progress = Progress(3, args.quiet)

    def told(stage: str, what: str) -> None:
        if stage != "wait":
            progress(stage, what)
        elif not args.quiet:
            tell(what)

    return told


def _ask(args: argparse.Namespace, project: Project, elf: Path, done: Flashed) -> int:
    """How many bytes the firmware at the port finds right, where nobody else could look.

    Raises WrongBuild if it is not what was written, FlashDiffers if it finds other bytes, or as a
    session does if none answers.
    """
    choice = Choice("serial", {PORT.flag: args.port})
    launch = Launch(project.board, elf, choice, build=project.build_id, flash=False)
    with open_session(launch) as session:
        return 0 if done.compared else check_rom(session.link, project.board, done.segments)


def _save(args: argparse.Namespace, project: Project) -> int:
    from fwgen.build.image_formats.image_file import image_file
    from fwgen.device.flash.uf2_drive import family_of

    require_writable(args.save)
    segments = load_segments(project.elf)
    ending = args.save.suffix.removeprefix(".").lower()
    content = image_file(segments, ending, family_of(project.board))
    write_file(args.save, content)
    write_json(
        args.json,
        {
            "schema": SCHEMA,
            "board": project.board.name,
            "build_id": project.build_id,
            "file": str(args.save.resolve()),
            "address": segments[0].address,
            "segments": [{"address": s.address, "bytes": len(s.data)} for s in segments],
        },
    )
    print(f"{args.save}: {', '.join(map(str, segments))}, build {project.build_id}")
    return 0


def _list_probes(args: argparse.Namespace) -> int:
    """What each flasher, or the one that is named, finds."""
    board = _opened(args.project).board if args.project else None
    named = [find_flasher(board, args.flasher)] if board and args.flasher else FLASHERS.values()
    rows, found = [], []
    for flasher in named:
        if args.flasher not in (None, flasher.name):
            continue
        try:
            probes = flasher.probes(board)
        except FwgenError as error:
            rows.append((flasher.name, "-", error.what))
            found.append({"flasher": flasher.name, "error": error.what})
            continue
        rows += [(flasher.name, probe.name, probe.what) for probe in probes]
        found += [{"flasher": flasher.name, "probe": p.name, "what": p.what} for p in probes]
    write_json(args.json, {"schema": SCHEMA, "probes": found})
    print(table(("flasher", "probe", "what it is"), rows))
    return 0
