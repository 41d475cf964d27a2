"""SUM: the sum over any axes."""

from fwgen.ops.parts.reduction import sum_operator

OPERATOR = sum_operator(74, "SUM")
