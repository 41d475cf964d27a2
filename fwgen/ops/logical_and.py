"""LOGICAL_AND: of two truth values, with broadcasting."""

import numpy as np

from fwgen.ops.parts import truths

OPERATOR = truths.operator(86, "LOGICAL_AND", np.logical_and)
