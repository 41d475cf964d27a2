"""The outcome of a command as JSON: errors, too, even of a command line that cannot be parsed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fwgen import SCHEMA
from fwgen.errors import FwgenError

_OPTION = "--json"


def json_wanted(words: Sequence[str]) -> Path | None:
    """The value of ``--json`` among the words of a command line, right or wrong."""
    found = None
    for word, after in zip(words, [*words, ""][1:], strict=True):
        option, equals, value = word.partition("=")
        if word == "--":
            break
        if option == _OPTION:
            found = value if equals else after
    return Path(found) if found and "\0" not in found else None


def failure(error: BaseException) -> dict[str, Any]:
    """The result of a command that ended in an error: what it had found by then, and the error."""
    found = error.found if isinstance(error, FwgenError) else {}
    return {"schema": SCHEMA, **found, "error": _described(error)}


def _described(error: BaseException) -> dict[str, Any]:
    if not isinstance(error, FwgenError):
        return {"type": type(error).__name__, "what": str(error), "at": "", "tries": []}
    described: dict[str, Any] = {
        "type": type(error).__name__,
        "exit_code": error.exit_code,
        "what": error.what,
        "at": error.at,
        "tries": list(error.tries),
    }
    faults = getattr(error, "faults", ())
    return described | ({"faults": [_plain(fault) for fault in faults]} if faults else {})


def _plain(fault: object) -> Any:
    if isinstance(fault, FwgenError):
        return _described(fault)
    if dataclasses.is_dataclass(fault) and not isinstance(fault, type):
        return dataclasses.asdict(fault)
    return dict(fault) if isinstance(fault, Mapping) else str(fault)
