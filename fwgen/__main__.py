"""The module that ``python -m fwgen`` runs as ``__main__``."""

import sys

from fwgen.cli import main

sys.exit(main())
