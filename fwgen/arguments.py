"""Arguments of the command line that are numbers of a certain kind."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """A whole number of 1 or more."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return value


def percentage(text: str) -> float:
    """The share that a percentage is."""
    share = float(text.removesuffix("%")) / 100
    if not text.endswith("%") or not 0 <= share <= 100:
        raise argparse.ArgumentTypeError("expected a percentage such as 2%")
    return share
