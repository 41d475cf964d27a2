"""The numbers of the TFLite schema (version 3) that reading and copying models needs.

Members of the classes are field ids, in order of declaration. Source: TensorFlow's ``schema.fbs``.
"""

from __future__ import annotations

from enum import IntEnum

IDENTIFIER = b"TFL3"
"""Bytes 4 to 7 of every .tflite file."""

VERSION = 3
"""The only schema version in use."""


class Model(IntEnum):
    """The root table."""

    VERSION = 0
    OPERATOR_CODES = 1
    SUBGRAPHS = 2
    DESCRIPTION = 3
    BUFFERS = 4
    METADATA_BUFFER = 5
    METADATA = 6
    SIGNATURE_DEFS = 7


class OperatorCode(IntEnum):
    """Which operator the code of an op stands for."""

    DEPRECATED_BUILTIN_CODE = 0
    CUSTOM_CODE = 1
    BUILTIN_CODE = 3


class SignatureDef(IntEnum):
    """Names of a subgraph's inputs and outputs, as whoever made the model calls them."""

    INPUTS = 0
    OUTPUTS = 1
    SIGNATURE_KEY = 2
    SUBGRAPH_INDEX = 4


class TensorMap(IntEnum):
    """A name for a tensor of a signature."""

    NAME = 0
    TENSOR_INDEX = 1


class SubGraph(IntEnum):
    """Tensors, ops in execution order, inputs and outputs."""

    TENSORS = 0
    INPUTS = 1
    OUTPUTS = 2
    OPERATORS = 3


class OperatorField(IntEnum):
    """One op."""

    OPCODE_INDEX = 0
    INPUTS = 1
    OUTPUTS = 2
    BUILTIN_OPTIONS_TYPE = 3
    BUILTIN_OPTIONS = 4
    CUSTOM_OPTIONS = 5


class TensorField(IntEnum):
    """One tensor."""

    SHAPE = 0
    TYPE = 1
    BUFFER = 2
    NAME = 3
    QUANTIZATION = 4
    IS_VARIABLE = 5
    SPARSITY = 6
    SHAPE_SIGNATURE = 7
    EXTERNAL_BUFFER = 10


class QuantizationParameters(IntEnum):
    """Scales and zero points of a tensor."""

    SCALE = 2
    ZERO_POINT = 3
    DETAILS_TYPE = 4
    QUANTIZED_DIMENSION = 6


class BufferField(IntEnum):
    """The data of constant tensors."""

    DATA = 0
    OFFSET = 1
    SIZE = 2


class Metadata(IntEnum):
    """A name for the data of a buffer that no tensor has."""

    NAME = 0
    BUFFER = 1


_TENSOR_TYPES = """
FLOAT32 FLOAT16 INT32 UINT8 INT64 STRING BOOL INT16 COMPLEX64 INT8 FLOAT64 COMPLEX128 UINT64
RESOURCE VARIANT UINT32 UINT16 INT4 BFLOAT16 INT2 UINT4 FLOAT8_E4M3FN FLOAT8_E5M2
"""
TENSOR_TYPES = tuple(_TENSOR_TYPES.split())
"""Names of ``TensorType`` by code."""

CUSTOM = 32
"""The code of operators that have a name of their own instead."""

_SIGNAL_OPERATORS = {
    f"Signal{name}": f"SIGNAL_{code}"
    for name, code in (
        ("Window", "WINDOW"),
        ("FftAutoScale", "FFT_AUTO_SCALE"),
        ("Rfft", "RFFT"),
        ("Irfft", "IRFFT"),
        ("Energy", "ENERGY"),
        ("FilterBank", "FILTER_BANK"),
        ("FilterBankSquareRoot", "FILTER_BANK_SQUARE_ROOT"),
        ("FilterBankSpectralSubtraction", "FILTER_BANK_SPECTRAL_SUBTRACTION"),
        ("PCAN", "PCAN"),
        ("FilterBankLog", "FILTER_BANK_LOG"),
        ("OverlapAdd", "OVERLAP_ADD"),
        ("Delay", "DELAY"),
        ("Framer", "FRAMER"),
        ("Stacker", "STACKER"),
    )
}
CUSTOM_OPERATORS = {**_SIGNAL_OPERATORS, "CIRCULAR_BUFFER": "CIRCULAR_BUFFER"}
"""Names that TFLM's custom operators, many of signal processing, have in fwgen."""

