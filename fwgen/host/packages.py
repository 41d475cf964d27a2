"""Python packages that fwgen uses, and the command that gets one.

fwgen's own distribution is ``fwgen-mcu``: the one that is called like the command, on PyPI, is a
stranger's. So nobody is told to install fwgen by a name, but what is missing.
"""

from __future__ import annotations

import shlex
import sys

REQUIREMENTS = {
    "numpy": "numpy>=2.0",
    "jinja2": "jinja2>=3.1",
    "elftools": "pyelftools>=0.31",
    "intelhex": "intelhex>=2.3",
    "serial": "pyserial>=3.5",
    "filelock": "filelock>=3.12",
    "tflite_micro": "tflite-micro",
    "flatbuffers": "flatbuffers",
    "ethosu": "ethos-u-vela>=5.2,<6",
    "pytest": "pytest>=8",
    "distributed": "distributed>=2024.1",
    "pyjoulescope_driver": "pyjoulescope-driver>=2.2",
}
"""What pip is asked for, by the name that is imported; as in ``pyproject.toml``."""


def install(package: str) -> str:
    """The command that installs a package for the Python that runs."""
    return f"{sys.executable} -m pip install {shlex.quote(REQUIREMENTS.get(package, package))}"
