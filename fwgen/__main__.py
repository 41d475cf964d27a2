"""``python -m fwgen``."""

import sys

from fwgen.cli import main

sys.exit(main())
