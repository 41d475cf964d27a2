"""The sigmoid table as the MVE kernels read it, which LOGISTIC, TANH and LSTMs call."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Constant
from fwgen.model.sigmoid_table import ENTRIES


def sigmoids() -> Constant:
    """The table of ``mve_sigmoid.h``: each entry over its distance from the next."""
    entries = ENTRIES.astype(np.uint32)
    words = (entries << 16) | np.append(np.diff(entries), 0).astype(np.uint32)
    return Constant("sigmoids", words, "mve_sigmoid.h")
