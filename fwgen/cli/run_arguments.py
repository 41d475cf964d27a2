"""The arguments of ``fwgen run``."""

from __future__ import annotations

from fwgen.cli.arguments import add_runner, add_runner_options, file
from fwgen.cli.energy_options import add_energy
from fwgen.cli.usage import Parser

WHAT = "Run a project and read its counters"

EXAMPLE = "fwgen run build/kws-corstone-300 --input sample.npy"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("project", type=file, help="folder that `fwgen build` made")
    sub.add_argument(
        "--input",
        type=file,
        action="append",
        metavar="F.npy",
        help="value of a model input, once per input in their order (default: seeded noise); a "
        "model with state takes one axis more, for as many inferences in a row from its first "
        "state on",
    )
    sub.add_argument(
        "--samples",
        type=file,
        metavar="F.npz",
        help="arrays inputs and labels, sample by sample: also print the accuracy on them, a batch "
        "of them at a time if the model takes one",
    )
    add_runner(sub)
    sub.complete = _complete


def _complete(sub: Parser) -> None:
    add_runner_options(sub)
    add_energy(sub)
