"""MAX_POOL_2D: beside the operator's own, of many channels."""

from functools import partial

from tests.kernels.shapes.pools import of_many_channels

GENERATORS = (
    partial(of_many_channels, "MAX_POOL_2D"),
    partial(of_many_channels, "MAX_POOL_2D", dtype="int16"),
)