_BUILTIN_OPERATORS = """
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE
EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D
LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1
RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM
CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND
SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE
BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM
CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT
SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT
SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND
LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE
RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL
REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE
MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5
SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM
CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND
HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE
ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL
GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX
UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT
STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM
STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM
STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE STABLEHLO_ABS
STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG
STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER
STABLEHLO_RSQRT STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER
STABLEHLO_COMPARE STABLEHLO_CONVERT STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE
STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT
STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE STABLEHLO_RNG_BIT_GENERATOR
REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE
"""
BUILTIN_OPERATORS = tuple(_BUILTIN_OPERATORS.split())
"""Names of ``BuiltinOperator`` by code."""

_OPTIONS = """
Conv2D DepthwiseConv2D ConcatEmbeddings LSHProjection Pool2D SVDF RNN FullyConnected Softmax
Concatenation Add L2Norm LocalResponseNormalization LSTM ResizeBilinear Call Reshape SkipGram
SpaceToDepth EmbeddingLookupSparse Mul Pad Gather BatchToSpaceND SpaceToBatchND Transpose
Reducer Sub Div Squeeze SequenceRNN StridedSlice Exp TopKV2 Split LogSoftmax Cast Dequantize
MaximumMinimum ArgMax Less Neg PadV2 Greater GreaterEqual LessEqual Select Slice TransposeConv
SparseToDense Tile ExpandDims Equal NotEqual Shape Pow ArgMin FakeQuant Pack LogicalOr OneHot
LogicalAnd LogicalNot Unpack FloorDiv Square ZerosLike Fill BidirectionalSequenceLSTM
BidirectionalSequenceRNN UnidirectionalSequenceLSTM FloorMod Range ResizeNearestNeighbor
LeakyRelu SquaredDifference MirrorPad Abs SplitV Unique ReverseV2 AddN GatherNd Cos Where Rank
ReverseSequence MatrixDiag Quantize MatrixSetDiag HardSwish If While DepthToSpace
NonMaxSuppressionV4 NonMaxSuppressionV5 ScatterNd SelectV2 Densify SegmentSum BatchMatMul
Cumsum CallOnce BroadcastTo Rfft2d Conv3D Hashtable HashtableFind HashtableImport
HashtableSize VarHandle ReadVariable AssignVariable Random Bucketize Gelu DynamicUpdateSlice
UnsortedSegmentProd UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentSum ATan2 Sign
Bitcast BitwiseXor RightShift
"""
OPTIONS = ("NONE", *_OPTIONS.split())
"""Names of the members of the union ``BuiltinOptions`` by type, less their ending "Options"."""

_SHARED_OPTIONS = {
    "Pool2D": "AVERAGE_POOL_2D MAX_POOL_2D L2_POOL_2D",
    "Reducer": "MEAN SUM REDUCE_PROD REDUCE_MAX REDUCE_MIN REDUCE_ANY REDUCE_ALL",
    "MaximumMinimum": "MAXIMUM MINIMUM",
    "L2Norm": "L2_NORMALIZATION",
    "SequenceRNN": "UNIDIRECTIONAL_SEQUENCE_RNN",
    "Conv3D": "CONV_3D_TRANSPOSE",
    "Random": "RANDOM_STANDARD_NORMAL RANDOM_UNIFORM MULTINOMIAL",
}
_OPTIONS_TYPES = {
    **{name.upper(): type_ for type_, name in enumerate(OPTIONS)},
    **{
        operator.replace("_", ""): OPTIONS.index(name)
        for name, operators in _SHARED_OPTIONS.items()
        for operator in operators.split()
    },
}


def options_type(operator: str) -> int:
    """The type in ``BuiltinOptions`` that belongs to the operator of this name; 0 if none does.

    Most are called like their operator, less the underscores.
    """
    return _OPTIONS_TYPES.get(operator.replace("_", ""), 0)
