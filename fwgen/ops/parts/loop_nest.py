"""Loop nests over strided memory: what broadcasting, reducing and moving data have in common.

A nest visits every index of ``sizes``, last level fastest; an operand's element is at the sum of
index * stride over the levels. The C side of it is ``fwgen/kernels/reference/rows.h``.
"""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = 6
"""Levels of the nests that kernels walk: ``FW_LEVELS``. As many as dimensions of TFLM's shapes."""

Ints = tuple[int, ...]


@dataclass(frozen=True)
class Loops:
    """A nest, outermost level first: ``strides[k][i]`` is operand k's step along level i."""

    sizes: Ints
    strides: tuple[Ints, ...]


def row_major(shape: Ints, unit: int = 1) -> Ints:
    """Strides of a dense tensor of ``shape`` whose elements are ``unit`` apart."""
    strides = [unit]
    for size in shape[:0:-1]:
        strides.append(strides[-1] * size)
    return tuple(reversed(strides[: len(shape)]))


def broadcast(shape: Ints, onto: Ints) -> Ints:
    """Strides with which a dense tensor of ``shape`` is read at every index of ``onto``."""
    missing = len(onto) - len(shape)
    strides = row_major(shape)
    return (0,) * missing + tuple(
        0 if size == 1 else stride for size, stride in zip(shape, strides, strict=True)
    )


def collapse(sizes: Ints, *strides: Ints, levels: int = LEVELS) -> Loops:
    """The nest over ``sizes`` with the fewest levels, filled up with outer ones to ``levels``.

    A level joins the next inner one if every operand's stride goes on where that one ends; levels
    of size 1 vanish. The caller knows that the rest fits in ``levels``.
    """
    nest: list[tuple[int, Ints]] = []
    for size, *steps in zip(sizes, *strides, strict=True):
        if size == 1:
            continue
        if nest and all(
            outer == step * size for outer, step in zip(nest[-1][1], steps, strict=True)
        ):
            size *= nest.pop()[0]
        nest.append((size, tuple(steps)))
    assert len(nest) <= levels
    nest = [(1, (0,) * len(strides))] * (levels - len(nest)) + nest
    return Loops(
        tuple(size for size, _ in nest),
        tuple(tuple(steps[k] for _, steps in nest) for k in range(len(strides))),
    )
