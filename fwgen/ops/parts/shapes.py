"""The shapes that ops make of their inputs, to be compared with the shapes that a file stores.

A converter that does not know the batch size stores shapes that contradict one another. TFLM
believes them, and then computes from memory that nobody wrote. Ops that only an NPU can do are
here, too. An op with unexpected inputs passes here: its operator's check decides about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, fields_of
from fwgen.errors import Fault, ModelError
from fwgen.model.graph import Graph, Tensor
from fwgen.ops.parts.windows import Padding, window

Shape = tuple[int, ...]
Inputs = Sequence[Tensor]
Shapes = Callable[[Inputs, Fields, int], Sequence[Shape]]
"""The shapes of so many outputs, by the inputs and the fields of the schema's options."""

_CURE = (
    "convert the model again with a fixed input shape, batch size included: keras.Input(..., "
    "batch_size=1), or a concrete function of one shape",
)


def contradictions(graph: Graph) -> tuple[Fault, ...]:
    """The outputs whose stored shape is not what their op makes of its inputs.

    Only of ops with a line in ``SHAPES``, and of a sound graph whose options are as in the file.
    """
    return tuple(
        Fault(
            op.index,
            op.code,
            f"The file says that tensor {index} has shape {list(graph.tensors[index].shape)}, but "
            f"{op.code} makes {list(expected)} of its inputs.",
            f'{Node(graph, op).place}: tensor {index} "{graph.tensors[index].name}"',
            _CURE,
        )
        for op in graph.ops
        for index, expected in zip(op.outputs, _expected(Node(graph, op)), strict=False)
        if graph.tensors[index].shape != expected
    )


def _expected(node: Node) -> Sequence[Shape]:
    if node.code not in SHAPES:
        return ()
    inputs = [*node.operands()]
    try:
        return SHAPES[node.code](inputs, fields_of(node.op), len(node.outputs))
    except (IndexError, ValueError, ArithmeticError, ModelError, AssertionError):
        return ()


def ints(tensor: Tensor) -> Shape:
    """The elements of a constant; AssertionError if it is none."""
    return tuple(map(int, tensor.constant.reshape(-1)))


