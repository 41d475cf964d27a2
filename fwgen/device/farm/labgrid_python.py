"""The Python that has labgrid: of the environment that ``labgrid-client`` is in.

It is another one than ours as a rule, for labgrid brings a pyserial of its own under the same name.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from fwgen.errors import DeviceUnavailable, ToolError
from fwgen.host.children import run
from fwgen.host.prerequisite import Prerequisite
from fwgen.host.programs import find_program, why_missing

CLIENT = "labgrid-client"
VARIABLE = "LABGRID"

INSTALL = (
    "python3 -m venv ~/labgrid && ~/labgrid/bin/pip install labgrid, apart from other packages: it "
    "brings a pyserial of its own",
    f"{VARIABLE}=~/labgrid or --labgrid ~/labgrid, the folder of that environment, or {CLIENT} on "
    "the PATH",
)

_VERSION = "import importlib.metadata as m; print(m.version('labgrid'))"
_HEAD_BYTES = 1000
_INTERPRETER = re.compile(rb"/[^'\"\n]*?python[0-9.]*")


def find_python(asked: str | None) -> str:
    """The path of the interpreter. ``asked`` is the folder of an environment or its labgrid-client,
    None for that of the variable LABGRID, of the PATH, or of our own environment.

    Raises DeviceUnavailable if there is no labgrid.
    """
    named = asked or os.environ.get(VARIABLE)
    if named:
        path = Path(named).expanduser()
        if python := find_program(str(path / "bin" / "python3")):
            return python
        client = str(path / "bin" / CLIENT if path.is_dir() else path)
        found = find_program(client)
    else:
        client = CLIENT
        found = find_program(client) or find_program(str(Path(sys.executable).parent / client))
    if found is None:
        why = why_missing(client)
        raise DeviceUnavailable(f"labgrid is not installed: {why}.", tries=INSTALL)
    return _interpreter(Path(found))


def _version() -> str | None:
    """labgrid's version and where its Python is."""
    try:
        python = find_python(None)
        done = run([python, "-E", "-c", _VERSION], timeout_s=20)
    except DeviceUnavailable:
        return None
    except (ToolError, subprocess.TimeoutExpired):
        return f"does not run: {python}"
    return f"{done.stdout.strip() or 'no labgrid'}, {python}"


PREREQUISITES = (
    Prerequisite("labgrid", "boards of a farm (--runner labgrid)", INSTALL[0], version=_version),
)


def _interpreter(client: Path) -> str:
    """That of the first lines of a script, where pip has written it.

    It is in the second line, in quotes, where it is too long for the first.
    """
    try:
        with client.open("rb") as script:
            head = script.read(_HEAD_BYTES)
    except OSError as error:
        raise DeviceUnavailable(
            f"labgrid's program cannot be read: {error.strerror}.", at=str(client), tries=INSTALL
        ) from None
    lines = head.split(b"\n")[:2] if head.startswith(b"#!") else []
    found = next((match[0] for line in lines if (match := _INTERPRETER.search(line))), None)
    if found is None or find_program(python := os.fsdecode(found)) is None:
        raise DeviceUnavailable(
            f"The program is not {CLIENT} as pip installs it: it names no Python that is here.",
            at=str(client),
            tries=INSTALL,
        )
    return python
