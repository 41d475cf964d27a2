"""Kernels from listings: orders instructions for a core's pipeline and gives them registers."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from schedule_kernels import emit, passes, pipeline, search, source
from schedule_kernels.pipeline import NoPipelineError, Pipeline
from schedule_kernels.search import NoScheduleError, Schedule
from schedule_kernels.source import ListingError, Section, Source, Value

ROOT = Path(__file__).resolve().parents[2]
KERNELS = ROOT / "fwgen" / "kernels"
CORE = "cortex-m55"
CORES = (CORE, "cortex-m85")
"""The cores for whose pipelines the tree has the kernels. Files for any but the first are in a
folder with the core's name, beside those for the first."""
COLUMNS = 100

_EPILOG = """
example: tools/schedule fwgen/kernels/matrix/listings/matrix_pairs.listing --kernel matrix_1
A listing FAMILY/listings/NAME.listing becomes the C files in FAMILY that its table names.
"""


def main(arguments: Sequence[str]) -> int:
    """0, or 1 if a file is not what its listing makes (--check), or 2 for what was asked for."""
    parser = argparse.ArgumentParser(
        "schedule",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("listings", nargs="*", type=Path, help="default: all of fwgen/kernels")
    parser.add_argument("--kernel", help="only this row of the table")
    parser.add_argument("--output", type=Path, help="the folder to write to")
    parser.add_argument("--tries", type=int, help="orders to try instead of those of the table")
    parser.add_argument("--core", help=f"whose pipeline to order for ({' and '.join(CORES)})")
    parser.add_argument("--check", action="store_true", help="compare with the files, write none")
    parser.add_argument("--measure", metavar="CORE", help="ask llvm-mca for the pipeline of a core")
    args = parser.parse_args(arguments)
    if args.measure:
        path = pipeline.FOLDER / f"{args.measure}.json"
        path.write_text(pipeline.measure(args.measure).to_json())
        return 0
    differing = 0
    try:
        for path in args.listings or sorted(KERNELS.glob("*/listings/*.listing")):
            listing = source.read(path)
            asked = args.core or (args.output and CORE)
            for core in (asked,) if asked else cores_of(listing):
                model, folder = pipeline.load(core), args.output or folder_of(path, core)
                for row in listing.rows.values():
                    if args.kernel in (None, row["name"]):
                        differing += not _current(listing, row, model, folder, args)
    except (ListingError, NoScheduleError, NoPipelineError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 1 if differing else 0


def cores_of(listing: Source) -> tuple[str, ...]:
    """The cores that the tree has a listing's kernels for: one where nothing is scheduled."""
    return CORES if any(s.name == "pass" for s in listing.sections) else CORES[:1]


def folder_of(listing: Path, core: str) -> Path:
    """Where the files that a listing makes for a core are."""
    family = listing.resolve().parent.parent
    return family if core == CORE else family / core


def _current(
    listing: Source, row: dict[str, Value], model: Pipeline, folder: Path, args: argparse.Namespace
) -> bool:
    """Writes the files of a kernel, or says whether they are up to date."""
    if args.tries:
        row = {**row, "tries": args.tries}
    schedule = schedule_of(listing, row, model)
    if schedule is not None:
        print(f"{row['name']}: {schedule.cycles:g} cycles", file=sys.stderr)
    same = True
    for name, text in files_of(listing, row, schedule).items():
        path = folder / name
        if not args.check:
            folder.mkdir(exist_ok=True)
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            print(f"{path} is not what {listing.path.name} makes", file=sys.stderr)
            same = False
    return same


def schedule_of(listing: Source, row: dict[str, Value], model: Pipeline) -> Schedule | None:
    """The schedule of a row of the table; None of a listing whose order is as written, without a
    ``@pass``. Raises ListingError, NoScheduleError."""
    sections = [s for s in listing.sections if s.name == "pass"]
    if not sections:
        return None
    (section,) = sections
    lines = list(source.expand(listing, section, row))
    problem = search.Problem(passes.build(lines, listing.path.name), model)
    return problem.search(int(row["tries"]), int(row.get("seed", 1)))


def files_of(listing: Source, row: dict[str, Value], schedule: Schedule | None) -> dict[str, str]:
    """The texts of a kernel's files by name. Raises ListingError."""
    values: dict[str, Value] = {**row, "NAME": str(row["name"]).upper()}
    if schedule is not None:
        values["cycles"] = f"{schedule.cycles:.0f}"
    files: dict[str, list[str]] = {}
    for section in listing.sections:
        if section.name == "output":
            lines = files[source.substitute(section.arguments, values)] = [
                f"/* Generated by tools/schedule from listings/{listing.path.name}: edit that. */"
            ]
        elif section.name == "c":
            for line in section.lines:
                lines += wrapped(source.substitute(line.text, values))
        elif section.name == "asm":
            lines += [f'      "{line}\\n"' for line in _assembler(listing, section, row, schedule)]
    return {name: "\n".join(lines).rstrip() + "\n" for name, lines in files.items()}


def wrapped(line: str) -> list[str]:
    """A line of C as clang-format breaks it: a comment, or what is in parentheses."""
    if len(line) <= COLUMNS:
        return [line]
    if line.startswith(("/*", " *")):
        return textwrap.wrap(line, COLUMNS, subsequent_indent=" * ", break_long_words=False)
    head, _, arguments = line.partition("(")
    indent = " " * (len(head) + 1)
    glued = [argument.replace(" ", "\0") for argument in arguments.split(", ")]
    text = textwrap.fill(
        ", ".join(glued), COLUMNS, initial_indent=head + "(", subsequent_indent=indent
    )
    return text.replace("\0", " ").splitlines()


def _assembler(
    listing: Source, section: Section, row: dict[str, Value], schedule: Schedule | None
) -> Iterator[str]:
    places: dict[str, list[str]] = {}
    if schedule is not None:
        first, second = emit.cut(schedule)
        places = {"pass": [*first, *second], "first half": first, "second half": second}
        places["rest"] = emit.left_over(schedule)
    for line in source.expand(listing, section, row):
        if line.text.startswith("place "):
            yield from places[line.text.removeprefix("place ")]
        else:
            yield line.text
