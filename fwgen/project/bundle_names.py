"""The names of models in one image: those of their files or signatures, or what the user gives."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fwgen.errors import UsageError
from fwgen.project.folder import USER
from fwgen.project.kept import BUILD
from fwgen.project.prefix import OPTION, require_prefix

MOST_MODELS = 64
"""In one image."""

_FOLDERS = {"firmware", "platform", "runtime", "src", BUILD, USER}
"""Of a bundle, beside those of its models."""

_SYMBOLS = (
    *("arena", "build_id", "canaries", "check", "check_constants", "current_op", "feed_rows"),
    *("invoke", "reset", "state", "trace", "weights"),
)
"""What the symbols of a model add to its name."""


def bundle_names(known: Sequence[str], given: Sequence[str]) -> list[str]:
    """The name of each model, which its folder, symbols, header and CMake target have.

    ``given`` are the user's, for all models or for none; ``known`` are what they are called
    elsewhere. Raises UsageError for what are no names,
    and for names that are alike.
    """
    if len(known) > MOST_MODELS:
        raise UsageError(
            f"There are {len(known)} models, expected {MOST_MODELS} at most.",
            at="models",
            tries=("fewer models in one image",),
        )
    if given and len(given) != len(known):
        raise UsageError(
            f"There are {len(known)} models and {len(given)} names, expected a name for each.",
            at=OPTION,
            tries=(f"{OPTION} once for each model, in their order", f"no {OPTION}: files' names"),
        )
    names = [require_prefix(name) for name in given] or [_own(name) for name in known]
    for at, name in enumerate(names):
        _require_free(name, names[:at] + names[at + 1 :])
    return names


def _own(stem: str) -> str:
    """A file's name, or a signature's, as a model's."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_")[:30].strip("_")
    if not name[:1].isalpha() or name.lower().startswith("fw_"):
        name = f"m_{name}".rstrip("_")
    try:
        return require_prefix("" if name.lower() in _FOLDERS else name)
    except UsageError:
        return require_prefix(f"{name}_model")


def _require_free(name: str, others: Sequence[str]) -> None:
    """Raise UsageError for the name of a folder of the project or of something of another model."""
    wrong = ""
    if name.lower() in _FOLDERS:
        wrong = "is that of a folder of the project"
    for other in others:
        if name.lower() == other.lower():
            wrong = "is that of another model, too, perhaps in other letters"
        elif name in {f"{other}_{symbol}" for symbol in _SYMBOLS}:
            wrong = f"is that of a symbol of the model {other}"
    if wrong:
        raise UsageError(
            f"A model's name {wrong}.",
            at=f"{OPTION} {name!a}",
            tries=(f"{OPTION} once for each model, in their order, all different",),
        )
