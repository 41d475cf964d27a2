"""AVERAGE_POOL_2D: beside the operator's own, of many channels and of large windows."""

from functools import partial

from tests.kernels.shapes.pools import of_large_windows, of_many_channels

GENERATORS = (
    partial(of_many_channels, "AVERAGE_POOL_2D"),
    partial(of_large_windows, "AVERAGE_POOL_2D"),
    partial(of_many_channels, "AVERAGE_POOL_2D", dtype="int16"),
    partial(of_large_windows, "AVERAGE_POOL_2D", dtype="int16"),
)
