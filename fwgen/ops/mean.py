"""MEAN: the mean over any axes."""

from fwgen.ops.parts.reduction import sum_operator

OPERATOR = sum_operator(40, "MEAN")
