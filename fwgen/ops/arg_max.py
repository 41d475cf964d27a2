"""ARG_MAX: the place of the largest element along an axis, the first of those that are equal."""

import numpy as np

from fwgen.ops.parts.extreme_place import operator

OPERATOR = operator(56, "ARG_MAX", np.argmax)
