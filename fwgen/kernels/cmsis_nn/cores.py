"""The classes of cores, and all else that the rows of the provider cmsis-nn share.

The library is compiled for one of three classes of core, which differ in method, scratch memory and
speed. So each of its functions has three rows here, of which a core can run one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum

import numpy as np

from fwgen.contract.call import Constant, Null, Ref, Scratch
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.providers import CMSIS_NN
from fwgen.model.element import Types
from fwgen.model.graph import Tensor

MOST = (1 << 16) - 1
"""Of a size that the library keeps in 16 bits."""

Fields = tuple[tuple[str, int], ...]


class Core(Enum):
    """The classes of core: the CPU features that a class needs, those that it must lack, and the
    ending of its rows' names."""

    MVE = (frozenset({"mve"}), frozenset[str](), "_mve")
    DSP = (frozenset({"dsp"}), frozenset({"mve"}), "_dsp")
    PLAIN = (frozenset[str](), frozenset({"dsp", "mve"}), "")


def rows(
    op: str,
    name: str,
    form: Callable[[Node, Core], Form],
    holds: Callable[[Node, Core], bool],
    types: tuple[Types, ...],
    *also: str,
) -> tuple[Kernel, ...]:
    """The rows of a function, one per class of core; ``form`` is the way to call it.

    ``also`` are other functions that are called for some ops in its place.
    """
    return tuple(
        replace(_row(op, name, form, holds, core, types), functions=(name, *also)) for core in Core
    )


def _row(
    op: str,
    name: str,
    form: Callable[[Node, Core], Form],
    holds: Callable[[Node, Core], bool],
    core: Core,
    types: tuple[Types, ...],
) -> Kernel:
    needs, lacks, suffix = core.value

    def forms(node: Node) -> tuple[Form, ...]:
        return (form(node, core),)

    return Kernel(
        op,
        f"{name}{suffix}",
        CMSIS_NN,
        forms,
        needs,
        lambda node: holds(node, core),
        lacks=lacks,
        types=types,
    )


def dims(member: str, sizes: Sequence[int]) -> Fields:
    """A ``cmsis_nn_dims``: (n, h, w, c), the last ones 1 where there are fewer."""
    four = (*sizes, 1, 1, 1, 1)[:4]
    return tuple((f"{member}.{axis}", size) for axis, size in zip("nhwc", four, strict=True))


def tile(member: str, size: tuple[int, int]) -> Fields:
    """A ``cmsis_nn_tile`` of (h, w)."""
    return ((f"{member}.w", size[1]), (f"{member}.h", size[0]))


def clamp(member: str, limits: tuple[int, int]) -> Fields:
    """A ``cmsis_nn_activation`` of (least, most)."""
    return ((f"{member}.min", limits[0]), (f"{member}.max", limits[1]))


def window_fields(node: Node, before: tuple[int, int], limits: tuple[int, int]) -> Fields:
    """Members that all convolutions have; ``before`` is the padding above and at the left."""
    options = node.options
    return (
        *tile("conv.stride", (options.stride_h, options.stride_w)),
        *tile("conv.padding", before),
        *tile("conv.dilation", (options.dilation_h, options.dilation_w)),
        *clamp("conv.activation", limits),
        *dims("input", node.x.shape),
        *dims("filter", node.w.shape),
        *dims("output", node.y.shape),
    )


def bias_or_zeros(node: Node, channels: int) -> Ref | Constant:
    """The kernel argument for a bias, zeros where it is absent.

    From block to block of channels, or from group to group, the library goes on from a null
    pointer.
    """
    bias = node.operand(2)
    return Constant("bias", np.zeros(channels, np.int32)) if bias is None else Ref(bias.index)


def scratch_argument(size: int) -> Scratch | Null:
    """The kernel argument for scratch memory, of which there may be none."""
    return Scratch() if size else Null()


def sizes_fit(*tensors: Tensor) -> bool:
    """Whether no size of the tensors is above what the library keeps."""
    return all(size <= MOST for tensor in tensors for size in tensor.shape)
