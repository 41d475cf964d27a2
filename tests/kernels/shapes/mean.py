"""MEAN: beside the operator's own, over more pixels than sums of 16 bits hold."""

from functools import partial

from tests.kernels.shapes.reductions import over_many

GENERATORS = (partial(over_many, "MEAN"),)
