"""Runs of pytest with the plugin, in processes of their own, as a user's project has them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.conftest import ROOT


@dataclass(frozen=True)
class Ended:
    """How a run ended: what it printed, how many tests did what, properties by test and name."""

    text: str
    counts: dict[str, int]
    properties: dict[str, dict[str, str]]
    failures: str


class Inner:
    """A folder with tests; ``run`` runs them. ``settings`` are lines of its pytest.ini."""

    def __init__(self, folder: Path, tests: str, settings: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        (folder / "pytest.ini").write_text(f"[pytest]\n{textwrap.dedent(settings)}")
        (folder / "test_inner.py").write_text(textwrap.dedent(tests))

    def run(self, *options: object, xdist: bool = False) -> Ended:
        """Run them with the plugin alone, whatever else is installed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "FWGEN_"))}
        env = kept | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        plugins = ["-p", "fwgen.pytest_plugin", *(["-p", "xdist"] if xdist else [])]
        junit = self.folder / "junit.xml"
        words = [sys.executable, "-m", "pytest", *plugins, "-rA", f"--junitxml={junit}"]
        done = subprocess.run(
            [*words, *map(str, options)],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        text = done.stdout + done.stderr
        last = re.findall(r"(\d+) (passed|failed|skipped|errors?)", text.splitlines()[-1])
        counts = {word.rstrip("s") if "error" in word else word: int(n) for n, word in last}
        return Ended(text, counts, *_junit(junit))


def _junit(path: Path) -> tuple[dict[str, dict[str, str]], str]:
    """Properties by test, and the text of all failures and errors."""
    if not path.exists():
        return {}, ""
    cases = ElementTree.parse(path).getroot().iter("testcase")
    properties, failures = {}, ""
    for case in cases:
        found = {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
        properties[case.attrib["name"]] = found
        for tag in ("failure", "error", "skipped"):
            for each in case.iter(tag):
                failures += f"{each.attrib.get('message', '')}\n{each.text or ''}\n"
    return properties, failures
