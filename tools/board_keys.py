#!/usr/bin/env python3
"""Write the keys of board files into docs/boards.md, from the table that checks them.

tools/board_keys.py
"""

from __future__ import annotations

from pathlib import Path

from fwgen.board.key_tables import updated

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "boards.md"


def main() -> None:
    """Write the file, if it changes."""
    old = DOCUMENT.read_text(encoding="utf-8")
    new = updated(old)
    if new != old:
        DOCUMENT.write_text(new, encoding="utf-8")
        print(f"{DOCUMENT} is written.")


if __name__ == "__main__":
    main()
