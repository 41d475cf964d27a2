"""ARG_MIN: the place of the least element along an axis, the first of those that are equal."""

import numpy as np

from fwgen.ops.parts.extreme_place import operator

OPERATOR = operator(79, "ARG_MIN", np.argmin)