def _same(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [x[0].shape]


def _broadcast(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [np.broadcast_shapes(x[0].shape, x[1].shape)]


def _window(
    x: Shape, kernel: Shape, padding: int, stride: Shape, dilation: Shape = (1, 1)
) -> tuple[int, int]:
    rows, columns = (
        window(Padding(padding), *sizes).size
        for sizes in zip(x[1:3], kernel, stride, dilation, strict=True)
    )
    return rows, columns


def _convolved(dilation: int, channels: int) -> Shapes:
    """Of a convolution whose options have the dilation from that field on, and whose weights have
    the output's channels along that axis."""

    def shapes(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
        image, weights = x[0].shape, x[1].shape
        stride = options.i32(2), options.i32(1)
        apart = options.i32(dilation + 1, 1), options.i32(dilation, 1)
        sizes = _window(image, weights[1:3], options.i8(0), stride, apart)
        return [(image[0], *sizes, weights[channels])]

    return shapes


def _pool(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    image = x[0].shape
    kernel, stride = (options.i32(4), options.i32(3)), (options.i32(2), options.i32(1))
    return [(image[0], *_window(image, kernel, options.i8(0), stride), image[3])]


def _transpose_conv(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [ints(x[0])]


def _concatenation(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    joined = [*x[0].shape]
    joined[options.i32(0)] = sum(each.shape[options.i32(0)] for each in x)
    return [tuple(joined)]


def _pad(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    sides = np.reshape(ints(x[1]), (-1, 2)).sum(axis=1)
    return [tuple(int(e + s) for e, s in zip(x[0].shape, sides, strict=True))]


def _reduced(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    axes = {axis % len(x[0].shape) for axis in ints(x[1])}
    keep = options.flag(0)
    sizes = ((1 if axis in axes else e, axis) for axis, e in enumerate(x[0].shape))
    return [tuple(e for e, axis in sizes if keep or axis not in axes)]


def _index_of(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    shape = [*x[0].shape]
    del shape[ints(x[1])[0]]
    return [tuple(shape)]


def _transposed(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [tuple(x[0].shape[axis] for axis in ints(x[1]))]


def _space_to_batch(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    batches, *rest = x[0].shape
    blocks, sides = ints(x[1]), np.reshape(ints(x[2]), (-1, 2)).sum(axis=1)
    sizes = [e + int(s) for e, s in zip(rest, sides, strict=False)]
    if any(e % b for e, b in zip(sizes, blocks, strict=True)):
        return ()
    divided = (e // b for e, b in zip(sizes, blocks, strict=True))
    return [(batches * int(np.prod(blocks)), *divided, *rest[len(blocks) :])]


def _batch_to_space(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    batches, *rest = x[0].shape
    blocks, crops = ints(x[1]), np.reshape(ints(x[2]), (-1, 2)).sum(axis=1)
    if batches % int(np.prod(blocks)):
        return ()
    sizes = (e * b - int(c) for e, b, c in zip(rest, blocks, crops, strict=False))
    return [(batches // int(np.prod(blocks)), *sizes, *rest[len(blocks) :])]


def _space_to_depth(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    (n, h, w, c), block = x[0].shape, options.i32(0)
    return [(n, h // block, w // block, c * block * block)]


def _depth_to_space(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    (n, h, w, c), block = x[0].shape, options.i32(0)
    return [(n, h * block, w * block, c // (block * block))]


def _resize(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    n, _, _, c = x[0].shape
    rows, columns = ints(x[1])
    return [(n, rows, columns, c)]


def _slice(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    cut = zip(x[0].shape, ints(x[1]), ints(x[2]), strict=True)
    return [tuple(e - begin if size == -1 else size for e, begin, size in cut)]


def _split(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    axis, shape = ints(x[0])[0], [*x[1].shape]
    if shape[axis] % outputs:
        return ()
    shape[axis] //= outputs
    return [tuple(shape)] * outputs


def _split_by(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    sizes, axis, shape = [*ints(x[1])], ints(x[2])[0], x[0].shape
    rest = shape[axis] - sum(size for size in sizes if size >= 0)
    axis %= len(shape)
    return [(*shape[:axis], rest if s < 0 else s, *shape[axis + 1 :]) for s in sizes]


def _pack(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    shape = [*x[0].shape]
    shape.insert(options.i32(1) % (len(shape) + 1), len(x))
    return [tuple(shape)]


def _unpack(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    shape = [*x[0].shape]
    if shape.pop(options.i32(1)) != outputs:
        return ()
    return [tuple(shape)] * outputs


def _shape_of(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [(len(x[0].shape),)]


def _product(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    (*a, rows, depth), (*b, other, columns) = x[0].shape, x[1].shape
    rows = depth if options.flag(0) else rows
    columns = other if options.flag(1) else columns
    return [(*np.broadcast_shapes(tuple(a), tuple(b)), rows, columns)]


def _svdf(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [(x[0].shape[0], x[1].shape[0] // options.i32(0))]


def _lstm(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [(*x[0].shape[:2], x[5].shape[0])]


def _tiled(x: Inputs, options: Fields, outputs: int) -> Sequence[Shape]:
    return [tuple(e * times for e, times in zip(x[0].shape, ints(x[1]), strict=True))]


_SAME = """
RELU RELU6 RELU_N1_TO_1 RELU_0_TO_1 LEAKY_RELU ELU GELU HARD_SWISH LOGISTIC TANH EXP LOG SQRT RSQRT
SIN COS ABS NEG SQUARE FLOOR CEIL ROUND SIGN SOFTMAX LOG_SOFTMAX L2_NORMALIZATION QUANTIZE
DEQUANTIZE CAST LOGICAL_NOT ZEROS_LIKE CUMSUM REVERSE_V2
"""
_BROADCAST = """
ADD SUB MUL DIV MINIMUM MAXIMUM SQUARED_DIFFERENCE PRELU EQUAL NOT_EQUAL GREATER GREATER_EQUAL LESS
LESS_EQUAL LOGICAL_AND LOGICAL_OR FLOOR_DIV FLOOR_MOD POW RIGHT_SHIFT BITWISE_XOR
"""
_REDUCED = "MEAN SUM REDUCE_MAX REDUCE_MIN REDUCE_PROD REDUCE_ALL"
SHAPES: Mapping[str, Shapes] = {
    **dict.fromkeys(_SAME.split(), _same),
    **dict.fromkeys(_BROADCAST.split(), _broadcast),
    **dict.fromkeys(_REDUCED.split(), _reduced),
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), _index_of),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"), _pool),
    **dict.fromkeys(("PAD", "PADV2", "MIRROR_PAD"), _pad),
    **dict.fromkeys(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), _resize),
    "CONV_2D": _convolved(dilation=4, channels=0),
    "DEPTHWISE_CONV_2D": _convolved(dilation=5, channels=3),
    "TRANSPOSE_CONV": _transpose_conv,
    "CONCATENATION": _concatenation,
    "TRANSPOSE": _transposed,
    "SPACE_TO_BATCH_ND": _space_to_batch,
    "BATCH_TO_SPACE_ND": _batch_to_space,
    "SPACE_TO_DEPTH": _space_to_depth,
    "DEPTH_TO_SPACE": _depth_to_space,
    "SLICE": _slice,
    "SPLIT": _split,
    "SPLIT_V": _split_by,
    "PACK": _pack,
    "UNPACK": _unpack,
    "SHAPE": _shape_of,
    "BATCH_MATMUL": _product,
    "TILE": _tiled,
    "SVDF": _svdf,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
}
"""By operator. Those of ``followed_shapes`` have rules in their own files, that no stored shape of
theirs escapes."""
