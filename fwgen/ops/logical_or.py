"""LOGICAL_OR: of two truth values, with broadcasting."""

import numpy as np

from fwgen.ops.parts import truths

OPERATOR = truths.operator(84, "LOGICAL_OR", np.logical_or)
