"""The alignment of memory."""

ALIGNMENT = 16
"""Bytes: what vector loads and DMA of the supported cores want."""


def aligned(offset: int, alignment: int = ALIGNMENT) -> int:
    """``offset`` rounded up."""
    return -(-offset // alignment) * alignment
