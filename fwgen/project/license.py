"""The license of what fwgen writes into a project: its text, and a line of it in each file."""

from __future__ import annotations

from pathlib import PurePosixPath

from fwgen.host.resources import license_file

LICENSE = "LICENSE"
"""The file in a project that has the text."""

_LINE = "SPDX-License-Identifier: Apache-2.0"

_COMMENTS = {
    **dict.fromkeys((".c", ".h", ".S", ".ld"), ("/* ", " */")),
    **dict.fromkeys((".cmake", ".txt", ".toml"), ("# ", "")),
    ".md": ("<!-- ", " -->"),
}
"""What begins and ends a comment, by the suffix of a file."""


def license_text() -> bytes:
    """All of it."""
    return license_file().read_bytes()


def licensed(path: str, content: bytes) -> bytes:
    """A source file of a project with the line of its license on top, if it has none yet."""
    begin, end = _COMMENTS[PurePosixPath(path).suffix]
    line = f"{begin}{_LINE}{end}\n".encode()
    return content if content.startswith(line) else line + content
