"""``fwgen doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import argparse
import dataclasses

from fwgen import SCHEMA
from fwgen.cli.doctor import examine
from fwgen.errors import ToolError
from fwgen.host.files import write_json
from fwgen.report.text_tables import table


def run(args: argparse.Namespace) -> int:
    """Say what is installed; 5 if something that the default way needs is missing."""
    findings = examine()
    write_json(args.json, {"schema": SCHEMA, "findings": [dataclasses.asdict(f) for f in findings]})
    print(
        table(
            ("", "what", "for", "version, or how to get it"),
            [
                (
                    "ok" if f.version else "MISSING" if f.required else "absent",
                    f.name,
                    f.purpose,
                    f.version or f.remedy,
                )
                for f in findings
            ],
        )
    )
    return ToolError.exit_code if any(f.required and not f.version for f in findings) else 0
