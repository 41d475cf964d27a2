"""Writes .tflite files in pure Python, for tests. Shares no code with fwgen's reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import flatbuffers
import numpy as np
import tflite
from flatbuffers import flexbuffers

OPTIONS = {
    "ASSIGN_VARIABLE": "AssignVariableOptions",
    "CALL_ONCE": "CallOnceOptions",
    "READ_VARIABLE": "ReadVariableOptions",
    "VAR_HANDLE": "VarHandleOptions",
    "ABS": "AbsOptions",
    "ADD": "AddOptions",
    "ADD_N": "AddNOptions",
    "ARG_MAX": "ArgMaxOptions",
    "ARG_MIN": "ArgMinOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
    "BROADCAST_TO": "BroadcastToOptions",
    "CAST": "CastOptions",
    "CONCATENATION": "ConcatenationOptions",
    "CONV_2D": "Conv2DOptions",
    "CUMSUM": "CumsumOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "DEPTH_TO_SPACE": "DepthToSpaceOptions",
    "DEQUANTIZE": "DequantizeOptions",
    "DIV": "DivOptions",
    "DYNAMIC_UPDATE_SLICE": "DynamicUpdateSliceOptions",
    "EQUAL": "EqualOptions",
    "EXP": "ExpOptions",
    "EXPAND_DIMS": "ExpandDimsOptions",
    "FILL": "FillOptions",
    "FLOOR_DIV": "FloorDivOptions",
    "FLOOR_MOD": "FloorModOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "GATHER": "GatherOptions",
    "GATHER_ND": "GatherNdOptions",
    "GREATER": "GreaterOptions",
    "GREATER_EQUAL": "GreaterEqualOptions",
    "HARD_SWISH": "HardSwishOptions",
    "IF": "IfOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "LESS": "LessOptions",
    "LESS_EQUAL": "LessEqualOptions",
    "LOGICAL_AND": "LogicalAndOptions",
    "LOGICAL_NOT": "LogicalNotOptions",
    "LOGICAL_OR": "LogicalOrOptions",
    "LOG_SOFTMAX": "LogSoftmaxOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MIRROR_PAD": "MirrorPadOptions",
    "MUL": "MulOptions",
    "NOT_EQUAL": "NotEqualOptions",
    "PACK": "PackOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
    "QUANTIZE": "QuantizeOptions",
    "REDUCE_ALL": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "RESHAPE": "ReshapeOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions",
    "REVERSE_V2": "ReverseV2Options",
    "SELECT_V2": "SelectV2Options",
    "SHAPE": "ShapeOptions",
    "SLICE": "SliceOptions",
    "SOFTMAX": "SoftmaxOptions",
    "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
    "SPACE_TO_DEPTH": "SpaceToDepthOptions",
    "SPLIT": "SplitOptions",
    "SPLIT_V": "SplitVOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "SQUEEZE": "SqueezeOptions",
    "STRIDED_SLICE": "StridedSliceOptions",
    "SUB": "SubOptions",
    "SUM": "ReducerOptions",
    "SVDF": "SVDFOptions",
    "TRANSPOSE": "TransposeOptions",
    "TRANSPOSE_CONV": "TransposeConvOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
    "UNPACK": "UnpackOptions",
    "WHILE": "WhileOptions",
    "ZEROS_LIKE": "ZerosLikeOptions",
}
"""The schema's options table of each operator; operators that are not here have none."""

CUSTOM = {
    "CIRCULAR_BUFFER": "CIRCULAR_BUFFER",
    "SIGNAL_WINDOW": "SignalWindow",
    "SIGNAL_FFT_AUTO_SCALE": "SignalFftAutoScale",
    "SIGNAL_RFFT": "SignalRfft",
    "SIGNAL_ENERGY": "SignalEnergy",
    "SIGNAL_FILTER_BANK": "SignalFilterBank",
    "SIGNAL_FILTER_BANK_SQUARE_ROOT": "SignalFilterBankSquareRoot",
    "SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION": "SignalFilterBankSpectralSubtraction",
    "SIGNAL_PCAN": "SignalPCAN",
    "SIGNAL_FILTER_BANK_LOG": "SignalFilterBankLog",
    "SIGNAL_OVERLAP_ADD": "SignalOverlapAdd",
    "SIGNAL_DELAY": "SignalDelay",
    "SIGNAL_FRAMER": "SignalFramer",
    "SIGNAL_STACKER": "SignalStacker",
    "SIGNAL_IRFFT": "SignalIrfft",
}
"""What files call operators that have no number."""

