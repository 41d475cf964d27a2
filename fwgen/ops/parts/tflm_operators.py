"""The operators of TFLM: those that it registers, and why fwgen lacks some."""

from __future__ import annotations

from collections.abc import Mapping

from fwgen.model.schema import CUSTOM_OPERATORS

_BUILTIN = """
ABS ADD ADD_N ARG_MAX ARG_MIN ASSIGN_VARIABLE AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND
BROADCAST_ARGS BROADCAST_TO CALL_ONCE CAST CEIL CONCATENATION CONV_2D COS CUMSUM DEPTHWISE_CONV_2D
DEPTH_TO_SPACE DEQUANTIZE DIV DYNAMIC_UPDATE_SLICE ELU EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FILL
FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GATHER_ND GREATER GREATER_EQUAL HARD_SWISH IF
L2_NORMALIZATION L2_POOL_2D LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND LOGICAL_NOT LOGICAL_OR
LOGISTIC LOG_SOFTMAX MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL PACK PAD PADV2
PRELU QUANTIZE READ_VARIABLE REDUCE_ALL REDUCE_MAX REDUCE_MIN RELU RELU6 RESHAPE RESIZE_BILINEAR
RESIZE_NEAREST_NEIGHBOR REVERSE_V2 ROUND RSQRT SELECT_V2 SHAPE SIN SLICE SOFTMAX SPACE_TO_BATCH_ND
SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM SVDF
TANH TRANSPOSE TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM UNPACK VAR_HANDLE WHILE ZEROS_LIKE
"""
_CUSTOM = """
CIRCULAR_BUFFER TFLM_DECODE TFLite_Detection_PostProcess SignalDelay SignalEnergy SignalFftAutoScale
SignalFilterBank SignalFilterBankLog SignalFilterBankSpectralSubtraction SignalFilterBankSquareRoot
SignalFramer SignalIrfft SignalOverlapAdd SignalPCAN SignalRfft SignalStacker SignalWindow ethos-u
"""
REGISTERED = (
    *_BUILTIN.split(),
    *(CUSTOM_OPERATORS.get(name, f"CUSTOM {name}") for name in _CUSTOM.split()),
)
"""All that TFLM's resolver of Python registers, as the reader names them. Source: TFLM
``python_ops_resolver.cc``; a test asks the package."""

READ: Mapping[str, str] = {
    "VAR_HANDLE": "read into the model's state",
    "CALL_ONCE": "evaluated at build: first values of the model's state",
    "IF": "by ops of the main graph: the branch that is taken, or both and a choice at run time",
    "WHILE": "by ops of the main graph: unrolled where steps are few and known at build, or a loop",
    "CUSTOM ethos-u": "by the NPU that Vela compiled the model for",
}
"""What needs no operator, and what becomes of it."""

REASONS: Mapping[str, str] = {
    "CUSTOM TFLM_DECODE": "give the model as it was before its constants were compressed",
    "CUSTOM TFLite_Detection_PostProcess": "float32 and lists of any length; end the model before "
    "it, and choose boxes in your own code",
}
"""Why fwgen has no operator, and what to do; of those that it has by now nobody reads it."""
