"""Arguments of all commands -> a call of the command.

Commands are imported where they are called, so that help is instant and an interrupt while
NumPy loads is answered like any other.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from fwgen import GOALS, SCHEMA, __version__
from fwgen.cli.arguments import (
    add_build,
    add_place,
    add_runner,
    chosen_runner,
    file,
    named,
    percentage,
    positive,
    seconds,
    whole,
)
from fwgen.cli.usage import Parser

_EXIT_CODES = """\
exit codes: 0 ok, 1 measured failure (mismatch, regression), 2 usage,
3 model invalid or unsupported, 4 does not fit, 5 build tool or file failed, 6 no or busy device,
7 device fault or timeout, 70 fault of fwgen, 129 hung up, 130 interrupted,
143 terminated
"""

Command = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """The parser; what it returns has the call as ``command``."""
    top = Parser(
        prog="fwgen",
        description="Turn a quantized .tflite model into a verified bare-metal C project.",
        epilog=_EXIT_CODES,
    )
    top.add_argument("--version", action="version", version=f"fwgen {__version__}, schema {SCHEMA}")
    parsers = top.add_subparsers(metavar="COMMAND")

    def add(name: str, run: Command, what: str, example: str) -> Parser:
        sub = parsers.add_parser(
            name,
            help=what[0].lower() + what[1:],
            description=what + ".",
            epilog=f"example:\n  {example}\n\n{_EXIT_CODES}",
        )
        sub.add_argument(
            "--json",
            type=file,
            metavar="FILE",
            help="write the result, or the error, as JSON too (-: to stdout, text to stderr)",
        )
        sub.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")
        sub.set_defaults(command=run)
        return sub

    built = "build/kws-corstone-300"
    example = "fwgen build kws.tflite --board corstone-300"
    add_build(add("build", _build, "Generate a project and build it", example))
    example = f"fwgen run {built} --input sample.npy"
    _add_run(add("run", _run, "Run a project and read its counters", example))
    example = f"fwgen verify {built} --inputs 100"
    _add_verify(add("verify", _verify, "Compare a project with TFLM, bit for bit", example))
    example = f"fwgen profile {built}"
    what = "Estimate the cycles of an inference, or of any ELF file, and where they go"
    _add_profile(add("profile", _profile, what, example))
    example = "fwgen compare old.json new.json --max-regression 2%"
    _add_compare(add("compare", _compare, "Compare two results, figure by figure", example))
    example = "fwgen plan buffers.csv --capacity 1048576 -o plan.csv"
    what = "Place buffers with known lifetimes in as little memory as possible"
    _add_plan(add("plan", _plan, what, example))
    example = f"fwgen report {built}\n  fwgen report kws.tflite --tflm kws_planned.tflite"
    what = "Draw the arena: which tensor lies where, when, and what each op takes"
    _add_report(add("report", _report, what, example))
    sub = add("inspect", _inspect, "Show what is in a model", "fwgen inspect kws.tflite")
    sub.add_argument("model", type=file, help=".tflite file")
    example = "fwgen boards --show mps2-an505 > my-board.toml"
    sub = add("boards", _boards, "List the boards", example)
    what = "print the file of a board, with comments, to start one of your own from"
    sub.add_argument("--show", type=named, metavar="NAME", help=what)
    what = "Say what is installed, what is missing and how to get it"
    add("doctor", _doctor, what, "fwgen doctor")
    example = "fwgen init kws.tflite --board corstone-300"
    sub = add("init", _init, "Write a fwgen.toml for a model", example)
    sub.add_argument("model", type=file, help=".tflite file")
    sub.add_argument("-b", "--board", type=named, help="default board")
    return top


def _add_run(sub: Parser) -> None:
    sub.add_argument("project", type=file, help="folder that `fwgen build` made")
    sub.add_argument(
        "--input",
        type=file,
        action="append",
        metavar="F.npy",
        help="value of a model input, once per input in their order (default: seeded noise)",
    )
    sub.add_argument(
        "--samples",
        type=file,
        metavar="F.npz",
        help="arrays inputs and labels: also print the accuracy on them",
    )
    add_runner(sub)


def _add_verify(sub: Parser) -> None:
    sub.add_argument("project", type=file, help="folder that `fwgen build` made")
    sub.add_argument(
        "--inputs", type=positive, default=20, metavar="N", help="how many (default 20)"
    )
    sub.add_argument(
        "--every-op",
        action="store_true",
        help="compare what each op leaves for all inputs (default: for the first 3)",
    )
    sub.add_argument("--seed", type=whole, default=0, metavar="S", help="of the inputs (default 0)")
    sub.add_argument(
        "--reference",
        type=file,
        metavar="F.tflite",
        help="what to compare with, if the project is of a model that Vela had compiled",
    )
    add_runner(sub)


def _add_profile(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("target", type=file, help="folder that `fwgen build` made, or an ELF file")
    window = sub.add_argument_group("what to record", "symbols or addresses")
    window.add_argument("--start", metavar="SYM", help="default: the invoke function of the model")
    window.add_argument(
        "--stop",
        metavar="SYM",
        help="or ret, the default: return from start; or exit: program's end",
    )
    window.add_argument(
        "--mark", action="append", metavar="SYM", help="divide there (data: when it is written)"
    )
    sub.add_argument("--input", type=file, action="append", metavar="F.npy", help="as for `run`")
    sub.add_argument(
        "--top", type=positive, default=12, metavar="N", help="symbols to show (default 12)"
    )
    sub.add_argument(
        "--timeout", type=seconds, default=600.0, metavar="S", help="seconds to run (default 600)"
    )
    foreign = sub.add_argument_group("for an ELF file that is not a project's")
    foreign.add_argument("-b", "--board", type=named, help="its machine, core, memory and energy")
    foreign.add_argument("--machine", default="", metavar="M", help="of QEMU (default mps3-an547)")
    foreign.add_argument("--mcpu", default="", metavar="CORE", help="default cortex-m55")
    foreign.add_argument("--load", action="append", metavar="FILE@ADDRESS", help="into memory, raw")
    foreign.add_argument("--semihosting", action="store_true", help="lets the image use host files")
    foreign.add_argument("--send", default="", metavar="TEXT", help="to type into its serial line")
    foreign.add_argument(
        "--ready", default="m-ready", metavar="REGEX", help="output to send it after (m-ready)"
    )
    foreign.add_argument("--until", default="", metavar="REGEX", help="output to give up after")
    foreign.add_argument("--macs", type=positive, metavar="N", help="multiply-accumulates inside")


def _add_compare(sub: argparse.ArgumentParser) -> None:
    for name in ("old", "new"):
        sub.add_argument(name, type=file, help="what a command wrote with --json")
    sub.add_argument(
        "--max-regression",
        type=percentage,
        default=0.0,
        metavar="P%",
        help="growth that is no regression (default 0%%)",
    )


def _add_plan(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "buffers",
        type=file,
        help="CSV: id,lower,upper,size; columns alignment and offset (fixed) if wanted",
    )
    sub.add_argument(
        "--capacity", type=positive, metavar="N", help="bytes to fit in (default: the fewest)"
    )
    sub.add_argument(
        "--budget",
        type=positive,
        default=3_000_000,
        metavar="NODES",
        help="to search at most (default 3,000,000)",
    )
    sub.add_argument("-o", "--out", type=file, metavar="FILE", help="write CSV with the offsets")


def _add_report(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("target", type=file, help="folder that `fwgen build` made, or .tflite file")
    sub.add_argument("-o", "--out", type=file, metavar="FILE", help="page (MODEL-BOARD.html)")
    sub.add_argument("--svg", type=file, metavar="FILE", help="write the picture alone, too")
    sub.add_argument(
        "--tflm",
        type=file,
        metavar="FILE",
        help="write the model with an optimal plan for TFLM, without overlap; needs no board",
    )
    model = sub.add_argument_group("for a model that is not built", "as for `fwgen build`")
    model.add_argument(
        "-b", "--board", type=named, help="a name of `fwgen boards`, or a .toml file"
    )
    model.add_argument("--strict", action="store_true", help="drop no weight other than 0")
    model.add_argument("--optimize", choices=GOALS, help=f"default {GOALS[0]}")
    add_place(model)


def _build(args: argparse.Namespace) -> int:
    from fwgen.cli.build_command import BuildOptions, build

    options = BuildOptions(
        prefix=args.name,
        strict=args.strict,
        fed=args.feed_rows,
        goal=args.optimize,
        slowdown=args.max_slowdown,
        kernels=args.kernels,
        places=args.place or (),
        npu=args.npu,
        vela_args=args.vela_args,
        npu_inexact=args.npu_inexact,
        sanitize=args.sanitize,
        canaries=args.canaries,
        compile_it=not args.no_compile,
        dump=args.dump,
        force=args.force,
    )
    return build(args.model, args.board, args.out, options, json_path=args.json, quiet=args.quiet)


def _run(args: argparse.Namespace) -> int:
    from fwgen.cli import commands

    return commands.run(
        args.project,
        args.input or [],
        samples_path=args.samples,
        runner=chosen_runner(args),
        timeout_s=args.timeout,
        json_path=args.json,
        quiet=args.quiet,
    )


def _verify(args: argparse.Namespace) -> int:
    from fwgen.cli import commands

    return commands.verify(
        args.project,
        reference=args.reference,
        inputs=args.inputs,
        op_inputs=args.inputs if args.every_op else 3,
        seed=args.seed,
        runner=chosen_runner(args),
        timeout_s=args.timeout,
        json_path=args.json,
        quiet=args.quiet,
    )


def _profile(args: argparse.Namespace) -> int:
    from fwgen.board import load_board
    from fwgen.cli import commands
    from fwgen.measure.profile.recording import RecordedWindow
    from fwgen.measure.profile.shares import Foreign

    given = (args.start, args.stop, args.mark)
    window = RecordedWindow(args.start or "", args.stop or "ret", tuple(args.mark or ()))
    foreign = Foreign(
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
    return commands.profile(
        args.target,
        window if any(given) else None,
        inputs=args.input or [],
        foreign=foreign,
        top=args.top,
        timeout_s=args.timeout,
        json_path=args.json,
    )


def _compare(args: argparse.Namespace) -> int:
    from fwgen.cli import commands

    return commands.compare_results(args.old, args.new, args.max_regression, json_path=args.json)


def _plan(args: argparse.Namespace) -> int:
    from fwgen.cli import commands

    return commands.plan(args.buffers, args.capacity, args.budget, args.out, json_path=args.json)


def _report(args: argparse.Namespace) -> int:
    from fwgen.cli.report_command import report

    return report(
        args.target,
        args.board,
        strict=args.strict,
        goal=args.optimize,
        places=args.place or (),
        html=args.out,
        picture=args.svg,
        tflm=args.tflm,
        json_path=args.json,
    )


def _inspect(args: argparse.Namespace) -> int:
    from fwgen.cli.inspect_command import inspect

    return inspect(args.model, json_path=args.json)


def _boards(args: argparse.Namespace) -> int:
    from fwgen.cli import commands

    return commands.boards(args.show, json_path=args.json)


def _doctor(args: argparse.Namespace) -> int:
    from fwgen.cli import commands

    return commands.doctor(json_path=args.json)


def _init(args: argparse.Namespace) -> int:
    from fwgen.cli import commands

    return commands.init(args.model, args.board, json_path=args.json)
