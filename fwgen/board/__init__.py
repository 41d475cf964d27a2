"""boards/<name>.toml -> Board: a fact sheet of one board."""

from fwgen.board.facts import (
    FEATURES,
    LISTED_PLACES,
    PLACES,
    READ_ONLY_PLACES,
    Board,
    Counter,
    Cpu,
    Region,
    Timer,
    Uart,
    kind_of,
)
from fwgen.board.file import board_names, load_board, parse_board

__all__ = [
    "FEATURES",
    "LISTED_PLACES",
    "PLACES",
    "READ_ONLY_PLACES",
    "Board",
    "Counter",
    "Cpu",
    "Region",
    "Timer",
    "Uart",
    "board_names",
    "kind_of",
    "load_board",
    "parse_board",
]