ENUMS = {
    "padding": tflite.Padding,
    "fused_activation_function": tflite.ActivationFunctionType,
    "mode": tflite.MirrorPadMode,
    "out_type": tflite.TensorType,
    "output_type": tflite.TensorType,
    "quantized_bias_type": tflite.TensorType,
}
"""Options whose values may be given by the name of an enum member."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of a model being built. ``scale`` and ``zero_point`` are those of channel 0.

    ``scale`` is a float32 value held in a Python float, 0.0 if the tensor is not quantized.
    """

    index: int
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int


@dataclass(frozen=True)
class _Row:
    """What the file says about one tensor."""

    name: bytes
    shape: tuple[int, ...]
    dtype: str
    scales: np.ndarray
    zero_points: np.ndarray
    axis: int
    data: bytes | None
    variable: bool = False
    signature: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Op:
    code: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, object]


@dataclass(frozen=True)
class _Content:
    """A subgraph: tensors, ops, and the indices of its inputs and outputs."""

    rows: list[_Row]
    ops: list[_Op]
    inputs: list[int]
    outputs: list[int]


class ModelBuilder:
    """Collects tensors and ops; ``build`` returns the bytes of the model."""

    def __init__(self) -> None:
        self._tensors: list[Tensor] = []
        self._rows: list[_Row] = []
        self._ops: list[_Op] = []
        self._subgraphs: list[ModelBuilder] = []
        self._interface: tuple[Sequence[Tensor] | None, Sequence[Tensor] | None] = (None, None)

    def subgraph(self) -> tuple[int, ModelBuilder]:
        """Another subgraph of the model, and its index; all tensors in it are its own."""
        self._subgraphs.append(ModelBuilder())
        return len(self._subgraphs), self._subgraphs[-1]

    def returns(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        """Say what a subgraph takes and gives, in this order; see ``build`` for those that do not
        say it."""
        self._interface = inputs, outputs

    def variable(self, name: str, container: str | None = "") -> Tensor:
        """The handle of a variable, which VAR_HANDLE makes."""
        handle = self.tensor((), "resource")
        options = {} if container is None else {"container": container}
        self.op("VAR_HANDLE", [], [handle], shared_name=name, **options)
        return handle

    def tensor(
        self,
        shape: Sequence[int],
        dtype: str = "int8",
        *,
        scale: float | Sequence[float] | None = None,
        zero_point: int | Sequence[int] = 0,
        axis: int = 0,
        data: object = None,
        name: str | bytes | None = None,
        variable: bool = False,
    ) -> Tensor:
        """Add a tensor; with ``data`` (anything numpy turns into ``shape``) it is constant.

        A ``variable`` keeps its value from one inference to the next. Several scales make it
        quantized per channel along ``axis``.
        """
        index = len(self._rows)
        scales = np.atleast_1d(np.array([] if scale is None else scale, np.float32))
        zero_points = np.broadcast_to(np.array(zero_point, np.int64), scales.shape)
        label = f"tensor {index}" if name is None else name
        payload = None
        if data is not None:
            values = np.asarray(data)
            kept = values.astype("int8" if dtype == "int4" else dtype).reshape(tuple(shape))
            payload = packed(kept) if dtype == "int4" else kept.tobytes()
        self._rows.append(
            _Row(
                label.encode() if isinstance(label, str) else label,
                tuple(int(extent) for extent in shape),
                dtype,
                scales,
                zero_points,
                axis,
                payload,
                variable,
            )
        )
        tensor = Tensor(
            index,
            self._rows[-1].shape,
            dtype,
            float(scales[0]) if scales.size else 0.0,
            int(zero_points[0]) if scales.size else 0,
        )
        self._tensors.append(tensor)
        return tensor

    def like(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        """Add a tensor of ``shape`` with the element type and the quantization of ``x``."""
        if not x.scale:
            return self.tensor(shape, x.dtype)
        return self.tensor(shape, x.dtype, scale=x.scale, zero_point=x.zero_point)

    def requantize(self, x: Tensor, scale: float, zero_point: int) -> None:
        """Give a tensor of the model another scale and zero point."""
        self._rows[x.index] = replace(
            self._rows[x.index],
            scales=np.array([scale], np.float32),
            zero_points=np.array([zero_point], np.int64),
        )
        self._tensors[x.index] = replace(x, scale=float(np.float32(scale)), zero_point=zero_point)

    def as_int4(self, weights: Tensor) -> None:
        """Store int8 weights of the model as int4: the upper halves, of 16 times the scale."""
        row = self._rows[weights.index]
        assert row.data is not None and row.dtype == "int8"
        data = packed(np.frombuffer(row.data, np.int8) >> 4)
        self._rows[weights.index] = replace(row, dtype="int4", scales=row.scales * 16, data=data)

    def is_given(self, x: Tensor) -> bool:
        """Whether a tensor is neither constant nor a variable, nor made by an op."""
        row = self._rows[x.index]
        return row.data is None and not row.variable and x.index not in self._made()

    def leave_open(self, x: Tensor, *axes: int) -> None:
        """Say that the sizes of a tensor of the model along some axes may be any."""
        sizes = tuple(-1 if axis in axes else size for axis, size in enumerate(x.shape))
        self._rows[x.index] = replace(self._rows[x.index], signature=sizes)

    def op(
        self,
        code: str,
        inputs: Sequence[Tensor | None],
        outputs: Sequence[Tensor],
        **options: object,
    ) -> None:
        """Append an op; None is an absent optional input.

        ``options`` are the schema's fields in snake case, e.g. ``stride_w=2, padding="SAME"``.
        """
        self._ops.append(
            _Op(
                code,
                tuple(-1 if tensor is None else tensor.index for tensor in inputs),
                tuple(tensor.index for tensor in outputs),
                options,
            )
        )

    def copy(self) -> ModelBuilder:
        """A model that is the same so far and goes on by itself."""
        other = ModelBuilder()
        other._tensors, other._rows, other._ops = [*self._tensors], [*self._rows], [*self._ops]
        other._subgraphs = [one.copy() for one in self._subgraphs]
        other._interface = self._interface
        return other

    def goes_on(self, other: ModelBuilder) -> bool:
        """Whether all tensors of another model are as they were when this one was copied."""
        return all(a is b for a, b in zip(self._rows, other._rows, strict=False))

    def since(self, mark: tuple[int, int]) -> tuple[list[Tensor], list[tuple[str, Sequence[int]]]]:
        """The tensors since ``mark``, and the ops, each with the indices of its inputs."""
        rows, ops = mark
        return self._tensors[rows:], [(op.code, op.inputs) for op in self._ops[ops:]]

    def move_before(self, mark: tuple[int, int], ops: int) -> None:
        """Put the last ``ops`` ops before those that came since ``mark``."""
        if ops:
            last = self._ops[-ops:]
            del self._ops[-ops:]
            self._ops[mark[1] : mark[1]] = last

    def mark(self) -> tuple[int, int]:
        """Where the model is now, for ``undo``."""
        return len(self._rows), len(self._ops)

    def undo(self, mark: tuple[int, int]) -> None:
        """Forget the tensors and ops added since ``mark``."""
        rows, ops = mark
        del self._rows[rows:], self._tensors[rows:], self._ops[ops:]

    def unread(self) -> list[Tensor]:
        """The tensors made by an op and read by none, in order of their indices."""
        read = {index for op in self._ops for index in op.inputs}
        return [self._tensors[index] for index in sorted(self._made() - read)]

    def code_of(self, y: Tensor) -> str:
        """The op that makes a tensor."""
        return next(op.code for op in self._ops if y.index in op.outputs)

    def is_read(self, x: Tensor) -> bool:
        """Whether an op reads a tensor."""
        return any(x.index in op.inputs for op in self._ops)

    def made(self) -> list[Tensor]:
        """The tensors made by an op, in order of their indices."""
        return [self._tensors[index] for index in sorted(self._made())]

    def _made(self) -> set[int]:
        return {index for op in self._ops for index in op.outputs}

    def build(
        self, inputs: Sequence[Tensor] | None = None, outputs: Sequence[Tensor] | None = None
    ) -> bytes:
        """The model as bytes.

        By default its inputs are the tensors that are neither constant nor made by an op, in order
        of their indices, and its outputs those made by an op and read by none.
        """
        return _write(
            [self._content(inputs, outputs), *(m._content(*m._interface) for m in self._subgraphs)]
        )

    def _content(
        self, inputs: Sequence[Tensor] | None = None, outputs: Sequence[Tensor] | None = None
    ) -> _Content:
        if inputs is None:
            given = {
                index
                for index, row in enumerate(self._rows)
                if row.data is not None or row.variable
            }
            inputs = [t for t in self._tensors if t.index not in given | self._made()]
        sinks = self.unread() if outputs is None else outputs
        return _Content(self._rows, self._ops, [t.index for t in inputs], [t.index for t in sinks])


def packed(values: np.ndarray) -> bytes:
    """int4 values, two to a byte, the first in the low half."""
    flat = [int(value) & 15 for value in values.reshape(-1)]
    pairs = zip(flat[::2], [*flat[1::2], 0], strict=False)
    return bytes(low | high << 4 for low, high in pairs)


def _write(subgraphs: list[_Content]) -> bytes:
    fb = flatbuffers.Builder(1024)
    codes = list(dict.fromkeys(sorted(op.code for op in subgraphs[0].ops)))
    codes += sorted({op.code for one in subgraphs[1:] for op in one.ops} - {*codes})
    buffers = [_buffer(fb, None)]
    written = []
    for one in subgraphs:
        tensors = []
        for row in one.rows:
            tensors.append(_tensor(fb, row, 0 if row.data is None else len(buffers)))
            if row.data is not None:
                buffers.append(_buffer(fb, row.data))
        written.append(
            _table(
                fb,
                "SubGraph",
                Tensors=_offsets(fb, tensors),
                Inputs=_numbers(fb, one.inputs, np.int32),
                Outputs=_numbers(fb, one.outputs, np.int32),
                Operators=_offsets(fb, [_operator(fb, op, codes.index(op.code)) for op in one.ops]),
            )
        )
    operator_codes = [_operator_code(fb, code) for code in codes]
    model = _table(
        fb,
        "Model",
        Version=3,
        OperatorCodes=_offsets(fb, operator_codes),
        Subgraphs=_offsets(fb, written),
        Buffers=_offsets(fb, buffers),
    )
    fb.Finish(model, b"TFL3")
    return bytes(fb.Output())


def _table(fb: flatbuffers.Builder, kind: str, **fields: object) -> int:
    """Write a table of schema type ``kind``; vectors and tables in it were written before."""
    getattr(tflite, f"{kind}Start")(fb)
    for name, value in fields.items():
        getattr(tflite, f"{kind}Add{name}")(fb, value)
    return int(getattr(tflite, f"{kind}End")(fb))


def _offsets(fb: flatbuffers.Builder, offsets: list[int]) -> int:
    fb.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        fb.PrependUOffsetTRelative(offset)
    return int(fb.EndVector())


def _numbers(fb: flatbuffers.Builder, values: object, dtype: type[np.generic]) -> int:
    return int(fb.CreateNumpyVector(np.asarray(values, dtype)))


def _buffer(fb: flatbuffers.Builder, data: bytes | None) -> int:
    if data is None:
        return _table(fb, "Buffer")
    fb.Prep(16, len(data))  # the schema wants buffers aligned to 16 bytes
    return _table(fb, "Buffer", Data=int(fb.CreateByteVector(data)))


def _tensor(fb: flatbuffers.Builder, row: _Row, buffer: int) -> int:
    fields: dict[str, object] = {
        "Shape": _numbers(fb, row.shape, np.int32),
        "Type": getattr(tflite.TensorType, row.dtype.upper()),
        "Buffer": buffer,
        "Name": int(fb.CreateString(row.name)),
        "IsVariable": row.variable,
    }
    if row.signature:
        fields["ShapeSignature"] = _numbers(fb, row.signature, np.int32)
    if row.scales.size:
        fields["Quantization"] = _table(
            fb,
            "QuantizationParameters",
            Scale=_numbers(fb, row.scales, np.float32),
            ZeroPoint=_numbers(fb, row.zero_points, np.int64),
            QuantizedDimension=row.axis,
        )
    return _table(fb, "Tensor", **fields)


def _operator_code(fb: flatbuffers.Builder, code: str) -> int:
    fields: dict[str, object] = {}
    if code in CUSTOM:
        fields["CustomCode"] = int(fb.CreateString(CUSTOM[code]))
    number = getattr(tflite.BuiltinOperator, "CUSTOM" if fields else code)
    fields |= {"DeprecatedBuiltinCode": min(number, 127), "BuiltinCode": number, "Version": 1}
    return _table(fb, "OperatorCode", **fields)


def _operator(fb: flatbuffers.Builder, op: _Op, code_index: int) -> int:
    fields: dict[str, object] = {
        "OpcodeIndex": code_index,
        "Inputs": _numbers(fb, op.inputs, np.int32),
        "Outputs": _numbers(fb, op.outputs, np.int32),
    }
    kind = OPTIONS.get(op.code)
    if kind is not None:
        fields["BuiltinOptionsType"] = getattr(tflite.BuiltinOptions, kind)
        fields["BuiltinOptions"] = _options(fb, kind, op.options)
    if op.code in CUSTOM:
        fields["CustomOptions"] = int(fb.CreateByteVector(bytes(flexbuffers.Dumps(op.options))))
    return _table(fb, "Operator", **fields)


def _options(fb: flatbuffers.Builder, kind: str, options: dict[str, object]) -> int:
    fields: dict[str, object] = {}
    for name, value in options.items():
        if isinstance(value, str):
            value = getattr(ENUMS[name], value) if name in ENUMS else int(fb.CreateString(value))
        elif isinstance(value, tuple | list):
            value = _numbers(fb, value, np.int32)
        fields["".join(word.capitalize() for word in name.split("_"))] = value
    return _table(fb, kind, **fields)
